"""The mount table: which file system a path lies on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.platform.filesystems import Mount, mount_of, network_mount, parse_mounts

TABLE = r"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard
31 27 0:40 / /home rw - nfs4 server:/home rw,vers=4.2
32 31 0:41 / /home/local rw - xfs /dev/vdb rw
33 27 0:42 / /mnt/my\040files rw - fuse.sshfs me@host: rw
34 27 0:43 / /mnt/c rw - 9p drvfs rw
35 27 0:44 / /twice rw - ext4 /dev/vdc rw
36 27 0:45 / /twice rw - cifs //server/share rw
37 27 0:46 / /over rw - nfs server:/x rw
38 27 0:47 / /over rw - tmpfs tmpfs rw
39 27 0:48 / /fuse rw - fuse.gocryptfs /cipher rw
a line that is none
40 27
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/me/state.db", "nfs4"),
        ("/home", "nfs4"),
        ("/mnt/my files/x", "fuse.sshfs"),
        ("/mnt/c/Users", "9p"),
        ("/twice/x", "cifs"),
    ],
)
def test_network_file_systems_are_named(path: str, kind: str) -> None:
    mount = network_mount(Path(path), table=TABLE)
    assert mount is not None
    assert mount.kind == kind


@pytest.mark.parametrize("path", ["/", "/homework/x", "/home/local/x", "/mnt/myfiles", "/over/x", "/fuse/x", "/var/x"])
def test_local_file_systems_are_not_taken_for_network_ones(path: str) -> None:
    assert network_mount(Path(path), table=TABLE) is None


def test_links_are_followed_to_where_the_file_would_lie(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    table = f"1 0 0:1 / / rw - ext4 x rw\n2 1 0:2 / {tmp_path}/real rw - nfs x rw\n"
    assert network_mount(tmp_path / "link" / "not there yet" / "state.db", table=table) is not None


def test_this_machine_has_a_table_and_its_process_folder_is_local() -> None:
    found = mount_of("/proc/self", parse_mounts(Path("/proc/self/mountinfo").read_text(errors="surrogateescape")))
    assert found is not None
    assert found.kind == "proc"
    assert network_mount(Path("/proc")) is None


NAMES = st.text(st.characters(min_codepoint=1, max_codepoint=0x2FF), max_size=20)


@given(NAMES, st.sampled_from(["nfs", "ext4"]), NAMES)
def test_any_mount_point_is_read_as_the_kernel_wrote_it(point: str, kind: str, source: str) -> None:
    def escaped(text: str) -> str:
        return re.sub(r"[ \t\n\\#]", lambda match: f"\\{ord(match[0]):03o}", text)

    line = f"9 1 0:9 / /{escaped(point)} rw,relatime shared:7 - {kind} s{escaped(source)} rw\n"
    assert list(parse_mounts(line)) == [Mount(point=f"/{point}", kind=kind, source=f"s{source}")]


@given(st.text(max_size=80))
def test_no_table_makes_it_fail(table: str) -> None:
    mount_of("/home/me", parse_mounts(table))
