"""Agreement of marked spans: pairwise F1, alpha beside it, and what the disagreement is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from labelqa.annotations.schema import natural_key
from labelqa.annotations.structured import StructuredAnnotations
from labelqa.reliability.distance import words
from labelqa.reliability.distance.figures import Figure, FigureResult, figure
from labelqa.reliability.distance.geometry import Span, best_pairs, span_overlaps
from labelqa.reliability.distance.inputs import Values, as_structured
from labelqa.reliability.distance.pairing import Together
from labelqa.reliability.distance.positions import position_alphas
from labelqa.reliability.distance.ratios import PairRatios
from labelqa.results import as_percent, reason_as_object
from labelqa.text import visible

EQUAL_BOUNDARIES_FIRST = 1e-9  # of matches with the same total overlap, whatever the order of annotators
OUTCOMES = ("exact", "other_boundaries", "other_label", "both_differ", "only_one_marked")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class SpanAgreement(FigureResult):
    """Agreement of spans.

    Attributes
    ----------
    exact, overlap : float
        F1 of two annotators, same boundaries and label, or overlapping with the same label; per pair of annotators
        over all their items, then the mean over pairs.
    exact_pooled, overlap_pooled : float
        The same over all pairs at once: pairs with more spans count more.
    alpha : float
        Krippendorff's alpha over positions, the value of a position being its set of labels, or nothing.
    alpha_position : float
        The same with the labels left out: marked or not.
    alpha_label : float
        The same over the positions that both annotators of a pair marked.
    outcomes : dict of str to int
        Spans, summed over annotator pairs: ``exact``; matched with ``other_boundaries``, with ``other_label``, with
        both different (``both_differ``); ``only_one_marked``. A matched span counts on both sides.
    position_share, label_share : float
        Share of the disagreeing spans that disagree on position (boundaries, or whether there is one), and on the
        label; a span that does on both counts in both.
    by_label : pandas.DataFrame
        Columns label, exact, overlap, n_spans, reason; F1 of each label, lowest first, then by name.
    n_items, n_annotators, n_annotations, n_single : int
        Items with an answer, annotators, answers, items with one answer only.
    n_spans : int
        Spans in all answers.
    lengths_known : bool
        Whether the alphas knew how long each item is; else an item ends at its last mark.
    undefined_because : str or None
        Why the main figure is nan.
    """

    exact: float
    overlap: float
    exact_pooled: float
    overlap_pooled: float
    alpha: float
    alpha_position: float
    alpha_label: float
    outcomes: Mapping[str, int]
    position_share: float
    label_share: float
    by_label: pd.DataFrame
    n_spans: int
    lengths_known: bool

    def summary(self) -> list[str]:
        """Return the main figures, what disagreement is about, and the next step."""
        size = f"  {self.n_spans:,} spans in {self.n_annotations:,} answers to {self.n_items:,} items"
        if self.undefined_because:
            return [f"Span agreement: undefined ({self.undefined_because})", size, "  next: .to_frame()"]
        lowest = [f"{visible(r.label)} {r.exact:.2f}" for r in self.by_label.head(3).itertuples()]
        about = f"position {as_percent(self.position_share)}, label {as_percent(self.label_share)}"
        return [
            f"Span F1, exact: {self.headline('exact')}",
            f"  overlapping: {self.headline('overlap')}; alpha over positions: {self.shown('alpha')}",
            f"  what disagreement is about: {about}; lowest labels: {', '.join(lowest)}",
            size,
            "  next: .to_frame(), .by_label, .outcomes, .plot()",
        ]


def span_agreement(values: Values, *, lengths: Mapping[Hashable, int] | None = None) -> SpanAgreement:
    """Agreement of marked character or token spans.

    Parameters
    ----------
    values : StructuredAnnotations of kind "spans", frame or triple
        Who marked which (start, end, label) in which item. An empty list is an answer: nothing to mark.
    lengths : mapping of item to int, optional
        Characters or tokens of each item. Without it an item ends at the last position anybody marked there, so the
        alphas know of less agreement on nothing; F1 needs no lengths.

    Returns
    -------
    SpanAgreement
        Mean pairwise F1 with bootstrap intervals over items, alpha over positions, and the split of disagreement.

    Raises
    ------
    ParameterError
        If the values are not spans, or `lengths` lacks an item or is shorter than its marks.
    LabelError
        If a value is not a list of spans.

    Notes
    -----
    Spans of two annotators are matched one to one: equal ones first, then those of one label with the largest total
    overlap, then the rest with the largest total overlap. Alpha is the nominal alpha of single positions, of which
    Krippendorff et al. (2016) derive the family for units of text: all values (alpha), marked or not
    (alpha_position), labels where both marked (alpha_label). Theirs also corrects the expected disagreement for the
    lengths of units; here the positions of an item stay together in the interval instead.

    References
    ----------
    Hripcsak, G. & Rothschild, A. S. (2005). Agreement, the F-measure, and reliability in information retrieval. J. Am.
    Med. Inform. Assoc. 12(3), 296-298. Krippendorff, K., Mathet, Y., Bouvry, S. & Widlocher, A. (2016). On the
    reliability of unitizing textual continua: further developments. Quality & Quantity 50, 2347-2364.

    Examples
    --------
    >>> rows = [("t1", "ann", [(0, 5, "PER"), (9, 14, "LOC")]), ("t1", "ben", [(0, 5, "PER"), (9, 12, "LOC")])]
    >>> rows += [("t2", "ann", [(0, 3, "LOC")]), ("t2", "ben", [(0, 3, "PER")])]
    >>> result = span_agreement(StructuredAnnotations.from_records(rows, kind="spans"))
    >>> round(result.exact, 3), round(result.overlap, 3), result.outcomes["other_label"]
    (0.333, 0.667, 2)
    """
    data = as_structured(values, "spans")
    together = Together.of(data)
    found = _Matches(data, together)
    figures, by_label = found.figures()
    alphas = position_alphas(data, together, lengths)
    figures |= alphas
    totals = found.outcomes()
    wrong = sum(totals.values()) - totals["exact"]
    of_position = totals["other_boundaries"] + totals["only_one_marked"] + totals["both_differ"]
    of_label = totals["other_label"] + totals["both_differ"]
    return SpanAgreement(
        exact=figures["exact"].value,
        overlap=figures["overlap"].value,
        exact_pooled=found.ratio(("exact",)).pooled(),
        overlap_pooled=found.ratio(("exact", "other_boundaries")).pooled(),
        alpha=figures["alpha"].value,
        alpha_position=figures["alpha_position"].value,
        alpha_label=figures["alpha_label"].value,
        outcomes=totals,
        position_share=of_position / wrong if wrong else float("nan"),
        label_share=of_label / wrong if wrong else float("nan"),
        by_label=by_label,
        n_items=together.n_items,
        n_annotators=together.n_annotators,
        n_annotations=len(data),
        n_single=together.n_single,
        n_spans=sum(len(v) for v in data.values),  # type: ignore[misc,arg-type]  # kind "spans" holds tuples
        lengths_known=lengths is not None,
        undefined_because=figures["exact"].undefined_because,
        _figures=figures,
    )


def outcomes_of(left: Sequence[Span], right: Sequence[Span]) -> Counter[tuple[str, Any]]:
    """Return how the spans of two annotators compare: (outcome, label) to the number of spans, of both sides."""
    out: Counter[tuple[str, Any]] = Counter()
    equal = set(left) & set(right)
    for span in left:  # never in the order of a set, which changes from run to run
        if span in equal:
            out["exact", span[2]] += 2
    a, b = ([s for s in side if s not in equal] for side in (left, right))
    overlaps = span_overlaps(a, b)
    same = np.array([[x[2] == y[2] for y in b] for x in a], dtype=np.bool_).reshape(overlaps.shape)
    overlaps = overlaps + EQUAL_BOUNDARIES_FIRST * overlaps**2
    first = best_pairs(np.where(same, overlaps, 0.0))
    for i, j in first:
        out["other_boundaries", a[i][2]] += 2
        overlaps[i, :] = overlaps[:, j] = 0.0
    rest = best_pairs(overlaps)
    for i, j in rest:
        outcome = "other_label" if a[i][:2] == b[j][:2] else "both_differ"
        out[outcome, a[i][2]] += 1
        out[outcome, b[j][2]] += 1
    matched_a, matched_b = {i for i, _ in first + rest}, {j for _, j in first + rest}
    alone = [s for i, s in enumerate(a) if i not in matched_a] + [s for j, s in enumerate(b) if j not in matched_b]
    for span in alone:
        out["only_one_marked", span[2]] += 1
    return out


class _Matches:
    """Outcomes of every two answers to one item: an entry an item, annotator pair, outcome and label."""

    def __init__(self, data: StructuredAnnotations, together: Together) -> None:
        self._together = together
        self._impossible = together.impossible()
        entries: list[tuple[int, int, int, int, int]] = []
        self._labels: dict[Any, int] = {}
        for item, pair, left, right in together.pairs():
            counts = outcomes_of(data.values[left], data.values[right])  # type: ignore[arg-type]  # tuples of spans
            for (outcome, label), n in counts.items():
                code = self._labels.setdefault(label, len(self._labels))
                entries.append((item, pair, OUTCOMES.index(outcome), code, n))
        table = np.array(entries, dtype=np.int64).reshape(-1, 5)
        self._item, self._pair, self._outcome, self._label, self._n = table.T

    def ratio(self, hits: Sequence[str], label: int | None = None) -> PairRatios:
        """Return F1 with the outcomes `hits` as right, of all spans or of one label."""
        chosen = np.ones(self._n.size, dtype=np.bool_) if label is None else self._label == label
        right = np.isin(self._outcome, [OUTCOMES.index(h) for h in hits])
        return PairRatios(
            item=self._item[chosen],
            pair=self._pair[chosen],
            top=np.where(right, self._n, 0)[chosen].astype(np.float64),
            bottom=self._n[chosen].astype(np.float64),
            n_items=len(self._together.rows),
            n_pairs=max(len(self._together.pair_code), 1),
        )

    def outcomes(self) -> dict[str, int]:
        """Return the number of spans of each outcome."""
        totals = np.bincount(self._outcome, weights=self._n, minlength=len(OUTCOMES))
        return {name: int(n) for name, n in zip(OUTCOMES, totals.tolist(), strict=True)}

    def figures(self) -> tuple[dict[str, Figure], pd.DataFrame]:
        """Return F1 exact and overlapping, and the table by label."""
        reason = self._impossible or words.NO_SPANS
        n_items, n = len(self._together.rows), int(self._n.sum())
        kinds = {"exact": ("exact",), "overlap": ("exact", "other_boundaries")}
        ratios = {name: self.ratio(hits) for name, hits in kinds.items()}
        found = {name: figure(r.value(), r, n=n, n_items=n_items, reason=reason) for name, r in ratios.items()}
        rows = [
            {"label": label, "n_spans": int(self._n[self._label == code].sum()), "reason": None}
            | {name: self.ratio(hits, code).value() for name, hits in kinds.items()}
            for label, code in sorted(self._labels.items(), key=lambda entry: natural_key(entry[0]))
        ]
        frame = pd.DataFrame(rows, columns=["label", "exact", "overlap", "n_spans", "reason"])
        frame = frame.sort_values(["exact", "n_spans"], kind="stable").reset_index(drop=True)
        return found, reason_as_object(frame)
