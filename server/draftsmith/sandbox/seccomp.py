"""Which system calls a command in bubblewrap may make: a classic BPF program, built as data.

At least as strict as Docker's default profile for a process without capabilities (moby, `seccomp/default.json`).
It only computes bytes; `launch` hands them to bubblewrap.
"""

from __future__ import annotations

import errno
import os
import platform
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

_LOAD, _EQUAL, _GREATER, _ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
"""`BPF_LD|W|ABS`, `BPF_JMP|JEQ|K`, `BPF_JMP|JGT|K`, `BPF_JMP|JSET|K`, `BPF_RET|K` of linux/bpf_common.h."""
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
"""Offsets in `struct seccomp_data`; of an argument the lower half is looked at, as the kernel does for these calls."""
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000

_NEWEST = 466
"""`removexattrat`, the last call that was judged. What is newer, and x32's numbers, "do not exist": libraries then
take an older way."""
_CLONE3 = 435
"""Its flags lie in memory, where no filter can read them: it "does not exist", and libraries use `clone`."""
NEW_NAMESPACES = 0x7E020000
"""`CLONE_NEWNS|NEWCGROUP|NEWUTS|NEWIPC|NEWUSER|NEWPID|NEWNET`."""
FAMILIES = (1, 2, 10, 16)
"""Unix, IPv4, IPv6, netlink: all bound to the sandbox's network namespace. Not, among others, AF_ALG, Bluetooth and
AF_VSOCK, which reaches the hypervisor."""
_TERMINAL_INPUT = (0x5412, 0x541C)
"""`TIOCSTI` and `TIOCLINUX`: typing into somebody's terminal."""
NAMESPACES_VARIABLE = "DRAFTSMITH_RUNNER_SANDBOX_NAMESPACES"
"""Set to `1`, a command may make namespaces and mounts of its own, which tests of other sandboxes need."""
PERSONALITIES = (0, 8, 0x20000, 0x20008, 0xFFFFFFFF)

# Name: number on x86_64, number on aarch64 (None: no such call there).
NAMESPACE_CALLS: dict[str, tuple[int | None, int | None]] = {
    "chroot": (161, 51),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "pivot_root": (155, 41),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "umount2": (166, 39),
    "unshare": (272, 97),
}
_DENIED: dict[str, tuple[int | None, int | None]] = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "clock_settime": (227, 112),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "get_mempolicy": (239, 236),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioperm": (173, None),
    "iopl": (172, None),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lookup_dcookie": (212, 18),
    "lsm_get_self_attr": (459, 459),
    "lsm_list_modules": (461, 461),
    "lsm_set_self_attr": (460, 460),
    "mbind": (237, 235),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "open_by_handle_at": (304, 265),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "set_mempolicy": (238, 237),
    "set_mempolicy_home_node": (450, 450),
    "settimeofday": (164, 170),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "sysfs": (139, None),
    "syslog": (103, 116),
    "uselib": (134, None),
    "userfaultfd": (323, 282),
    "ustat": (136, None),
    "vhangup": (153, 58),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Machine:
    """`column` is the one in the tables above; the rest are call numbers and `AUDIT_ARCH_…`."""

    architecture: int
    column: int
    clone: int
    ioctl: int
    personality: int
    socket: int


_MACHINES = {
    "x86_64": _Machine(architecture=0xC000003E, column=0, clone=56, ioctl=16, personality=135, socket=41),
    "aarch64": _Machine(architecture=0xC00000B7, column=1, clone=220, ioctl=29, personality=92, socket=198),
}


def command_filter() -> bytes | None:
    """The program for bubblewrap's `--seccomp`, by the user's setting."""
    return filter_program(namespaces=namespaces_allowed())


def namespaces_allowed() -> bool:
    return os.environ.get(NAMESPACES_VARIABLE) == "1"


@cache
def filter_program(*, namespaces: bool = False, machine: str = "") -> bytes | None:
    """None on machines whose call numbers are not known here. `namespaces`: see `NAMESPACES_VARIABLE`."""
    known = _MACHINES.get(machine or platform.machine())
    return None if known is None else _assemble(_rules(known, namespaces))


def denied_calls(machine: str = "") -> dict[str, int]:
    """The calls that are refused whatever their arguments are, with their numbers."""
    known = _MACHINES[machine or platform.machine()]
    table = {**NAMESPACE_CALLS, **_DENIED}
    return {name: number for name in table if (number := table[name][known.column]) is not None}


@dataclass(frozen=True, slots=True)
class _Step:
    """One instruction; jumps name a label, "" for the next instruction."""

    code: int
    value: int
    if_true: str = ""
    if_false: str = ""
    label: str = ""


def _rules(machine: _Machine, namespaces: bool) -> list[_Step]:
    denied = _DENIED if namespaces else {**_DENIED, **NAMESPACE_CALLS}
    numbers = sorted(number for each in denied.values() if (number := each[machine.column]) is not None)
    steps = [
        _Step(_LOAD, _ARCHITECTURE_AT),
        _Step(_EQUAL, machine.architecture, "", "kill"),
        _Step(_LOAD, _NUMBER_AT),
        _Step(_GREATER, _NEWEST, "absent"),
        _Step(_EQUAL, machine.ioctl, "ioctl"),
        _Step(_EQUAL, machine.socket, "socket"),
        _Step(_EQUAL, machine.personality, "personality"),
    ]
    if not namespaces:
        steps += [_Step(_EQUAL, machine.clone, "clone"), _Step(_EQUAL, _CLONE3, "absent")]
    steps += [_Step(_EQUAL, number, "deny") for number in numbers]
    steps += [_Step(_RETURN, _ALLOW)]
    steps += [_argument("ioctl", 1), *_one_of(_TERMINAL_INPUT, "deny"), _Step(_RETURN, _ALLOW)]
    steps += [_argument("socket", 0), *_one_of(FAMILIES, "allow"), _Step(_RETURN, _ERROR | errno.EAFNOSUPPORT)]
    steps += [_argument("personality", 0), *_one_of(PERSONALITIES, "allow"), _Step(_RETURN, _ERROR | errno.EPERM)]
    if not namespaces:
        steps += [_argument("clone", 0), _Step(_ANY_BIT, NEW_NAMESPACES, "deny", "allow")]
    return [
        *steps,
        _Step(_RETURN, _ALLOW, label="allow"),
        _Step(_RETURN, _ERROR | errno.EPERM, label="deny"),
        _Step(_RETURN, _ERROR | errno.ENOSYS, label="absent"),
        # A program of another architecture, such as 32-bit x86: its numbers mean other calls.
        _Step(_RETURN, _KILL, label="kill"),
    ]


def _argument(label: str, position: int) -> _Step:
    return _Step(_LOAD, _ARGUMENTS_AT + 8 * position, label=label)


def _one_of(values: Iterable[int], then: str) -> list[_Step]:
    return [_Step(_EQUAL, value, then) for value in values]


def _assemble(steps: list[_Step]) -> bytes:
    """`struct sock_filter` of linux/filter.h for each step; a jump reaches 255 instructions at most."""
    places = {step.label: place for place, step in enumerate(steps) if step.label}

    def distance(place: int, label: str) -> int:
        return places[label] - place - 1 if label else 0

    return b"".join(
        struct.pack("=HBBI", step.code, distance(place, step.if_true), distance(place, step.if_false), step.value)
        for place, step in enumerate(steps)
    )
