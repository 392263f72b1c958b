"""Where do annotators disagree? The search for slices on the disagreement about each item."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem
from labelqa.reliability.items import item_disagreement
from labelqa.slices.find import find_slices
from labelqa.slices.result import SliceTable


def disagreement_slices(
    annotations: Annotations,
    *,
    max_predicates: int = 3,
    min_support: float = 0.01,
    alpha: float = 0.05,
    groups: object = None,
    slices: Mapping[str, object] | None = None,
    rng: int | np.random.Generator = 0,
) -> SliceTable:
    """Slices of items with more disagreement than the rest, from 1 - sum_c c(c-1) / (r(r-1)) of each item.

    Parameters
    ----------
    annotations : Annotations
        Labels of one round, with item columns; items with a single label are left out of the comparison.
    max_predicates, min_support, alpha, groups, slices, rng
        As for :func:`find_slices`, one entry an item in the order of ``annotations.items``.

    Returns
    -------
    SliceTable
        One row a slice, by falling impact; masks are over ``annotations.items``.

    Raises
    ------
    ParameterError
        If there are no item columns, or no item has two labels.
    RoundsError
        If annotations hold more than one round.

    Examples
    --------
    >>> import pandas as pd
    >>> items = pd.Series(range(200))
    >>> ana = pd.DataFrame({"item": items, "who": "ana", "label": "x", "noise": ["car", "cafe"] * 100})
    >>> ben = ana.assign(who="ben", label=["x", "y", "x", "x"] * 50)
    >>> both = Annotations.from_frame(pd.concat([ana, ben]), item="item", annotator="who", label="label")
    >>> disagreement_slices(both).to_frame()["predicates"].tolist()
    ['noise = cafe']
    """
    disagreement = disagreement_of_items(annotations)
    if not annotations.item_data.shape[1]:
        raise ParameterError(
            Problem(
                what="the items have no columns to make slices of",
                parameter="annotations",
                next_step="Read them with further columns, or call find_slices with features of your own.",
            )
        )
    return find_slices(
        annotations.item_data,
        disagreement,
        max_predicates=max_predicates,
        min_support=min_support,
        alpha=alpha,
        groups=groups,
        slices=slices,
        rng=rng,
    )


def disagreement_of_items(annotations: Annotations) -> npt.NDArray[np.float64]:
    """Return the share of label pairs that split for each item (n,), nan for items with fewer than two labels.

    Raises
    ------
    RoundsError
        If annotations hold more than one round.
    """
    frame = item_disagreement(annotations).frame
    out = np.full(annotations.n_items, np.nan)
    out[annotations.items.get_indexer(pd.Index(frame["item"]))] = frame["disagreement"].to_numpy(dtype=float)
    return out
