"""The entry point of the quality of annotators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.aggregation.accuracy import accuracies, least_accurate_first, main_confusions
from labelqa.aggregation.annotators.drift import LEAST, Drift, find_drift
from labelqa.aggregation.annotators.quality_result import COLUMNS, AnnotatorQuality
from labelqa.aggregation.annotators.schools import annotator_schools
from labelqa.aggregation.annotators.schools_result import AnnotatorSchools
from labelqa.aggregation.annotators.shares import lone_dissents, median_seconds, repeated_labels
from labelqa.aggregation.annotators.wording import ALPHA
from labelqa.aggregation.confusions import hierarchical
from labelqa.aggregation.em import Setting, with_known
from labelqa.aggregation.gold import Gold, known_classes
from labelqa.aggregation.judging import Judged, judged, parts_of, spread
from labelqa.aggregation.labeltable import LabelTable
from labelqa.aggregation.result import ConsensusResult, check_consensus
from labelqa.aggregation.solve import solve
from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import need_annotations
from labelqa.inference.adjustment import holm
from labelqa.inference.intervals import check_level
from labelqa.inference.proportions import wilson
from labelqa.inference.randomness import random_generator
from labelqa.results import reason_as_object

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
REFRESH = 2  # updates of the consensus
AGAIN = 10  # updates of each part of the jackknife
SCHOOLS_UP_TO = 300  # annotators
NO_TIMES = "the labels have no times, and the order of rows is not taken for one"
FEW_TIMED = f"fewer than {LEAST} labels that have a time and can be judged"
NO_DRIFT = f"Whether anybody changed over time cannot be said: {NO_TIMES}."
NO_SCHOOLS = f"More than {SCHOOLS_UP_TO} annotators: for groups among them call annotator_schools(annotations)."


def annotator_quality(
    annotations: Annotations,
    consensus: ConsensusResult | None = None,
    *,
    gold: Gold | None = None,
    confidence: float = 0.95,
    rng: int | np.random.Generator = 0,
) -> AnnotatorQuality:
    """Accuracy of every annotator with an interval, confusions, lone dissents, self-consistency, drift and school.

    The truth is not known, so labels are judged by the others of their item, who err too: an accuracy is the one under
    which own labels and the others' word fit together best. Its interval counts in that the truth is uncertain, and
    (by a jackknife over items, dealt into parts by their names) that the errors of the others are.

    Parameters
    ----------
    annotations : Annotations
        Labels. Of several rounds the latest is judged; all are used for self-consistency. Drift follows their
        timestamps, and is undefined where there are none.
    consensus : ConsensusResult, optional
        Consensus of these very labels (of several rounds, of the latest) to start from and to name mistakes by; by
        default that of the method ``auto``.
    gold : mapping or Series of item to class, or str, optional
        True classes of some items, or the column of the item data that holds them; what is missing is not known.
    confidence : float
        Level of the intervals.
    rng : int or numpy.random.Generator
        For the permutations behind `drift_p` and `school`; accuracies and intervals do not depend on it.

    Returns
    -------
    AnnotatorQuality
        A row an annotator, and confusions on demand.

    Raises
    ------
    ParameterError
        If `consensus` is none or of other labels, `gold` names an item or class that is not there,
        `confidence` is not between 0 and 1, or `rng` is no seed.

    Notes
    -----
    The accuracy shown is the likeliest one with two pseudo-labels of the group's accuracy, so that it stays sensible
    where labels hardly tell. ``consensus(...).annotators`` gives it too, and the same `confuses` for the same
    consensus, but other intervals: there the errors of the others are taken as known, so where others err much or
    labels are few those are narrower, by a third and more, and too narrow. Use the ones of this function to judge
    people.

    Where items are hard for everybody in the same way, the others' word is wrong together and accuracies come out a few
    points too high (.03 where a fifth of the items mislead 40 % of labels); with hundreds of labels an annotator, only
    `gold` shows that.

    References
    ----------
    Dawid, A. P. & Skene, A. M. (1979). Appl. Stat. 28, 20-28. Wilson, E. B. (1927). J. Am. Stat. Assoc. 22, 209-212.
    Page, E. S. (1954). Biometrika 41, 100-115. The interval of the accuracy is our own; its coverage is shown by
    ``python -m tests.bench.annotator_intervals``.

    Examples
    --------
    >>> import pandas as pd
    >>> ann, ben, cem = "xxyyxyxxyy" * 4, "xxyyxyxyyy" * 4, "yxyyxxxxyy" * 4
    >>> wide = pd.DataFrame({"ann": list(ann), "ben": list(ben), "cem": list(cem)})
    >>> annotator_quality(Annotations.from_wide(wide)).worst(1)[["annotator", "n"]].values.tolist()
    [['cem', 40]]
    """
    need_annotations(annotations)
    check_level(confidence)
    latest = _latest(annotations)
    table = LabelTable.of(latest)
    how = Setting(known=known_classes(latest, gold))
    generator = random_generator(rng)
    begin = _begin(latest, table, consensus, how)
    found = judged(table, begin, how, REFRESH)
    schools = annotator_schools(latest, rng=generator) if latest.n_annotators <= SCHOOLS_UP_TO else None
    accuracy = _accuracy(table, found, how, confidence, parts_of(latest.items, table.r))
    drift = find_drift(table, found, _in_order(latest), generator)
    columns = {
        **accuracy,
        **_drift(latest, drift),
        **_counted(annotations, latest, table, confidence),
        "seconds": median_seconds(latest),
        "confuses": main_confusions(table, begin, latest.schema),
    }
    return replace(
        _result(annotations, latest, found, columns, schools, confidence),
        _fits={str(latest.annotators[g]): fits for g, fits in drift.fits.items()},
    )


def _latest(annotations: Annotations) -> Annotations:
    """Return the labels of the latest round."""
    if annotations.rounds is None or annotations.n_rounds < 2:
        return annotations
    return annotations.where(round=annotations.rounds[-1])


def _begin(annotations: Annotations, table: LabelTable, consensus: ConsensusResult | None, how: Setting) -> Floats:
    """Return the probabilities (n, k) of the consensus that is given, or of one."""
    if consensus is None:
        return solve(table, "auto", how).posterior
    check_consensus(consensus, annotations)
    return with_known(consensus.probabilities.copy(), how.known)


def _accuracy(table: LabelTable, found: Judged, how: Setting, confidence: float, part_of: Ints) -> dict[str, object]:
    likelihood = found.likelihood(table)
    error = likelihood.moments()[1]
    stretch = np.maximum(spread(table, found, how, part_of, AGAIN) / error, 1.0)
    figures = accuracies(table, likelihood, known=how.known, level=confidence, stretch=stretch)
    return {**figures, "n_judged": likelihood.n.astype(np.int64), "n": table.labels_per_annotator}


def _drift(annotations: Annotations, drift: Drift) -> dict[str, object]:
    adjusted = holm(drift.p_value)
    changed = adjusted <= ALPHA
    since = [_since(annotations, drift, g) if changed[g] else None for g in range(changed.size)]
    return {
        "drift_p": adjusted,
        "drift_since": pd.Series(since, dtype=object),
        "drift_before": np.where(changed, drift.before, np.nan),
        "drift_after": np.where(changed, drift.after, np.nan),
        "drift_reason": _reasons(drift, NO_TIMES if not _in_order(annotations).size else FEW_TIMED),
    }


def _reasons(drift: Drift, reason: str) -> pd.Series:
    """Return `reason` where nothing is known of a change, None elsewhere."""
    return pd.Series([reason if np.isnan(p) else None for p in drift.p_value], dtype=object)


def _in_order(annotations: Annotations) -> Ints:
    """Return the rows of the labels that have a time, in its order; none where no time is known."""
    if annotations.timestamp is None:
        return np.arange(0)
    timed = np.flatnonzero(~np.isnat(annotations.timestamp))
    return timed[np.lexsort((annotations.item[timed], annotations.timestamp[timed]))]


def _since(annotations: Annotations, drift: Drift, g: int) -> str:
    if annotations.timestamp is None:
        return ""
    return pd.Timestamp(annotations.timestamp[drift.first_after[g]]).isoformat(sep=" ", timespec="minutes")


def _counted(annotations: Annotations, latest: Annotations, table: LabelTable, confidence: float) -> dict[str, object]:
    alone, with_others = lone_dissents(table)
    share, low, high = wilson(alone, with_others, confidence)
    place = annotations.annotators.get_indexer(latest.annotators)
    same, again = (values[place] for values in repeated_labels(annotations))
    return {
        "n_with_others": with_others.astype(np.int64),
        "lone_dissent": share,
        "lone_dissent_low": low,
        "lone_dissent_high": high,
        "n_repeated": again.astype(np.int64),
        "self_consistency": same / np.where(again > 0, again, np.nan),
    }


def _notes(annotations: Annotations, schools: AnnotatorSchools | None) -> Iterator[str]:
    if len(annotations) and not _in_order(annotations).size:
        yield NO_DRIFT
    if schools is None:
        yield NO_SCHOOLS


def _result(
    annotations: Annotations,
    latest: Annotations,
    found: Judged,
    columns: dict[str, object],
    schools: AnnotatorSchools | None,
    confidence: float,
) -> AnnotatorQuality:
    names = tuple(str(name) for name in latest.annotators)
    school = np.full(len(names), np.nan) if schools is None else schools.members["school"].to_numpy(dtype=np.float64)
    words = {"annotator": np.asarray(latest.annotators), "school": school}
    frame = reason_as_object(pd.DataFrame(words | columns)[list(COLUMNS)])
    frame = least_accurate_first(frame)
    several = annotations.rounds is not None and annotations.n_rounds > 1
    return AnnotatorQuality(
        frame=frame,
        schema=latest.schema,
        confidence=confidence,
        round=str(annotations.rounds[-1]) if several and annotations.rounds is not None else None,
        schools=schools,
        notes=tuple(_notes(latest, schools)),
        _names=names,
        _confusion=hierarchical(found.counts),
        _counts=found.counts,
    )
