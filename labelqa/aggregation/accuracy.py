"""How often each annotator is right, judged by the consensus of the others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.aggregation.em import normalised
from labelqa.aggregation.labeltable import LabelTable
from labelqa.annotations.schema import LabelSchema
from labelqa.results import reason_as_object

Floats = npt.NDArray[np.float64]
FEW = 20  # labels under which an interval is a rough guide
COLUMNS = ("annotator", "n", "accuracy", "low", "high", "confuses", "reason")
NO_OTHERS = "nobody else labeled the same items"
FEW_LABELS = f"fewer than {FEW} labels: a rough guide"


def others_posterior(table: LabelTable, scores: Floats, log_confusion: Floats) -> Floats:
    """Return what the other labels of its item say for every label, float64 (r, k).

    Parameters
    ----------
    table : LabelTable
        The labels.
    scores : float64 (n, k)
        Log posterior of the items up to a constant.
    log_confusion : float64 (m, k, k)
        What each label added to it.
    """
    own = log_confusion[table.annotator, :, table.label]
    return normalised(scores[table.item] - own)


def annotator_frame(
    table: LabelTable, right: Floats, confusion: Floats, names: pd.Index, schema: LabelSchema
) -> pd.DataFrame:
    """Return accuracy, interval and main confusion of every annotator, least accurate first.

    Parameters
    ----------
    table : LabelTable
        The labels.
    right : float64 (r,)
        Probability that each label is right by what the others say; nan where there are no others.
    confusion : float64 (m, k, k)
        Confusions, for the class that is mistaken most.
    names : pandas.Index (m,)
        Annotators.
    schema : LabelSchema
        Classes.

    Notes
    -----
    The interval is the Beta posterior of the number of right labels under a uniform prior, widened by the uncertainty
    about which labels are right: the variance of a label is p(1-p) in itself.
    """
    from scipy.special import betaincinv

    known = ~np.isnan(right)
    n = np.bincount(table.annotator[known], minlength=table.m).astype(np.float64)
    hits = np.bincount(table.annotator[known], weights=right[known], minlength=table.m)
    accuracy = np.where(n > 0, hits / np.maximum(n, 1), np.nan)
    low, high = (betaincinv(hits + 1, np.maximum(n - hits, 0) + 1, q) for q in (0.025, 0.975))
    frame = pd.DataFrame(
        {
            "annotator": [str(name) for name in names],
            "n": np.bincount(table.annotator, minlength=table.m),
            "accuracy": accuracy,
            "low": np.where(n > 0, low, np.nan),
            "high": np.where(n > 0, high, np.nan),
            "confuses": _main_confusions(table, confusion, schema),
            "reason": [NO_OTHERS if c == 0 else FEW_LABELS if c < FEW else None for c in n],
        },
        columns=list(COLUMNS),
    )
    frame = reason_as_object(frame)
    return frame.sort_values(["accuracy", "n"], kind="stable", na_position="last").reset_index(drop=True)


def _main_confusions(table: LabelTable, confusion: Floats, schema: LabelSchema) -> list[str | None]:
    """Return the most frequent mistake of each annotator in words."""
    if table.k < 2:
        return [None] * table.m
    errors = confusion.copy()
    errors[:, np.arange(table.k), np.arange(table.k)] = 0.0
    flat = errors.reshape(table.m, -1)
    c, given = np.divmod(flat.argmax(axis=1), table.k)
    names = schema.names
    return [
        f"{names[a]} as {names[b]}" if flat[g].max() > 0 else None
        for g, (a, b) in enumerate(zip(c, given, strict=True))
    ]
