"""Finds the system packages that are missing; installs them as root on a Debian-like system.

Run with the system's Python before there is an environment: standard library only.
Elsewhere it installs nothing: it names what is missing and the one command that brings it.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_name("system-packages.txt")
INSTALL_TIMEOUT_S = 900
INSTALLERS = {
    "apt-get": "apt-get update && apt-get install -y",
    "dnf": "dnf install -y",
    "zypper": "zypper install -y",
    "pacman": "pacman -S --noconfirm",
    "apk": "apk add",
    "brew": "brew install",
}


@dataclass(frozen=True)
class SystemPackage:
    name: str
    probe: str
    purpose: str

    @property
    def present(self) -> bool:
        kind, _, what = self.probe.partition(":")
        if kind == "python":
            return importlib.util.find_spec(what) is not None
        if kind == "file":
            return any(Path("/").glob(what.lstrip("/")))
        return shutil.which(what) is not None


def read_list(text: str) -> list[SystemPackage]:
    packages: list[SystemPackage] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) != 3 or not cells[1].startswith(("command:", "python:", "file:")):
            raise ValueError(f"{LIST.name}, line {number}: want `package | command:…, python:… or file:… | purpose`")
        packages.append(SystemPackage(*cells))
    return packages


def missing_packages() -> list[SystemPackage]:
    return [package for package in read_list(LIST.read_text(encoding="utf-8")) if not package.present]


def install_command(names: list[str]) -> str:
    """The one command that a person types; names differ little between systems."""
    for program, command in INSTALLERS.items():
        if shutil.which(program):
            sudo = "" if program == "brew" or os.geteuid() == 0 else "sudo "
            steps = [sudo + step for step in f"{command} {shlex.join(names)}".split("&& ")]
            return "&& ".join(steps)
    return f"your system's package manager, to install: {shlex.join(names)}"


def apt_install(names: list[str]) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    options = ["-o", "DPkg::Lock::Timeout=120", "-qq"]
    for command in (
        ["apt-get", *options, "update"],
        ["apt-get", *options, "install", "-y", "--no-install-recommends", *names],
    ):
        try:
            subprocess.run(command, env=environment, check=False, timeout=INSTALL_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            print(f"system packages: `{shlex.join(command)}` took over {INSTALL_TIMEOUT_S} s and was ended")


def ensure() -> list[SystemPackage]:
    """What is still missing after everything that may be done here was done."""
    missing = missing_packages()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        names = [package.name for package in missing]
        print(f"system packages: installing {', '.join(names)}", flush=True)
        apt_install(names)
        importlib.invalidate_caches()
        missing = missing_packages()
    if missing:
        print("system packages missing:")
        for package in missing:
            print(f"  {package.name}: {package.purpose}")
        print(f"bring them with: {install_command([package.name for package in missing])}", flush=True)
    return missing


if __name__ == "__main__":
    if ensure():
        sys.exit(1)
    print("system packages: all there")
