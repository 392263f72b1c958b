"""Damaged and hostile files for every reader: no traceback, no hang, no runaway memory, nothing written.

Every sample of `tests/data/formats` is read in many mutations: cut off, bytes flipped, pieces doubled, swapped or taken
out, numbers made huge, strings replaced by lone surrogates, NUL, formulas or other types, lists nested deeply,
heads put in front that make what tells formats try again and again. Folders and zips are mutated file by file and as a
whole; packed bombs and paths that leave the zip are among them. An input counts as failed if reading raises anything
but a LabelqaError, takes more than 5 s of processor time, or writes a file.

Run: python -m tests.bench.fuzz_readers [--inputs 200000] [--seed 1] [--processes 2]
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import labelqa as lq

SAMPLES = Path(__file__).parents[1] / "data" / "formats"
HANGS = 5  # seconds of processor time; the machine may be shared, so what waits without working gets longer
WAITS = 30  # seconds
MEMORY = 6 << 30  # bytes of address space a process may take
KINDS = ("classes", "sets", "spans", "boxes")
TOKENS = (
    b"\\ud800", b"\x00", b"\\u0000", b"NaN", b"1e999", b"-1", b"99999999999999999999999999", b"null", b"[]", b"{}",
    b'""', b"[[[[[[", b"true", b'"=cmd()"', b"\xff\xfe", b"\xef\xbb\xbf", b"'", b'"', b",", b"\t", b"\n", b"\r\n", b";",
    "\u202e\u0660\U0001f600".encode(), b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&lol;", b"../../etc/passwd", b"0.0",
    b"#", b"T1",
)  # fmt: skip
HEADS = (  # before anything else, for what looks at the beginning of a file
    b'<?xml version="1.0"?>' + b"<!---->" * 60 + b"<x/>", b"<!--" * 5_000, b"<?xml " * 5_000, b"# B-X\n" * 5_000,
    b"# " * 10_000, b"B-" * 10_000 + b" O\n", b"[" * 10_000, b'{"a":' * 5_000, b'"' * 20_000, b'",' * 10_000,
    b" " * 20_000, b"\n" * 20_000, b"\t" * 20_000, b"T1\tA " + b"0 1;" * 5_000, b"a_" * 10_000 + b",", b"\\" * 20_000,
)  # fmt: skip


class Hang(BaseException):
    """Reading took too long; not an Exception, so that no reader catches it."""


@dataclass(slots=True)
class Tally:
    """What became of the inputs."""

    read: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def add(self, other: Tally) -> None:
        """Add the counts of another process."""
        self.read += other.read
        self.refused += other.refused
        self.failed += other.failed
        self.slowest = max(self.slowest, other.slowest)


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Return `data` damaged in one to four ways."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        data = rng.choice(MUTATIONS)(data, rng)
    return data


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _flip(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randrange(1, 6) if out else 0):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def _doubled(data: bytes, rng: random.Random) -> bytes:
    a, b = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    return data[:b] + data[a:b] * rng.choice((1, 1, 3)) + data[b:]


def _without(data: bytes, rng: random.Random) -> bytes:
    a, b = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    return data[:a] + data[min(b, a + 200) :]


def _token(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(TOKENS) + data[at + rng.choice((0, 0, 1, 5)) :]


def _value(data: bytes, rng: random.Random) -> bytes:
    """Put something else in the place of a value or a cell."""
    ends = [i for i, c in enumerate(data) if c in b',:\t\n;[]{}"']
    if len(ends) < 2:
        return data
    k = rng.randrange(len(ends) - 1)
    return data[: ends[k] + 1] + rng.choice(TOKENS) + data[ends[k + 1] :]


def _deep(data: bytes, rng: random.Random) -> bytes:
    at, depth = rng.randrange(len(data) + 1), rng.choice((50, 2_000, 100_000))
    opening = rng.choice((b"[", b'{"a":', b"<a>"))
    return data[:at] + opening * depth + data[at:]


def _head(data: bytes, rng: random.Random) -> bytes:
    return rng.choice(HEADS) + data


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _cut, _flip, _flip, _doubled, _without, _token, _token, _value, _value, _value, _deep, _head
)  # fmt: skip


def input_of(samples: list[Path], folder: Path, rng: random.Random) -> Path:
    """Write one damaged input into `folder` and return its path."""
    sample = rng.choice(samples)
    if sample.is_dir():
        target = folder / "in"
        shutil.copytree(sample, target)
        victim = rng.choice([p for p in target.rglob("*") if p.is_file()])
        victim.write_bytes(mutated(victim.read_bytes(), rng))
        return target
    data = sample.read_bytes()
    target = folder / f"in{rng.choice((sample.suffix, '.dat', ''))}"
    chance = rng.random()
    if chance < 0.03:
        target.write_bytes(_packed(mutated(data, rng), sample.name, rng))
    else:
        target.write_bytes(mutated(data, rng))
    return target


def _packed(data: bytes, name: str, rng: random.Random) -> bytes:
    """Return a zip of the sample; its names may lead elsewhere, and it may unpack to very much."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for k in range(rng.randrange(1, 4)):
            archive.writestr(rng.choice(("", "../", "/tmp/", "a/", "..\\", "b/../../")) + f"{k}{name}", data)
        if rng.random() < 0.1:
            archive.writestr("bomb.csv", b"item,annotator,label\n" + b"1,a,b\n" * 2_000_000)
    return out.getvalue() if rng.random() < 0.5 else _flip(out.getvalue(), rng)


