"""Keeps out what must never be committed: secrets, places of one machine, hosts of package registries."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tidy.sources import ROOT, project_files, shown, text_of

# The patterns are put together from parts, so that this file does not find itself.
SECRETS = re.compile(
    "|".join(
        (
            r"\bsk-(?:ant-|proj-|or-)?[A-Za-z0-9_-]{32,}",
            r"\bAKIA[0-9A-Z]{16}\b",
            r"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
            r"\bgithub_pat_\w{40,}",
            r"\bAIza[0-9A-Za-z_-]{35}\b",
            r"\bxox[abprs]-[0-9A-Za-z-]{20,}",
            r"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.",
            "-----BEGIN [A-Z ]*PRIVATE " + "KEY-----",
        )
    )
)
PEOPLE_IN_EXAMPLES = ("user", "me", "you", "ada", "anna", "dev", "local")
MACHINE = re.compile(
    r"(?<![\w.])(?:"
    + "|".join(
        (
            r"/ro{2}t/\w",
            "/wo" + r"rk/(?:main|shared)\b",
            rf"/(?:home|Users)/(?!(?:{'|'.join(PEOPLE_IN_EXAMPLES)})\b)[a-z]\w*",
        )
    )
    + ")"
)
REGISTRIES = re.compile(
    "|".join(
        re.escape(host)
        for host in (
            *("pypi" + ".org", "files.pythonhosted" + ".org", "registry.npmjs" + ".org", "repo1.maven" + ".org"),
            *("proxy.golang" + ".org", "static.crates" + ".io", "deb.debian" + ".org", "registry.yarnpkg" + ".com"),
        )
    )
)


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{shown(path)}:{number}"
        for path in project_files()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_secret_is_in_the_tree() -> None:
    found = lines_with(SECRETS)
    assert not found, f"take these out, and revoke them if they were ever real: {found}"


def test_no_file_names_a_place_of_one_machine() -> None:
    found = lines_with(MACHINE)
    assert not found, f"use a path relative to the project, or /home/user in examples: {found}"


def test_no_file_names_a_package_registry() -> None:
    found = lines_with(REGISTRIES)
    assert not found, f"any mirror must serve; name packages, not hosts: {found}"


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (SECRETS, "key = 'sk-" + "a1B2" * 12 + "'"),
        (SECRETS, "AKIA" + "ABCDEFGH12345678"),
        (MACHINE, "open('/" + "root/project/main.py')"),
        (MACHINE, "cd /home/" + "bob/code"),
        (REGISTRIES, "--index-url https://pypi" + ".org/simple"),
    ],
)
def test_what_must_not_be_there_would_be_found(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


def test_the_locks_hold_what_the_project_asks_for() -> None:
    data = tomllib.loads(text_of(ROOT / "pyproject.toml"))
    groups = data["dependency-groups"]
    wanted = {
        "requirements.lock": [*data["project"]["dependencies"], *groups["build"]],
        "requirements-dev.lock": [
            *data["project"]["dependencies"],
            *groups["build"],
            *(one for one in groups["dev"] if isinstance(one, str)),
        ],
    }
    wrong: list[str] = []
    for lock, requirements in wanted.items():
        pins = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text_of(ROOT / lock), re.MULTILINE)
        locked = {canonicalize_name(name): version for name, version in pins}
        for requirement in map(Requirement, requirements):
            version = locked.get(canonicalize_name(requirement.name))
            if version is None or not requirement.specifier.contains(version, prereleases=True):
                wrong.append(f"{lock}: {requirement} (locked: {version})")
    assert not wrong, f"run `make lock`: {wrong}"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-uv.lock"])
def test_every_locked_package_has_a_hash(lock: str) -> None:
    blocks = re.split(r"\n(?=\S)", text_of(ROOT / lock).strip())
    bare = [block.split()[0] for block in blocks if "--hash=sha256:" not in block]
    assert not bare
