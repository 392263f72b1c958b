"""Which items a round asks for: strata, and samples with known inclusion probabilities."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.errors import ParameterError, Problem, check_between, check_choice, check_whole, shorten
from labelqa.inference.randomness import random_generator

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

PAIRED, FRESH, CONTROL, HELD_OUT = "paired", "fresh", "control", "held_out"
STRATA = (PAIRED, FRESH, CONTROL, HELD_OUT)
METHODS = ("random", "disagreement")
EVEN_SHARE = 0.25  # of its probability under even chances is what an item keeps, however little people disagree on it
CERTAIN = 1 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """Items that a round may ask for.

    Attributes
    ----------
    items : tuple of str, length n
        Their ids, each once.
    labeled : bool (n,)
        Whether an earlier round labeled the item.
    disagreement : float (n,)
        How much people disagreed on it, in [0, 1]; nan where nobody knows.
    touched : bool (n,)
        Whether a change of the guideline touches its class.
    held_out : bool (n,)
        Whether it is kept away from everybody who writes rules.
    """

    items: tuple[str, ...]
    labeled: Mask
    disagreement: Floats
    touched: Mask
    held_out: Mask

    def __post_init__(self) -> None:
        """Check lengths, ids and scores."""
        problems = [*_item_problems(self.items), *self._length_problems(), *self._score_problems()]
        if problems:
            raise ParameterError(problems)

    @classmethod
    def of(
        cls,
        items: Sequence[str],
        *,
        labeled: Collection[str] = (),
        disagreement: Mapping[str, float] | None = None,
        touched: Collection[str] | None = None,
        held_out: Collection[str] = (),
    ) -> Candidates:
        """Return candidates from sets of ids; without `touched`, every item counts as touched.

        Examples
        --------
        >>> Candidates.of(["a", "b"], labeled={"a"}).strata.tolist()
        ['paired', 'fresh']
        """
        scores = disagreement or {}

        def among(ids: Collection[str]) -> Mask:
            known = frozenset(ids)
            return np.array([i in known for i in items], dtype=np.bool_)

        return cls(
            items=tuple(items),
            labeled=among(labeled),
            disagreement=np.array([scores.get(i, np.nan) for i in items], dtype=np.float64),
            touched=np.ones(len(items), dtype=np.bool_) if touched is None else among(touched),
            held_out=among(held_out),
        )

    @property
    def strata(self) -> npt.NDArray[np.str_]:
        """The stratum of each item (n,): held_out; else fresh where unlabeled; else paired or control."""
        before = np.where(self.touched, PAIRED, CONTROL)
        return np.where(self.held_out, HELD_OUT, np.where(self.labeled, before, FRESH))

    def where(self, mask: Mask) -> Candidates:
        """Return the candidates at the places of `mask` (n,)."""
        return Candidates(
            items=tuple(i for i, keep in zip(self.items, mask, strict=True) if keep),
            labeled=self.labeled[mask],
            disagreement=self.disagreement[mask],
            touched=self.touched[mask],
            held_out=self.held_out[mask],
        )

    def _length_problems(self) -> list[Problem]:
        n = len(self.items)
        columns = ("labeled", "disagreement", "touched", "held_out")
        return [
            Problem(
                what=f"{name} has the shape {getattr(self, name).shape} for {n:,} items",
                parameter=name,
                value=getattr(self, name).shape,
                allowed=("one value an item",),
            )
            for name in columns
            if getattr(self, name).shape != (n,)
        ]

    def _score_problems(self) -> list[Problem]:
        bad = self.disagreement[(self.disagreement < 0) | (self.disagreement > 1)]
        if not bad.size:
            return []
        what = f"disagreement has values outside 0 to 1 ({shorten(bad.tolist(), 3)})"
        return [Problem(what=what, parameter="disagreement", value=float(bad[0]), allowed=("0 to 1, nan if unknown",))]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """Items that were chosen, and how likely each candidate was to be.

    Attributes
    ----------
    positions : int64 (chosen,)
        Places among the candidates, rising.
    probability : float (n,)
        Exact inclusion probability of every candidate; none is 0.
    method : str
        How they were chosen.
    """

    positions: Ints
    probability: Floats
    method: str


def choose_items(
    candidates: Candidates,
    n: int,
    *,
    method: str = "random",
    rng: int | np.random.Generator = 0,
    minimum_probability: float | None = None,
) -> Sample:
    """Draw a sample of fixed size in which every candidate has a known chance that is not 0.

    ``disagreement`` gives items a chance that grows with their disagreement, on top of `minimum_probability`; items of
    unknown disagreement count as average. Weighting by ``1 / probability`` makes estimates unbiased for all candidates.
    The result does not depend on the order in which candidates are given.

    Parameters
    ----------
    candidates : Candidates
        What to choose from.
    n : int
        How many.
    method : {"random", "disagreement"}
        Even chances, or chances that grow with disagreement.
    rng : int or numpy.random.Generator
        Seed or generator.
    minimum_probability : float, optional
        Least chance of any item; by default a quarter of ``n / candidates``.

    Raises
    ------
    ParameterError
        If there are fewer candidates than `n`, or the least chance cannot be kept.

    References
    ----------
    Madow, W. G. (1949). On the theory of systematic sampling, II. Annals of Mathematical Statistics 20: systematic
    sampling with unequal probabilities, here on a random order (Goodman and Kish 1950).

    Examples
    --------
    >>> scores = {"a": 0.0, "b": 0.5, "c": 1.0}
    >>> sample = choose_items(Candidates.of("abc", disagreement=scores), 1, method="disagreement")
    >>> sample.probability.round(3).tolist()
    [0.083, 0.333, 0.583]
    """
    check_choice("method", method, METHODS)
    check_whole("n", n, 0, what="is not a number of items", usual="a few hundred")
    total = len(candidates.items)
    if n > total:
        what = f"{n:,} items were asked for, {n - total:,} more than the {total:,} there are"
        raise ParameterError(Problem(what=what, parameter="n", value=n, allowed=(f"0 to {total:,}",)))
    order = np.array(sorted(range(total), key=candidates.items.__getitem__), dtype=np.int64)
    scores = candidates.disagreement[order] if method == "disagreement" else np.ones(total)
    sorted_probability = inclusion_probabilities(scores, n, minimum_probability=minimum_probability)
    drawn = order[_systematic(sorted_probability, n, random_generator(rng))]
    probability = np.empty(total)
    probability[order] = sorted_probability
    return Sample(positions=np.sort(drawn), probability=probability, method=method)


def inclusion_probabilities(scores: Floats, n: int, *, minimum_probability: float | None = None) -> Floats:
    """Return probabilities (items,) that sum to `n`: a least one, plus a part in proportion to the score, at most 1.

    Raises
    ------
    ParameterError
        If the least probability of all items together is more than `n`.

    Examples
    --------
    >>> inclusion_probabilities(np.array([0.0, 0.0, 1.0]), 2, minimum_probability=0.1).tolist()
    [0.5, 0.5, 1.0]
    """
    total = scores.size
    if total == 0 or n in (0, total):
        return np.full(total, float(n > 0))
    even = n / total
    least = EVEN_SHARE * even if minimum_probability is None else minimum_probability
    _check_least(least, even)
    known = ~np.isnan(scores)
    filled = np.where(known, scores, scores[known].mean() if known.any() else 1.0)
    return _capped(filled, n, least)


def _check_least(least: object, even: float) -> None:
    check_between(
        "minimum_probability",
        least,
        0.0,
        float(np.nextafter(even, 2)),
        what="a least probability that every item can have",
        example=f"{EVEN_SHARE * even:.2g}",
    )


def _capped(scores: Floats, n: int, least: float) -> Floats:
    """Solve ``sum(min(1, least + c * scores)) = n`` for c; what certain items leave over is shared evenly at last."""
    probability = np.ones(scores.size)
    open_ = np.ones(scores.size, dtype=np.bool_)
    while True:
        left, weight = n - int((~open_).sum()), scores[open_].sum()
        if weight <= 0:
            probability[open_] = left / open_.sum()
            return probability
        probability[open_] = least + (left - least * open_.sum()) * scores[open_] / weight
        full = open_ & (probability >= CERTAIN)
        if not full.any():
            return probability
        probability[full] = 1.0
        open_ &= ~full


def _systematic(probability: Floats, n: int, rng: np.random.Generator) -> Ints:
    """Draw exactly `n` places with these probabilities: equal steps along a random order."""
    shuffled = rng.permutation(probability.size)
    start = rng.random()
    certain = probability[shuffled] >= CERTAIN
    chance = shuffled[~certain]
    left = n - int(certain.sum())
    if left == 0:
        return np.asarray(shuffled[certain])
    edges = np.cumsum(probability[chance])
    edges *= left / edges[-1]
    edges[-1] = left
    hit = np.searchsorted(edges, start + np.arange(left), side="right")
    return np.asarray(np.concatenate([shuffled[certain], chance[hit]]))


def split_held_out(
    items: Sequence[str],
    share: float,
    rng: int | np.random.Generator = 0,
    groups: Sequence[object] | None = None,
) -> Mask:
    """Choose at random which items (n,) are held out; items of one group stay together.

    Parameters
    ----------
    items : sequence of str, length n
        Ids, each once.
    share : float
        Share to hold out, above 0 and below 1.
    rng : int or numpy.random.Generator
        Seed or generator; the order of `items` does not matter.
    groups : sequence, length n, optional
        What belongs together, for example the customer or the document.

    Raises
    ------
    ParameterError
        If there is nothing to split, or parameters do not fit.

    Examples
    --------
    >>> int(split_held_out([f"t{i}" for i in range(10)], 0.3).sum())
    3
    """
    check_between("share", share, 0, 1, what="a share of the items", example="0.2")
    generator = random_generator(rng)
    keys = list(items) if groups is None else [repr(g) for g in groups]
    problems = _item_problems(items)
    if len(keys) != len(items):
        what = f"there are {len(keys):,} groups for {len(items):,} items"
        problems.append(Problem(what=what, parameter="groups", value=len(keys), allowed=("one value an item",)))
    names = sorted(set(keys))
    if len(names) < 2:
        what = f"{len(names)} {'item' if groups is None else 'group'} cannot be split into held out and shown"
        problems.append(Problem(what=what, parameter="items", value=len(names), allowed=("2 or more",)))
    if problems:
        raise ParameterError(problems)
    place = {name: i for i, name in enumerate(names)}
    of_item = np.array([place[k] for k in keys], dtype=np.int64)
    sizes = np.bincount(of_item)
    order = generator.permutation(sizes.size)
    reached = np.cumsum(sizes[order])[:-1]
    taken = order[: int(np.argmin(np.abs(reached - share * len(items)))) + 1]
    return np.isin(of_item, taken)


def _item_problems(items: Sequence[str]) -> list[Problem]:
    seen: set[str] = set()
    repeated = sorted({i for i in items if i in seen or seen.add(i)})  # type: ignore[func-returns-value]
    if not repeated:
        return []
    what = f"items occur more than once: {shorten(repeated)}"
    return [Problem(what=what, parameter="items", value=repeated[0], allowed=("each id once",))]
