"""The entry points: agreement of annotations or of count patterns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import CountPatterns, as_patterns
from labelqa.counts.who import WhoCounts
from labelqa.errors import ParameterError, Problem, check_choice
from labelqa.inference.intervals import check_level
from labelqa.reliability import names
from labelqa.reliability.cohen import CohenSample, too_many_pairs
from labelqa.reliability.conger import CongerSample
from labelqa.reliability.moments import PAIRABLE_ONLY, make_terms
from labelqa.reliability.rank import RankSample, rank_weights
from labelqa.reliability.result import AgreementResult, AgreementTable
from labelqa.reliability.samples import Estimate, PatternSample, Sample
from labelqa.reliability.weights import Weights, WeightsLike, make_weights, weights_name
from labelqa.reliability.who import WhoLabeled

Data = Annotations | CountPatterns
UNDEFINED = Estimate(value=math.nan, observed=math.nan, expected=math.nan, standard_error=math.nan)


def agreement(
    data: Data, coefficient: str = names.KRIPPENDORFF, *, weights: WeightsLike = "identity"
) -> AgreementResult:
    """Chance-corrected agreement between annotators.

    Parameters
    ----------
    data : Annotations or CountPatterns
        Labels of one round, n items by m annotators in k classes; missing labels are allowed everywhere. From count
        patterns made without ``annotator=``, ``cohen_kappa`` and ``conger_kappa`` are undefined: they need to know who
        labeled.
    coefficient : str
        ``percent_agreement, brennan_prediger, scott_pi, cohen_kappa, conger_kappa, fleiss_kappa, krippendorff_alpha``
        or ``gwet_ac`` (AC1 with identity weights, AC2 with others). ``cohen_kappa`` with more than two annotators is
        the mean over the pairs that share items, undefined if one of them is. Scott's pi uses
        the items that both annotators labeled.
    weights : str or array (k, k)
        ``identity, ordinal, linear, quadratic, radical, ratio, circular, bipolar`` (Gwet), ``rank`` (Krippendorff's
        ordinal metric, which depends on the data; the standard error is the jackknife's, for ``cohen_kappa`` and
        ``conger_kappa`` the analytic one at fixed ranks), ``interval`` (numeric labels with any number of distinct
        values), or a table in the order of the classes.

    Returns
    -------
    AgreementResult
        Undefined coefficients are nan with a reason.

    Raises
    ------
    ParameterError
        If `coefficient` or `weights` is not known.
    LabelError
        If the weights need numeric labels and the labels are not.
    RoundsError
        If annotations hold more than one round.

    References
    ----------
    Gwet, K. L. (2008, 2014, 2021); Krippendorff, K. (2011, 2019); Cohen, J. (1960); Conger, A. J. (1980).

    Examples
    --------
    >>> import pandas as pd
    >>> from labelqa.annotations.table import Annotations
    >>> wide = pd.DataFrame({"ann": ["x", "x", "y", "y"], "ben": ["x", "x", "y", "x"]})
    >>> round(agreement(Annotations.from_wide(wide), "cohen_kappa").estimate, 3)
    0.5
    """
    check_choice("coefficient", coefficient, names.COEFFICIENTS)
    return _measure(_prepare(data, [coefficient]), coefficient, weights)


def agreement_table(
    data: Data,
    *,
    weights: WeightsLike | Mapping[str, WeightsLike] = "identity",
    coefficients: Sequence[str] = names.COEFFICIENTS,
    confidence: float = 0.95,
    method: str = "analytic",
    rng: int = 0,
) -> AgreementTable:
    """Several coefficients of agreement on the same data.

    Parameters
    ----------
    data : Annotations or CountPatterns
        As for :func:`agreement`.
    weights : str, array (k, k), or mapping of coefficient to either
        Weights for all coefficients, or for each (identity where a mapping has none).
    coefficients : sequence of str
        Which ones; by default all eight.
    confidence : float
        Level of the intervals.
    method : {"analytic", "jackknife", "bootstrap"}
        Kind of the intervals.
    rng : int
        Seed of the bootstrap.

    Returns
    -------
    AgreementTable
        One result a coefficient; ``table["gwet_ac"]`` picks one.

    Raises
    ------
    ParameterError, LabelError, RoundsError
        As for :func:`agreement`.

    Examples
    --------
    >>> import pandas as pd
    >>> from labelqa.annotations.table import Annotations
    >>> wide = pd.DataFrame({"ann": ["x", "x", "y", "y"], "ben": ["x", "x", "y", "x"]})
    >>> table = agreement_table(Annotations.from_wide(wide), coefficients=["percent_agreement", "fleiss_kappa"])
    >>> table.to_frame()["estimate"].round(2).tolist()
    [0.75, 0.47]
    """
    check_level(confidence)
    check_choice("method", method, names.METHODS)
    if isinstance(coefficients, str):
        raise ParameterError(
            Problem(
                what=f"coefficients={coefficients!r} is one text, not a list",
                parameter="coefficients",
                value=coefficients,
                next_step=f"Write coefficients=[{coefficients!r}].",
            )
        )
    for coefficient in (*coefficients, *(weights if isinstance(weights, Mapping) else ())):
        check_choice("coefficient", coefficient, names.COEFFICIENTS)
    prepared = _prepare(data, coefficients)
    results = [
        _measure(prepared, c, weights.get(c, "identity") if isinstance(weights, Mapping) else weights)
        for c in coefficients
    ]
    return AgreementTable(results=tuple(results), confidence=confidence, method=method, rng=rng)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """Data with its patterns, made once for all coefficients."""

    patterns: CountPatterns
    who: WhoCounts | None
    n_annotators: int | None
    n_items: int
    n_pairable: int
    n_single: int
    n_unlabeled: int
    n_used_classes: int


def _prepare(data: Data, coefficients: Sequence[str]) -> Prepared:
    patterns = as_patterns(data)
    who = patterns.who
    if isinstance(data, Annotations) and not set(names.WHO_COEFFICIENTS).isdisjoint(coefficients):
        who, _ = WhoCounts.of(data)
    labels = patterns.rows.sums()
    times = patterns.multiplicity
    return Prepared(
        patterns=patterns,
        who=who,
        n_annotators=data.n_annotators,
        n_items=int(times[labels > 0].sum()),
        n_pairable=int(times[labels >= 2].sum()),
        n_single=int(times[labels == 1].sum()),
        n_unlabeled=int(times[labels == 0].sum()),
        n_used_classes=patterns.used_classes(pairable_only=True).size,
    )


def _measure(prepared: Prepared, coefficient: str, weights: WeightsLike) -> AgreementResult:
    schema = prepared.patterns.schema
    scheme: Weights | None = None
    if not (isinstance(weights, str) and weights == "rank") and schema.k:
        used = prepared.patterns.used_classes(pairable_only=coefficient in (*PAIRABLE_ONLY, "cohen_kappa"))
        scheme = make_weights(weights, schema, used if coefficient in names.SCALE_FREE else None)
    reason = _impossible(prepared, coefficient)
    sample = None if reason else _sample(prepared, coefficient, scheme)
    if reason is None and sample is None:
        reason = names.TOO_MANY_PAIRS
    found = UNDEFINED if sample is None else sample.estimate()
    if reason is None and math.isnan(found.value):
        reason = _no_room(prepared, coefficient)
    no_interval = found.no_error_because if reason is None and math.isnan(found.standard_error) else None
    return AgreementResult(
        coefficient=coefficient,
        weights=weights_name(weights),
        estimate=found.value,
        observed=found.observed,
        expected=found.expected,
        standard_error=found.standard_error,
        n_items=prepared.n_items,
        n_annotators=prepared.n_annotators,
        n_annotations=prepared.patterns.n_annotations,
        n_single=prepared.n_single,
        n_unlabeled=prepared.n_unlabeled,
        undefined_because=reason,
        interval_undefined_because=no_interval,
        _sample=sample,
        _degrees=(prepared.n_pairable if coefficient in ("scott_pi", "cohen_kappa") else prepared.n_items) - 1,
    )


def _impossible(prepared: Prepared, coefficient: str) -> str | None:
    """Return why the coefficient cannot be computed at all, if so."""
    if prepared.n_items == 0:
        return names.NO_LABELS
    if prepared.n_pairable == 0:
        return names.ONE_ANNOTATOR if prepared.n_annotators == 1 else names.NO_OVERLAP
    if coefficient in names.WHO_COEFFICIENTS and prepared.who is None:
        return prepared.patterns.who_unknown_because
    if coefficient == "scott_pi" and _more_than_two(prepared):
        return names.TWO_ANNOTATORS_ONLY
    return None


def _more_than_two(prepared: Prepared) -> bool:
    if prepared.n_annotators is not None:
        return prepared.n_annotators > 2
    return bool(prepared.patterns.rows.sums().max(initial=0) > 2)


def _no_room(prepared: Prepared, coefficient: str) -> str:
    if coefficient == "cohen_kappa" and prepared.n_used_classes > 1:
        return names.PAIR_UNDEFINED
    return names.ONE_CLASS if prepared.n_used_classes == 1 else names.CHANCE_IS_ONE


def _sample(prepared: Prepared, coefficient: str, scheme: Weights | None) -> Sample | None:
    rows, times = prepared.patterns.rows, prepared.patterns.multiplicity
    if coefficient in names.WHO_COEFFICIENTS and prepared.who is not None:
        return _who_sample(prepared.who, coefficient, scheme or rank_weights(rows, times))
    if scheme is None:
        return RankSample(coefficient, rows, times)
    return PatternSample(make_terms(coefficient, rows, times, scheme))


def _who_sample(counts: WhoCounts, coefficient: str, scheme: Weights) -> Sample | None:
    """Return the sample of a coefficient that asks who labeled; None where there are too many pairs of labels."""
    who = WhoLabeled.of(counts, scheme)
    if coefficient == "conger_kappa":
        return CongerSample.of(who)
    return None if too_many_pairs(who) else CohenSample.of(who)
