"""The next action of a project as a command to type."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labelqa.review.standing import Facts, NextAction

DESIGN = "labelqa round design --annotators NAME,NAME"
REVISE = "labelqa guidelines export guideline.md, edit it, labelqa guidelines import guideline.md --reason WHY"
IN_APP = "labelqa review  (the app)"


def command_of(action: NextAction, facts: Facts) -> str:
    """Return what to type next."""
    number = facts.open_round
    last = facts.closed[-2:]
    commands = {
        "add_items": "labelqa project items pool.csv",
        "design_round": f"{DESIGN} {_strata(facts)}",
        "label": f"labelqa round export {number} FOLDER, then labelqa round import {number} FILE...",
        "close_round": f"labelqa round close {number}",
        "prove": f"labelqa round prove {' '.join(str(n) for n in last)}",
        "decide": f"decide on them in {IN_APP}",
        "revise": REVISE,
        "publish": f"read and publish it in {IN_APP}",
        "export_gold": "labelqa project gold FOLDER",
    }
    return commands.get(action.action, "labelqa project status")


def _strata(facts: Facts) -> str:
    return "--paired 40 --fresh 40 --control 30 --held-out 40" if facts.closed else "--fresh 100"
