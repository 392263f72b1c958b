"""From parts to a remedy: the largest part decides, unless resamples disagree about which one that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from labelqa.diagnosis.slice_parts import PARTS, Split
from labelqa.diagnosis.slice_rows import Floats
from labelqa.errors import ParameterError, Problem, check_kind, is_between

REMEDY_OF = {"definition": "clarify", "noise": "relabel", "data": "collect", "rest": "improve_model"}
REMEDIES = ("clarify", "relabel", "collect", "improve_model", "audit_more", "none")
COSTS = {"clarify": 100.0, "relabel": 1.0, "collect": 2.0, "improve_model": 1000.0, "audit_more": 1.0}
ONCE = ("clarify", "improve_model")  # others cost this much an item
SURE = 0.8  # share of resamples that a remedy needs: below it an audit, which costs less than a wrong remedy
POWER = 0.8416  # normal quantile of a chance of 80 % that the audit settles it
LEAST_AUDITED = 30  # rows of a slice: in fewer, resamples do not know what they have not seen
MATTERS = 0.1  # of the excess: parts that differ by less are as good as equal
TOO_MANY = 4.0  # times the slice's rows: where telling equal parts apart takes more, the order of remedies decides
NO_LABELS = "two labels an item by annotators, to tell an unclear definition and wrong labels"
NO_MODEL = "a classifier and its inputs, to tell too little data from what the model cannot do"
NOBODY_OUTSIDE = "two labels an item outside the slice too: what annotators split on there was taken for nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do about one slice.

    Attributes
    ----------
    remedy : str
        One of `REMEDIES`.
    part : str
        The part it is for, or, with audit_more, the likeliest one; "" where nothing is known.
    sureness : float
        Share of resamples in which that part is the largest.
    n_more : int
        Items to audit, relabel or collect; 0 for other remedies.
    n_new : int
        Of these, items that the slice does not have yet.
    gain : float
        Error rate of the slice that would vanish.
    because : {"largest", "order", "overlap", "overlap_rows", "excess", "unknown", "undefined", "no_excess"}
        Which rule decided.
    missing : tuple of str
        What would tell more.
    """

    remedy: str
    part: str
    sureness: float
    n_more: int
    n_new: int = 0
    gain: float
    because: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Slice:
    """One slice of a split: amounts as seen, and in resamples (b, ...)."""

    raw: Floats
    capped: Floats
    excess: float
    drawn: Floats
    drawn_excess: Floats
    size: int
    audited: int
    rest_audited: int
    exponent: float
    error: float

    @classmethod
    def of(cls, split: Split, i: int) -> _Slice:
        return cls(
            raw=split.seen.raw[i],
            capped=split.seen.capped[i],
            excess=float(split.seen.excess[i]),
            drawn=split.drawn.raw[:, i],
            drawn_excess=split.drawn.excess[:, i],
            size=int(split.size[i]),
            audited=int(split.audited[i]),
            rest_audited=int(split.rest_audited[i]),
            exponent=float(split.seen.exponent[i]),
            error=float(split.seen.error[i]),
        )

    @property
    def unknown(self) -> bool:
        return bool(np.isnan(self.raw).any())

    @property
    def missing(self) -> tuple[str, ...]:
        told = [NO_LABELS] if np.isnan(self.raw[0]) else []
        told += [NO_MODEL] if np.isnan(self.raw[2]) else []
        return (*told, *([NOBODY_OUTSIDE] if self.audited and not self.rest_audited else []))


def decide(split: Split, i: int, confidence: float) -> Decision:
    """Return the remedy of slice `i`."""
    s = _Slice.of(split, i)
    if math.isnan(s.excess):
        return _answer(s, "audit_more", 3, math.nan, "undefined")
    order = np.argsort(-np.nan_to_num(s.raw, nan=-1.0), kind="stable")
    top, second = int(order[0]), int(order[1])
    others = np.nan_to_num(np.delete(s.drawn, top, axis=1), nan=-1.0).max(axis=1)
    sureness = float((s.drawn[:, top] > others).mean())
    low, high = np.quantile(s.drawn_excess, [1 - confidence, confidence])
    if high <= 0:
        return _answer(s, "none", top, sureness, "no_excess")
    if low <= 0:
        n_more = more_needed(s.excess, float(s.drawn_excess.std()), s.size, s.error, confidence)
        return _answer(s, "audit_more", top, sureness, "excess", n_more)
    if PARTS[top] == "rest" and s.unknown:
        n_more = 0 if not np.isnan(s.raw[0]) else first_audit(s.excess, confidence)
        return _answer(s, "audit_more", top, sureness, "unknown", n_more)
    if 0 < s.audited < LEAST_AUDITED and PARTS[top] != "data":
        return _answer(s, "audit_more", top, sureness, "overlap", LEAST_AUDITED - s.audited)
    if sureness >= SURE:
        return _answer(s, REMEDY_OF[PARTS[top]], top, sureness, "largest")
    return _overlapping(s, top, second, sureness, confidence)


