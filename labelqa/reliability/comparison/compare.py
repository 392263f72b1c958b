"""Did agreement change between two rounds? The entry points."""

from __future__ import annotations

import copy
import math
from collections.abc import Hashable
from dataclasses import replace

import numpy as np
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem, check_choice
from labelqa.inference.intervals import check_level
from labelqa.reliability import names
from labelqa.reliability.comparison.classes import COLUMNS as CLASS_COLUMNS
from labelqa.reliability.comparison.classes import permuted_classes
from labelqa.reliability.comparison.inference import Cells, Redraw
from labelqa.reliability.comparison.measure import (
    N_RESAMPLES,
    Found,
    find_difference,
    make_schemes,
    match_rounds,
    round_result,
)
from labelqa.reliability.comparison.permutation import Permutation
from labelqa.reliability.comparison.result import AgreementComparison
from labelqa.reliability.comparison.selection import Selection
from labelqa.reliability.comparison.verdict import (
    MIXED,
    ChangeTest,
    Judgement,
    design_of,
    items_a_round,
    judge,
)
from labelqa.reliability.comparison.warnings import warnings_about
from labelqa.reliability.estimate import Data, agreement
from labelqa.reliability.result import AgreementResult
from labelqa.reliability.weights import WeightsLike


def compare_agreement(  # noqa: PLR0913  # the options of one test, all but two keyword-only
    before: Data,
    after: Data,
    coefficient: str = names.KRIPPENDORFF,
    *,
    weights: WeightsLike = "identity",
    selection: Selection | None = None,
    confidence: float = 0.95,
    n_permutations: int = 2000,
    rng: int | np.random.Generator = 0,
) -> AgreementComparison:
    """Difference of a coefficient of agreement between two rounds of labels, tested.

    Items are recognised by their names. The same items in both rounds: t test of the linearised differences of each
    item. Different items: t test with Satterthwaite's degrees of freedom. Partly the same: joint bootstrap of items.
    The verdict stands on a studentised permutation test, which swaps the two label sets of an item between the rounds
    (and permutes items labeled in one round only).

    Parameters
    ----------
    before, after : Annotations or CountPatterns
        One round each. Count patterns hold no item names: they are compared as rounds that share no item.
    coefficient : str
        Any coefficient of :func:`labelqa.agreement`.
    weights : str or array (k, k)
        As for :func:`labelqa.agreement`; a table is in the order of the classes of both rounds together. Under
        ``rank``, errors are the jackknife's, and permutations hold the ranks of both rounds together.
    selection : mapping or Series of item -> probability, optional
        With which probability each item was chosen for this comparison. Items weigh 1 / probability (Hajek), which
        removes the bias of items chosen because annotators disagreed on them. Where the rounds share items, only
        those are compared, and each needs a probability.
    confidence : float
        Level of the interval; the verdict tests at 1 - confidence.
    n_permutations : int
        Random arrangements of the permutation test; up to 10,000 arrangements are all listed instead.
    rng : int or numpy.random.Generator
        Seed or generator of permutations and bootstrap.

    Returns
    -------
    AgreementComparison
        Where a round has no coefficient, the difference is nan with a reason and the verdict ``undefined``. The p
        values of single classes stand on the same arrangements as that of the whole; where these would take too long,
        on the linearised t (``.class_test`` says which, and a warning).

    Raises
    ------
    ParameterError
        If `coefficient`, `weights`, `confidence` or `n_permutations` is not allowed, `selection` lacks an item or
        holds what is no probability, or the rounds differ in their level of measurement.
    RoundsError
        If `before` or `after` holds more than one round.

    References
    ----------
    Gwet, K. L. (2016). Testing the difference of correlated agreement coefficients for statistical significance. Educ.
    Psychol. Meas. 76, 609-637. Janssen, A. (1997). Statist. Probab. Lett. 36, 9-21 (studentised permutation). Holm, S.
    (1979). Scand. J. Statist. 6, 65-70.

    Examples
    --------
    >>> import pandas as pd
    >>> from labelqa.annotations.table import Annotations
    >>> first = pd.DataFrame({"ann": list("xxxyyyzz"), "ben": list("xyxyzyzx")})
    >>> second = pd.DataFrame({"ann": list("xxxyyyzz"), "ben": list("xxxyyyzz")})
    >>> found = compare_agreement(Annotations.from_wide(first), Annotations.from_wide(second))
    >>> found.verdict, found.design, round(found.difference, 2)
    ('too_few_items', 'paired', 0.54)
    """
    check_choice("coefficient", coefficient, names.COEFFICIENTS)
    check_level(confidence)
    _check_permutations(n_permutations)
    generator = np.random.default_rng(rng)
    rounds = match_rounds(before, after, coefficient, selection)
    pair = rounds.pair
    before_result, after_result = (agreement(part, coefficient, weights=weights) for part in rounds.parts)
    results = before_result, after_result
    if any(result.undefined_because for result in results):  # nothing to compare: no scorer is prepared
        found = _nothing_found(results, design_of(pair.sizes), confidence)
        warnings = warnings_about(before, after, pair, None, selection)
        return _assembled(results, found, Judgement(verdict="undefined"), pair.sizes, warnings)
    scheme = make_schemes(pair, coefficient, weights)
    if rounds.is_weighted:
        results = (
            round_result(rounds, 0, coefficient, weights, scheme),
            round_result(rounds, 1, coefficient, weights, scheme),
        )
    redraw = Redraw(cells=Cells.of(pair), scorer=scheme.observed, n=N_RESAMPLES, start=copy.deepcopy(generator))
    found = find_difference(rounds, results, scheme, confidence, n_permutations, generator)
    classes, class_test = permuted_classes(found.classes, pair, redraw.cells, coefficient, found.permutation)
    warnings = warnings_about(before, after, pair, scheme.fixed, selection, class_test=class_test)
    judged = judge(found.difference, found.test, found.permutation.p_value, confidence, items_a_round(pair.sizes))
    return replace(
        _assembled(results, found, judged, pair.sizes, warnings),
        classes=classes,
        class_test=class_test,
        _degrees=found.test.degrees,
        _redraw=redraw if found.design == MIXED else None,
    )


