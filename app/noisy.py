"""Noisy labels: judged once for a round; decisions on items are the verdicts that the estimate counts from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa_app.measured import KEPT, Key
from labelqa_app.shell import Here

SAMPLE = 100  # labels of the fair sample that are offered at once
RIGHT, WRONG = "right label", "wrong label"  # as the library reads them, whatever classes are called
CONFIRMED, CORRECTED = "Noisy labels: the label is right", "Noisy labels: the label is wrong"  # notes of verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One label to judge.

    Attributes
    ----------
    item : str
        Its item.
    row : int
        Its place among all labels.
    given, suggested : str
        The label, and what the evidence speaks for.
    quality : float
        How probably the label is right.
    why : str
        Who says what.
    """

    item: str
    row: int
    given: str
    suggested: str
    quality: float
    why: str


def known(key: Key) -> lq.LabelIssues | None:
    """Return what was found on these labels since the server started, or None."""
    return _found().get(key)


def find(key: Key, data: lq.Annotations, progress: Callable[[int, int, str], None] | None = None) -> lq.LabelIssues:
    """Judge the labels by the annotators and by models of what is known of the items; keep the result."""
    features = data.item_data if data.item_data.shape[1] else None
    found = lq.find_label_issues(data, features=features, progress=progress)
    kept = _found()
    while len(kept) >= KEPT:
        kept.pop(next(iter(kept)), None)
    kept[key] = found
    return found


@st.cache_resource(show_spinner=False)
def _found() -> dict[Key, lq.LabelIssues]:
    return {}


def verdicts(
    issues: lq.LabelIssues, decided: Mapping[str, tuple[str, ...]], called: Mapping[object, str]
) -> dict[str, str]:
    """Return what decisions say of the labels: a label is right if it is among what was decided.

    Parameters
    ----------
    issues : LabelIssues
        The labels.
    decided : mapping of str to tuple of str
        The labels that are decided, by item.
    called : mapping
        Name in the project of each class.
    """
    rows = issues.items.get_indexer(pd.Index(list(decided), dtype=object))
    names = [called[c] for c in issues.schema.classes]
    judged = [(item, int(at)) for item, at in zip(decided, rows, strict=True) if at >= 0]
    return {item: RIGHT if names[int(issues.given[at])] in decided[item] else WRONG for item, at in judged}


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def estimate(key: Key, said: tuple[tuple[str, str], ...], _issues: lq.LabelIssues) -> lq.ErrorEstimate:
    """Return how many labels are wrong, as far as the verdicts tell."""
    del key
    return lq.estimate_label_errors(_issues, dict(said))


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _sample(key: Key, size: int, _issues: lq.LabelIssues) -> list[int]:
    del key
    return [int(r) for r in _issues.review_sample(size).rows]


def queue(key: Key, issues: lq.LabelIssues, said: Mapping[str, str], *, fair: bool) -> tuple[list[int], int]:
    """Return the rows to judge in their order, and how many of them are judged.

    Parameters
    ----------
    key : tuple
        What answers about these labels are kept by.
    issues : LabelIssues
        The labels.
    said : mapping of str to str
        Verdicts by item.
    fair : bool
        The random sample that the estimate counts from, a hundred at a time, instead of the most suspicious first.
    """
    if not fair:
        rows = issues.ranking[: int(issues.flagged.sum())].tolist()
        return rows, sum(str(issues.items[r]) in said for r in rows)
    size = SAMPLE
    while True:
        rows = _sample(key, min(size, len(issues)), issues)
        done = sum(str(issues.items[r]) in said for r in rows)
        if done < len(rows) or len(rows) == len(issues):
            return rows, done
        size += SAMPLE


def entry(issues: lq.LabelIssues, row: int, called: Mapping[object, str]) -> Entry:
    """Return one label with its evidence."""
    names = [called[c] for c in issues.schema.classes]
    return Entry(
        item=str(issues.items[row]),
        row=row,
        given=names[int(issues.given[row])],
        suggested=names[int(issues.suggested[row])],
        quality=float(issues.quality[row]),
        why=issues.evidence(row),
    )


def own_verdicts(here: Here) -> list[tuple[str, str]]:
    """Return item and id of the verdicts of this person that are in force, the last one last."""
    decided = review.decisions_in_force(here.project, actor=here.actor).values()
    mine = [d for d in decided if d.actor == here.actor and d.note in (CONFIRMED, CORRECTED)]
    return [(d.item, d.uuid) for d in sorted(mine, key=lambda d: d.seq)]