def read(path: Path, kind: str) -> str | None:
    """Read one input; return the name of the refusal, or None where it was read."""
    try:
        found = lq.read_annotations(str(path), kind=kind, on_duplicate="first")
        repr(found), str(found.read_log)
    except lq.LabelqaError as error:
        str(error)
        return type(error).__name__
    return None


def work(count: int, seed: int) -> Tally:
    """Read `count` inputs in this process."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for alarm in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(alarm, _hang)
    rng, tally = random.Random(seed), Tally()
    samples = sorted(p for p in SAMPLES.iterdir() if not p.name.startswith("."))
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as room:
        os.chdir(room)
        for number in range(count):
            _one(samples, Path(room), rng, tally, f"seed {seed} input {number}")
    return tally


def _one(samples: list[Path], room: Path, rng: random.Random, tally: Tally, name: str) -> None:
    folder = room / "x"
    folder.mkdir()
    path = input_of(samples, folder, rng)
    before = sorted(p for p in room.rglob("*"))
    kind = rng.choice(KINDS) if rng.random() < 0.3 else "classes"
    start = time.process_time()
    _limit(HANGS, WAITS)
    try:
        refusal = read(path, kind)
        _limit(0, 0)
        tally.read += refusal is None
        tally.refused[refusal or "read"] += 1
    except (Exception, Hang) as error:  # whatever it is, it is a failure
        _limit(0, 0)
        where = traceback.extract_tb(error.__traceback__)[-1]
        tally.failed.append(
            f"{name} ({path.name}, {kind}): {type(error).__name__} {error} at {where.name}:{where.lineno}"
        )
        keep = Path(tempfile.gettempdir()) / "fuzz_failures"
        keep.mkdir(exist_ok=True)
        copy = keep / f"{name.replace(' ', '_')}{path.suffix}"
        if path.is_file():
            shutil.copy(path, copy)
    tally.slowest = max(tally.slowest, time.process_time() - start)
    if sorted(p for p in room.rglob("*")) != before:
        tally.failed.append(f"{name}: wrote a file")
    shutil.rmtree(folder)


def _limit(working: float, waiting: float) -> None:
    signal.setitimer(signal.ITIMER_PROF, working)
    signal.setitimer(signal.ITIMER_REAL, waiting)


def _hang(*_: object) -> None:
    raise Hang(f"more than {HANGS} s of work or {WAITS} s of waiting")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    portions = [(500, args.seed * 1_000_003 + k) for k in range(-(-args.inputs // 500))]
    total, start = Tally(), time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(args.processes, maxtasksperchild=20) as pool:
        for tally in pool.imap_unordered(_portion, portions):
            total.add(tally)
            print("".join(f"{line}\n" for line in tally.failed), end="", flush=True)
    done = sum(total.refused.values()) + len(total.failed)
    print(f"{done:,} inputs, seed {args.seed}, {time.perf_counter() - start:.0f} s")
    print(f"read {total.read:,}; refused {dict(total.refused.most_common())}; slowest {total.slowest:.1f} s")
    print(f"failed {len(total.failed):,}")
    return int(bool(total.failed))


def _portion(portion: tuple[int, int]) -> Tally:
    return work(*portion)


if __name__ == "__main__":
    sys.exit(main())
