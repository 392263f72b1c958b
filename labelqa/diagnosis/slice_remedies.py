"""The entry point: why slices have more error than the rest, and what to do about each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from labelqa.ambiguity.confusions import class_confusions
from labelqa.annotations.table import Annotations
from labelqa.diagnosis.slice_curves import learning_curves
from labelqa.diagnosis.slice_decisions import checked_costs, cost_of, decide
from labelqa.diagnosis.slice_diagnosis import COLUMNS, SliceDiagnosis
from labelqa.diagnosis.slice_inputs import fitting_table
from labelqa.diagnosis.slice_parts import PARTS, Split, split_error
from labelqa.diagnosis.slice_rows import SliceRows, refuse, slice_rows
from labelqa.diagnosis.slice_votes import Votes, no_votes, votes_of
from labelqa.diagnosis.slice_words import reason_of
from labelqa.errors import check_kind, check_whole
from labelqa.inference.intervals import check_level
from labelqa.inference.randomness import random_generator
from labelqa.slices.result import SliceTable

Pair = tuple[object, object]
NO_PAIR: Pair = (None, None)
OTHER_ERROR = 0.05  # errors of the refitted model and of the predictions that differ by more are said so


def diagnose_slices(  # noqa: PLR0913  # what is known of rows, of labels and of the model, and how to judge it
    slices: SliceTable | Mapping[str, object],
    labels: Sequence[object] | pd.Series,
    predictions: Sequence[object] | pd.Series,
    *,
    annotations: Annotations | None = None,
    features: object = None,
    model: object = None,
    costs: Mapping[str, float] | None = None,
    groups: object = None,
    n_bootstrap: int = 200,
    confidence: float = 0.95,
    rng: int | np.random.Generator = 0,
) -> SliceDiagnosis:
    """Split of each slice's excess error into ambiguity floor, label noise, learning-curve drop and rest; its remedy.

    Everything is the slice's amount minus that of the rows outside it. The **definition** is unclear by what two
    annotators' disagreement d lets no model avoid: between (1 - sqrt(1 - 2d))/2 and d for two classes (with five labels
    an item: 1 minus the largest vote share, corrected for its bias, within these ends). Stored labels are wrong
    (**noise**) by how much more often they differ from an annotator than annotators differ from each other; on items
    that two annotators agree on that is the stored label they reject, less what an unclear definition explains. Too
    little **data**: b of the curve b f^-c + floor through the errors of `model` refitted on 25, 50 and 100 % of the
    training folds, five times. The **rest** is left to features and model. The part that is the largest in four of five
    resamples decides (of two that no audit can tell apart the first named here): clarify, relabel, collect,
    improve_model; otherwise audit_more, with how many.

    Parameters
    ----------
    slices : SliceTable or mapping of str to bool (n,)
        What :func:`find_slices` found, or your own masks.
    labels : sequence (n,)
        Stored labels; the index of a Series names the items.
    predictions : sequence (n,)
        Out-of-sample predictions, of cross-validation or on held-out rows. Series, masks and groups too, are matched to
        a Series of labels by the index, anything else by position.
    annotations : Annotations, optional
        Labels by two or more people on all or some items (a random sample, inside and outside the slices), matched by
        item name or, with n items, by position; best without the annotator whose labels are the stored ones.
    features : array or table (n, d), optional
        Inputs of `model`; columns of texts, categories and dates that it cannot take are encoded first.
    model : classifier, optional
        With fit and predict as in scikit-learn; a clone is fitted 75 times, warnings of it are not shown.
    costs : mapping of str to float, optional
        Of clarify (100 by default) and improve_model (1000) once, of relabel (1), collect (2) and audit_more (1) an
        item.
    groups : sequence (n,), optional
        Rows of one group are resampled, and kept in one fold, together.
    n_bootstrap : int
        Resamples.
    confidence : float
        Level of the intervals, and of the test whether the slice is worse than the rest at all.
    rng : int or numpy.random.Generator
        Of folds and resamples.

    Returns
    -------
    SliceDiagnosis
        One row a slice, in the order given.

    Raises
    ------
    ParameterError
        If lengths or indexes differ, items do not match rows, predictions are no classes, `model` cannot take
        `features`, only one of the two is given, or a parameter is out of range.
    LabelError
        If no prediction is one of the labels.
    RoundsError
        If annotations hold more than one round.

    References
    ----------
    Cover, T. M. & Hart, P. E. (1967). Nearest neighbor pattern classification. IEEE Trans. Inf. Theory 13, eq. 43.
    Cortes, C. et al. (1994). Learning curves: asymptotic values and rate of convergence. NIPS 6, eq. 1.
    Ng, A. (2018). Machine Learning Yearning, chapters 14-19 (gap times share).

    Examples
    --------
    >>> said = pd.DataFrame({"ann": ["x"] * 200, "ben": ["x"] * 200})
    >>> stored = ["y", "x", "x"] * 30 + ["x"] * 110  # a third of the labels of the first 90 rows are wrong
    >>> chat = np.arange(200) < 90
    >>> found = diagnose_slices({"chat": chat}, stored, ["x"] * 200, annotations=Annotations.from_wide(said))
    >>> found.to_frame()[["slice", "excess", "noise", "remedy"]].round(2).values.tolist()
    [['chat', 0.33, 0.33, 'relabel']]
    """
    check_level(confidence, "confidence")
    check_whole("n_bootstrap", n_bootstrap, 50, what="is too few resamples", usual="200")
    generator = random_generator(rng)
    prices = checked_costs(costs)
    if (features is None) != (model is None):
        refuse("model and features go together, and one is missing", "model", "Pass both, or neither.")
    rows = slice_rows(slices, labels, predictions, groups)
    votes = no_votes(rows)
    classes: tuple[object, ...] = ()
    if annotations is not None:
        check_kind("annotations", annotations, Annotations, allowed="Annotations", next_step="See read_annotations.")
        votes, classes = votes_of(annotations, rows), tuple(annotations.schema.classes)
    curves, of_model = None, list[str]()
    if model is not None:
        table, of_model = fitting_table(rows, features, model)
        curves = learning_curves(rows, table, model, generator)
    split = split_error(rows, votes, curves, n_bootstrap=int(n_bootstrap), rng=generator)
    frame = _frame(rows, split, confidence, prices, annotations, votes)
    refitted = math.nan if curves is None else float(np.nanmean(curves.wrong[..., -1]))
    return SliceDiagnosis(
        frame=frame,
        n_rows=int(rows.known.sum()),
        confidence=float(confidence),
        notes=(*rows.notes, *_notes(votes, refitted, float(np.nanmean(rows.wrong))), *of_model),
        _rows=rows,
        _votes=votes,
        _classes=classes,
    )


def _frame(
    rows: SliceRows,
    split: Split,
    confidence: float,
    prices: Mapping[str, float],
    annotations: Annotations | None,
    votes: Votes,
) -> pd.DataFrame:
    total = int(rows.known.sum())
    out = []
    for i, name in enumerate(rows.names):
        decision = decide(split, i, confidence)
        clarify = decision.remedy == "clarify" and annotations is not None
        pair = _unclear_pair(annotations, votes, rows, i) if clarify and annotations is not None else NO_PAIR
        size = int(split.size[i])
        amounts = _amounts(split, i, confidence)
        cost = cost_of(decision, size, prices)
        out.append(
            {
                "slice": name,
                "size": size,
                "share": size / total,
                **amounts,
                "n_audited": int(split.audited[i]),
                "remedy": decision.remedy,
                "part": decision.part,
                "sureness": decision.sureness,
                "n_more": decision.n_more,
                "gain": decision.gain,
                "cost": cost,
                "priority": decision.gain * size / total / cost if cost else 0.0,
                "class_a": pair[0],
                "class_b": pair[1],
                "n_new": decision.n_new,
                "reason": reason_of(
                    decision, amounts["error"], amounts["rest_error"], pair if pair[0] is not None else None
                ),
                "missing": "; ".join((*decision.missing, *([votes.note] if votes.note else []))),
            }
        )
    return pd.DataFrame(out, columns=list(COLUMNS))


def _amounts(split: Split, i: int, confidence: float) -> dict[str, float]:
    """Return the error, its parts and their intervals; of the definition both the ends and the resamples count."""
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    seen, drawn = split.seen, split.drawn
    excess = float(seen.excess[i])
    ends = np.quantile(drawn.excess[:, i], tails) if excess == excess else (math.nan, math.nan)
    told = {
        "error": float(seen.error[i]),
        "rest_error": float(seen.rest_error[i]),
        "excess": excess,
        "excess_low": float(ends[0]),
        "excess_high": float(ends[1]),
    }
    most = np.maximum(drawn.excess[:, i], 0.0)
    for at, part in enumerate(PARTS):
        amount = drawn.raw[:, i, at]
        low, high = (drawn.definition_low[:, i], drawn.definition_high[:, i]) if not at else (amount, amount)
        value = float(seen.capped[i, at])
        told[part] = value
        # resamples shift shares of 0 away from 0: an interval holds what was seen
        told[f"{part}_low"] = min(value, float(np.quantile(np.minimum(low, most), tails[0])))
        told[f"{part}_high"] = max(value, float(np.quantile(np.minimum(high, most), tails[1])))
    return told


def _unclear_pair(annotations: Annotations, votes: Votes, rows: SliceRows, i: int) -> Pair:
    """Return the two classes that split most label pairs of the slice's items."""
    item = votes.item[rows.masks[i]]
    inside = np.zeros(annotations.n_items, dtype=np.bool_)
    inside[item[item >= 0]] = True
    found = class_confusions(annotations.take(np.flatnonzero(inside[annotations.item]))).frame
    if not len(found):
        return NO_PAIR
    at = int(found["coincidences"].to_numpy(dtype=np.float64).argmax())
    return found["class_a"].iloc[at], found["class_b"].iloc[at]


def _notes(votes: Votes, refitted: float, error: float) -> tuple[str, ...]:
    told = [votes.note] if votes.note else []
    if abs(refitted - error) > OTHER_ERROR:
        told.append(
            f"model refitted has an error of {refitted:.1%}, predictions one of {error:.1%}: are they of this model?"
        )
    return tuple(told)
