"""Many people at once in the review app: 20 sessions decide items of one project on one server.

Each session is what a browser tab is to the server: a web socket that speaks Streamlit's protocol. It fills in the form
of the page Disagreements, presses "Save and go on", and waits until the server has sent the whole next page; that wait
is what is reported (a browser then draws it). A decision is lost if the page went on to the next item and the store
does not hold it. With `--large` the project has 100,000 items and 300,000 labels.

Run: OMP_NUM_THREADS=1 python -m tests.bench.app_sessions [--sessions 20] [--decisions 5] [--large [--warm]] [--keep D]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from labelqa import review
from tests.app.projects import support_project
from tests.bench.review_speed import CLASSES, make

RUN = "from labelqa.cli.main import run; run()"
MEDIAN, SLOW = 0.5, 1.0  # seconds of click to page: the median, and the 95th percentile
PATIENCE = 120.0
COMPLETE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)
LOOKING = "Looking for what"
FIELDS = ("-labels_", "-cause_", "-save_", "-dis_theirs")  # in the ids of widgets


@dataclass(slots=True)
class Tab:
    """One session: its socket, and what stands on its page."""

    socket: ClientConnection
    actor: str
    query: str
    page: str = ""
    widgets: dict[str, tuple[str, str]] = field(default_factory=dict)  # field to id and first option
    errors: list[str] = field(default_factory=list)
    conflicts: int = 0
    words: str = ""  # small print of the page
    stored: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    @property
    def item(self) -> str | None:
        """The item on the page."""
        return parse_qs(self.query).get("item", [None])[0]

    async def run(self, *states: WidgetState) -> float:
        """Send what a browser sends after a click, and return the seconds until the page is complete."""
        back = BackMsg()
        back.rerun_script.query_string = self.query
        back.rerun_script.page_script_hash = self.page
        back.rerun_script.page_name = "" if self.page else "disagreements"
        back.rerun_script.widget_states.widgets.extend(states)
        self.widgets.clear()
        self.words = ""
        start = time.perf_counter()
        await self.socket.send(back.SerializeToString())
        while True:
            raw = await asyncio.wait_for(self.socket.recv(decode=False), PATIENCE)
            message = ForwardMsg()
            message.ParseFromString(raw)
            if self._take(message):
                return time.perf_counter() - start

    def _take(self, message: ForwardMsg) -> bool:
        """Take one message in, and tell whether the page is complete."""
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self.page = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._element(message.delta.new_element)
        return kind == "script_finished" and message.script_finished in COMPLETE

    def _element(self, element: object) -> None:
        kind = element.WhichOneof("type")
        found = getattr(element, kind)
        if kind == "exception" or (kind == "alert" and found.format == found.ERROR):
            self.errors.append(f"{self.actor}: {found}"[:300])
        if kind == "markdown":
            self.words += found.body
        name = next((f for f in FIELDS if f in getattr(found, "id", "")), None)
        if name is not None:
            options = [getattr(o, "content", o) for o in getattr(found, "options", ())]
            self.widgets[name] = found.id, (options or [""])[0]

    async def decide(self) -> None:
        """Fill in the form and press the button."""
        item = self.item
        if item is None or "-save_" not in self.widgets:
            self.errors.append(f"{self.actor}: no form on the page of {item}")
            return
        (labels, label), (cause, why) = self.widgets["-labels_"], self.widgets["-cause_"]
        picked = WidgetState(id=labels)
        picked.string_array_value.data.append(label)
        pressed = WidgetState(id=self.widgets["-save_"][0], trigger_value=True)
        self.waits.append(await self.run(picked, WidgetState(id=cause, string_value=why), pressed))
        if "-dis_theirs" in self.widgets:
            self.conflicts += 1
            await self.run(WidgetState(id=self.widgets["-dis_theirs"][0], trigger_value=True))
        elif self.item == item:
            self.errors.append(f"{self.actor}: the page did not go on from {item}")
        else:
            self.stored.append(item)


async def person(port: int, actor: str, query: dict[str, str], decisions: int, pause: float) -> Tab:
    """Open the page and decide items one after the other, with the pauses of somebody who reads."""
    chance = random.Random(actor)
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    socket = await connect(address, subprotocols=["streamlit"], max_size=None, ping_interval=None)
    tab = Tab(socket=socket, actor=actor, query=urlencode({"as": actor, **query}))
    await asyncio.sleep(chance.random() * pause)
    await tab.run()
    for _ in range(decisions):
        await asyncio.sleep(pause * (0.5 + chance.random()))
        await tab.decide()
    return tab


def resident(pid: int) -> float:
    """Return the memory of a process in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def spent(pid: int) -> float:
    """Return the processor time of a process in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def child_of(pid: int) -> int:
    """Return the process that does the work: the command starts Streamlit."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == pid:
                return int(stat.parent.name)
    return pid


