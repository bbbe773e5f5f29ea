"""Gates that look at the difference without running it: secrets, figures of functions, known vulnerabilities.

And the verdict on linters, formatters and type checkers: what they said before the change does not count against it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from draftsmith.code.quality import advisories, locks
from draftsmith.code.quality.functions import changed_figures, duplicate_findings, function_findings
from draftsmith.code.quality.output import new_findings, parse_findings
from draftsmith.code.quality.secretscan import secret_findings
from draftsmith.domain.gates import Finding, Verdict
from draftsmith.domain.testing import ComparedTests
from draftsmith.domain.text import count
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.facts import ProjectFacts
from draftsmith.pipeline.present_base import present_base
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.proposal import propose
from draftsmith.workspace.store import ObjectStore

MAX_FINDINGS = 40
"""Of one gate, in the log; there may be more in its evidence."""
SHOWN_FIGURES = 40
CHECKED = ("lint", "format", "types")
"""Gates whose command's output is read as findings."""

_PARAMETERS = "function, lines, complexity, parameters, maintainability (0 to 100)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A verdict with what it rests on."""

    verdict: Verdict
    reason: str
    evidence: str = ""
    findings: tuple[Finding, ...] = ()
    tests: ComparedTests | None = None


def static_gates(facts: ProjectFacts) -> tuple[str, ...]:
    """Those of a project; dependencies only where it has any."""
    managed = any(of_root.managers for _, of_root in facts.of_roots)
    return ("secrets", "quality", *(["dependencies"] if managed else []))


async def look(desk: Desk, gate: str) -> Looked:
    """One of `static_gates`, on the difference between base and draft."""
    base, draft = await present_base(desk), desk.log.state.draft
    if base is None or draft is None:
        return Looked(verdict="not_verified", reason="There is no draft yet.")
    changes = await propose(desk.store, base, draft)

    def texts(stop: Stop) -> _Texts:
        before: dict[str, str] = {}
        after: dict[str, str] = {}
        for change in changes:
            stop.check()
            if change.after is None or change.kind not in ("modify", "create"):
                continue
            new = _text(desk.store, change.after.blob)
            if new is not None:
                after[change.path] = new
                if change.before is not None:
                    before[change.path] = _text(desk.store, change.before.blob) or ""
        return _Texts(before=before, after=after)

    def work(stop: Stop) -> Looked:
        read = texts(stop)
        match gate:
            case "secrets":
                return _secrets(read)
            case "quality":
                return _quality(read)
            case _:
                return _dependencies(read)

    return await in_thread(work)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Texts:
    """Changed text files by path, as they were and as they are."""

    before: Mapping[str, str]
    after: Mapping[str, str]


def _text(store: ObjectStore, blob: str) -> str | None:
    raw = store.read_blob(bytes.fromhex(blob))
    return None if b"\0" in raw[:8_000] else raw.decode("utf-8", "replace")


def _secrets(texts: _Texts) -> Looked:
    added = {path: (text, _added_lines(texts.before.get(path, ""), text)) for path, text in texts.after.items()}
    findings = secret_findings(added)
    certain = [one for one in findings if one.severity == "critical"]
    if certain:
        reason = f"{count(len(certain), 'added line')} {'holds' if len(certain) == 1 else 'hold'} a secret."
        return _told("failed", reason, findings)
    lines = sum(len(numbers) for _, numbers in added.values())
    reason = f"No known kind of secret is in {count(lines, 'added line')}."
    return _told("passed", reason + _remarks(findings), findings)


def _added_lines(before: str, after: str) -> list[int]:
    """Lines (from 1) that were not there before, wherever they stood."""
    known = Counter(before.split("\n"))
    added: list[int] = []
    for number, line in enumerate(after.split("\n"), 1):
        if known[line]:
            known[line] -= 1
        elif line.strip():
            added.append(number)
    return added


