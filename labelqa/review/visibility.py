"""The one place that decides which labels a page, report or export may see."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from labelqa.annotations.reshape import letters
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem, check_choice
from labelqa.review.lookup import CANCELLED, CLOSED, OPEN, held_out_items, released, repeats_of, rounds_of
from labelqa.review.project import Project
from labelqa.store.reader import Reader

_WHOLE = re.compile(r"[+-]?\d+")


@dataclass(frozen=True, slots=True)
class Sight:
    """What one purpose may see.

    Attributes
    ----------
    action : str
        What the actor must be allowed to do.
    held_out : bool
        Whether labels of held-out items are seen.
    running : bool
        Whether labels of open rounds are seen; those of cancelled rounds never are.
    nameless : bool
        Whether items and annotators are without their names and data, so that only statistics can be made of them.
    """

    action: str
    held_out: bool = False
    running: bool = False
    nameless: bool = False


#: ``rules`` for whatever people look at who write rules or decide on items (evidence, reports, queues, the app);
#: ``proof`` for statistics only, never shown item by item; ``gold`` for what leaves the project.
PURPOSES: Mapping[str, Sight] = MappingProxyType(
    {
        "rules": Sight("read_results"),
        "proof": Sight("read_results", held_out=True, running=True, nameless=True),
        "gold": Sight("export_gold"),
    }
)


def visible_annotations(project: Project, purpose: str, *, actor: str, round: int | None = None) -> Annotations:
    """Return the labels that may be seen for a purpose, with what is known of their items.

    Parameters
    ----------
    project : Project
        Whose labels.
    purpose : {"rules", "proof", "gold"}
        ``rules`` sees closed rounds without held-out items; ``gold`` the same, for what leaves the project; both see
        all once these are released (:func:`labelqa.review.gold.release_held_out`). ``proof`` sees everything that was
        not cancelled, for statistics: items and annotators have made-up names, and nothing is known of items.
    actor : str
        Who looks.
    round : int, optional
        Only this round.

    Returns
    -------
    Annotations
        With rounds "1", "2", ..., without hidden repeats, of the labels in force (corrected ones left out).

    Raises
    ------
    NotAllowedError
        If the actor may not.
    ParameterError
        If there are no such labels (yet).

    Examples
    --------
    >>> import labelqa as lq
    >>> from labelqa.review.projects import create_project
    >>> frame = pd.DataFrame({"item": list("abcde"), "ann": ["bug"] * 5, "ben": ["bug", "wish"] * 2 + ["bug"]})
    >>> labels = lq.Annotations.from_wide(frame, item="item")
    >>> with create_project("memory:", "tickets", actor="lea", annotations=labels) as project:
    ...     len(visible_annotations(project, "rules", actor="lea").items)  # one of five is held out
    4
    """
    check_choice("purpose", purpose, tuple(PURPOSES))
    sight = PURPOSES[purpose]
    with project.reading(actor, sight.action) as reader:
        if sight.nameless:
            frame, _ = seen_frame(reader, project, purpose, round)
            found = None if frame.empty else annotations_of(reader, project, _nameless(project, frame), data=False)
        else:
            found, _ = seen_annotations(reader, project, round)
        if found is None:
            raise ParameterError(_nothing(reader, project, purpose, round))
        return found


def seen_annotations(
    reader: Reader, project: Project, round: int | None, *, data: bool = True
) -> tuple[Annotations | None, int]:
    """Return what people see who write rules, and how many items they do not; kept, as closed rounds do not change.

    Without `data`, times and the data of items are left out.
    """
    closed = tuple(r.number for r in rounds_of(reader, project, CLOSED) if round in (None, r.number))

    def find() -> tuple[Annotations | None, int]:
        frame, hidden = seen_frame(reader, project, "rules", round)
        return (None if frame.empty else annotations_of(reader, project, frame, data=data)), hidden

    return project.once(("seen", data, round, closed, released(reader, project)), find)


def seen_frame(reader: Reader, project: Project, purpose: str, round: int | None = None) -> tuple[pd.DataFrame, int]:
    """Return the labels that a purpose may see, and how many items it may not see."""
    sight = PURPOSES[purpose]
    states = (OPEN, CLOSED) if sight.running else (CLOSED,)
    rounds = [r.number for r in rounds_of(reader, project, *states)]
    frame = reader.labels_frame(project.id, round=round)
    frame = frame[frame["round"].isin(rounds) & ~frame["assignment"].isin(repeats_of(reader, project, round))]
    if sight.held_out:
        return frame, 0
    hidden = frame["item"].isin(held_out_items(reader, project))
    return frame[~hidden], int(frame.loc[hidden, "item"].nunique())


def annotations_of(reader: Reader, project: Project, frame: pd.DataFrame, *, data: bool = True) -> Annotations:
    """Return labels of a frame as annotations, with times and the data of their items unless these are not wanted."""
    table = frame[["item", "annotator", "label", "round"]].reset_index(drop=True)
    values = class_values(project)
    table["label"] = table["label"].map(dict(zip(project.classes, values, strict=True)))
    table["round"] = table["round"].astype(str)
    if frame["seconds"].notna().any():
        table["seconds"] = frame["seconds"].to_numpy()
    timed = False
    if data:
        times = _times(reader, project, frame)
        timed = bool(times.notna().any())
        table = _with_item_data(reader, project, table.assign(timestamp=times.to_numpy()) if timed else table)
    return Annotations.from_frame(
        table,
        item="item",
        annotator="annotator",
        label="label",
        round="round",
        timestamp="timestamp" if timed else None,
        duration="seconds" if "seconds" in table.columns else None,
        classes=values,
        level=project.level,
    )


def _times(reader: Reader, project: Project, frame: pd.DataFrame) -> pd.Series:
    """Return when each label was given, missing where only the time of its storing is known.

    Labels that came with the project have no time of their own if it is not before that of their round. Those of a
    designed round are stored one by one when they are given, or all at once from a file that names no times.
    """
    given, number = frame["created_utc"], frame["round"]
    begun = number.map({r.number: r.created_utc for r in rounds_of(reader, project)})
    single = ~frame.duplicated(["round", "annotator", "created_utc"], keep=False)
    known = (given < begun).where(frame["assignment"].isna(), single)
    return pd.to_datetime(given.where(known), utc=True, format="ISO8601").dt.tz_localize(None)


def payloads_of(reader: Reader, project: Project, items: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return what is known of items, by their position."""
    wanted = set(items)
    is_most = 2 * len(wanted) > reader.count_items(project.id)  # then all of them are read sooner than those
    found = reader.items(project.id, None if is_most else wanted)
    return {r.item: dict(r.payload) for r in found if r.item in wanted}