def _nothing_found(results: tuple[AgreementResult, AgreementResult], design: str, confidence: float) -> Found:
    """Return what is found where a round has no coefficient: the reason."""
    reasons = [f"{n}: {r.undefined_because}" for n, r in zip(("before", "after"), results, strict=True)]
    return Found(
        difference=math.nan,
        confidence=confidence,
        design=design,
        test=ChangeTest(standard_error=math.nan, low=math.nan, high=math.nan, p_value=math.nan),
        permutation=Permutation(p_value=math.nan, n_arrangements=0, is_exact=False),
        classes=pd.DataFrame(columns=list(CLASS_COLUMNS)),
        undefined_because="; ".join(t for t, r in zip(reasons, results, strict=True) if r.undefined_because),
        no_interval_because=None,
    )


def split_rounds(annotations: Annotations, before: Hashable, after: Hashable) -> tuple[Annotations, Annotations]:
    """Return two rounds of `annotations`.

    Raises
    ------
    ParameterError
        If a round does not occur, or both are the same.
    """
    parts = annotations.where(round=before), annotations.where(round=after)
    if str(before) == str(after):
        raise ParameterError(
            Problem(
                what=f"round {before!r} cannot be compared with itself",
                parameter="after_round",
                value=after,
                allowed=tuple(str(r) for r in annotations.rounds if str(r) != str(before))
                if annotations.rounds is not None
                else (),
            )
        )
    return parts


def _assembled(
    results: tuple[AgreementResult, AgreementResult],
    found: Found,
    judged: Judgement,
    sizes: tuple[int, int, int],
    warnings: tuple[str, ...],
) -> AgreementComparison:
    return AgreementComparison(
        coefficient=results[0].coefficient,
        weights=results[0].weights,
        before=results[0],
        after=results[1],
        difference=found.difference,
        standard_error=found.test.standard_error,
        low=found.test.low,
        high=found.test.high,
        confidence=found.confidence,
        method="bootstrap" if found.design == MIXED else "linearised t",
        p_value=found.test.p_value,
        p_permutation=found.permutation.p_value,
        n_permutations=found.permutation.n_arrangements,
        permutation_is_exact=found.permutation.is_exact,
        design=found.design,
        n_shared=sizes[0],
        n_before_only=sizes[1],
        n_after_only=sizes[2],
        verdict=judged.verdict,
        detectable_difference=judged.detectable,
        n_items_needed=judged.n_needed,
        n_more_items=judged.n_more,
        warnings=warnings,
        undefined_because=found.undefined_because,
        interval_undefined_because=found.no_interval_because,
        classes=found.classes,
    )


def _check_permutations(n_permutations: object) -> None:
    if not isinstance(n_permutations, int | np.integer) or n_permutations < 99:
        raise ParameterError(
            Problem(
                what=f"n_permutations={n_permutations!r} arrangements give no p value worth reading",
                parameter="n_permutations",
                value=n_permutations,
                allowed=("a whole number from 99 on; 2,000 is usual",),
            )
        )
