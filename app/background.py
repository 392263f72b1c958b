"""What takes long and many want: found once for all sessions by one worker, while their pages go on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from functools import wraps
from threading import Lock, Thread
from typing import Any

import streamlit as st

from labelqa_app.shell import guarded

KEPT = 96  # answers that are kept
AT_ONCE = 0.2  # seconds that a page waits before it says that it is looking
POLL = 1.0  # seconds between two looks of a page
TURN = 0.001  # seconds that one thread computes while others wait: pages take many short turns, a worker long ones


class Worker:
    """One thread at most, which ends when nothing is left to find; what was asked for last is found first."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Future[Any]] = {}
        self._waiting: list[tuple[Future[Any], Callable[[], Any]]] = []
        self._runs = False
        self._alone = Lock()

    def ask(self, key: Hashable, find: Callable[[], Any]) -> Future[Any]:
        """Return what will be found for this key; it is looked for once, unless that failed unexpectedly."""
        with self._alone:
            known = self._known.get(key)
            if known is not None:
                return known
            asked: Future[Any] = Future()
            self._known[key] = asked
            self._forget()
            self._waiting.append((asked, find))
            if not self._runs:
                self._runs = True
                Thread(target=self._work, name="labelqa-background", daemon=True).start()
            return asked

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is left to find, for so long at most, and tell whether that is so: for tests."""
        return not wait(list(self._known.values()), timeout=seconds).not_done

    def _forget(self) -> None:
        """Drop the oldest answers above what is kept; what is still looked for stays."""
        for key in [k for k, f in self._known.items() if f.done()][: max(len(self._known) - KEPT, 0)]:
            del self._known[key]

    def _work(self) -> None:
        while True:
            with self._alone:
                if not self._waiting:
                    self._runs = False
                    return
                asked, find = self._waiting.pop()
            try:
                asked.set_result(find())
            except BaseException as error:  # told to whoever asked
                asked.set_exception(error)


@st.cache_resource(show_spinner=False)
def worker() -> Worker:
    """Return the worker of this server."""
    sys.setswitchinterval(TURN)
    return Worker()


def draw_when_found(asked: Future[Any], draw: Callable[[Any], None], looking: str) -> None:
    """Draw what was asked for; until it is found, say so, and look again every second without holding the page up.

    Parameters
    ----------
    asked : Future
        What :meth:`Worker.ask` returned.
    draw : callable
        Draws what was found.
    looking : str
        What the page says meanwhile, in words of its own.
    """
    wait([asked], timeout=AT_ONCE)
    if asked.done():
        draw(asked.result())
    else:
        _look(asked, looking)


def part(every: float | None = None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator for a part of a page that is drawn anew alone: when something in it changes, or by itself.

    Such a run is outside of what guards the page: what goes wrong in it is told here, without a traceback.

    Parameters
    ----------
    every : float, optional
        Seconds after which it is drawn anew by itself.
    """

    def made(draw: Callable[..., None]) -> Callable[..., None]:
        @st.fragment(run_every=every)
        @wraps(draw)
        def drawn(*facts: Any) -> None:  # noqa: ANN401  # whatever it draws
            guarded(lambda: draw(*facts))

        return drawn

    return made


@part(POLL)
def _look(asked: Future[Any], looking: str) -> None:
    if asked.done():
        st.rerun()
    st.caption(f":material/hourglass_top: {looking}")
