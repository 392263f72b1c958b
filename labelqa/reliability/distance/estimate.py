"""The entry point: Krippendorff's alpha for answers of any type, under any distance."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from labelqa.annotations.reshape import compress
from labelqa.annotations.structured import StructuredAnnotations
from labelqa.counts.sparse import ClassCounts, distinct_rows
from labelqa.errors import ParameterError, Problem, check_choice
from labelqa.reliability.distance import words
from labelqa.reliability.distance.inputs import Values, as_structured, coded, distinct_values
from labelqa.reliability.distance.named import KIND_OF, name_of, pair_distance
from labelqa.reliability.distance.result import DistanceAgreement
from labelqa.reliability.distance.table import Compared, SampledWeights, compare
from labelqa.reliability.moments import make_terms
from labelqa.reliability.names import KRIPPENDORFF
from labelqa.reliability.samples import PatternSample, standard_error_of
from labelqa.reliability.weights import IdentityWeights, ValueWeights

Floats = npt.NDArray[np.float64]
MAX_PAIRS = 500_000  # a few seconds of Python calls, and 4 MB
MOST_PAIRS_WITHIN_ITEMS = 50_000_000


def distance_agreement(
    values: Values,
    distance: str | Callable[[Any, Any], float] = "nominal",
    *,
    max_pairs: int = MAX_PAIRS,
    rng: int | np.random.Generator = 0,
) -> DistanceAgreement:
    """Krippendorff's alpha for answers of any type: 1 - observed / expected distance.

    Parameters
    ----------
    values : StructuredAnnotations, Annotations, frame or triple
        r answers by m annotators to n items; missing answers are allowed everywhere. A frame has the columns
        ``item``, ``annotator`` and ``value`` (or ``label``); a triple is ``(items, annotators, values)``.
    distance : str or callable
        ``nominal``; for sets ``jaccard`` or ``masi``; for numbers ``interval`` (squared difference) or ``ratio``; for
        texts ``edit`` (changed characters over the longer length); for ``spans`` 1 less the F1 of labeled positions;
        for ``boxes`` 1 less the matched overlap of equal labels; for ``rankings`` the share of object pairs in another
        order. Or a function ``(a, b) -> [0, 1]`` of two values in the form :class:`StructuredAnnotations` gives them,
        symmetric and 0 on equal values.
    max_pairs : int
        Pairs of distinct values up to which every pair is compared (once; memory 16 bytes a pair). With more, the
        expected distance comes from a seeded sample of answers, each compared with all distinct values; the observed
        distance stays exact, the standard error includes the sampling, and the result says so. ``nominal`` and
        ``interval`` compare no pairs and have no limit.
    rng : int or numpy.random.Generator
        Draws that sample.

    Returns
    -------
    DistanceAgreement
        The estimate with its jackknife standard error; nan with a reason where undefined.

    Raises
    ------
    ParameterError
        If `distance` is not known, does not fit the values, or a function is not a distance in [0, 1].
    LabelError
        If values are not of the kind the distance needs.
    RoundsError
        If annotations hold more than one round.

    References
    ----------
    Krippendorff, K. (2019). Content Analysis, 4th ed., ch. 12. Artstein, R. & Poesio, M. (2008). Inter-coder agreement
    for computational linguistics. Computational Linguistics 34(4), 555-596. Passonneau, R. (2006). MASI. LREC.

    Examples
    --------
    >>> rows = [("t1", "ann", {"rent"}), ("t1", "ben", {"rent", "heating"}), ("t2", "ann", {"noise"})]
    >>> rows += [("t2", "ben", {"noise"}), ("t3", "ann", set()), ("t3", "ben", set())]
    >>> result = distance_agreement(StructuredAnnotations.from_records(rows, kind="sets"), "masi")
    >>> round(result.estimate, 3)
    0.737
    """
    if isinstance(distance, str):
        check_choice("distance", distance, tuple(KIND_OF))
    elif not callable(distance):
        raise _no_distance(distance)
    _check_max_pairs(max_pairs)
    data = as_structured(values, KIND_OF[distance] if isinstance(distance, str) else "values")
    prepared = _prepare(data)
    reason = _impossible(prepared)
    compared = None if reason else _compare(prepared, distance, max_pairs, rng)
    if reason is None and compared is None:
        reason = words.TOO_MANY_PAIRS
    return _result(data, prepared, distance, compared, reason)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """Answers on items with two or more of them, coded: p distinct patterns of k distinct values."""

    values: list[Any]
    rows: ClassCounts
    multiplicity: npt.NDArray[np.int64]
    n_items: int
    n_single: int
    n_unlabeled: int
    n_annotators: int

    @property
    def n_pairable(self) -> int:
        """Items with two or more answers."""
        return int(self.multiplicity.sum())

    def answers(self) -> Floats:
        """Return the number of answers of each distinct value, (k,)."""
        times = self.rows.counts * self.multiplicity[self.rows.row]
        return np.bincount(self.rows.classes, weights=times, minlength=self.rows.k).astype(np.float64)


def _prepare(data: StructuredAnnotations) -> Prepared:
    per_item = np.bincount(data.item, minlength=data.n_items)
    pairable = np.flatnonzero(per_item[data.item] >= 2)
    codes, distinct = coded([data.values[i] for i in pairable.tolist()])
    item, kept = compress(data.item[pairable], data.n_items)
    rows = ClassCounts.from_codes(item, codes, kept.size, max(len(distinct), 1))
    first, inverse = distinct_rows(rows)
    return Prepared(
        values=distinct,
        rows=rows.take(first),
        multiplicity=np.bincount(inverse, minlength=first.size).astype(np.int64),
        n_items=int((per_item > 0).sum()),
        n_single=int((per_item == 1).sum()),
        n_unlabeled=int((per_item == 0).sum()),
        n_annotators=data.n_annotators,
    )


def _impossible(prepared: Prepared) -> str | None:
    if prepared.n_items == 0:
        return words.NO_ANSWERS
    if prepared.n_pairable == 0:
        return words.ONE_ANNOTATOR if prepared.n_annotators == 1 else words.NO_OVERLAP
    return words.ONE_VALUE if len(prepared.values) == 1 else None


def _compare(
    prepared: Prepared, distance: str | Callable[[Any, Any], float], max_pairs: int, rng: int | np.random.Generator
) -> Compared | None:
    """Return the distances, or None where items hold too many pairs of different answers."""
    if distance == "nominal":
        return Compared(weights=IdentityWeights(prepared.rows.k), scale=1.0)
    if distance == "interval":
        return Compared(weights=ValueWeights.of(np.array(prepared.values, dtype=np.float64)), scale=1.0)
    within = np.diff(prepared.rows.start)
    if int((within * (within - 1) // 2).sum()) > MOST_PAIRS_WITHIN_ITEMS:
        return None
    return compare(pair_distance(distance, prepared.values), prepared.answers(), max_pairs=max_pairs, rng=rng)


def _result(
    data: StructuredAnnotations,
    prepared: Prepared,
    distance: str | Callable[[Any, Any], float],
    compared: Compared | None,
    reason: str | None,
) -> DistanceAgreement:
    sample = observed = expected = value = error = sampling = None
    if reason is None and compared is not None:
        sample = PatternSample(make_terms(KRIPPENDORFF, prepared.rows, prepared.multiplicity, compared.weights))
        found = sample.estimate()
        value = found.value
        answers = float(sample.terms.sums().usable)
        room = 1 - 1 / answers  # Krippendorff's small-sample form of both parts
        observed = (1 - found.observed) / room * compared.scale
        expected = (1 - found.expected) / room * compared.scale
        reason = words.ONE_VALUE if math.isnan(value) else None
        sampling = _sampling_error(compared, prepared, observed, expected)
        error = math.hypot(standard_error_of(sample), sampling)
    return DistanceAgreement(
        distance=name_of(distance),
        kind=data.kind,
        estimate=_or_nan(value),
        observed=_or_nan(observed),
        expected=_or_nan(expected),
        standard_error=_or_nan(error),
        sampling_error=_or_nan(sampling),
        n_items=prepared.n_items,
        n_annotators=prepared.n_annotators,
        n_annotations=len(data),
        n_single=prepared.n_single,
        n_unlabeled=prepared.n_unlabeled,
        n_distinct=len(distinct_values(data.values)),
        n_references=0 if compared is None else compared.n_references,
        undefined_because=reason,
        interval_undefined_because=_no_interval(prepared, reason, error),
        _sample=sample if reason is None else None,
        _degrees=prepared.n_pairable - 1,
    )


def _sampling_error(compared: Compared, prepared: Prepared, observed: float, expected: float) -> float:
    """Return the part of the standard error that comes from sampling references: 0 where all pairs were compared."""
    if not isinstance(compared.weights, SampledWeights) or expected == 0:
        return 0.0
    return observed / expected**2 * compared.weights.expected_error(prepared.answers()) * compared.scale


def _no_interval(prepared: Prepared, reason: str | None, error: float | None) -> str | None:
    if reason is not None or not math.isnan(_or_nan(error)):
        return None
    return words.ONE_ITEM if prepared.n_pairable < 2 else words.LEAVE_ONE_OUT_UNDEFINED


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _check_max_pairs(max_pairs: object) -> None:
    if isinstance(max_pairs, bool) or not isinstance(max_pairs, int | np.integer) or max_pairs < 0:
        raise ParameterError(
            Problem(
                what=f"max_pairs={max_pairs!r} is no number of pairs",
                parameter="max_pairs",
                value=max_pairs,
                allowed=(f"a whole number; {MAX_PAIRS:,} is usual",),
            )
        )


def _no_distance(distance: object) -> ParameterError:
    return ParameterError(
        Problem(
            what=f"distance={distance!r} is neither a name nor a function",
            parameter="distance",
            value=distance,
            allowed=(*KIND_OF, "a function (a, b) -> [0, 1]"),
        )
    )
