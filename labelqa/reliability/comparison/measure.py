"""All numbers of a comparison of two rounds."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.reshape import joint_schema
from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import as_patterns, check_one_round
from labelqa.errors import ParameterError, Problem
from labelqa.inference.intervals import percentile_interval
from labelqa.reliability import names
from labelqa.reliability.comparison.classes import COLUMNS as CLASS_COLUMNS
from labelqa.reliability.comparison.classes import class_differences
from labelqa.reliability.comparison.inference import Cells, as_observed, differences, resampled
from labelqa.reliability.comparison.pair import (
    RoundPair,
    pair_annotations,
    pair_patterns,
    patterns_in,
    with_joint_schema,
)
from labelqa.reliability.comparison.permutation import Permutation, permutation_test
from labelqa.reliability.comparison.scores import RankScorer, Scorer, pattern_scorer
from labelqa.reliability.comparison.selection import Selection, selection_weights
from labelqa.reliability.comparison.verdict import MIXED, PAIRED, ChangeTest, design_of, difference_test, t_test
from labelqa.reliability.comparison.weighted import WeightedSample
from labelqa.reliability.comparison.who import CohenScorer, CongerScorer
from labelqa.reliability.estimate import Data, agreement
from labelqa.reliability.rank import rank_weights
from labelqa.reliability.result import AgreementResult
from labelqa.reliability.weights import IdentityWeights, Weights, WeightsLike, make_weights

Floats = npt.NDArray[np.float64]
N_RESAMPLES = 2000  # of the bootstrap
NO_ERROR = "too few items with two labels"
UNANIMOUS = "without any disagreement {when}, how far that may vary cannot be seen"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rounds:
    """Both rounds in the classes of the two together, and matched."""

    parts: tuple[Data, Data]
    pair: RoundPair
    is_weighted: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Schemes:
    """Scorers of the observed difference and of permutations; `fixed` are weights that hold for both rounds."""

    observed: Scorer
    permuted: Scorer
    fixed: Weights


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """All numbers of a comparison."""

    difference: float
    confidence: float
    design: str
    test: ChangeTest
    permutation: Permutation
    classes: pd.DataFrame
    undefined_because: str | None
    no_interval_because: str | None


def match_rounds(before: Data, after: Data, coefficient: str, selection: Selection | None) -> Rounds:
    """Return both rounds in the classes of the two together, matched item by item where items have names.

    Raises
    ------
    ParameterError
        If the rounds differ in their level, or `selection` does not fit them.
    RoundsError
        If one of them holds more than one round.
    """
    _check_levels(before, after)
    if isinstance(before, Annotations) and isinstance(after, Annotations):
        check_one_round(before)
        check_one_round(after)
        first, second = with_joint_schema(before, after)
        chosen = None if selection is None else selection_weights(selection, first, second)
        pair = pair_annotations(first, second, chosen, who=coefficient in names.WHO_COEFFICIENTS)
        return Rounds(parts=(first, second), pair=pair, is_weighted=chosen is not None)
    if selection is not None:
        raise ParameterError(
            Problem(
                what="selection names items, but count patterns hold no item names",
                parameter="selection",
                next_step="Compare annotations, or leave selection out.",
            )
        )
    parts = as_patterns(before), as_patterns(after)
    schema = joint_schema([part.schema for part in parts])
    one, two = (patterns_in(part, schema) for part in parts)
    pair = pair_patterns(one, two, who=coefficient in names.WHO_COEFFICIENTS)
    return Rounds(parts=(one, two), pair=pair, is_weighted=False)


def _check_levels(before: Data, after: Data) -> None:
    levels = [getattr(getattr(part, "schema", None), "level", None) for part in (before, after)]
    if None not in levels and levels[0] != levels[1]:
        raise ParameterError(
            Problem(
                what=f"the rounds have different levels of measurement: {levels[0]} before, {levels[1]} after",
                parameter="after",
                next_step="Read both rounds with the same level=.",
            )
        )


def make_schemes(pair: RoundPair, coefficient: str, weights: WeightsLike) -> Schemes:
    """Return how the coefficient is computed from counts of kinds."""
    is_rank = isinstance(weights, str) and weights == "rank"
    kinds = pair.kinds
    if not pair.schema.k:  # no labels at all
        fixed: Weights = IdentityWeights(0)
    elif is_rank:
        everything = np.bincount(pair.before, weights=pair.times, minlength=len(kinds))
        everything += np.bincount(pair.after, weights=pair.times, minlength=len(kinds))
        fixed = rank_weights(kinds, everything)
    else:
        used = np.unique(kinds.classes[kinds.sums()[kinds.row] >= 2]).astype(np.intp)
        fixed = make_weights(weights, pair.schema, used if coefficient in names.SCALE_FREE else None)
    corrected = design_of(pair.sizes) == PAIRED
    if pair.who is not None:
        scorer: Scorer = (
            CohenScorer.of(pair.who, kinds.k, fixed)
            if coefficient == "cohen_kappa"
            else CongerScorer.of(pair.who, kinds, fixed)
        )
    elif coefficient in names.WHO_COEFFICIENTS:  # from count patterns: undefined, and nothing is computed
        scorer = pattern_scorer("percent_agreement", kinds, fixed)
    else:
        scorer = pattern_scorer(coefficient, kinds, fixed, corrected=corrected)
    observed = RankScorer(coefficient, kinds) if is_rank and coefficient in names.PATTERN_COEFFICIENTS else scorer
    return Schemes(observed=observed, permuted=scorer, fixed=fixed)


def round_result(rounds: Rounds, at: int, coefficient: str, weights: WeightsLike, scheme: Schemes) -> AgreementResult:
    """Return the agreement of one round, with weights of its items where they have any."""
    result = agreement(rounds.parts[at], coefficient, weights=weights)
    if not rounds.is_weighted or result.undefined_because is not None:
        return result
    pair = rounds.pair
    kind, part = ((pair.before, pair.in_before), (pair.after, pair.in_after))[at]
    sample = WeightedSample(
        scorer=scheme.observed,
        kind=kind[part],
        weight=pair.weight[part],
        times=pair.times[part],
        n_kinds=len(pair.kinds),
    )
    found = sample.estimate()
    return replace(
        result,
        estimate=found.value,
        observed=found.observed,
        expected=found.expected,
        standard_error=found.standard_error,
        n_items=int(pair.times[part].sum()),
        n_annotations=round(float(pair.kinds.sums()[kind[part]] @ pair.times[part])),
        n_single=int(pair.times[part][pair.kinds.sums()[kind[part]] == 1].sum()),
        n_unlabeled=0,
        undefined_because=_why_undefined(found.value, pair.kinds.sums()[kind[part]]),
        _sample=sample,
        _degrees=sample.n - 1,
    )


def _why_undefined(value: float, labels: Floats) -> str | None:
    """Return why the weighted estimate is nan, given the labels of each cell."""
    if not math.isnan(value):
        return None
    return names.ONE_CLASS if (labels >= 2).any() else names.NO_OVERLAP


def find_difference(
    rounds: Rounds,
    results: tuple[AgreementResult, AgreementResult],
    scheme: Schemes,
    confidence: float,
    n_permutations: int,
    rng: np.random.Generator,
) -> Found:
    """Return the difference of two round results with its error, tests and classes."""
    pair = rounds.pair
    design = design_of(pair.sizes)
    nothing = ChangeTest(standard_error=math.nan, low=math.nan, high=math.nan, p_value=math.nan)
    none = Permutation(p_value=math.nan, n_arrangements=0, is_exact=False)
    empty = pd.DataFrame(columns=list(CLASS_COLUMNS))
    reasons = [f"{n}: {r.undefined_because}" for n, r in zip(("before", "after"), results, strict=True)]
    undefined = [text for text, r in zip(reasons, results, strict=True) if r.undefined_because]
    difference = results[1].estimate - results[0].estimate
    if undefined:
        return Found(
            difference=math.nan,
            confidence=confidence,
            design=design,
            test=nothing,
            permutation=none,
            classes=empty,
            undefined_because="; ".join(undefined),
            no_interval_because=None,
        )
    cells = Cells.of(pair)
    found = differences(cells, scheme.observed, as_observed(cells))
    test = difference_test(found, confidence)
    one_sided = None if design == PAIRED else _unanimous(results)
    test = test if one_sided is None else nothing
    if design == MIXED and not math.isnan(test.standard_error):
        drawn = resampled(cells, scheme.observed, N_RESAMPLES, rng)
        test = _bootstrap_test(difference, drawn, float(found.degrees[0]), confidence)
    return Found(
        difference=difference,
        confidence=confidence,
        design=design,
        test=test,
        permutation=permutation_test(cells, scheme.permuted, n_permutations, rng),
        classes=class_differences(pair, cells, results[0].coefficient, confidence),
        undefined_because=None,
        no_interval_because=one_sided or (NO_ERROR if math.isnan(test.standard_error) else None),
    )


def _unanimous(results: tuple[AgreementResult, AgreementResult]) -> str | None:
    """Return why there is no error of a difference between other items: one round shows no disagreement at all."""
    when = [name for name, r in zip(("before", "after"), results, strict=True) if r.observed == 1]
    return UNANIMOUS.format(when=when[0]) if len(when) == 1 else None


def _bootstrap_test(difference: float, drawn: Floats, degrees: float, confidence: float) -> ChangeTest:
    """Return error and percentile interval of resampled differences (b,), and the t test by that error."""
    ends = percentile_interval(drawn, confidence)
    by_error = t_test(difference, ends.standard_error, degrees, confidence)
    return replace(by_error, low=ends.low, high=ends.high)