def class_values(project: Project) -> tuple[Hashable, ...]:
    """Return the classes as annotations hold them: numbers, where the level is numeric."""
    if not project.is_numeric:
        return project.classes
    whole = all(_WHOLE.fullmatch(c) for c in project.classes)
    return tuple(int(c) if whole else float(c) for c in project.classes)


def hidden_name(project: Project, *what: str) -> str:
    """Return a name that tells nothing, the same one for the same thing.

    Examples
    --------
    >>> from labelqa.review.projects import create_project
    >>> with create_project("memory:", "tickets", actor="lea", classes=["bug", "wish"]) as project:
    ...     hidden_name(project, "t1") == hidden_name(project, "t1") != hidden_name(project, "t2")
    True
    """
    text = "\0".join((project.id, *what))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _nameless(project: Project, frame: pd.DataFrame) -> pd.DataFrame:
    items = {i: hidden_name(project, "item", i) for i in frame["item"].unique()}
    people = sorted(frame["annotator"].unique(), key=lambda a: hidden_name(project, "annotator", a))
    called = dict(zip(people, letters([f"{at:06}" for at in range(len(people))]), strict=True))
    frame = frame.assign(item=frame["item"].map(items), annotator=frame["annotator"].map(called))
    return frame.sort_values(["round", "item", "annotator"], ignore_index=True)


def _with_item_data(reader: Reader, project: Project, table: pd.DataFrame) -> pd.DataFrame:
    data = pd.DataFrame.from_dict(payloads_of(reader, project, table["item"].unique()), orient="index")
    taken = set(table.columns) | set(data.columns)
    names = {}
    for column in data.columns.intersection(table.columns):
        names[column] = f"{column} (item)"
        while names[column] in taken:
            names[column] += " (item)"
        taken.add(names[column])
    return table.join(data.rename(columns=names), on="item") if len(data.columns) else table


def _nothing(reader: Reader, project: Project, purpose: str, round: int | None) -> Problem:
    states = {r.number: r.state for r in rounds_of(reader, project)}
    if round is not None and states.get(round, CANCELLED) == CANCELLED:
        what = f"round {round} was cancelled" if round in states else f"there is no round {round!r}"
        known = tuple(str(number) for number, state in states.items() if state != CANCELLED)
        return Problem(what=what, parameter="round", value=round, allowed=known)
    where = "in any round" if round is None else f"in round {round}"
    step = "Labels are seen when their round is closed: close_round, or labelqa round close."
    return Problem(what=f"there are no labels to see {where}", parameter="purpose", value=purpose, next_step=step)
