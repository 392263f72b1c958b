"""Agreement of rankings: Kendall's W, mean tau-b and mean Spearman, with ties and gaps."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.annotations.structured import StructuredAnnotations
from labelqa.reliability.distance import words
from labelqa.reliability.distance.figures import Figure, FigureResult, figure
from labelqa.reliability.distance.inputs import Values, as_structured
from labelqa.reliability.distance.orders import mid_ranks, mid_ranks_of, spearman, tau_b
from labelqa.reliability.distance.pairing import Together
from labelqa.reliability.distance.ratios import PairRatios

Floats = npt.NDArray[np.float64]
Ranks = Mapping[Hashable, float]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class RankingAgreement(FigureResult):
    """Agreement of rankings.

    Attributes
    ----------
    concordance : float
        Kendall's W corrected for ties, 0 to 1; the mean over items.
    chi_square : float
        Sum over items of m (u - 1) W for m annotators and u objects.
    degrees : int
        Its degrees of freedom, the sum of u - 1.
    p_value : float
        Probability of such a chi-square if annotators ranked at random (an approximation: with 7 objects or fewer in
        all it is rough).
    tau : float
        Kendall's tau-b; per pair of annotators the mean over their items, then the mean over pairs.
    spearman : float
        Spearman's rho, averaged the same way.
    n_items, n_annotators, n_annotations, n_single : int
        Items with a ranking, annotators, rankings, items with one ranking only.
    n_items_complete : int
        Items that W rests on.
    n_objects_left_out : int
        Objects, summed over items, that not all annotators of the item ranked: W leaves them out.
    undefined_because : str or None
        Why the main figure is nan.
    """

    concordance: float
    chi_square: float
    degrees: int
    p_value: float
    tau: float
    spearman: float
    n_items_complete: int
    n_objects_left_out: int

    def summary(self) -> list[str]:
        """Return the main figures and the next step."""
        size = f"  {self.n_annotations:,} rankings of {self.n_items:,} items by {self.n_annotators:,} annotators"
        gaps = f", {self.n_objects_left_out:,} objects left out of W" if self.n_objects_left_out else ""
        if self.undefined_because:
            return [f"Kendall's W: undefined ({self.undefined_because})", size + gaps, "  next: .to_frame()"]
        return [
            f"Kendall's W: {self.headline('concordance')}",
            f"  chi-square {self.chi_square:.2f} on {self.degrees:,} degrees of freedom, p {self.p_value:.2g}",
            f"  mean tau-b {self.shown('tau')}, mean Spearman {self.shown('spearman')}",
            size + gaps,
            "  next: .to_frame(), .plot()",
        ]


def ranking_agreement(values: Values) -> RankingAgreement:
    """Agreement of rankings: Kendall's coefficient of concordance W, mean tau-b and mean Spearman correlation.

    Parameters
    ----------
    values : StructuredAnnotations of kind "rankings", frame or triple
        Who ranked which objects in which item (a question, a prompt; with one common list of objects a single item).

    Returns
    -------
    RankingAgreement
        The coefficients with bootstrap intervals over items, and the chi-square test of W.

    Raises
    ------
    ParameterError
        If the values are not rankings.
    LabelError
        If a value is not a ranking.

    Notes
    -----
    Incomplete rankings: W compares the objects that every annotator of the item ranked, ranked anew among themselves;
    the others are left out and counted. Tau-b and Spearman use, for each pair of annotators, the objects that both
    ranked. Nothing is assumed about objects somebody did not rank. Rankings that tie all objects have no tau-b.

    References
    ----------
    Kendall, M. G. & Babington Smith, B. (1939). The problem of m rankings. Ann. Math. Stat. 10(3), 275-287. Kendall,
    M. G. (1945). The treatment of ties in ranking problems. Biometrika 33(3), 239-251. Siegel, S. & Castellan, N. J.
    (1988). Nonparametric Statistics, 2nd ed., eq. 9.15-9.17.

    Examples
    --------
    >>> rows = [("cake", "ann", ["plum", "apple", "nut"]), ("cake", "ben", ["plum", "nut", "apple"])]
    >>> result = ranking_agreement(StructuredAnnotations.from_records(rows, kind="rankings"))
    >>> round(result.concordance, 3), round(result.tau, 3)
    (0.75, 0.333)
    """
    data = as_structured(values, "rankings")
    together = Together.of(data)
    ranks = {row: mid_ranks(_ranking(data, row)) for rows in together.rows for row in rows}
    complete = [_complete([ranks[row] for row in rows]) for rows in together.rows]
    concordance, chi_square, degrees = _concordance([ranks for ranks, _ in complete])
    figures = {"concordance": _mean_figure(concordance, together.impossible() or _why(complete))}
    figures |= _pair_figures(ranks, together)
    return RankingAgreement(
        concordance=figures["concordance"].value,
        chi_square=chi_square,
        degrees=degrees,
        p_value=_chi_square_tail(chi_square, degrees),
        tau=figures["tau"].value,
        spearman=figures["spearman"].value,
        n_items=together.n_items,
        n_annotators=together.n_annotators,
        n_annotations=len(data),
        n_single=together.n_single,
        n_items_complete=int((~np.isnan(concordance)).sum()),
        n_objects_left_out=sum(left_out for _, left_out in complete),
        undefined_because=figures["concordance"].undefined_because,
        _figures=figures,
    )


def kendall_w(ranks: Floats) -> float:
    """Return Kendall's W of mid-ranks (m, u), corrected for ties; nan where everybody ties everything.

    W = 12 S / (m^2 (u^3 - u) - m sum T) with S the squared deviations of rank sums and T = t^3 - t per group of ties.
    """
    m, u = ranks.shape
    sums = ranks.sum(axis=0)
    spread = float(((sums - sums.mean()) ** 2).sum())
    ties = 0
    for row in ranks:
        times = np.unique(row, return_counts=True)[1].astype(np.int64)
        ties += int((times**3 - times).sum())
    room = m * m * (u**3 - u) - m * ties
    return 12 * spread / room if room > 0 else math.nan


def _ranking(data: StructuredAnnotations, row: int) -> Sequence[Hashable]:
    return data.values[row]  # type: ignore[return-value]  # kind "rankings" holds tuples


def _complete(rankings: Sequence[Ranks]) -> tuple[Floats, int]:
    """Return the mid-ranks (m, u) of the objects all rankings hold, and how many objects that leaves out."""
    common = [o for o in rankings[0] if all(o in ranks for ranks in rankings)]
    matrix = np.array([[ranks[o] for o in common] for ranks in rankings], dtype=np.float64)
    matrix = matrix.reshape(len(rankings), -1)
    if all(len(ranks) == len(common) for ranks in rankings):
        return matrix, 0
    everything = {o for ranks in rankings for o in ranks}
    return np.array([mid_ranks_of(row) for row in matrix]).reshape(matrix.shape), len(everything) - len(common)


def _concordance(items: Sequence[Floats]) -> tuple[Floats, float, int]:
    """Return W of every item (nan where undefined), and the chi-square and degrees of freedom of all."""
    values = np.array([kendall_w(ranks) if ranks.shape[1] >= 2 else math.nan for ranks in items], dtype=np.float64)
    used = [(w, ranks.shape) for w, ranks in zip(values.tolist(), items, strict=True) if not math.isnan(w)]
    chi_square = sum((m * (u - 1) * w for w, (m, u) in used), start=0.0)
    return values, chi_square if used else math.nan, sum(u - 1 for _, (_, u) in used)


def _chi_square_tail(chi_square: float, degrees: int) -> float:
    if degrees == 0:
        return math.nan
    from scipy.special import chdtrc  # needed for the p-value only

    return float(chdtrc(degrees, chi_square))


def _why(complete: Sequence[tuple[Floats, int]]) -> str:
    enough = any(ranks.shape[1] >= 2 for ranks, _ in complete)
    return words.ALL_TIED if enough else words.NO_COMPLETE_RANKING


def _mean_figure(values: Floats, reason: str) -> Figure:
    """Return the mean of the defined values (n,), one an item, as a figure."""
    defined = values[~np.isnan(values)]
    zero = np.zeros(defined.size, dtype=np.int64)
    mean = PairRatios(
        item=np.arange(defined.size),
        pair=zero,
        top=defined,
        bottom=np.ones(defined.size),
        n_items=defined.size,
        n_pairs=1,
    )
    return figure(mean.value(), mean, n=defined.size, n_items=defined.size, reason=reason)


def _pair_figures(rankings: Mapping[int, Ranks], together: Together) -> dict[str, Figure]:
    entries: dict[str, list[tuple[int, int, float]]] = {"tau": [], "spearman": []}
    shared = False
    for item, pair, left, right in together.pairs():
        ranks, _ = _complete([rankings[left], rankings[right]])
        if ranks.shape[1] < 2:
            continue
        shared = True
        for name, correlation in (("tau", tau_b), ("spearman", spearman)):
            value = correlation(ranks[0], ranks[1])
            if not math.isnan(value):
                entries[name].append((item, pair, value))
    reason = together.impossible() or (words.ALL_TIED if shared else words.NO_COMMON_OBJECTS)
    return {name: _pair_figure(found, together, reason) for name, found in entries.items()}


def _pair_figure(entries: list[tuple[int, int, float]], together: Together, reason: str) -> Figure:
    item, pair, value = np.array(entries, dtype=np.float64).reshape(-1, 3).T
    used, codes = np.unique(item, return_inverse=True)
    mean = PairRatios(
        item=codes.astype(np.int64),
        pair=pair.astype(np.int64),
        top=value,
        bottom=np.ones(value.size),
        n_items=used.size,
        n_pairs=max(len(together.pair_code), 1),
    )
    return figure(mean.value(), mean, n=value.size, n_items=used.size, reason=reason)
