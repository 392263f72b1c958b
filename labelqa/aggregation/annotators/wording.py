"""What a table of annotators says, in words."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd

from labelqa.aggregation.accuracy import TWO_ONLY
from labelqa.aggregation.names import quoted
from labelqa.results import as_percent
from labelqa.text import counted

ALPHA = 0.05
FEW_REPEATED = 10
CONSISTENT = 0.8
LOOK = 10  # judged labels from which on a dissent is worth a sentence
APART = 0.05  # difference to the middle annotator's share of dissents from which on it is


def marks(frame: pd.DataFrame) -> list[str]:
    """Return one short line for everything that stands out."""
    out = []
    below = frame.loc[frame["below_chance"], "annotator"]
    if len(below):
        out.append(f"worse than chance: {quoted(below, 4)}")
    drifted = frame.loc[frame["drift_p"] <= ALPHA, "annotator"]
    if len(drifted):
        out.append(f"changed over time: {quoted(drifted, 4)}")
    if frame["school"].notna().any():
        out.append("annotators fall into two groups that read the definition differently: .schools")
    return out


def sentences(frame: pd.DataFrame, confidence: float) -> list[str]:
    """Return what the table says, a sentence or two each."""
    return [*accuracy(frame, confidence), *_below(frame), *habits(frame)]


def habits(frame: pd.DataFrame) -> list[str]:
    """Return what the table says of how people work: changes over time, dissents, items labeled again."""
    return [*_drift(frame), *_lone(frame), *_consistency(frame)]


def accuracy(frame: pd.DataFrame, confidence: float) -> list[str]:
    """Return who is right least often, or why nobody can say."""
    known = frame.dropna(subset=["accuracy"])
    if not len(known):
        reasons = frame["reason"].dropna()
        why = f": {reasons.iloc[0]}" if len(reasons) else ""
        return [f"How often annotators are right cannot be said{why}."]
    row = known.iloc[0]
    if row["reason"] == TWO_ONLY:
        share = as_percent(float(known["accuracy"].mean()))
        return [
            f"The two annotators are right in about {share} of labels on average, as far as their agreement tells: "
            "where they differ, labels do not tell who is right."
        ]
    spread = f"with {as_percent(confidence)} confidence between {as_percent(row['low'])} and {as_percent(row['high'])}"
    text = f"{_name(row)} is right least often: in about {as_percent(row['accuracy'])} of labels, {spread}"
    others = known.iloc[1:]
    if not len(others):
        return [f"{text}."]
    overlap = row["high"] >= float(np.median(others["low"]))
    remark = "too wide to rank people by" if overlap else "clearly under most others"
    return [f"{text}; that is {remark}. The truth is not known: the others' labels stand in for it."]


def _name(row: Mapping[Hashable, object] | pd.Series) -> str:
    return f"Annotator {quoted([row['annotator']])}"


def _below(frame: pd.DataFrame) -> list[str]:
    rows = frame.loc[frame["below_chance"]]
    return [
        f"{_name(row)} is right less often than guessing would be: the labels may be swapped or the instruction "
        "misread. They still inform the consensus, which reads them the other way round."
        for row in rows.to_dict("records")
    ]


def _drift(frame: pd.DataFrame) -> list[str]:
    rows = frame.loc[frame["drift_p"] <= ALPHA]
    return [
        f"{_name(row)} labels otherwise since {row['drift_since']}: from then on about "
        f"{as_percent(row['drift_after'])} of the labels fit those of the others, before it was "
        f"{as_percent(row['drift_before'])}."
        for row in rows.to_dict("records")
    ]


def _lone(frame: pd.DataFrame) -> list[str]:
    known = frame.loc[(frame["n_with_others"] >= LOOK) & frame["lone_dissent"].notna()]
    if len(known) < 2:
        return []
    row = known.sort_values("lone_dissent", ascending=False, kind="stable").iloc[0]
    middle = float(known["lone_dissent"].median())
    if row["lone_dissent_low"] <= middle or row["lone_dissent"] - middle < APART:
        return []
    return [
        f"{_name(row)} stands alone against all others in {as_percent(row['lone_dissent'])} of labels; the middle "
        f"annotator does in {as_percent(middle)}."
    ]


def _consistency(frame: pd.DataFrame) -> list[str]:
    rows = frame.loc[(frame["n_repeated"] >= FEW_REPEATED) & (frame["self_consistency"] < CONSISTENT)]
    return [
        f"{_name(row)} gave the same label again on {as_percent(row['self_consistency'])} of "
        f"{counted(row['n_repeated'], 'item')} of the round before: either the instruction changed, or the task is a "
        "guess."
        for row in rows.head(3).to_dict("records")
    ]
