"""All measurements of a report, made once; the sections only put them into words."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from labelqa.aggregation.consensus import consensus
from labelqa.aggregation.gold import Gold, known_classes
from labelqa.aggregation.result import ConsensusResult
from labelqa.ambiguity.confusions import class_confusions
from labelqa.ambiguity.confusions_result import ClassConfusions
from labelqa.ambiguity.evidence.explain import explain_confusion
from labelqa.ambiguity.evidence.result import ConfusionEvidence
from labelqa.annotations.table import Annotations
from labelqa.diagnosis.sorting import triage
from labelqa.diagnosis.triage_result import Triage
from labelqa.inference.benchmark import Benchmark
from labelqa.inference.intervals import ConfidenceInterval
from labelqa.label_issues.result import LabelIssues
from labelqa.reliability.annotators import AnnotatorAgreement, annotator_agreement
from labelqa.reliability.by import agreement_by
from labelqa.reliability.classes import class_agreement
from labelqa.reliability.estimate import agreement, agreement_table
from labelqa.reliability.items import ItemDisagreement, item_disagreement
from labelqa.reliability.names import KRIPPENDORFF
from labelqa.reliability.result import AgreementResult
from labelqa.report.people import People, look_at_people
from labelqa.slices.disagreement import disagreement_slices
from labelqa.slices.result import SliceTable

MANY_LABELS = 200_000  # labels from which one model of annotators has to do, to save a reader seconds
LEAST_ITEMS = 50  # with two labels, from which a search for slices can find anything
MANY_ITEMS = 20_000  # above which it looks at pairs of conditions at most
MEASURED_LEVELS = ("interval", "ratio")
CERTAINTY = 0.95  # probability with which a verbal band must be reached
ROUND_COLUMNS = ("round", "n_items", "n_annotations", "estimate", "low", "high", "standard_error", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user asked for.

    Attributes
    ----------
    coefficient : str
        Coefficient of the headline.
    weights : mapping of str to str
        Weights of each coefficient.
    confidence : float
        Level of all intervals.
    gold : mapping of item to class, or str, optional
        True classes of some items, or the column that holds them.
    label_issues : LabelIssues, optional
        What models say of labels on these items.
    sections : frozenset of str, optional
        Sections that are asked for; None is all. What only others show is not measured.
    """

    coefficient: str
    weights: Mapping[str, str]
    confidence: float
    gold: Gold | None = None
    label_issues: LabelIssues | None = None
    sections: frozenset[str] | None = None

    def wants(self, *sections: str) -> bool:
        """Whether one of these sections is asked for."""
        return self.sections is None or not self.sections.isdisjoint(sections)

    @property
    def main_weights(self) -> str:
        """Weights of the headline."""
        return self.weights[self.coefficient]

    @property
    def pair_weights(self) -> str:
        """Weights of kappa and of items: ranks depend on the data and would differ from pair to pair of annotators."""
        return "ordinal" if self.main_weights == "rank" else self.main_weights


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Findings:
    """What was measured on one data set; what only sections show that nobody asked for is None.

    Attributes
    ----------
    everything, latest : Annotations
        All rounds, and the latest one, on which all but `by_round` was measured.
    rounds : tuple
        Names of the rounds that hold labels, in order.
    main : AgreementResult
        The headline coefficient, with `interval` and `benchmark`.
    coefficients : DataFrame
        All eight coefficients, one row each.
    class_coefficient : str
        Coefficient of `classes`: that of the headline, or alpha where the headline is undefined.
    classes, pairs : DataFrame
        One row a class; one row a pair of classes that met on an item, most frequent first. Every difference counts
        fully.
    confusions : ClassConfusions
        The pairs with intervals, flags and advice, those with an unclear border first.
    evidence : ConfusionEvidence or None
        What is known of the most unclear border; None where there is none, or items have no data.
    annotators : AnnotatorAgreement
        Kappa of each against the rest, and of pairs, with ``options.pair_weights``.
    items : ItemDisagreement
        Disagreement of each item, with ``options.pair_weights``.
    same_label : float
        Plain share of label pairs of an item that are equal, whatever the weights: percent agreement.
    consensus : ConsensusResult or None
        One label an item; None where no item has two labels.
    people : People or None
        How annotators work; None where there is no consensus.
    by_round : DataFrame
        The headline coefficient in each round: round, n_items, n_annotations, estimate, low, high, reason.
    slices : SliceTable or None
        Kinds of items on which people disagree more than on the rest; None where none was found or nothing searched.
    triage : Triage or None
        Why each disputed item is disputed; None for measurements, and where no item has two labels.
    """

    options: Options
    everything: Annotations
    latest: Annotations
    rounds: tuple[Hashable, ...]
    main: AgreementResult
    interval: ConfidenceInterval
    benchmark: Benchmark
    coefficients: pd.DataFrame
    class_coefficient: str
    classes: pd.DataFrame
    pairs: pd.DataFrame
    confusions: ClassConfusions
    evidence: ConfusionEvidence | None
    annotators: AnnotatorAgreement
    items: ItemDisagreement
    same_label: float
    consensus: ConsensusResult | None
    people: People | None
    by_round: pd.DataFrame
    slices: SliceTable | None
    triage: Triage | None

    @property
    def n_pairable(self) -> int:
        """Items with at least two labels."""
        return self.main.n_items - self.main.n_single


