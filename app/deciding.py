"""What the pages of decisions share: the queue of a round, who has which item open, and the next one to settle."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa_app.shell import Here, guarded

AWAY = 300.0  # seconds after which nobody counts as sitting over an item
Pair = tuple[str, str]


class Items(Sequence[str]):
    """Items in their order, each with its place: there may be tens of thousands, and a page asks for few of them.

    Examples
    --------
    >>> items = Items(["t2", "t1"])
    >>> items[0], items.index("t1"), "t3" in items, len(items)
    ('t2', 1, False, 2)
    """

    def __init__(self, items: Iterable[str] = ()) -> None:
        self._places = {item: at for at, item in enumerate(items)}
        self._items = tuple(self._places)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._items)

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401  # a place, or a slice
        """Return the item at a place."""
        return self._items[at]

    def __contains__(self, item: object) -> bool:
        """Tell whether an item is one of them."""
        return item in self._places

    def index(self, item: str, *_: int) -> int:
        """Return the place of an item."""
        return self._places[item]


@dataclass(frozen=True, slots=True, eq=False)
class Contested:
    """The items of a round that people disagree on, worst first, with the classes that each was given."""

    round: int
    said: Mapping[str, tuple[str, ...]]
    pairs: Mapping[Pair, Items]
    every: Items

    def items(self, pair: Pair | None) -> Items:
        """Return the items of a pair, or all of them, worst first."""
        return self.every if pair is None else self.pairs.get(pair, Items())

    def pair_of(self, item: str) -> Pair | None:
        """Return the two classes that an item was given most often."""
        found = [name for name, _ in Counter(self.said[item]).most_common(2)]
        return in_order(found, self) if len(found) == 2 else None


def in_order(pair: list[str] | Pair, contested: Contested) -> Pair:
    """Return a pair in the order in which the project names its classes."""
    a, b = pair
    return (a, b) if (b, a) not in contested.pairs else (b, a)


def contested_items(here: Here, number: int | None = None) -> Contested | None:
    """Return the contested items of a closed round, by default the last; None while none is closed."""
    found = review.contested_labels(here.project, number, actor=here.actor)
    if found.round is None:
        return None
    return _read(here.project.store.place, here.project.id, found.round, len(found.labels), found)


@st.cache_resource(max_entries=16, show_spinner="Looking for the items that people disagree on …")
def _read(place: str, project: str, number: int, total: int, _found: review.ContestedLabels) -> Contested:  # noqa: ARG001
    pairs: dict[Pair, list[str]] = {}
    for item, labels in _found.labels.items():
        for a, b in combinations(dict.fromkeys(labels), 2):  # in the order of the project's classes
            pairs.setdefault((a, b), []).append(item)
    ranked = sorted(pairs, key=lambda p: -len(pairs[p]))
    return Contested(number, _found.labels, {pair: Items(pairs[pair]) for pair in ranked}, Items(_found.labels))


def entry_of(here: Here, contested: Contested, item: str) -> review.ContestedItem:
    """Return one item of the queue as it is now."""
    place = contested.every.index(item)
    queue = review.review_queue(here.project, contested.round, actor=here.actor, undecided=False, after=place, limit=1)
    return queue.entries[0]


def evidence_on(here: Here, number: int, pair: Pair) -> lq.ConfusionEvidence | None:
    """Return what is known about a pair of classes in a round; None where they never met on an item."""
    data = review.visible_annotations(here.project, "rules", actor=here.actor, round=number)
    return _evidence(here.project.store.place, here.project.id, number, len(data.items), pair, data, here)


@st.cache_resource(max_entries=64, show_spinner="Looking for what these items have in common …")
def _evidence(
    place: str, project: str, number: int, n: int, pair: Pair, _data: lq.Annotations, _here: Here  # noqa: ARG001
) -> lq.ConfusionEvidence | None:  # fmt: skip
    called = dict(zip(_here.project.classes, _data.schema.classes, strict=True))
    try:
        return lq.explain_confusion(_data, (called[pair[0]], called[pair[1]]))
    except lq.LabelqaError:  # they never met on an item
        return None


def text_of(payload: Mapping[str, object], longest: int = 220) -> str:
    """Return the longest field of an item in short, as what it is about."""
    found = max((str(v) for v in payload.values() if v is not None), key=len, default="")
    return found if len(found) <= longest else f"{found[:longest]}…"


def note_presence(here: Here, item: str) -> None:
    """Remember that somebody has this item open, so that others are offered another one."""
    open_items = _open_items()
    for known in [k for k, (_, since) in list(open_items.items()) if time.monotonic() - since > AWAY]:
        open_items.pop(known, None)
    mine = [k for k, (who, _) in list(open_items.items()) if who == here.actor and k[:2] == _where(here)]
    for known in mine:
        open_items.pop(known, None)
    if others_at(here, item) is None:
        open_items[*_where(here), item] = (here.actor, time.monotonic())


def others_at(here: Here, item: str) -> str | None:
    """Return who else has this item open now."""
    who, since = _open_items().get((*_where(here), item), (here.actor, 0.0))
    return who if who != here.actor and time.monotonic() - since <= AWAY else None


def _where(here: Here) -> tuple[str, str]:
    return here.project.store.place, here.project.id


@st.cache_resource(show_spinner=False)
def _open_items() -> dict[tuple[str, ...], tuple[str, float]]:
    return {}


def next_open(
    here: Here, items: Items, decided: Mapping[str, object], current: str | None, step: int = 1
) -> str | None:
    """Return the next item without a decision, around the end; one that nobody else has open where there is one."""
    if not items:
        return None
    start = items.index(current) + step if current is not None and current in items else 0
    around = (items[(start + step * at) % len(items)] for at in range(len(items)))
    first = None
    for item in around:
        if item in decided or item == current:
            continue
        if others_at(here, item) is None:
            return str(item)
        first = first or str(item)
    return first


def kept(action: Callable[[], Any], key: str) -> bool:
    """Run the action of a button; what goes wrong is kept for :func:`told_problem`. Tell whether it went well."""
    try:
        action()
    except Exception as error:
        st.session_state[key] = error
        return False
    return True


def told_problem(key: str) -> None:
    """Draw what went wrong in the action of a button."""
    problem = st.session_state.pop(key, None)
    if problem is not None:
        guarded(lambda: _raise(problem))


def _raise(problem: Exception) -> None:
    raise problem
