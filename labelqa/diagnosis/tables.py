"""The frames of a triage: items, labels, pairs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations
from labelqa.diagnosis.causes import FIRST_PAIR, Evidence, Floats
from labelqa.diagnosis.mixture import Mixture, Pairs
from labelqa.diagnosis.triage_result import ITEM_COLUMNS, LABEL_COLUMNS, PAIR_COLUMNS
from labelqa.diagnosis.votes import Ints, Votes
from labelqa.diagnosis.weighing import CAUSES, DEFINITION, Weighed
from labelqa.diagnosis.words import ACTIONS, Case, Given, class_name, reason, tally
from labelqa.errors import shorten
from labelqa.label_issues.given import class_values
from labelqa.label_issues.result import LabelIssues
from labelqa.text import shortened

NAME_LIMIT = 40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sorted:
    """Weighed items and the names of everything.

    Attributes
    ----------
    votes : Votes
        Labels of the x items that are sorted.
    error : float64 (r,)
        How often the person behind each label slips.
    weighed : Weighed
        Probabilities.
    items : object array (x,)
        Names of the items.
    classes : object array (k,)
        The classes.
    names, people : tuple of str
        Classes and annotators as text.
    pairs : tuple of (int, int)
        The kept pairs.
    frequency : float64 (number of kept pairs,)
        Share of all items in each pair.
    gains : dict of (int, int) to float
        Log-likelihood that each candidate pair added.
    suggested : int64 (x,)
        Class that a model finds most probable, -1 where it says nothing.
    quality : float64 (x,)
        How probably the judged label of the item is right, by the model; nan where it says nothing.
    top_share : float64 (x,)
        How probable the model finds the most frequent label.
    """

    votes: Votes
    error: Floats
    weighed: Weighed
    items: npt.NDArray[np.object_]
    classes: npt.NDArray[np.object_]
    names: tuple[str, ...]
    people: tuple[str, ...]
    pairs: Pairs
    frequency: Floats
    gains: dict[tuple[int, int], float]
    suggested: Ints
    quality: Floats
    top_share: Floats

    @classmethod
    def of(
        cls, annotations: Annotations, evidence: Evidence, mixture: Mixture, weighed: Weighed, items: Ints
    ) -> Sorted:
        """Take the weighed `items` (x,) of annotations."""
        x = items.size
        return cls(
            votes=evidence.votes,
            error=evidence.error,
            weighed=weighed,
            items=_objects(annotations.items.take(items)),
            classes=class_values(annotations.schema),
            names=tuple(class_name(name) for name in annotations.schema.names),
            people=tuple(shortened(name, NAME_LIMIT) for name in annotations.annotators),
            pairs=mixture.world.pairs,
            frequency=mixture.weights[FIRST_PAIR:],
            gains=mixture.gains,
            suggested=np.full(x, -1, dtype=np.int64),
            quality=np.full(x, math.nan),
            top_share=np.full(x, math.nan),
        )

    @classmethod
    def nothing(cls, annotations: Annotations) -> Sorted:
        """Return what is sorted where nothing is."""
        none = np.empty(0, dtype=np.int64)
        return cls(
            votes=Votes(item=none, annotator=none, label=none, k=annotations.schema.k),
            error=np.empty(0),
            weighed=Weighed(causes=np.empty((0, len(CAUSES))), pair=none, wrong=np.empty(0)),
            items=np.empty(0, dtype=object),
            classes=class_values(annotations.schema),
            names=annotations.schema.names,
            people=(),
            pairs=(),
            frequency=np.empty(0),
            gains={},
            suggested=none,
            quality=np.empty(0),
            top_share=np.empty(0),
        )

    def with_doubts(self, schema: LabelSchema, issues: LabelIssues | None, rows: Ints) -> Sorted:
        """Add what a model says: `rows` (x,) in `issues`, -1 where it says nothing."""
        if issues is None or issues.undefined_because is not None or not len(issues):
            return self
        known, at = rows >= 0, np.maximum(rows, 0)
        to = issues.schema.codes_in(schema)
        suggested = np.where(known, to[issues.suggested[at]], -1)
        theirs = np.zeros((rows.size, len(self.classes)))
        theirs[:, to[to >= 0]] = issues.probabilities[at][:, to >= 0]
        share = np.take_along_axis(theirs, self.votes.top[:, :1], axis=1)[:, 0]
        return replace(
            self,
            suggested=suggested.astype(np.int64),
            quality=np.where(known, issues.quality[at], math.nan),
            top_share=np.where(known, share, math.nan),
        )

    @property
    def cause(self) -> Ints:
        """The most probable cause of each item, int64 (x,)."""
        return np.asarray(self.weighed.causes.argmax(axis=1), dtype=np.int64)


def item_table(found: Sorted) -> pd.DataFrame:
    """Return one row an item, surest cause first."""
    causes, cause = found.weighed.causes, found.cause
    probability = causes.max(axis=1, initial=0.0)
    in_pair = np.where(cause == DEFINITION, found.weighed.pair, -1)
    given = _given(found)
    columns: dict[str, object] = {
        "item": found.items,
        "cause": _objects(CAUSES)[cause],
        "probability": probability,
        **{name: causes[:, at] for at, name in enumerate(CAUSES)},
        **{f"class_{side}": _pair_side(found, in_pair, at) for at, side in enumerate("ab")},
        "top_class": _top_class(found),
        "n_labels": found.votes.n_labels,
        "labels": _objects([tally(g) for g in given]),
        "reason": _objects([reason(case) for case in _cases(found, given)]),
        "action": _objects([ACTIONS[name] for name in CAUSES])[cause],
    }
    order = np.lexsort((-found.votes.n_labels, -probability.round(9)))
    return pd.DataFrame(columns, columns=list(ITEM_COLUMNS)).take(order).reset_index(drop=True)


def label_table(found: Sorted) -> pd.DataFrame:
    """Return one row an item and class that it was given, most probably wrong first."""
    votes = found.votes
    item, count = votes.entry_item, votes.entry_count
    of = votes.n_labels[item]
    lone = (votes.entry_people == 1) & (votes.n_people[item] > 1)
    wrong = found.weighed.wrong.copy()
    undisputed = votes.n_classes[item] == 1
    wrong[undisputed] *= (1 - found.quality[item])[undisputed]
    columns = {
        "item": found.items[item],
        "label": found.classes[votes.entry_class],
        "n_votes": count,
        "n_labels": of,
        "share": count / np.maximum(of, 1),
        "lone": lone,
        "slip_probability": wrong,
        "annotators": _objects([shorten(names) for names in _people(found)]),
    }
    order = np.lexsort((count / np.maximum(of, 1), ~lone, -wrong.round(9)))
    return pd.DataFrame(columns, columns=list(LABEL_COLUMNS)).take(order).reset_index(drop=True)


def pair_table(found: Sorted, candidates: Sequence[tuple[int, int]]) -> pd.DataFrame:
    """Return one row a pair that was taken for ambiguous, the one that most items lie in first."""
    place = {pair: at for at, pair in enumerate(found.pairs)}
    in_pair = found.weighed.pair[found.cause == DEFINITION]
    n_items = np.bincount(in_pair[in_pair >= 0], minlength=len(found.pairs))
    kept = [pair in place for pair in candidates]
    columns = {
        "class_a": found.classes[[a for a, _ in candidates]],
        "class_b": found.classes[[b for _, b in candidates]],
        "kept": np.array(kept, dtype=np.bool_),
        "share": np.array([float(found.frequency[place[pair]]) if pair in place else 0.0 for pair in candidates]),
        "n_items": np.array([n_items[place[p]] if p in place else 0 for p in candidates], dtype=np.int64),
        "gain": np.array([found.gains.get(pair, math.nan) for pair in candidates], dtype=np.float64),
    }
    frame = pd.DataFrame(columns, columns=list(PAIR_COLUMNS))
    return frame.sort_values(["kept", "n_items", "share"], ascending=False, kind="stable").reset_index(drop=True)


def _objects(values: Sequence[object] | pd.Index) -> npt.NDArray[np.object_]:
    out = np.empty(len(values), dtype=object)
    out[:] = list(values)
    return out


def _pair_side(found: Sorted, in_pair: Ints, side: int) -> npt.NDArray[np.object_]:
    names = _objects([*(found.classes[pair[side]] for pair in found.pairs), None])
    return np.asarray(names[in_pair])


def _top_class(found: Sorted) -> npt.NDArray[np.object_]:
    """Return the most frequent class of each item (x,), None where two are."""
    votes = found.votes
    if not votes.n:
        return np.empty(0, dtype=object)
    most = np.maximum.reduceat(votes.entry_count, np.searchsorted(votes.entry_item, np.arange(votes.n)))
    ties = np.bincount(votes.entry_item, weights=votes.entry_count == most[votes.entry_item], minlength=votes.n)
    out = found.classes[votes.top[:, 0]]
    out[ties > 1] = None
    return out


def _people(found: Sorted) -> list[tuple[str, ...]]:
    """Return who gave each entry, by name, everybody once."""
    votes = found.votes
    out: list[dict[str, None]] = [{} for _ in range(votes.entry_key.size)]
    for entry, person in zip(votes.entry_of_label.tolist(), votes.annotator.tolist(), strict=True):
        out[entry][found.people[person]] = None
    return [tuple(names) for names in out]


def _given(found: Sorted) -> list[tuple[Given, ...]]:
    """Return the classes that each item was given, most frequent first."""
    votes = found.votes
    people = _people(found)
    error = np.bincount(votes.entry_of_label, weights=found.error, minlength=votes.entry_key.size)
    rate = (error / np.maximum(votes.entry_count, 1)).tolist()
    order = np.lexsort((votes.entry_class, -votes.entry_count, votes.entry_item))
    out: list[list[Given]] = [[] for _ in range(votes.n)]
    columns = (order, votes.entry_item[order], votes.entry_class[order], votes.entry_count[order])
    for entry, item, code, n in zip(*(column.tolist() for column in columns), strict=True):
        out[item].append(Given(found.names[code], n, people[entry], rate[entry]))
    return [tuple(one) for one in out]


def _changed(found: Sorted) -> dict[int, list[str]]:
    """Return who gave different classes to an item, by item."""
    votes = found.votes
    first = votes.person_start
    last = np.append(first[1:], votes.item.size)[: first.size] - 1
    out: dict[int, list[str]] = {}
    for at in first[votes.label[first] != votes.label[last]].tolist():  # labels of a person are in order of classes
        out.setdefault(int(votes.item[at]), []).append(found.people[votes.annotator[at]])
    return out


def _cases(found: Sorted, given: Sequence[tuple[Given, ...]]) -> Iterator[Case]:
    votes, causes = found.votes, found.weighed.causes
    ranked = np.argsort(-causes, axis=1, kind="stable")
    changed = _changed(found)
    again = (votes.n_labels > votes.n_people).tolist()
    people, pair, suggested = votes.n_people.tolist(), found.weighed.pair.tolist(), found.suggested.tolist()
    for at, labels in enumerate(given):
        best, second = ranked[at, :2].tolist()
        kept = found.pairs[pair[at]] if pair[at] >= 0 else None
        yield Case(
            given=labels,
            n_people=people[at],
            repeated=again[at],
            changed=tuple(changed.get(at, ())),
            cause=CAUSES[best],
            probability=float(causes[at, best]),
            second=CAUSES[second],
            second_probability=float(causes[at, second]),
            pair=None if kept is None else (found.names[kept[0]], found.names[kept[1]]),
            frequency=0.0 if kept is None else float(found.frequency[pair[at]]),
            model=None if suggested[at] < 0 else (found.names[suggested[at]], float(found.top_share[at])),
        )