def measure(annotations: Annotations, options: Options) -> Findings:
    """Measure everything a report shows.

    Raises
    ------
    ParameterError
        If a coefficient, weighting or level is not allowed.
    LabelError
        If the weights need numeric labels and the labels are not.
    ParameterError
        If `gold` names an item or class that is not there.
    """
    known_classes(annotations, options.gold)
    rounds = rounds_in(annotations)
    latest = annotations if annotations.n_rounds == 1 or not rounds else only_round(annotations, rounds[-1])
    table = agreement_table(latest, weights=options.weights, confidence=options.confidence)
    main = table[options.coefficient]
    of_classes = KRIPPENDORFF if main.undefined_because else options.coefficient
    gold = _gold_in(latest, options.gold)
    n_pairable = main.n_items - main.n_single
    sure = _consensus(latest, gold) if n_pairable and options.wants("consensus", "habits") else None
    named = n_pairable > 0 and latest.schema.level not in MEASURED_LEVELS
    confusions = class_confusions(latest, confidence=options.confidence)
    followed = annotations if annotations.n_rounds == max(len(rounds), 1) else latest
    return Findings(
        options=options,
        everything=annotations,
        latest=latest,
        rounds=rounds,
        main=main,
        interval=main.confidence_interval(options.confidence),
        benchmark=main.benchmark(probability=CERTAINTY),
        coefficients=table.to_frame(),
        class_coefficient=of_classes,
        classes=class_agreement(latest, coefficient=of_classes, confidence=options.confidence).to_frame(),
        pairs=confusions.frame.sort_values("coincidences", ascending=False, kind="stable", ignore_index=True),
        confusions=confusions,
        evidence=_evidence(latest, confusions) if options.wants("pair") else None,
        annotators=annotator_agreement(latest, weights=options.pair_weights, confidence=options.confidence),
        items=item_disagreement(latest, weights=options.pair_weights),
        same_label=agreement(latest, coefficient="percent_agreement", weights="identity").estimate,
        consensus=sure,
        people=None if sure is None else look_at_people(followed, sure, gold=gold, confidence=options.confidence),
        by_round=_by_round(annotations, rounds, options),
        slices=_slices(latest, n_pairable) if named and options.wants("slices") else None,
        triage=_triage(latest, confusions, options.label_issues) if named and options.wants("triage") else None,
    )


def _triage(latest: Annotations, found: ClassConfusions, issues: LabelIssues | None) -> Triage:
    heard = issues is not None and bool(latest.items.isin(issues.items).any())
    return triage(latest, issues=issues if heard else None, confusions=found)


def _evidence(latest: Annotations, found: ClassConfusions) -> ConfusionEvidence | None:
    """Return the evidence on the most unclear border, where classes are names and items have data to look at."""
    if latest.schema.level in MEASURED_LEVELS or not latest.item_data.shape[1] or found.flagged.empty:
        return None
    first = found.flagged.iloc[0]
    return explain_confusion(latest, (first["class_a"], first["class_b"]), confidence=found.confidence)


def _slices(latest: Annotations, n_pairable: int) -> SliceTable | None:
    """Return where people disagree most, where there are enough items and columns and something is found."""
    if n_pairable <= LEAST_ITEMS or not latest.item_data.shape[1]:
        return None
    found = disagreement_slices(latest, max_predicates=3 if n_pairable <= MANY_ITEMS else 2)
    return found if len(found) else None


def _consensus(latest: Annotations, gold: Gold | None) -> ConsensusResult:
    return consensus(latest, "auto" if len(latest) <= MANY_LABELS else "hierarchical", gold=gold)


def _gold_in(latest: Annotations, gold: Gold | None) -> Gold | None:
    """Return the true classes of the items of `latest`; None where none is known."""
    if gold is None or isinstance(gold, str):
        return gold
    items = {str(item) for item in latest.items}
    return {item: name for item, name in gold.items() if str(item) in items} or None


def rounds_in(annotations: Annotations) -> tuple[Hashable, ...]:
    """Return the names of the rounds that hold labels, in order."""
    if annotations.round is None or annotations.rounds is None:
        return ()
    present = np.unique(annotations.round)
    return tuple(annotations.rounds.take(present).tolist())


def only_round(annotations: Annotations, name: Hashable) -> Annotations:
    """Return the annotations of one round."""
    if annotations.round is None or annotations.rounds is None:
        return annotations
    return annotations.where(mask=annotations.round == annotations.rounds.get_loc(name))


def digest(annotations: Annotations) -> str:
    """Return the SHA-256 of the coded table: the identity of data that came as a frame."""
    found = hashlib.sha256()
    for codes in (annotations.item, annotations.annotator, annotations.label, annotations.round):
        found.update(b"-" if codes is None else np.ascontiguousarray(codes, dtype="<i4").tobytes())
    for names in (annotations.items, annotations.annotators, annotations.schema.classes, annotations.rounds):
        found.update(repr([] if names is None else [str(n) for n in names]).encode("utf-8", "backslashreplace"))
    return found.hexdigest()


def _by_round(annotations: Annotations, rounds: tuple[Hashable, ...], options: Options) -> pd.DataFrame:
    if not rounds:
        return pd.DataFrame(columns=list(ROUND_COLUMNS))
    found = agreement_by(
        annotations,
        "round",
        coefficient=options.coefficient,
        weights=options.main_weights,
        confidence=options.confidence,
    ).to_frame()
    used = found[found["n_annotations"] > 0].reset_index(drop=True)
    return used.assign(round=pd.Series(rounds, dtype=object))[list(ROUND_COLUMNS)]