def _quality(texts: _Texts) -> Looked:
    findings: list[Finding] = []
    rows: list[str] = []
    looked = 0
    for path, text in sorted(texts.after.items()):
        found = function_findings(path, texts.before.get(path), text)
        if found is None:
            continue
        looked += 1
        findings += found
        rows += (
            f"{path}:{one.line} {one.name}: {one.lines}, {one.complexity}, {one.parameters}, {one.maintainability:.0f}"
            for one in changed_figures(path, texts.before.get(path), text)
        )
    if not looked:
        return Looked(verdict="passed", reason="No changed file has functions that could be measured.")
    findings += duplicate_findings(texts.before, texts.after)
    table = "\n".join([_PARAMETERS, *rows[:SHOWN_FIGURES]]) if rows else ""
    reason = f"{count(len(rows), 'changed function')} measured in {count(looked, 'file')}; none got hard to follow."
    if findings:
        reason = f"{count(len(rows), 'changed function')} measured in {count(looked, 'file')}"
    told = _told("passed", reason + _remarks(findings), findings)
    return Looked(
        verdict=told.verdict,
        reason=told.reason,
        evidence="\n".join(part for part in (told.evidence, table) if part),
        findings=told.findings,
    )


def _remarks(findings: Sequence[Finding]) -> str:
    if not findings:
        return ""
    more = f"; and {len(findings) - 3} more" if len(findings) > 3 else ""
    return f"; {count(len(findings), 'remark')}: " + "; ".join(one.describe() for one in findings[:3]) + more


def _told(verdict: Verdict, reason: str, findings: Sequence[Finding]) -> Looked:
    return Looked(
        verdict=verdict,
        reason=reason,
        evidence="\n".join(one.describe() for one in findings),
        findings=tuple(findings[:MAX_FINDINGS]),
    )


def _dependencies(texts: _Texts) -> Looked:
    """Only what the change pins is looked at: older vulnerabilities are not its doing."""
    added: dict[str, frozenset[locks.Pin]] = {}
    for path, text in texts.after.items():
        new = locks.pins(path, text) - locks.pins(path, texts.before.get(path, ""))
        if new:
            added[path] = new
    if not added:
        return Looked(verdict="passed", reason="No lock file pins another version than before.")
    pinned = count(sum(map(len, added.values())), "changed version")
    folder = os.environ.get(advisories.SETTING, "")
    if not folder:
        return Looked(
            verdict="not_verified",
            reason=f"{pinned} in {', '.join(sorted(added))}: no advisory database ({advisories.SETTING} names none).",
        )
    database = advisories.load(Path(folder))
    findings = [one for path in sorted(added) for one in advisories.vulnerabilities(database, added[path], path)]
    grave = [one for one in findings if one.severity in ("critical", "major")]
    if grave:
        return _told(
            "failed",
            f"{count(len(grave), 'changed version')} {'has' if len(grave) == 1 else 'have'} a known vulnerability.",
            findings,
        )
    return _told("passed", f"No grave advisory in {folder} covers {pinned}.", findings)


def compare_checks(gate: str, folder: str, after: str, before: str | None) -> Looked | None:
    """The verdict on a failed check, whose output was `after` and, on the base, `before` (None: it succeeded there).

    None when its findings cannot be read, so that only its exit code speaks.
    """
    now = parse_findings(after, gate, folder)
    if not now:
        return None
    if before is None:
        return _told("failed", f"{count(len(now), 'finding')} that {_were(now)} not there before.", now)
    fresh = new_findings(parse_findings(before, gate, folder), now)
    if not fresh:
        were = "The only finding was" if len(now) == 1 else f"All {len(now)} findings were"
        return Looked(verdict="passed", reason=f"Nothing new: {were[0].lower()}{were[1:]} there before the change.")
    old = f"; {len(now) - len(fresh)} more were there before" if len(fresh) < len(now) else ""
    return _told("failed", f"{count(len(fresh), 'new finding')}{old}.", fresh)


def _were(findings: Sequence[Finding]) -> str:
    return "was" if len(findings) == 1 else "were"
