"""The next action of a project as commands to type."""

from __future__ import annotations

import csv
import io
import shlex
from typing import TYPE_CHECKING

from labelqa.text import visible

if TYPE_CHECKING:
    from labelqa.review.standing import Facts, NextAction

IN_APP = "labelqa review  (the app)"


def commands_of(action: NextAction, facts: Facts) -> tuple[str, ...]:
    """Return what to type next, in order."""
    if action.action == "revise":
        return _revise(action, facts)
    number = facts.open_round
    commands: dict[str, tuple[str, ...]] = {
        "add_items": ("labelqa project items pool.csv",),
        "design_round": (f"labelqa round design --annotators NAME,NAME {_strata(facts)}",),
        "label": (f"labelqa round export {number} FOLDER", f"labelqa round import {number} FILE..."),
        "close_round": (f"labelqa round close {number}",),
        "prove": (f"labelqa round prove {' '.join(str(n) for n in facts.closed[-2:])}",),
        "decide": (IN_APP,),
        "publish": (IN_APP,),
        "export_gold": ("labelqa project gold FOLDER",),
    }
    return commands.get(action.action, (IN_APP,))


def _strata(facts: Facts) -> str:
    return "--paired 40 --fresh 40 --control 40 --held-out 40" if facts.closed else "--fresh 100"


def _revise(action: NextAction, facts: Facts) -> tuple[str, ...]:
    pair = "" if action.pair is None else f" --pair {typed_pair(action.pair)}"
    return (
        f"labelqa project labels seen.csv --round {facts.closed[-1]}",
        f"labelqa classes seen.csv{pair}",
        "labelqa guidelines export guideline.md",
        "labelqa guidelines import guideline.md --reason WHY  (when you have edited it)",
    )


def typed_pair(pair: tuple[str, str]) -> str:
    r"""Return two classes as one types them for ``--pair``.

    Examples
    --------
    >>> typed_pair(("bug", "other")), typed_pair(("a, b", "it's"))
    ('bug,other', '\'"a, b",it\'"\'"\'s\'')
    """
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([visible(name) for name in pair])
    return shlex.quote(line.getvalue())
