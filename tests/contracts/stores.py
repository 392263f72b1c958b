"""The databases that the store's contract runs on, and the program that its processes run.

``python -m tests.contracts.stores URL WORKER N`` makes N decisions, each a read-modify-write of a counter, and prints
the uuid of each once it is committed.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from labelqa.store.database import Store, open_store
from labelqa.store.records import DecisionRecord, EventRecord, ItemRecord, ProjectRecord
from labelqa.store.writer import Writer

ROOT = Path(__file__).resolve().parents[2]
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class Server:
    """A PostgreSQL server from the package pgserver, in a folder of its own, that gives each test a database."""

    def __init__(self) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())  # else platformdirs warns
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pgserver

            self.folder = Path(tempfile.mkdtemp(prefix="labelqa-pg-"))
            self._server = pgserver.get_server(self.folder, cleanup_mode="stop")
        self._numbers = itertools.count()
        self.run("ALTER SYSTEM SET fsync = off")  # databases are made faster, and no test cuts the power
        self.run("SELECT pg_reload_conf()")

    def new_database(self) -> str:
        name = f"labelqa_{os.getpid()}_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://{self._server.get_uri(name).split('://', 1)[1]}"

    def drop(self, url: str) -> None:
        self.run(f"DROP DATABASE {url.split('?')[0].rsplit('/', 1)[1]} WITH (FORCE)")

    def run(self, command: str) -> None:
        import psycopg

        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(command)

    def stop(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)


def start_server() -> Server:
    """Return a running server, or skip the test with the reason."""
    pytest.importorskip("pgserver", reason="pgserver is not installed", exc_type=ImportError)
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    try:
        return Server()
    except Exception as error:
        pytest.skip(f"PostgreSQL does not start here: {error}")


def ticking() -> Callable[[], dt.datetime]:
    """Return a clock that goes on by a second whenever it is asked."""
    seconds = itertools.count()
    return lambda: START + dt.timedelta(seconds=next(seconds))


def counting() -> Callable[[], str]:
    """Return ids that count."""
    numbers = itertools.count(1)
    return lambda: f"id-{next(numbers):04}"


def open_fixed(url: str | Path) -> Store:
    """Open a store whose times and ids are the same in every run."""
    return open_store(url, clock=ticking(), new_id=counting())


# -- many processes

PROJECT = "campaign"
N_ITEMS = 50


def prepare_campaign(url: str | Path) -> None:
    with open_store(url) as store, store.write() as writer:
        project = writer.add_project(ProjectRecord(name=PROJECT, settings={"count": 0})).id
        writer.add_items(ItemRecord(project_id=project, item=f"i{k}") for k in range(N_ITEMS))


def decide_once(writer: Writer, uuid: str) -> bool:
    """Count up by one and append a decision and an event, unless that decision is there."""
    project = writer.project(PROJECT)
    item = f"i{sum(map(ord, uuid)) % N_ITEMS}"
    if not writer.add_decision(
        DecisionRecord(project_id=project.id, uuid=uuid, item=item, labels=("a",), actor=uuid.split("-")[0])
    ):
        return False
    count = project.settings["count"]
    writer.set_settings(project.id, {"count": int(str(count)) + 1})
    writer.add_event(EventRecord(project_id=project.id, uuid=uuid, kind="decide", actor="w", detail={"before": count}))
    return True


def work(url: str, worker: str, n: int) -> None:
    with open_store(url, create=False) as store:
        for k in range(n):
            uuid = f"{worker}-{k}"
            with store.write() as writer:
                decide_once(writer, uuid)
            os.write(1, f"{uuid}\n".encode())  # the acknowledgement: committed, and only then


@contextmanager
def workers(url: str | Path, names: list[str], n: int, folder: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run one process a name, each with its acknowledgements in ``folder/NAME.acks``; none is left behind."""
    processes = []
    try:
        for name in names:
            with (folder / f"{name}.acks").open("wb") as acks, (folder / f"{name}.errors").open("wb") as errors:
                command = [sys.executable, "-m", "tests.contracts.stores", str(url), name, str(n)]
                processes.append(subprocess.Popen(command, cwd=ROOT, stdout=acks, stderr=errors))
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def acknowledged(folder: Path, names: list[str]) -> list[str]:
    """Return the uuids whose line was written completely."""
    texts = ((folder / f"{name}.acks").read_text(encoding="utf-8") for name in names)
    return [line.strip() for text in texts for line in text.splitlines(keepends=True) if line.endswith("\n")]


def check_campaign(store: Store, acks: list[str]) -> int:
    """Return the number of decisions, after checking that all counts agree and nothing acknowledged is missing."""
    with store.read() as reader:
        project = reader.project(PROJECT)
        stored = [d.uuid for d in reader.decisions(project.id)]
        events = reader.events(project.id)
    assert len(set(stored)) == len(stored)
    assert set(acks) <= set(stored), f"lost: {sorted(set(acks) - set(stored))[:5]}"
    assert project.settings["count"] == len(stored)
    assert [e.detail["before"] for e in events] == list(range(len(stored)))
    assert [e.uuid for e in events] == stored
    return len(stored)


def retry_all(store: Store, uuids: list[str]) -> int:
    """Repeat acknowledged writes and return how many were stored a second time."""
    with store.write() as writer:
        return sum(decide_once(writer, uuid) for uuid in uuids)


if __name__ == "__main__":
    work(sys.argv[1], sys.argv[2], int(sys.argv[3]))
