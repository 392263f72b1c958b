"""What annotators say of each row: how far they split, and whether the stored label is another than theirs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import check_one_round
from labelqa.diagnosis.slice_rows import Floats, Ints, SliceRows, item_of_row

MANY_LABELS = 5  # labels of an item from which its largest vote share says more than its split pairs
GRID = np.linspace(0.5, 1.0, 21)  # probabilities of an item's commonest class
EM_STEPS = 300
SOURCE_ITEMS = 20  # items on which an annotator always gave the stored label: the stored label is theirs
SEEN = 5.0  # labels that differ from what two agree on, by chance; none of them: the labels were made from these
MADE_FROM = (
    "stored labels never differ from what annotators agree on. If they were made from these annotations, slips look "
    "like an unclear definition: have some items labeled by others"
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Votes:
    """Annotators' labels of each row.

    Attributes
    ----------
    counts : int64 (n, k)
        Labels of each class.
    split : float (n,)
        Share of label pairs that differ; nan with fewer than two labels.
    differs : float (n,)
        Share of labels that differ from the stored one; nan with fewer than two.
    floor : float (n,)
        1 minus the largest vote share, corrected for its bias; nan with fewer than five labels.
    item : int64 (n,)
        Annotated item of each row, -1 where there is none.
    note : str
        What the annotations cannot tell, or "".
    """

    counts: Ints
    split: Floats
    differs: Floats
    floor: Floats
    item: Ints
    note: str


def no_votes(rows: SliceRows) -> Votes:
    """Return the votes of rows that nobody annotated."""
    n = rows.label.size
    nan = np.full(n, np.nan)
    nobody = np.full(n, -1, dtype=np.int64)
    return Votes(counts=np.zeros((n, 1), dtype=np.int64), split=nan, differs=nan, floor=nan, item=nobody, note="")


def votes_of(annotations: Annotations, rows: SliceRows) -> Votes:
    """Match annotations to rows and compare them with the stored labels.

    Raises
    ------
    ParameterError
        If items cannot be matched to rows.
    RoundsError
        If there is more than one round.
    """
    check_one_round(annotations)
    item = item_of_row(annotations.items, rows.index)
    class_of = [annotations.schema.index_of(c) for c in rows.classes.tolist()]
    lookup = np.array([-2 if c is None else c for c in (*class_of, -2)], dtype=np.int64)
    stored = lookup[rows.label]
    counts = _counts_without_source(annotations, item, stored)
    counts[item < 0] = 0
    r = counts.sum(axis=1)
    enough = r >= 2
    pairs = np.where(enough, r * (r - 1), 1)
    split = np.where(enough, 1 - (counts * (counts - 1)).sum(axis=1) / pairs, np.nan)
    same = np.where(stored >= 0, counts[np.arange(len(r)), np.maximum(stored, 0)], 0)
    usable = enough & (rows.label >= 0)
    differs = np.where(usable, 1 - same / np.where(enough, r, 1), np.nan)
    split = np.where(usable, split, np.nan)
    floor = np.full(r.size, np.nan)
    many = usable & (r >= MANY_LABELS)
    if many.any():
        floor[many] = expected_floors(counts[many])
    return Votes(counts=counts, split=split, differs=differs, floor=floor, item=item, note=_note(split, differs))


def _counts_without_source(annotations: Annotations, item: Ints, stored: Ints) -> Ints:
    """Return labels a row and class (n, k), without annotators whose labels the stored ones are, if two others stay."""
    first = np.full(annotations.n_items, -1, dtype=np.int64)
    first[item[item >= 0]] = stored[item >= 0]
    of_label = first[annotations.item]
    m = annotations.n_annotators
    judged = of_label != -1
    total = np.bincount(annotations.annotator[judged], minlength=m)
    same = np.bincount(annotations.annotator[judged & (of_label == annotations.label)], minlength=m)
    source = (total >= SOURCE_ITEMS) & (same == total)
    others = np.bincount(annotations.item[~source[annotations.annotator]], minlength=annotations.n_items)
    everybody = np.bincount(annotations.item, minlength=annotations.n_items)
    keep = np.ones(len(annotations), dtype=np.bool_)
    if source.any() and not source.all() and 2 * int((others > 1).sum()) >= int((everybody > 1).sum()):
        keep = ~source[annotations.annotator]
    k = annotations.schema.k
    key = annotations.item[keep].astype(np.int64) * k + annotations.label[keep]
    table = np.bincount(key, minlength=annotations.n_items * k).reshape(annotations.n_items, k)
    return np.asarray(table[item], dtype=np.int64)


def expected_floors(counts: Ints) -> Floats:
    """Return 1 minus the largest class probability that the votes of each row let one expect (n,).

    The largest vote share is too large: five people who toss a coin never split evenly. So the distribution of the
    probability p of an item's commonest class is estimated from all rows (nonparametric maximum likelihood by EM, as
    if the other votes were for one other class), and each row gets the mean of 1 - p given its votes.

    References
    ----------
    Laird, N. (1978). Nonparametric maximum likelihood estimation of a mixing distribution. JASA 73, 805-811.

    Examples
    --------
    >>> bool(expected_floors(np.array([[5, 0]] * 53 + [[4, 1]] * 16 + [[3, 2]] * 31)).mean() > 0.2)
    True
    """
    from scipy.special import xlogy

    r, top = counts.sum(axis=1), counts.max(axis=1)
    patterns, of_row, times = np.unique(np.column_stack([r, top]), axis=0, return_inverse=True, return_counts=True)
    t, other = patterns[:, 1, None], (patterns[:, 0] - patterns[:, 1])[:, None]
    likelihood = sum(np.exp(xlogy(a, GRID) + xlogy(b, 1 - GRID)) for a, b in ((t, other), (other, t)))
    share = np.full(GRID.size, 1 / GRID.size)
    for _ in range(EM_STEPS):
        given = likelihood * share
        given = given / given.sum(axis=1, keepdims=True)
        share = times @ given / times.sum()
    return np.asarray((given @ (1 - GRID))[of_row.ravel()], dtype=np.float64)


def _note(split: Floats, differs: Floats) -> str:
    """Say whether the stored labels look as if they had been made from these annotations."""
    known = split == split
    expected = float(split[known].sum()) / 2
    against_all = int((differs[known & (split == 0)] == 1).sum())
    return MADE_FROM if expected >= SEEN and not against_all else ""


def vote_texts(votes: Votes, classes: tuple[object, ...], rows: npt.NDArray[np.intp]) -> list[str]:
    """Return the labels of `rows` as texts such as ``spam 2, ham 1``."""
    told = []
    for row in votes.counts[rows].tolist():
        given = sorted(((n, at) for at, n in enumerate(row) if n), key=lambda pair: (-pair[0], pair[1]))
        told.append(", ".join(f"{classes[at]} {n}" for n, at in given))
    return told
