"""What is decided now, from a log of decisions that is only ever appended to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from labelqa.store.records import DecisionRecord

DECIDE, UNDO = "decide", "undo"
Stack = tuple[DecisionRecord, ...]
CAUSES = {
    "slip": "a slip: the instruction is clear, somebody mislabeled",
    "guideline_gap": "the instruction does not say",
    "overlapping_definitions": "the definitions of two classes overlap",
    "ambiguous_item": "the item itself can be read in two ways",
    "wrong_schema": "no class fits, or a class is missing",
    "genuine_disagreement": "people rightly see it differently",
    "confirmed": "nothing was wrong: a second look confirmed the label",
}
UNCLEAR = ("guideline_gap", "overlapping_definitions", "wrong_schema")  # causes that a better instruction removes


def current_decisions(log: Iterable[DecisionRecord]) -> dict[str, DecisionRecord]:
    """Return the decision in force on each item that has one.

    A decision is in force until another supersedes it or it is undone; undoing one brings back what it superseded.

    Parameters
    ----------
    log : iterable of DecisionRecord
        Decisions and undoings in the order of storing.

    Examples
    --------
    >>> first = DecisionRecord(project_id="p", uuid="1", item="t", labels=("bug",), actor="ana")
    >>> second = DecisionRecord(project_id="p", uuid="2", item="t", labels=("wish",), actor="bo", supersedes="1")
    >>> undo = DecisionRecord(project_id="p", uuid="3", item="t", kind="undo", actor="bo", supersedes="2")
    >>> [current_decisions(log)["t"].labels for log in ([first], [first, second], [first, second, undo])]
    [('bug',), ('wish',), ('bug',)]
    """
    return tops(stacked({}, log))


def stacked(stacks: Mapping[str, Stack], log: Iterable[DecisionRecord]) -> dict[str, Stack]:
    """Return the decisions on each item that are not undone, oldest first, after more of the log."""
    out = dict(stacks)
    for record in log:
        stack = out.get(record.item, ())
        if record.kind == UNDO:
            out[record.item] = tuple(d for d in stack if d.uuid != record.supersedes)
        else:
            out[record.item] = (*stack, record)
    return out


def tops(stacks: Mapping[str, Stack]) -> dict[str, DecisionRecord]:
    """Return the decision in force on each item that has one."""
    return {item: stack[-1] for item, stack in stacks.items() if stack}