def _overlapping(s: _Slice, top: int, second: int, sureness: float, confidence: float) -> Decision:
    """Decide where two parts may each be the largest: audit more, or take the first in order where that is hopeless."""
    apart = s.drawn[:, top] - np.nan_to_num(s.drawn[:, second])
    gap = max(float(s.raw[top] - np.nan_to_num(s.raw[second])), MATTERS * s.excess)
    of_labels = min(top, second) < PARTS.index("data")  # labels by more people tell these apart; else more rows
    now = s.audited if of_labels and s.audited else s.size
    n_more = more_needed(gap, float(apart.std()), now, s.error, confidence)
    present = np.quantile(s.drawn[:, [top, second]], 1 - confidence, axis=0)
    equal = gap <= MATTERS * s.excess and bool((present > MATTERS * s.excess).all())
    ordered = max(top, second) < PARTS.index("rest")  # definition, then noise, then data; the rest has no place in it
    if equal and ordered and n_more > TOO_MANY * s.size:
        first = min(top, second)
        return _answer(s, REMEDY_OF[PARTS[first]], first, _largest(s.drawn, first), "order")
    return _answer(s, "audit_more", top, sureness, "overlap" if of_labels else "overlap_rows", n_more)


def _largest(drawn: Floats, part: int) -> float:
    """Return the share of resamples in which `part` is the largest."""
    return float((np.nan_to_num(drawn, nan=-1.0).argmax(axis=1) == part).mean())


def _answer(s: _Slice, remedy: str, top: int, sureness: float, because: str, n_more: int = 0) -> Decision:
    amount = float(np.nan_to_num(s.capped[top]))
    if remedy == "relabel":
        n_more = s.size
    if remedy == "collect":  # as many as halve what data can remove
        n_more, amount = math.ceil(s.size * (2 ** (1 / s.exponent) - 1)), amount / 2
    known = because != "undefined"
    return Decision(
        remedy=remedy,
        part=PARTS[top] if known and remedy != "none" else "",
        sureness=sureness,
        n_more=n_more,
        n_new=_new(s, remedy, because, n_more),
        gain=amount if known and remedy != "none" else 0.0,
        because=because,
        missing=s.missing,
    )


def _new(s: _Slice, remedy: str, because: str, n_more: int) -> int:
    """Return how many of the rows wanted have to be new: all that are added, and what an audit finds no more of."""
    if remedy == "collect" or because in ("excess", "overlap_rows"):
        return n_more
    return max(0, n_more - (s.size - s.audited)) if remedy == "audit_more" else 0


def more_needed(gap: float, spread: float, now: int, rate: float, confidence: float) -> int:
    """Return how many more rows tell a difference `gap` from 0 with a chance of 80 %.

    Parameters
    ----------
    gap : float
        The difference.
    spread : float
        Its standard error from `now` rows.
    now : int
        Rows so far.
    rate : float
        Error rate of the slice: its spread is assumed where none was seen.
    confidence : float
        One-sided level.

    References
    ----------
    Lachin, J. M. (1981). Introduction to sample size determination and power analysis. Control. Clin. Trials 2, eq. 1.

    Examples
    --------
    >>> more_needed(0.1, 0.1, 50, 0.2, 0.95)
    260
    """
    from scipy.special import ndtri

    quantiles = float(ndtri(confidence)) + POWER
    one_row = max(spread * math.sqrt(max(now, 1)), 0.5 * math.sqrt(max(rate * (1 - rate), 0.01)))
    needed = (quantiles * one_row / max(abs(gap), 0.01)) ** 2
    return max(1, math.ceil(needed - now))


def first_audit(excess: float, confidence: float) -> int:
    """Return how many items two people should label to see whether definition or labels are half of the excess."""
    share = min(max(excess, 0.05), 0.5)
    return more_needed(excess / 2, math.sqrt(share * (1 - share)), 1, share, confidence) + 1


def checked_costs(costs: object) -> dict[str, float]:
    """Return what each remedy costs: `COSTS`, and the caller's where given.

    Raises
    ------
    ParameterError
        If a name is not a remedy, or a cost is not a number above 0.
    """
    if costs is None:
        return dict(COSTS)
    check_kind("costs", costs, Mapping, allowed="a mapping of remedies to costs", next_step='As {"clarify": 200}.')
    given = dict(costs.items())  # type: ignore[attr-defined]  # a mapping, as checked
    problems = [
        Problem(what=f"costs names {name!r}", parameter="costs", value=name, allowed=tuple(COSTS))
        for name in given
        if name not in COSTS
    ]
    problems += [
        Problem(what=f"costs[{name!r}]={cost!r} is not a cost", parameter="costs", allowed=("a number above 0",))
        for name, cost in given.items()
        if not is_between(cost, 0, math.inf)
    ]
    if problems:
        raise ParameterError(problems)
    return {name: float(given.get(name, usual)) for name, usual in COSTS.items()}


def cost_of(decision: Decision, size: int, costs: Mapping[str, float]) -> float:
    """Return what the remedy costs; for an audit, with the likeliest remedy after it."""
    remedy, n = decision.remedy, decision.n_more
    if remedy == "none":
        return 0.0
    if remedy in ONCE:
        return costs[remedy]
    if remedy != "audit_more":
        return costs[remedy] * n
    after = REMEDY_OF.get(decision.part, "improve_model")
    return costs[remedy] * n + costs[after] * (1 if after in ONCE else size)
