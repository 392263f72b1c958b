"""Where do annotators disagree? The search for slices on the disagreement about each item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.readlog import COLUMNS_NOT_KEPT
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem
from labelqa.reliability.items import item_disagreement
from labelqa.slices.features import FeatureTable, encode_features
from labelqa.slices.find import find_slices
from labelqa.slices.restating import restating_columns
from labelqa.slices.result import SliceTable
from labelqa.slices.rowwise import in_order_of, index_of, is_numbered, same_names


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

    Columns that restate the labels (a consensus, an adjudicated label, a vote share) are left out, and named in
    ``left_out``: those whose values determine the disagreement, or are the majority label.

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

    References
    ----------
    Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. Psychol. Bull. 76, 378-382 (the share of
    agreeing label pairs of an item); for the search see :func:`find_slices`.

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
    if np.isnan(disagreement).all():
        step = "Read labels by two or more people; the same items must occur with both."
        raise ParameterError(Problem(what="no item has two labels", parameter="annotations", next_step=step))
    found = find_slices(
        _described(annotations, disagreement),
        disagreement,
        max_predicates=max_predicates,
        min_support=min_support,
        alpha=alpha,
        groups=_in_order(annotations, groups, "groups"),
        slices=_masks(annotations, slices) if isinstance(slices, Mapping) else slices,
        rng=rng,
    )
    return found.with_percent()


def _in_order(annotations: Annotations, values: object, name: str) -> object:
    """Return `values` in the order of the items: by name where it is a Series with names of its own."""
    if is_numbered(index_of(values)) and not same_names(annotations.items, pd.RangeIndex(annotations.n_items)):
        return values
    return in_order_of(annotations.items, values, name, "annotations.items")


def _masks(annotations: Annotations, slices: Mapping[str, object]) -> Mapping[str, object]:
    return {k: np.asarray(_in_order(annotations, m, f"slices[{k!r}]")) for k, m in slices.items()}


def _described(annotations: Annotations, disagreement: npt.NDArray[np.float64]) -> FeatureTable:
    """Return the coded item columns without those that restate the labels."""
    data = annotations.item_data
    restating = restating_columns(annotations, disagreement)
    kept = data.loc[:, [str(c) not in restating for c in data.columns]]
    if not kept.shape[1]:
        nothing = np.empty((len(data), 0), dtype=np.int32)
        return FeatureTable(codes=nothing, names=(), levels=(), left_out=(*restating.items(), *_varying(annotations)))
    table = encode_features(kept)
    return replace(table, left_out=(*restating.items(), *_varying(annotations), *table.left_out))


def _varying(annotations: Annotations) -> list[tuple[str, str]]:
    """Return columns that were not kept when labels were read, as they tell nothing of the item."""
    notes = [n for n in annotations.read_log.notes if n.startswith(COLUMNS_NOT_KEPT)]
    return [(n.removeprefix(COLUMNS_NOT_KEPT), "differs between the labels of an item") for n in notes]


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