@contextmanager
def server(database: Path) -> Iterator[tuple[int, int]]:
    """Start the command on a project; give its port and the process that serves."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-c", RUN, "review", str(database), "--port", str(port), "--no-browser"]
    log = database.with_name("server.log")
    start = time.perf_counter()
    with log.open("wb") as out:
        running = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        while running.poll() is None and time.perf_counter() - start < PATIENCE:
            with suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).close()
                break
            time.sleep(0.1)
        print(f"server answers after                {time.perf_counter() - start:8.2f} s")
        yield port, child_of(running.pid)
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait()


def project(folder: Path, large: bool, items: int) -> Path:
    """Return the database, made where it is not there."""
    database = folder / ("large.db" if large else "tickets.db")
    if not database.exists():
        folder.mkdir(parents=True, exist_ok=True)
        if large:
            make(database, items).close()
        else:
            support_project(folder, n=2000, pool=0)
    return database


async def all_at_once(args: argparse.Namespace, port: int, pid: int) -> list[Tab]:
    """Run one session to warm up, then all of them; print what they cost."""
    first = await person(port, "lea", {"round": "1"}, 0, 0)
    start = time.perf_counter()
    await first.run()
    again = time.perf_counter() - start
    for a, b in combinations(CLASSES, 2) if args.warm else ():
        opened = await person(port, "lea", {"round": "1", "a": a, "b": b}, 0, 0)
        while LOOKING in opened.words:  # found in the background
            await asyncio.sleep(1)
            await opened.run()
        await opened.socket.close()
    print(f"a page again, alone                 {again:8.2f} s")
    before, used = resident(pid), spent(pid)
    people = (person(port, f"r{k}", {"round": "1"}, args.decisions, args.pause) for k in range(args.sessions))
    tabs = list(await asyncio.gather(*people))
    after, used = resident(pid), spent(pid) - used
    print(f"memory of the server, one session   {before:8.0f} MB")
    print(
        f"memory, {args.sessions} more                     {after:8.0f} MB: {(after - before) / args.sessions:.1f} each"
    )
    runs = sum(1 + len(t.waits) for t in tabs)
    print(
        f"processor time of the server        {used:8.1f} s: {1000 * used / runs:.0f} ms a click, all else counted in"
    )
    for tab in [first, *tabs]:
        await tab.socket.close()
    return tabs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--decisions", type=int, default=5)
    parser.add_argument("--pause", type=float, default=8.0, help="seconds that a person reads, on average")
    parser.add_argument("--large", action="store_true", help="100,000 items and 300,000 labels")
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--warm", action="store_true", help="open every pair of classes of --large before, and wait")
    parser.add_argument("--keep", type=Path, help="a folder to keep the project in, or to find it in")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = project(args.keep or Path(folder), args.large, args.items)
        with review.open_project(str(database)) as opened:
            for k in range(args.sessions):
                review.put_person(opened, f"r{k}", "reviewer", actor="lea")
        with server(database) as (port, pid):
            tabs = asyncio.run(all_at_once(args, port, pid))
        with review.open_project(str(database)) as opened:
            who = {item: d.actor for item, d in review.decisions_in_force(opened, actor="lea").items()}
    lost = [(t.actor, item) for t in tabs for item in t.stored if who.get(item) != t.actor]
    errors, waits = [e for t in tabs for e in t.errors], [w for t in tabs for w in t.waits]
    median, slow = np.quantile(waits, [0.5, 0.95]) if waits else (float("nan"),) * 2
    print(f"decisions that the pages confirmed  {sum(len(t.stored) for t in tabs):8,}")
    print(f"lost                                {len(lost):8,}")
    print(f"conflicts that were shown           {sum(t.conflicts for t in tabs):8,}")
    print(f"errors                              {len(errors):8,}")
    print("\n".join(errors[:5]))
    verdict = "within" if median <= MEDIAN and slow <= SLOW else "ABOVE"
    print(f"click to page: median {median:.2f} s, p95 {slow:.2f} s: {verdict} {MEDIAN} s and {SLOW} s")
    return int(bool(lost or errors))


if __name__ == "__main__":
    sys.exit(main())
