"""What was acknowledged is there after `kill -9`; a full disk stops nothing for good."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.unit.store.samples import VERSION, read_all, versions

from draftsmith.domain.ids import StreamId
from draftsmith.store.event_store import SqlEventStore

APPENDER = """
import asyncio, sys
from tests.unit.store.samples import VERSION, append, entity
from draftsmith.domain.ids import StreamId
from draftsmith.ports.events import Append
from draftsmith.store.event_store import SqlEventStore

async def session(store, number):
    stream = StreamId(f"session/{number}")
    version = await store.version(stream)
    while True:
        made = append(stream, version + 1, 1 + version % 3)
        last = made.envelopes[-1].version
        rows = (entity("last", last, session=str(number)),)
        await store.append(Append(envelopes=made.envelopes, entities=rows, documents=(b"%d" % last * 50,)))
        version = last
        print(number, version, flush=True)

async def main():
    store = await SqlEventStore.open(sys.argv[1], application_version=VERSION)
    assert store.report.quarantined is None, store.report
    await asyncio.gather(*(session(store, number) for number in range(8)))

asyncio.run(main())
"""


async def test_every_acknowledged_event_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    acknowledged: dict[str, int] = {}
    dice = random.Random(20240229)  # noqa: S311 - moments of death, no secrets
    for _ in range(4):
        with subprocess.Popen([sys.executable, "-c", APPENDER, path], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            lines = [child.stdout.readline()]
            await asyncio.sleep(dice.random() * 0.15)
            child.kill()
            lines += child.stdout.readlines()
        for line in lines:
            if line.endswith("\n"):  # the last one may be cut by the kill
                stream, version = line.split()
                acknowledged[stream] = int(version)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    store = await SqlEventStore.open(path, application_version=VERSION)
    assert store.report.quarantined is None
    assert len(acknowledged) == 8
    for stream, last in acknowledged.items():
        found = versions(await read_all(store, StreamId(f"session/{stream}")))
        assert found == list(range(1, len(found) + 1))
        assert len(found) >= last
    await store.close()


FULL = """
import asyncio, os, resource, sys
from pathlib import Path
from tests.unit.store.samples import S, VERSION, append
from draftsmith.domain.errors import AdapterError
from draftsmith.domain.ids import StreamId
from draftsmith.ports.events import Append
from draftsmith.store.event_store import SqlEventStore

folder, way = Path(sys.argv[1]), sys.argv[2]
LIMITS = resource.getrlimit(resource.RLIMIT_FSIZE)

def fill():
    if way == "limit":
        largest = max(file.stat().st_size for file in folder.iterdir())
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, LIMITS[1]))
        return
    with open(folder / "ballast", "wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(4096))
        except OSError:
            pass

def free():
    if way == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, LIMITS)
    else:
        (folder / "ballast").unlink(missing_ok=True)

async def main():
    store = await SqlEventStore.open(folder / "state.db", application_version=VERSION)
    await store.append(append(S, 1))
    fill()
    codes = set()
    written = 1
    for attempt in range(40):
        big = Append(envelopes=append(S, written + 1).envelopes, documents=(os.urandom(100_000),))
        small = append(StreamId(f"session/other-{written}"), 1)
        outcomes = await asyncio.gather(store.append(big), store.append(small), return_exceptions=True)
        assert isinstance(outcomes[0], AdapterError) == isinstance(outcomes[1], AdapterError), outcomes
        if isinstance(outcomes[0], AdapterError):
            assert outcomes[0].retryable, outcomes
            codes.add(outcomes[0].code)
            if attempt > 20:
                break
        else:
            written += 1
    assert await store.version(S) == written
    free()
    await store.append(append(S, written + 1, 3))
    await store.close()
    store = await SqlEventStore.open(folder / "state.db", application_version=VERSION)
    assert store.report.quarantined is None, store.report
    assert await store.version(S) == written + 3
    assert await store.version(StreamId(f"session/other-{written}")) == 0
    await store.close()
    print(*codes)

asyncio.run(main())
"""
SMALL_DISK = ["bwrap", "--bind", "/", "/", "--dev", "/dev", "--size", "3000000", "--tmpfs", "/mnt"]


@pytest.mark.parametrize("way", ["disk", "limit"])
def test_full_disk_fails_what_is_appended_and_the_store_goes_on_when_there_is_space(tmp_path: Path, way: str) -> None:
    """A real small disk; and a limit on the size of files, which SQLite sees as a write error like a full quota."""
    command = [sys.executable, "-c", FULL]
    command = [*SMALL_DISK, *command, "/mnt", way] if way == "disk" else [*command, str(tmp_path), way]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == ["disk_full" if way == "disk" else "store_failed"]
