"""Agreement of drawn boxes: matched one to one by overlap, image by image."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from labelqa.annotations.structured import StructuredAnnotations
from labelqa.errors import check_between
from labelqa.reliability.distance import words
from labelqa.reliability.distance.estimate import distance_agreement
from labelqa.reliability.distance.figures import Figure, FigureResult, figure
from labelqa.reliability.distance.geometry import Box, best_pairs, box_overlaps
from labelqa.reliability.distance.inputs import Values, as_structured
from labelqa.reliability.distance.pairing import Together
from labelqa.reliability.distance.ratios import PairRatios
from labelqa.reliability.distance.units import UnitSums, alpha_of

UNMATCHED = object()  # no label of a user is equal to it
PAIRS_OF_IMAGES = 100_000  # compared for alpha_overlap; beyond, the distance by chance comes from a sample
EQUAL_LABEL_FIRST = 1e-9  # of two equally good matches the one with equal labels


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class BoxAgreement(FigureResult):
    """Agreement of boxes.

    Attributes
    ----------
    f1 : float
        F1 of two annotators: boxes matched at the threshold, whatever their labels; per pair of annotators over all
        their images, then the mean over pairs.
    f1_label : float
        The same where the labels must be equal too.
    mean_overlap : float
        Mean intersection over union of matched boxes.
    label_agreement : float
        Share of matched boxes with equal labels.
    alpha : float
        Krippendorff's alpha of labels over matched boxes, a box without a match having the partner "unmatched".
    alpha_overlap : float
        Krippendorff's alpha of whole images under the ``boxes`` distance (1 less the overlap of equal labels); with
        more than some 450 different answers the distance by chance comes from a sample of images (seed 0).
    iou : float
        The threshold.
    n_items, n_annotators, n_annotations, n_single : int
        Images with an answer, annotators, answers, images with one answer only.
    n_boxes, n_matched, n_unmatched : int
        Boxes in all answers; matches and boxes without one, summed over annotator pairs.
    undefined_because : str or None
        Why the main figure is nan.
    """

    f1: float
    f1_label: float
    mean_overlap: float
    label_agreement: float
    alpha: float
    alpha_overlap: float
    iou: float
    n_boxes: int
    n_matched: int
    n_unmatched: int

    def summary(self) -> list[str]:
        """Return the main figures and the next step."""
        size = f"  {self.n_boxes:,} boxes in {self.n_annotations:,} answers to {self.n_items:,} images"
        if self.undefined_because:
            return [f"Box agreement: undefined ({self.undefined_because})", size, "  next: .to_frame()"]
        return [
            f"Box F1 at IoU {self.iou:g}: {self.headline('f1')}",
            f"  with equal labels: {self.headline('f1_label')}; alpha: {self.headline('alpha')}",
            f"  {self.n_matched:,} matches, {self.n_unmatched:,} boxes unmatched",
            f"  mean overlap of matches: {self.shown('mean_overlap')}",
            size,
            "  next: .to_frame(), .plot()",
        ]


def box_agreement(values: Values, *, iou: float = 0.5) -> BoxAgreement:
    """Agreement of drawn boxes, matched by intersection over union.

    Parameters
    ----------
    values : StructuredAnnotations of kind "boxes", frame or triple
        Who drew which (x1, y1, x2, y2, label) on which image. An empty list is an answer: nothing to draw.
    iou : float
        Boxes match from this intersection over union on, above 0 and up to 1.

    Returns
    -------
    BoxAgreement
        F1, overlap, label agreement and alpha, with bootstrap intervals over images.

    Raises
    ------
    ParameterError
        If the values are not boxes or `iou` is not a share.
    LabelError
        If a value is not a list of boxes.

    Notes
    -----
    In each image the boxes of two annotators are assigned one to one with the largest total overlap among those at or
    above `iou`, whatever their labels (equal labels break ties). Alpha takes each match as a unit with two labels and
    each box without a match as a unit with its label and "unmatched"; the pairs of an image with r annotators weigh
    1 / (r - 1), so each annotator counts as often as in alpha on classes. A place where nobody drew is no unit.
    Nothing depends on the names or order of annotators, or on the names of labels.

    References
    ----------
    Kuhn, H. W. (1955). The Hungarian method for the assignment problem. Krippendorff, K. (2019). Content Analysis.
    Tschirschwitz, D., Klemstein, F., Stein, B. & Rodehorst, V. (2022). A dataset for analysing complex document layouts
    in the digital humanities and its evaluation with Krippendorff's alpha. GCPR.

    Examples
    --------
    >>> rows = [("im1", "ann", [(0, 0, 10, 10, "cat")])]
    >>> rows += [("im1", "ben", [(0, 0, 10, 9, "cat"), (50, 50, 60, 60, "dog")])]
    >>> result = box_agreement(StructuredAnnotations.from_records(rows, kind="boxes"))
    >>> round(result.f1, 3), round(result.mean_overlap, 3), result.n_unmatched
    (0.667, 0.9, 1)
    """
    check_between("iou", iou, 0, math.nextafter(1, 2), what="a threshold of overlap", example="0.5 (1 is allowed)")
    data = as_structured(values, "boxes")
    together = Together.of(data)
    figures, n_matched, n_unmatched = _figures(data, together, iou)
    return BoxAgreement(
        f1=figures["f1"].value,
        f1_label=figures["f1_label"].value,
        mean_overlap=figures["mean_overlap"].value,
        label_agreement=figures["label_agreement"].value,
        alpha=figures["alpha"].value,
        alpha_overlap=figures["alpha_overlap"].value,
        iou=iou,
        n_items=together.n_items,
        n_annotators=together.n_annotators,
        n_annotations=len(data),
        n_single=together.n_single,
        n_boxes=sum(len(v) for v in data.values),  # type: ignore[misc,arg-type]  # kind "boxes" holds tuples
        n_matched=n_matched,
        n_unmatched=n_unmatched,
        undefined_because=figures["f1"].undefined_because,
        _figures=figures,
    )


def matches(left: Sequence[Box], right: Sequence[Box], iou: float) -> list[tuple[int, int, float]]:
    """Return the matched boxes of two annotators and their overlap, one to one, each at least `iou`."""
    overlaps = box_overlaps(left, right)
    same = np.array([[x[4] == y[4] for y in right] for x in left], dtype=np.bool_).reshape(overlaps.shape)
    usable = np.where(overlaps >= iou, overlaps * (1 + EQUAL_LABEL_FIRST * same), 0.0)
    return [(i, j, float(overlaps[i, j])) for i, j in best_pairs(usable)]


def _figures(data: StructuredAnnotations, together: Together, iou: float) -> tuple[dict[str, Figure], int, int]:
    entries = []
    units = UnitSums(len(together.rows))
    for item, pair, left, right in together.pairs():
        a: Sequence[Box] = data.values[left]  # type: ignore[assignment]  # kind "boxes" holds tuples
        b: Sequence[Box] = data.values[right]  # type: ignore[assignment]
        found = matches(a, b, iou)
        equal = sum(a[i][4] == b[j][4] for i, j, _ in found)
        entries.append((item, pair, len(found), sum(o for _, _, o in found), equal, len(a) + len(b)))
        _add_units(units, item, (a, b), found, 1 / (len(together.rows[item]) - 1))
    item_, pair_, n, overlap, equal_, boxes = np.array(entries, dtype=np.float64).reshape(-1, 6).T
    parts = {
        "f1": (2 * n, boxes, words.NO_BOXES),
        "f1_label": (2 * equal_, boxes, words.NO_BOXES),
        "mean_overlap": (overlap, n, words.NO_MATCHES),
        "label_agreement": (equal_, n, words.NO_MATCHES),
    }
    why, n_items = together.impossible(), len(together.rows)
    out = {}
    for name, (top, bottom, reason) in parts.items():
        ratio = PairRatios(
            item=item_.astype(np.int64),
            pair=pair_.astype(np.int64),
            top=top,
            bottom=bottom,
            n_items=n_items,
            n_pairs=max(len(together.pair_code), 1),
        )
        out[name] = figure(ratio.value(), ratio, n=int(bottom.sum()), n_items=n_items, reason=why or reason)
    out |= _alphas(data, units, why)
    return out, int(n.sum()), int(boxes.sum() - 2 * n.sum())


def _add_units(
    units: UnitSums,
    item: int,
    boxes: tuple[Sequence[Box], Sequence[Box]],
    found: Sequence[tuple[int, int, float]],
    weight: float,
) -> None:
    left, right = boxes
    for i, j, _ in found:
        one, other = left[i][4], right[j][4]
        labels: dict[Hashable, float] = {one: 2.0} if one == other else {one: 1.0, other: 1.0}
        units.add(item, labels, 2.0 * (one == other), weight)
    matched, others = {i for i, _, _ in found}, {j for _, j, _ in found}
    alone = [b for i, b in enumerate(left) if i not in matched]
    alone += [b for j, b in enumerate(right) if j not in others]
    for box in alone:
        units.add(item, {box[4]: 1.0, UNMATCHED: 1.0}, 0.0, weight)


def _alphas(data: StructuredAnnotations, units: UnitSums, why: str | None) -> dict[str, Figure]:
    sample = units.alpha()
    n = int(sample.terms.multiplicity.size)
    whole = distance_agreement(data, "boxes", max_pairs=PAIRS_OF_IMAGES)
    reason = why or (words.ONE_VALUE if n else words.NO_BOXES)
    overlap = Figure(
        value=whole.estimate,
        n=whole.n_items - whole.n_single,
        sample=whole.sample,
        undefined_because=whole.undefined_because,
        no_interval_because=whole.interval_undefined_because,
    )
    return {"alpha": figure(alpha_of(sample), sample, n=n, n_items=n, reason=reason), "alpha_overlap": overlap}
