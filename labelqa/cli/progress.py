"""A progress bar on stderr, where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

AGAIN = 0.5  # a share that falls by more than this belongs to the next step


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[float], None] | None]:
    """Show the share that is done, step by step; yields None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield Steps(bar, bar.add_task(what, total=1.0), what)


class Steps:
    """The share done of a work of several steps, each of which starts at zero again."""

    def __init__(self, bar: Progress, task: TaskID, what: str) -> None:
        self._bar, self._task, self._what = bar, task, what
        self._last, self._step = 0.0, 1

    def __call__(self, share: float) -> None:
        """Show `share` of the step under way; a share that falls starts the next step."""
        if share < self._last - AGAIN:
            self._step += 1
        self._last = share
        name = self._what if self._step == 1 else f"{self._what}, step {self._step}"
        self._bar.update(self._task, completed=share, description=name)
