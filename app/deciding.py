"""What the pages of decisions share: the queue of a round, who has which item open, and the next one to settle."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from itertools import chain, combinations, filterfalse, islice
from typing import Any, TypeVar

import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa_app import measured
from labelqa_app.measured import class_names, key_of
from labelqa_app.shell import Here, guarded

AWAY = 300.0  # seconds after which nobody counts as sitting over an item
Pair = tuple[str, str]
Value = TypeVar("Value")


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

    def around(self, item: str | None, step: int = 1) -> Iterator[str]:
        """Return all items from the one behind `item` (before it, if `step` is -1), around the end."""
        at = self._places.get(item, -1) if item is not None else -1
        if step > 0:
            return chain(islice(self._items, at + 1, None), islice(self._items, at + 1))
        at = max(at, 0)
        return chain(reversed(self._items[:at]), reversed(self._items[at:]))

    def among(self, found: Mapping[str, Value]) -> Mapping[str, Value]:
        """Return what of a mapping by items is about one of these."""
        return {item: found[item] for item in found.keys() & self._places.keys()}

    def index(self, item: str, *_: int) -> int:
        """Return the place of an item."""
        return self._places[item]


@dataclass(frozen=True, slots=True, eq=False)
class Contested:
    """The items of a round that people disagree on, worst first, with the classes that each was given.

    ``n_shared`` counts the items that two people or more labeled.
    """

    round: int
    said: Mapping[str, tuple[str, ...]]
    pairs: Mapping[Pair, Items]
    every: Items
    n_shared: int

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
    by_pair = {pair: Items(pairs[pair]) for pair in ranked}
    return Contested(number, _found.labels, by_pair, Items(_found.labels), _found.n_shared)


def undecided_elsewhere(here: Here, rounds: Iterable[int]) -> dict[int, int]:
    """Return how many contested items are undecided in each of these rounds that has some."""
    found = {}
    for number in rounds:
        with suppress(lq.LabelqaError):  # all of its items are held out
            found[number] = review.review_queue(here.project, number, actor=here.actor, limit=1).undecided
    return {number: n for number, n in found.items() if n}


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """What is decided of some items, counted once after each decision for all who look.

    ``by`` counts the decisions of each person, and ``last`` holds the last of each.
    """

    by: Counter[str]
    last: Mapping[str, review.DecisionRecord]


def settled(here: Here, contested: Contested, pair: Pair | None = None) -> Settled:
    """Return what is decided of the contested items of a round, or of a pair."""

    def count() -> Settled:
        done = contested.items(pair).among(review.decisions_in_force(here.project, actor=here.actor))
        ordered = sorted(done.values(), key=lambda d: d.seq)
        return Settled(Counter(d.actor for d in ordered), {d.actor: d for d in ordered})

    return here.project.until_stored(("app settled", contested.round, len(contested.every), pair), count)


def owner_of(here: Here) -> tuple[str, str, str]:
    """Return whose something is that a page keeps for somebody: the project and the person."""
    return here.project.store.place, here.project.id, here.actor


def entry_of(here: Here, contested: Contested, item: str) -> review.ContestedItem:
    """Return one item of the queue as it is now."""
    place = contested.every.index(item)
    queue = review.review_queue(here.project, contested.round, actor=here.actor, undecided=False, after=place, limit=1)
    return queue.entries[0]


def evidence_later(here: Here, number: int, pair: Pair) -> Future[lq.ConfusionEvidence]:
    """Return what is known about a pair of classes in a round, once it is found."""
    data = review.visible_annotations(here.project, "rules", actor=here.actor, round=number)
    values = {name: value for value, name in class_names(here.project).items()}
    return measured.evidence_later(key_of(here, number, data), (values[pair[0]], values[pair[1]]), data)


def evidence_on(here: Here, number: int, pair: Pair) -> lq.ConfusionEvidence | None:
    """Return what is known about a pair of classes in a round; None where they never met on an item."""
    asked = evidence_later(here, number, pair)
    with nullcontext() if asked.done() else st.spinner(measured.LOOKING):
        return None if isinstance(asked.exception(), lq.LabelqaError) else asked.result()


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
    first = None
    for item in filterfalse(decided.__contains__, items.around(current, step)):
        if item == current:
            continue
        if others_at(here, item) is None:
            return item
        first = first or item
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
