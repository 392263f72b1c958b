"""A small part of the fuzz in `tests/bench/fuzz_readers.py`: damaged files are read or refused, and nothing else."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from labelqa.io import read as reading
from tests.bench import fuzz_readers

INPUTS, SEED = 150, 3
SMALL = 12


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Keep folder, alarms and memory of this process: the fuzz sets those of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)
    monkeypatch.setattr(fuzz_readers.tempfile, "gettempdir", lambda: str(tmp_path))
    handlers = {alarm: signal.getsignal(alarm) for alarm in (signal.SIGALRM, signal.SIGPROF)}
    home = Path.cwd()
    yield
    for alarm, handler in handlers.items():
        signal.signal(alarm, handler)
    os.chdir(home)


def test_damaged_files_are_read_or_refused_with_a_reason():
    tally = fuzz_readers.work(INPUTS, SEED)
    assert tally.failed == []
    assert sum(tally.refused.values()) == INPUTS
    assert 0 < tally.read < INPUTS


def test_the_fuzz_fails_where_a_reader_raises_a_plain_exception(monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object, **__: object) -> object:
        raise KeyError("planted")

    monkeypatch.setattr(reading, "read_tables", broken)
    tally = fuzz_readers.work(SMALL, SEED)
    assert len(tally.failed) == SMALL
    assert "KeyError 'planted'" in tally.failed[0]


def test_the_fuzz_fails_where_a_reader_writes_a_file(monkeypatch: pytest.MonkeyPatch):
    original = reading.read_tables

    def writing(source: str, *args: object, **kwargs: bool) -> object:
        Path(source).with_name("left").write_text("x")
        return original(source, *args, **kwargs)

    monkeypatch.setattr(reading, "read_tables", writing)
    assert all("wrote a file" in line for line in fuzz_readers.work(SMALL, SEED).failed)
    assert len(fuzz_readers.work(SMALL, SEED).failed) == SMALL
