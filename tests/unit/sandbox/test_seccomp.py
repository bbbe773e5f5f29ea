"""The filter of system calls, run instruction by instruction as the kernel would, for machines that we are not on."""

from __future__ import annotations

import errno
import json
import struct

import pytest

from draftsmith.sandbox import seccomp
from draftsmith.sandbox.seccomp import denied_calls, filter_program
from draftsmith.sandbox.seccomp_profile import container_profile

ALLOW, KILL = 0x7FFF0000, 0x80000000
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
NUMBERS = {
    "x86_64": {"clone": 56, "ioctl": 16, "socket": 41, "personality": 135, "read": 0},
    "aarch64": {"clone": 220, "ioctl": 29, "socket": 198, "personality": 92, "read": 63},
}
MACHINES = pytest.mark.parametrize("machine", ["x86_64", "aarch64"])


def refused(error: int) -> int:
    return 0x00050000 | error


def verdict(program: bytes, number: int, *arguments: int, architecture: int) -> int:
    """What the classic BPF program returns for the call (linux/filter.h, linux/seccomp.h)."""
    data = struct.pack("=IIQ6Q", number, architecture, 0, *(*arguments, *[0] * (6 - len(arguments))))
    steps = list(struct.iter_unpack("=HBBI", program))
    at, held = 0, 0
    while True:
        code, if_true, if_false, value = steps[at]
        at += 1
        match code:
            case 0x20:
                held = struct.unpack_from("=I", data, value)[0]
            case 0x15:
                at += if_true if held == value else if_false
            case 0x25:
                at += if_true if held > value else if_false
            case 0x45:
                at += if_true if held & value else if_false
            case 0x06:
                return value
            case _:
                raise AssertionError(f"no such instruction: {code:#x}")


def of(machine: str, name: str | int, *arguments: int, namespaces: bool = False) -> int:
    program = filter_program(namespaces=namespaces, machine=machine)
    assert program is not None
    number = NUMBERS[machine][name] if isinstance(name, str) else name
    return verdict(program, number, *arguments, architecture=AUDIT[machine])


@MACHINES
def test_calls_are_refused_and_all_others_up_to_the_newest_known_are_not(machine: str) -> None:
    denied = set(denied_calls(machine).values())
    special = {435, *(NUMBERS[machine][name] for name in ("socket", "clone"))}
    for number in range(467):
        wanted = refused(errno.EPERM) if number in denied else ALLOW
        assert number in special or of(machine, number) == wanted, number


@MACHINES
@pytest.mark.parametrize("number", [467, 500, 0x40000000, 0x40000000 + 39, 0xFFFFFFFF])
def test_calls_that_nobody_judged_do_not_exist(machine: str, number: int) -> None:
    assert of(machine, number) == refused(errno.ENOSYS)


@MACHINES
def test_another_architectures_numbers_end_the_program(machine: str) -> None:
    program = filter_program(machine=machine)
    assert program is not None
    assert verdict(program, 0, architecture=0x40000003) == KILL


@MACHINES
@pytest.mark.parametrize("flag", [0x10000000, 0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x20000000, 0x40000000])
def test_no_namespace_is_made_by_clone(machine: str, flag: int) -> None:
    assert of(machine, "clone", flag | 17) == refused(errno.EPERM)
    assert of(machine, "clone", 0x003D0F00) == ALLOW  # what a thread is made with
    assert of(machine, 435) == refused(errno.ENOSYS)


@MACHINES
def test_nobody_types_into_a_terminal_also_with_bits_above(machine: str) -> None:
    assert of(machine, "ioctl", 0, 0x5412) == refused(errno.EPERM)
    # The kernel reads the lower half only (CVE-2019-10063 was a filter that read all of it).
    assert of(machine, "ioctl", 0, 0x1_0000_5412) == refused(errno.EPERM)
    assert of(machine, "ioctl", 0, 0x5413) == ALLOW


@MACHINES
@pytest.mark.parametrize(
    ("family", "allowed"), [(1, True), (2, True), (10, True), (16, True), (38, False), (40, False)]
)
def test_sockets_are_of_the_sandboxs_own_network(machine: str, family: int, allowed: bool) -> None:
    assert of(machine, "socket", family) == (ALLOW if allowed else refused(errno.EAFNOSUPPORT))


@MACHINES
def test_personalities_that_weaken_the_program_are_refused(machine: str) -> None:
    assert of(machine, "personality", 0xFFFFFFFF) == ALLOW
    assert of(machine, "personality", 0x0040000) == refused(errno.EPERM)


@MACHINES
def test_the_setting_gives_back_namespaces_and_nothing_else(machine: str) -> None:
    calls = denied_calls(machine)
    open_ones = {name for name, number in calls.items() if of(machine, number, namespaces=True) == ALLOW}
    assert {"unshare", "mount", "setns"} <= open_ones
    assert not {"keyctl", "bpf", "io_uring_setup", "userfaultfd", "open_by_handle_at", "kexec_load"} & open_ones
    assert of(machine, "clone", 0x10000000, namespaces=True) == ALLOW


def test_a_machine_whose_numbers_are_unknown_has_no_filter() -> None:
    assert filter_program(machine="riscv64") is None


@pytest.mark.parametrize("setting", ["", "1"])
def test_the_profile_for_engines_refuses_the_same(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(seccomp.NAMESPACES_VARIABLE, setting)
    text = container_profile()
    assert text is not None
    profile = json.loads(text)
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    allowed = {name for rule in profile["syscalls"] if not rule.get("args") for name in rule["names"]}
    program = filter_program(namespaces=setting == "1", machine="x86_64")
    assert program is not None
    for name, number in denied_calls("x86_64").items():
        granted = verdict(program, number, architecture=AUDIT["x86_64"]) == ALLOW
        assert (name in allowed) is granted, name
    assert {"read", "execve", "ioctl"} <= allowed
    assert not {"socket", "personality"} & allowed
