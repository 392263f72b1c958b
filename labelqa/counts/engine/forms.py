"""How the labels of an item become a few numbers that an engine can sum.

Every label gets a weight in each of a few columns: the product of a weight of its class and one of its annotator. The
sums of an item, with its number of labels, stand for its counts. Sums are floating-point numbers that stay under
2**52, where whole numbers are exact in any order of adding, and where no engine overflows.

Packed: each (annotator, class) has binary digits of its own, so the sums can be read as the counts. A count too large
for its digits carries over into the next, and every carry makes the digits add up to less than the number of labels,
which the engine counts beside the sums: so the reading is right exactly where the two agree.
Hashed: weights are random; the sums only tell items apart, and one item of each kind is looked up to read its counts.
Two kinds share their sums with a chance below 2**-70 a pair, and then the counts do not add up to the labels surveyed,
which is an error, not an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.counts.sparse import ClassCounts

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
EXACT_BITS = 52
FIRST_BITS = 4  # digits tried first: up to 15 labels of one class on an item
MAX_COLUMNS = 4
HASH_SEED = 20_240_229
HASH_COLUMNS = 3
HASH_COLUMNS_BY_ANNOTATOR = 4  # of which each tells less: its bits are shared by two factors


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Form:
    """Weights of classes (k, c) and annotators (m, g), and which of them are multiplied to be summed (w columns).

    Attributes
    ----------
    label_weights : float64 (k, c)
        Weights of the classes.
    annotator_weights : float64 (m, g)
        Weights of the annotators; one annotator of weight 1 stands for "whoever".
    columns : tuple of (int, int)
        Column of `label_weights` and of `annotator_weights` behind every sum.
    bits : int
        Binary digits of a count; 0 for a hash.
    """

    label_weights: Floats
    annotator_weights: Floats
    columns: tuple[tuple[int, int], ...]
    bits: int

    @property
    def is_hash(self) -> bool:
        """Whether the sums only tell items apart."""
        return self.bits == 0

    def holds(self, sums: Floats) -> bool:
        """Whether the sums (p, w) are exact."""
        return bool((sums < 2.0**EXACT_BITS).all())

    def read(self, sums: Floats, m: int, k: int) -> ClassCounts:
        """Return the counts (p, m * k) behind the sums (p, w) of a packed form."""
        numbers = sums.astype(np.int64)
        rows, codes, counts = [], [], []
        for column, (c, g) in enumerate(self.columns):
            for annotator in np.flatnonzero(self.annotator_weights[:, g]):
                shift = round(np.log2(self.annotator_weights[annotator, g]))
                for label in np.flatnonzero(self.label_weights[:, c]):
                    place = shift + round(np.log2(self.label_weights[label, c]))
                    count = (numbers[:, column] >> place) & ((1 << self.bits) - 1)
                    row = np.flatnonzero(count)
                    rows.append(row)
                    codes.append(np.full(row.size, annotator * k + label))
                    counts.append(count[row])
        return entries_to_counts(_joined(rows), _joined(codes), _joined(counts), len(numbers), m * k)


def choose_form(k: int, m: int, longest: int | None = None) -> Form:
    """Return a form for k classes and m annotators (1 = whoever).

    `longest` is the largest number of labels an item has, where that is known. Each annotator labels an item once, so
    one digit a class is enough where annotators are told apart.
    """
    bits = 1 if m > 1 else FIRST_BITS if longest is None else max(longest.bit_length(), 1)
    digits = EXACT_BITS // bits
    if digits:
        packed = _by_annotator(k, m, bits, digits) if k <= digits else _by_class(k, m, bits, digits)
        if packed is not None:
            return packed
    return hashed(k, m, longest)


def hashed(k: int, m: int, longest: int | None = None) -> Form:
    """Return random weights: sums of 40 bits each for up to 4,095 labels an item, of fewer bits for more."""
    room = EXACT_BITS - max((longest or 4095).bit_length(), 1)
    rng = np.random.default_rng(HASH_SEED)
    by_label = room if m == 1 else room // 2
    width = HASH_COLUMNS if m == 1 else HASH_COLUMNS_BY_ANNOTATOR
    labels = rng.integers(1, 2**by_label, size=(k, width)).astype(np.float64)
    people = rng.integers(1, 2 ** (room - by_label), size=(m, width)).astype(np.float64) if m > 1 else None
    return Form(
        label_weights=labels,
        annotator_weights=np.ones((m, width)) if people is None else people,
        columns=tuple((i, i) for i in range(width)),
        bits=0,
    )


def entries_to_counts(row: Ints, code: Ints, count: Ints, p: int, width: int) -> ClassCounts:
    """Return counts by their entries, which are in any order and distinct."""
    order = np.lexsort((code, row))
    kind = np.int32 if width < 2**31 else np.int64
    start = np.searchsorted(row[order], np.arange(p + 1)).astype(np.int64)
    return ClassCounts(start=start, classes=code[order].astype(kind), counts=count[order].astype(np.int64), k=width)


def _by_annotator(k: int, m: int, bits: int, digits: int) -> Form | None:
    """Give each sum as many whole annotators as fit."""
    per_sum = digits // max(k, 1)
    groups = -(-m // per_sum)
    if groups > MAX_COLUMNS:
        return None
    people = np.zeros((m, groups))
    annotator = np.arange(m)
    people[annotator, annotator // per_sum] = np.ldexp(1.0, bits * k * (annotator % per_sum))
    labels = np.ldexp(1.0, bits * np.arange(k))[:, None]
    return Form(
        label_weights=labels,
        annotator_weights=people,
        columns=tuple((0, g) for g in range(groups)),
        bits=bits,
    )


def _by_class(k: int, m: int, bits: int, digits: int) -> Form | None:
    """Give each sum some of the classes of one annotator."""
    chunks = -(-k // digits)
    if chunks * m > MAX_COLUMNS:
        return None
    label = np.arange(k)
    labels = np.zeros((k, chunks))
    labels[label, label // digits] = np.ldexp(1.0, bits * (label % digits))
    return Form(
        label_weights=labels,
        annotator_weights=np.eye(m),
        columns=tuple((c, g) for g in range(m) for c in range(chunks)),
        bits=bits,
    )


def _joined(parts: Sequence[npt.NDArray[np.integer]]) -> Ints:
    return np.concatenate(parts).astype(np.int64) if parts else np.empty(0, dtype=np.int64)
