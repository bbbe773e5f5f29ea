"""Tool chains outside the system folders (pyenv, nvm, cargo, go …): which folders commands need to see, read-only.

Only install prefixes are shown, never the home folder itself or where credentials are kept.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from draftsmith.ports.sandbox import MountedRoot

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64")
_SECRET_FOLDERS = frozenset(
    {".ssh", ".gnupg", ".aws", ".azure", ".config", ".kube", ".docker", ".password-store", ".mozilla", ".netrc", ".npm"}
)
# A folder of programs in the home folder, and what those programs need beside it.
_COMPANIONS: Mapping[str, tuple[str, ...]] = {
    ".cargo/bin": (".cargo/registry", ".cargo/git", ".rustup/toolchains", ".rustup/settings.toml"),
    "go/bin": ("go/pkg/mod",),
    ".local/bin": (
        ".local/lib",
        ".local/opt",
        ".local/pipx/venvs",
        ".local/share/pipx/venvs",
        ".local/share/uv/python",
        ".local/share/uv/tools",
    ),
}
_PREFIX_SIGNS = ("lib", "libexec", "pkg", "versions", "installs", "jre")
_SCANNED_LINKS = 400
_KNOWN = 64
_VARIABLES = (
    "JAVA_HOME",
    "GOROOT",
    "PYENV_ROOT",
    "PYENV_VERSION",
    "NVM_DIR",
    "RUSTUP_TOOLCHAIN",
    "VOLTA_HOME",
    "SDKMAN_DIR",
    "DOTNET_ROOT",
    "ASDF_DIR",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolchains:
    """`folders` to show read-only, `path` as the command's PATH, `variables` that tools look for."""

    home: str
    folders: tuple[Path, ...]
    path: str
    variables: tuple[tuple[str, str], ...]


Signature = tuple[tuple[int, int, int] | None, ...]


def signature(environ: Mapping[str, str], roots: tuple[MountedRoot, ...]) -> Signature:
    """Stays the same as long as nothing that `find_toolchains` looks at was made, removed or linked anew."""
    return tuple(map(_stamp, _looked_at(environ.get("PATH", ""), roots)))


@lru_cache(maxsize=64)
def _looked_at(path: str, roots: tuple[MountedRoot, ...]) -> tuple[str, ...]:
    entries = [Path(entry) for entry in path.split(os.pathsep) if entry.startswith("/")]
    found = [str(each) for entry in entries if not _is_system(entry) for each in (entry, entry.parent)]
    for root in roots:
        found += (str(real / name) for _, real in root.environments for name in ("pyvenv.cfg", ".bin"))
    return tuple(found)


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116  dozens of them before every command, each five times as fast as Path.stat
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns


def users_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Without the programs of the environment that Draftsmith itself runs from: its `python` is not the project's."""
    if sys.prefix == sys.base_prefix:
        return dict(environ)
    own = os.path.realpath(Path(sys.prefix) / "bin")
    entries = environ.get("PATH", "").split(os.pathsep)
    return {**environ, "PATH": os.pathsep.join(one for one in entries if os.path.realpath(one or ".") != own)}


def find_toolchains(environ: Mapping[str, str], roots: Sequence[MountedRoot]) -> Toolchains:
    """What is on the PATH of `environ`, with the interpreters that the workspace's own environments name."""
    home = _home(environ)
    shown: dict[Path, None] = {}
    entries = [Path(entry) for entry in environ.get("PATH", "").split(os.pathsep) if entry.startswith("/")]
    workspaces = [root.workspace_path for root in roots]
    path: dict[str, None] = dict.fromkeys(_environment_bins(roots))
    for entry in entries:
        in_workspace = any(entry.is_relative_to(workspace) for workspace in workspaces)
        if in_workspace or _is_system(entry) or _shown(shown, entry):
            path[str(entry)] = None
        elif entry.is_dir() and not _in_mounted_windows_disk(entry):
            for folder in (*_folders_of(entry, home), *_link_targets(entry, home)):
                if not _shown(shown, folder):
                    shown[folder] = None
            if _shown(shown, entry):
                path[str(entry)] = None
    for folder in _base_interpreters(roots, home):
        if not _shown(shown, folder):
            shown[folder] = None
    for system in ("/usr/local/bin", "/usr/bin", "/bin"):
        path.setdefault(system, None)
    variables = tuple(
        (name, environ[name])
        for name in _VARIABLES
        if name in environ and (not environ[name].startswith("/") or _visible(shown, Path(environ[name])))
    )
    return Toolchains(home=str(home), folders=_outermost(shown), path=os.pathsep.join(path), variables=variables)


