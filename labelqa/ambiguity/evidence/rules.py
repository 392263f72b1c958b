"""Rules on the data of the items ("channel = chat and length < 20") under which a pair splits more often.

One half of the items proposes: every combination of up to three conditions is counted and the few that split most
beyond what the rest does are kept, best first; a longer combination must beat what the best of so many would reach by
chance. The other half decides: exact tests on those few, Bonferroni-adjusted with more weight on the first. So its
figures are honest, however many combinations were looked at. Then the halves change places, and p values are doubled:
half of few disputed items may be an unlucky one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_complex_dtype, is_numeric_dtype

from labelqa.ambiguity.evidence.cues import LENGTH, Cue, lift_of
from labelqa.ambiguity.evidence.pair_items import PairItems
from labelqa.ambiguity.evidence.words import at_least
from labelqa.slices.columns import FEW_NUMBERS
from labelqa.slices.features import FeatureTable, encode_features
from labelqa.slices.lattice import Lattice, search

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
HALVES = 2
LEAST_ITEMS = 5  # of a rule in the half that proposes
LEAST_SPLIT = 8  # disputed items that are worth dividing into halves
MOST_LIMITS = 7  # of one column of numbers
MOST_CONDITIONS = 40  # limits of all columns of numbers together
MOST_COLUMNS = 16  # that are combined: those whose single conditions speak most
SAME_ITEMS = 0.5  # share of common items from which two rules are one
WEIGHTS = np.array([0.5, 0.25, 0.25])  # of the rules that a half proposes, in their order


def rule_cues(columns: pd.DataFrame, items: PairItems, rng: np.random.Generator) -> list[Cue]:
    """Return the rules that each half of the items proposes, judged by the other half.

    Parameters
    ----------
    columns : DataFrame (c rows)
        Data of the items of the pair.
    items : PairItems
        The c items.
    rng : Generator
        Draws the halves.
    """
    if not columns.shape[1] or items.n_split < LEAST_SPLIT or items.n_split == len(items):
        return []
    table = with_thresholds(columns)
    if not table.names:
        return []
    first = _half(items.is_split, rng)
    found = [c for half in (first, ~first) for c in _proposed(table, items.is_split, half)]
    return _without_twins(found)


def _proposed(table: FeatureTable, is_split: Truths, half: Truths) -> list[tuple[Cue, Truths]]:
    """Return the rules that `half` proposes, judged by the other half, with the items of each."""
    split = is_split.astype(np.float64)
    error = np.where(half, split, np.nan)
    table = _most_telling(table, search(table, error, max_predicates=1, min_size=LEAST_ITEMS), split[half])
    found = search(table, error, max_predicates=3, min_size=LEAST_ITEMS)
    masks = [_where(table, found, s) for s in _best(found, split[half])]
    cues = [_judged(mask, text, ~half, is_split) for mask, text in masks]
    adjusted = [
        replace(c, p_adjusted=min(HALVES * c.p_value / w, 1.0)) for c, w in zip(cues, WEIGHTS.tolist(), strict=False)
    ]
    return [(cue, mask) for cue, (mask, _) in zip(adjusted, masks, strict=True)]


def _without_twins(found: list[tuple[Cue, Truths]]) -> list[Cue]:
    """Return one of the rules that hold mostly the same items, the surest; then those that surely split most first."""
    chosen: list[tuple[Cue, Truths]] = []
    for cue, mask in sorted(found, key=lambda pair: pair[0].p_adjusted):
        if not any((mask & other).sum() > SAME_ITEMS * (mask | other).sum() for _, other in chosen):
            chosen.append((cue, mask))
    return sorted((cue for cue, _ in chosen), key=lambda c: -c.surely_splits)


def with_thresholds(columns: pd.DataFrame) -> FeatureTable:
    """Code the columns as conditions: numbers as being under a limit or not, everything else as its levels."""
    numbers = [c for c in columns if _has_limits(columns[c])]
    most = max(1, min(MOST_LIMITS, MOST_CONDITIONS // max(len(numbers), 1)))
    rest = columns.drop(columns=numbers).replace([np.inf, -np.inf], np.nan)  # as good as missing
    table = encode_features(rest) if rest.shape[1] else None
    codes = [] if table is None else list(table.codes.T)
    names, levels = ([], []) if table is None else (list(table.names), list(table.levels))
    for column in numbers:
        values = columns[column].to_numpy(dtype=np.float64, na_value=np.nan)
        for limit, text in _limits(values, most):
            codes.append(np.where(np.isfinite(values), values >= limit, -1).astype(np.int32))
            names.append(str(column))
            levels.append((f"{column} < {text}", f"{column} >= {text}"))
    return FeatureTable(
        codes=np.stack(codes, axis=1) if codes else np.empty((len(columns), 0), dtype=np.int32),
        names=tuple(names),
        levels=tuple(levels),
        left_out=() if table is None else table.left_out,
    )


def _has_limits(column: pd.Series) -> bool:
    return is_numeric_dtype(column) and not is_complex_dtype(column) and column.nunique() > FEW_NUMBERS


def _limits(values: Floats, most: int) -> list[tuple[float, str]]:
    """Return limits that divide the values evenly, in few digits, with their texts."""
    known = values[np.isfinite(values)]
    if known.size < 2:
        return []
    spread = float(known.max() / 2 - known.min() / 2)
    digits = 1 - int(np.floor(np.log10(max(spread, 1e-300))))
    digits = min(max(digits, -300), 300)
    quantiles = np.quantile(known, np.arange(1, most + 1) / (most + 1))
    rounded = sorted({round(float(q), digits) for q in quantiles})
    return [(v, f"{v:.{max(digits, 0)}f}") for v in rounded if known.min() < v <= known.max()]


def _half(is_split: Truths, rng: np.random.Generator) -> Truths:
    """Draw half of the disputed and half of the agreed items."""
    out = np.zeros(is_split.size, dtype=np.bool_)
    for rows in (np.flatnonzero(is_split), np.flatnonzero(~is_split)):
        out[rng.permutation(rows)[: (rows.size + 1) // 2]] = True
    return out


def _most_telling(table: FeatureTable, single: Lattice, split: Floats) -> FeatureTable:
    """Return the columns whose single conditions split most: combining all of many would take very long."""
    if len(table.names) <= MOST_COLUMNS:
        return table
    best = np.zeros(len(table.names))
    np.maximum.at(best, single.columns[:, 0], np.abs(_scores(single, split)))
    kept = np.sort(np.argsort(-best, kind="stable")[:MOST_COLUMNS]).tolist()
    return FeatureTable(
        codes=table.codes[:, kept],
        names=tuple(table.names[j] for j in kept),
        levels=tuple(table.levels[j] for j in kept),
    )


def _scores(found: Lattice, split: Floats) -> Floats:
    """Return how far each combination splits more than its size explains, in standard errors."""
    n, total = split.size, float(split.sum())
    size = found.size.astype(np.float64)
    expected = size * total / n
    variance = expected * (1 - total / n) * (n - size) / max(n - 1, 1)
    return np.where(variance > 0, (found.total - expected) / np.sqrt(np.where(variance > 0, variance, 1.0)), 0.0)


def _best(found: Lattice, split: Floats) -> list[int]:
    """Return the combinations that split most beyond the rest, no two of which hold mostly the same items."""
    score = _scores(found, split)
    tried = np.bincount(found.n_predicates, minlength=4)[found.n_predicates]
    beyond_luck = score - np.sqrt(2 * np.log(np.maximum(tried, 1)))  # what the best of as many would reach by chance
    chosen: list[int] = []
    kept: list[Truths] = []
    for s in np.argsort(-beyond_luck, kind="stable")[:200].tolist():
        mask = found.mask(s)
        alike = any((mask & other).sum() > SAME_ITEMS * (mask | other).sum() for other in kept)
        if score[s] > 0 and not alike and len(chosen) < WEIGHTS.size:
            chosen.append(s)
            kept.append(mask)
    return chosen


def _where(table: FeatureTable, found: Lattice, s: int) -> tuple[Truths, str]:
    """Return which of all items a combination holds, and its conditions in words."""
    mask = np.ones(len(table), dtype=np.bool_)
    texts = []
    for j, level in zip(found.columns[s].tolist(), found.levels[s].tolist(), strict=True):
        if j >= 0:
            mask &= table.codes[:, j] == level
            texts.append(table.levels[j][level])
    return mask, " and ".join(texts)


def _judged(mask: Truths, text: str, held_out: Truths, is_split: Truths) -> Cue:
    """Judge a rule by the held-out items."""
    inside, rest = mask & held_out, ~mask & held_out
    n_split, n_inside = int(is_split[inside].sum()), int(inside.sum())
    p_value = float(at_least(n_split, int(held_out.sum()), int(is_split[held_out].sum()), n_inside))
    rates = [float(is_split[rows].mean()) if rows.any() else 0.0 for rows in (inside, rest)]
    return Cue(
        kind="rule",
        cue=text,
        n_items=int(mask.sum()),
        n_split=int(is_split[mask].sum()),
        rest_items=int((~mask).sum()),
        rest_split=int(is_split[~mask].sum()),
        p_value=p_value,
        p_adjusted=p_value,
        held_out_lift=lift_of(*rates),
        held_out_n=n_inside,
    )


def rule_columns(data: pd.DataFrame, columns: Sequence[str] | None, texts: Sequence[object] | None) -> pd.DataFrame:
    """Return the columns that rules may speak of: those asked for, and the length of the text.

    Parameters
    ----------
    data : DataFrame (c rows)
        Data of the items.
    columns : sequence of str, optional
        Columns to use; by default all.
    texts : sequence (c,), optional
        Their texts.
    """
    out = data.loc[:, list(data.columns if columns is None else columns)].reset_index(drop=True)
    if texts is None:
        return out
    length = [len(str(t)) if isinstance(t, str) else np.nan for t in texts]
    name = LENGTH if LENGTH not in out else f"{LENGTH} (counted)"
    return out.assign(**{name: pd.Series(length, dtype=np.float64)})
