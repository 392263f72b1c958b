"""The split of a slice's excess error into definition, noise, data and the rest, with bootstrap intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.diagnosis.slice_curves import Curves, curve_rows, fitted_drop
from labelqa.diagnosis.slice_rows import Floats, Ints, SliceRows
from labelqa.diagnosis.slice_votes import Votes

PARTS = ("definition", "noise", "data", "rest")
WRONG, SPLIT, DIFFERS, FLOOR, CURVE = 0, 1, 2, 3, 4  # columns of the means; three of the curve


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """Amounts of each slice, as seen or in one resample each.

    Attributes
    ----------
    error, rest_error : float (..., s)
        Error in the slice and outside.
    raw : float (..., s, 4)
        Definition, noise, data and rest; not below 0, not capped at the excess; nan where unknown.
    definition_low, definition_high : float (..., s)
        Ends of the ambiguity floor that the annotators' disagreement allows.
    exponent : float (..., s)
        Of the slice's learning curve.
    """

    error: Floats
    rest_error: Floats
    raw: Floats
    definition_low: Floats
    definition_high: Floats
    exponent: Floats

    @property
    def excess(self) -> Floats:
        """Error of the slice minus that of the rest (..., s)."""
        return np.asarray(self.error - self.rest_error)

    @property
    def capped(self) -> Floats:
        """Parts, none above the excess (..., s, 4)."""
        return np.asarray(np.minimum(self.raw, np.maximum(self.excess, 0.0)[..., None]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """Parts as seen, and in b resamples.

    Attributes
    ----------
    seen : Parts
        Amounts (s, ...).
    drawn : Parts
        Amounts (b, s, ...).
    size, audited : int64 (s,)
        Rows of each slice, and those of them with two labels by annotators.
    rest_audited : int64 (s,)
        Rows outside with two labels.
    """

    seen: Parts
    drawn: Parts
    size: Ints
    audited: Ints
    rest_audited: Ints


def split_error(
    rows: SliceRows, votes: Votes, curves: Curves | None, *, n_bootstrap: int, rng: np.random.Generator
) -> Split:
    """Split the excess error of each slice.

    Resamples draw groups of rows with replacement and repeats of the learning curve. In them each share gets a random
    half of a success and half of a failure (Gamma(1/2) weights: Jeffreys' prior), so that what a few rows do not
    show is not taken for impossible, and the ambiguity floor is anywhere between its two ends.
    """
    curve, known_curve = curve_rows(curves, rows.label.size)
    plain = np.column_stack([rows.wrong, votes.split, votes.differs, votes.floor])
    values = np.column_stack([np.nan_to_num(plain), curve])
    known = np.column_stack([~np.isnan(plain), known_curve]) & rows.known[:, None]
    masks = rows.masks.astype(np.float64)
    k = max(2, int((votes.counts.sum(axis=0) > 0).sum()))
    everything = np.ones(rows.label.size)
    seen = parts_of(*_means(masks, everything, values, known), k, np.array(0.5))
    n_groups = int(rows.groups.max()) + 1
    inside, outside = [], []
    for _ in range(n_bootstrap):
        weight = np.bincount(rng.integers(n_groups, size=n_groups), minlength=n_groups)[rows.groups]
        if curves is not None:
            values[:, CURVE:] = _drawn_curve(curves, rng)
        of_slice, of_rest = _means(masks, weight.astype(np.float64), values, known, rng)
        inside.append(of_slice)
        outside.append(of_rest)
    place = rng.random((n_bootstrap, len(masks)))
    drawn = parts_of(np.array(inside), np.array(outside), k, place)
    has_two = rows.known & ~np.isnan(votes.split)
    audited = (rows.masks & has_two).sum(axis=1)
    return Split(
        seen=seen,
        drawn=drawn,
        size=rows.masks.sum(axis=1),
        audited=audited,
        rest_audited=int(has_two.sum()) - audited,
    )


def _drawn_curve(curves: Curves, rng: np.random.Generator) -> Floats:
    repeats = curves.wrong.shape[0]
    weight = np.bincount(rng.integers(repeats, size=repeats), minlength=repeats) / repeats
    return np.asarray(np.nan_to_num(np.tensordot(weight, curves.wrong, axes=1)), dtype=np.float64)


def _means(
    masks: Floats,
    weight: Floats,
    values: Floats,
    known: npt.NDArray[np.bool_],
    rng: np.random.Generator | None = None,
) -> tuple[Floats, Floats]:
    """Return weighted means inside and outside each slice, float (s, 7) twice; nan where no row is known."""
    top, below = values * known * weight[:, None], known * weight[:, None]
    sums, sizes = masks @ top, masks @ below
    count = masks @ known
    both = []
    outside = top.sum(axis=0) - sums, below.sum(axis=0) - sizes, known.sum(axis=0) - count
    for total, size, some in ((sums, sizes, count > 0.5), (*outside[:2], outside[2] > 0.5)):
        more = np.zeros((2, *total.shape))
        if rng is not None:  # the three points of a curve are the same rows: they shift together
            more[..., : CURVE + 1] = rng.gamma(0.5, size=(2, total.shape[0], CURVE + 1))
            more[..., CURVE + 1 :] = more[..., CURVE : CURVE + 1]
        mean = (total + more[0]) / np.where(some, size + more.sum(axis=0), 1.0)
        both.append(np.where(some, mean, np.nan))
    return both[0], both[1]


def parts_of(inside: Floats, outside: Floats, k: int, place: Floats) -> Parts:
    """Return the parts from means inside and outside slices, float (..., s, 7).

    Parameters
    ----------
    inside, outside : float (..., s, 7)
        Means of error, split pairs, labels other than the stored one, vote-share floor, and the learning curve.
    k : int
        Classes that annotators use.
    place : float (..., s) or ()
        Where the ambiguity floor lies between its ends, 0 to 1.
    """
    excess = inside[..., WRONG] - outside[..., WRONG]
    rest = np.nan_to_num(outside[..., SPLIT])  # nobody looked outside: nothing to subtract, and the result says so
    ends = np.stack([lower_floor(inside[..., SPLIT], k) - lower_floor(rest, k), inside[..., SPLIT] - rest])
    low, high = np.maximum(ends.min(axis=0), 0), np.maximum(ends.max(axis=0), 0)
    votes = inside[..., FLOOR] - np.nan_to_num(outside[..., FLOOR])
    definition = np.where(np.isnan(votes), low + place * (high - low), np.clip(votes, low, high))
    low, high = (np.where(np.isnan(votes), end, definition) for end in (low, high))
    wrong_outside = np.nan_to_num(outside[..., DIFFERS]) - rest
    noise = np.maximum(inside[..., DIFFERS] - inside[..., SPLIT] - wrong_outside, 0)
    fit = fitted_drop(inside[..., CURVE:])
    data = np.where(np.isnan(inside[..., CURVE]), np.nan, fit.amount - fitted_drop(outside[..., CURVE:]).amount)
    known = np.stack([definition, noise, np.maximum(data, 0)], axis=-1)
    left = np.maximum(excess - np.nan_to_num(known).sum(axis=-1), 0)
    return Parts(
        error=inside[..., WRONG],
        rest_error=outside[..., WRONG],
        raw=np.concatenate([known, left[..., None]], axis=-1),
        definition_low=low,
        definition_high=high,
        exponent=fit.exponent,
    )


def lower_floor(disagreement: Floats, k: int) -> Floats:
    """Return the least error that labels must cause where two annotators disagree this often.

    The largest share m of an item's labels given the disagreement d is largest where the others share equally:
    d = 1 - m^2 - (1 - m)^2 / (k - 1); for two classes this is (1 - sqrt(1 - 2 d)) / 2. It is convex in d, so items that
    differ raise the floor; it is d at most.

    References
    ----------
    Cover, T. M. & Hart, P. E. (1967). Nearest neighbor pattern classification. IEEE Trans. Inf. Theory 13, eq. 43.

    Examples
    --------
    >>> lower_floor(np.array([0.0, 0.32, 0.5]), 2).round(3).tolist()
    [0.0, 0.2, 0.5]
    """
    d = np.minimum(disagreement, 1 - 1 / k)
    inner = np.maximum((k - 1) * (k * (1 - d) - 1), 0)
    return np.asarray(1 - (1 + np.sqrt(inner)) / k)