def _home(environ: Mapping[str, str]) -> Path:
    """The user's own home path, empty in the sandbox, so that tool chains below it keep their places."""
    home = Path(environ.get("HOME") or "/")
    if (
        not home.is_absolute()
        or len(home.parts) < 2
        or _is_system(home)
        or str(home).startswith(("/proc", "/dev", "/etc"))
    ):
        return Path("/tmp/home")  # noqa: S108  the sandbox's own /tmp
    return home


def _folders_of(entry: Path, home: Path) -> Iterator[Path]:
    """The folders to show for one folder of programs: its install prefix where that is clearly one."""
    if _holds_secrets(entry) or _is_above(entry, home):
        return
    if entry.is_relative_to(home):
        companions = _COMPANIONS.get(str(entry.relative_to(home)))
        if companions is not None:
            yield entry
            yield from (home / each for each in companions if (home / each).exists())
            return
    prefix = entry.parent
    sure = entry.name in ("bin", "sbin", "shims") and any((prefix / sign).is_dir() for sign in _PREFIX_SIGNS)
    if sure and not _is_above(prefix, home) and len(prefix.parts) > 2:
        yield prefix
        real = Path(os.path.realpath(prefix))
        if real != prefix and not _is_system(real) and not _is_above(real, home) and not _holds_secrets(real):
            yield real
    else:
        yield entry


def _link_targets(entry: Path, home: Path) -> Iterator[Path]:
    """Prefixes of programs that the folder only links to."""
    seen: set[Path] = set()
    with os.scandir(entry) as listing:
        for count, each in enumerate(listing):
            if count >= _SCANNED_LINKS:
                return
            if not each.is_symlink():
                continue
            folder = Path(os.path.realpath(each.path)).parent
            if folder in seen or folder == entry or _is_system(folder) or folder.name not in ("bin", "shims"):
                continue
            seen.add(folder)
            yield from _folders_of(folder, home)


def _environment_bins(roots: Sequence[MountedRoot]) -> Iterator[str]:
    """Programs of the environments at the top of each root, as an activated shell would find them."""
    for root in roots:
        for folder, real in root.environments:
            if folder.parent == root.workspace_path:
                if (real / "pyvenv.cfg").is_file():
                    yield str(folder / "bin")
                elif folder.name == "node_modules" and (real / ".bin").is_dir():
                    yield str(folder / ".bin")


def _base_interpreters(roots: Sequence[MountedRoot], home: Path) -> Iterator[Path]:
    """The Python installations that virtual environments are made from. `pyvenv.cfg` comes from the workspace, so
    what it names must look like a Python installation before it is shown."""
    for root in roots:
        for _, real in root.environments:
            config = real / "pyvenv.cfg"
            if not config.is_file():
                continue
            for line in config.read_text("utf-8", "replace")[:10_000].splitlines():
                name, _, value = line.partition("=")
                if name.strip() == "home" and value.strip().startswith("/"):
                    yield from _python_prefix(Path(os.path.realpath(value.strip())), home)


def _python_prefix(bin_folder: Path, home: Path) -> Iterator[Path]:
    prefix = bin_folder.parent
    if bin_folder.name != "bin" or _is_system(prefix) or _is_above(prefix, home) or _holds_secrets(prefix):
        return
    if any(bin_folder.glob("python3*")) and any((prefix / "lib").glob("python3*/os.py")):
        yield prefix


def _is_system(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in _SYSTEM)


def _is_above(path: Path, home: Path) -> bool:
    return home.is_relative_to(path)


def _holds_secrets(path: Path) -> bool:
    return not _SECRET_FOLDERS.isdisjoint(path.parts)


def _in_mounted_windows_disk(path: Path) -> bool:
    """WSL puts the Windows PATH behind ours; those programs cannot run confined."""
    return len(path.parts) > 2 and path.parts[1] == "mnt" and len(path.parts[2]) == 1


def _shown(shown: Mapping[Path, None], path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in shown)


def _visible(shown: Mapping[Path, None], path: Path) -> bool:
    return _is_system(path) or _shown(shown, path)


def _outermost(shown: Mapping[Path, None]) -> tuple[Path, ...]:
    """Without folders that lie in another shown one; parents first."""
    ordered = sorted(shown, key=lambda each: len(each.parts))
    kept: list[Path] = []
    for folder in ordered:
        if not any(folder.is_relative_to(other) for other in kept):
            kept.append(folder)
    return tuple(kept)


class KnownToolchains:
    """What was found for each set of roots, found anew when something changed: looking takes a millisecond."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._found: dict[tuple[MountedRoot, ...], tuple[Signature, Toolchains]] = {}

    def of(self, roots: tuple[MountedRoot, ...]) -> Toolchains:
        now = signature(self._environ, roots)
        held = self._found.get(roots)
        if held is None or held[0] != now:
            if len(self._found) >= _KNOWN:
                self._found.clear()
            held = self._found[roots] = (now, find_toolchains(self._environ, roots))
        return held[1]
