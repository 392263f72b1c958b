"""Distinct per-item class counts with multiplicities: what every coefficient needs that ignores who labeled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.annotations.readlog import ReadLog, joint_log
from labelqa.annotations.reshape import joint_schema
from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations
from labelqa.counts.sparse import ClassCounts, distinct_rows
from labelqa.counts.who import WhoCounts
from labelqa.errors import ParameterError, Problem, RoundsError

WHO_UNKNOWN = "it needs to know who labeled, which class counts do not tell: count with annotator=..."
MAX_WHO_KINDS = 2_000_000
TOO_MANY_KINDS = f"there are more than {MAX_WHO_KINDS:,} ways in which annotators labeled an item; measure a sample"
EXACT_BITS = 52  # whole numbers up to 2**53 are exact in the float64 sums of bincount
FIRST_BITS = 4  # binary digits of a count that are tried first where nobody knows how many labels an item has


@dataclass(frozen=True, slots=True, eq=False, repr=False, init=False)
class CountPatterns:
    """Distinct count vectors of items and how many items have each.

    Dimension letters: p patterns, k classes. Patterns are in canonical order, so equal data has equal patterns
    whatever the order of its rows.

    Parameters
    ----------
    patterns : int (p, k)
        Labels per class of each distinct kind of item (or :class:`labelqa.counts.sparse.ClassCounts`).
    multiplicity : int (p,)
        Number of items of each kind.
    schema : LabelSchema
        The classes (k) and their level.
    who : WhoCounts, optional
        Who said what.
    who_unknown_because : str, optional
        Why `who` is not given.
    read_log : ReadLog, optional
        What was read.

    Attributes
    ----------
    rows : ClassCounts
        The patterns by their non-zero entries.
    multiplicity : int64 (p,)
        Number of items of each pattern.
    schema : LabelSchema
        Classes and level.
    who : WhoCounts or None
        Who said what, where that was counted: what Cohen's and Conger's kappa need.
    who_unknown_because : str or None
        Why `who` is None.
    read_log : ReadLog
        What was read, and what was set aside.

    Raises
    ------
    ParameterError
        If shapes do not fit or a count is negative.
    """

    rows: ClassCounts
    multiplicity: npt.NDArray[np.int64]
    schema: LabelSchema
    who: WhoCounts | None
    who_unknown_because: str | None
    read_log: ReadLog

    def __init__(
        self,
        *,
        patterns: npt.NDArray[np.integer] | ClassCounts,
        multiplicity: npt.NDArray[np.integer],
        schema: LabelSchema,
        who: WhoCounts | None = None,
        who_unknown_because: str | None = None,
        read_log: ReadLog | None = None,
    ) -> None:
        rows = patterns if isinstance(patterns, ClassCounts) else _checked_dense(np.asarray(patterns))
        _check_shapes(rows, np.asarray(multiplicity), schema)
        times = np.asarray(multiplicity).astype(np.int64)
        rows, times = rows.take(np.flatnonzero(times)), times[times > 0]
        first, inverse = distinct_rows(rows)
        merged = np.bincount(inverse, weights=times, minlength=first.size).astype(np.int64)
        values = {
            "rows": rows.take(first),
            "multiplicity": merged,
            "schema": schema,
            "who": who,
            "who_unknown_because": None if who else (who_unknown_because or WHO_UNKNOWN),
            "read_log": read_log or ReadLog(),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def with_log(self, read_log: ReadLog) -> CountPatterns:
        """Return the same counts with another read log."""
        return _from_canonical(
            self.rows,
            self.multiplicity,
            self.schema,
            who=self.who,
            who_unknown_because=self.who_unknown_because,
            read_log=read_log,
        )

    @classmethod
    def from_annotations(cls, annotations: Annotations) -> CountPatterns:
        """Count the labels of each item.

        Raises
        ------
        RoundsError
            If the annotations hold more than one round.
        """
        check_one_round(annotations)
        return patterns_of_codes(
            annotations.item, annotations.label, annotations.n_items, annotations.schema, annotations.n_annotators
        )

    @property
    def patterns(self) -> npt.NDArray[np.int64]:
        """The patterns as a dense matrix, int64 (p, k)."""
        return self.rows.to_dense()

    @property
    def n_items(self) -> int:
        """Number of items n, including those without a label."""
        return int(self.multiplicity.sum())

    def used_classes(self, *, pairable_only: bool = False) -> npt.NDArray[np.intp]:
        """Return the classes that occur, or that occur on items with two or more labels; ascending."""
        counts = np.where(self.rows.sums() >= (2 if pairable_only else 1), self.multiplicity, 0)
        entries = np.repeat(counts > 0, np.diff(self.rows.start))
        return np.flatnonzero(np.bincount(self.rows.classes[entries], minlength=self.rows.k))

    @property
    def n_annotations(self) -> int:
        """Number of annotations r."""
        return round(float(self.rows.sums() @ self.multiplicity))

    @property
    def n_annotators(self) -> int | None:
        """Number of annotators m; None where who labeled was not counted."""
        return None if self.who is None else self.who.m

    @property
    def margins(self) -> npt.NDArray[np.int64] | None:
        """Labels of every annotator per class, int64 (m, k); None where who labeled was not counted."""
        return None if self.who is None else self.who.margins()

    @property
    def pair_tables(self) -> npt.NDArray[np.int64] | None:
        """Items per pair of annotators and pair of labels, int64 (m, m, k, k); None as for `margins`.

        Raises
        ------
        ParameterError
            If the table would not fit in memory.
        """
        return None if self.who is None else self.who.pair_tables()

    def __len__(self) -> int:
        """Return the number of patterns p."""
        return len(self.rows)

    def __add__(self, other: CountPatterns) -> CountPatterns:
        """Join the patterns of two data sets that share no item."""
        schema = joint_schema([self.schema, other.schema])
        recodes = [_recode(part.schema, schema) for part in (self, other)]
        parts = zip((self, other), recodes, strict=True)
        first, second = (part.rows.recoded(recode[part.rows.classes], schema.k) for part, recode in parts)
        who = None
        if self.who is not None and other.who is not None:
            who = self.who.with_classes(recodes[0], schema.k) + other.who.with_classes(recodes[1], schema.k)
        return CountPatterns(
            patterns=first.followed_by(second),
            multiplicity=np.r_[self.multiplicity, other.multiplicity],
            schema=schema,
            who=who,
            who_unknown_because=self.who_unknown_because or other.who_unknown_because,
            read_log=joint_log([self.read_log, other.read_log]),
        )

    def __repr__(self) -> str:
        return (
            f"CountPatterns: {len(self):,} patterns of {self.n_items:,} items, {self.n_annotations:,} labels, "
            f"{self.schema.k:,} classes\n  next: labelqa.agreement(patterns)"
        )


def as_patterns(data: object) -> CountPatterns:
    """Return the patterns of `data`.

    Raises
    ------
    ParameterError
        If it is neither annotations nor count patterns.
    RoundsError
        If annotations hold more than one round.
    """
    if isinstance(data, Annotations):
        return CountPatterns.from_annotations(data)
    if isinstance(data, CountPatterns):
        return data
    raise _not_measurable(data, ("Annotations", "CountPatterns"))


def need_annotations(data: object) -> None:
    """Raise :class:`ParameterError` unless `data` are annotations: for measures that ask who labeled what."""
    if not isinstance(data, Annotations):
        raise _not_measurable(data, ("Annotations",))


def _not_measurable(data: object, allowed: tuple[str, ...]) -> ParameterError:
    return ParameterError(
        Problem(
            what=f"this cannot be measured on a {type(data).__name__}",
            parameter="data",
            value=type(data).__name__,
            allowed=allowed,
            next_step="Read the labels first: labelqa.read_annotations(...).",
        )
    )


def check_one_round(annotations: Annotations) -> None:
    """Raise :class:`RoundsError` if `annotations` hold more than one round."""
    if annotations.rounds is not None and annotations.n_rounds > 1:
        names = tuple(str(r) for r in annotations.rounds)
        raise RoundsError(
            Problem(
                what=f"the data holds {len(names)} rounds; agreement is measured within one",
                parameter="round",
                value=names,
                allowed=names,
                next_step=f"Choose one: annotations.where(round={names[-1]!r}), or --only-round {names[-1]}.",
            )
        )


def patterns_of_codes(
    item: npt.NDArray[np.integer], label: npt.NDArray[np.integer], n: int, schema: LabelSchema, longest: int
) -> CountPatterns:
    """Return the patterns of labels (r,) on items (r,) of n, none of which has more than `longest` labels."""
    bits = max(longest, 1).bit_length()
    if bits * schema.k > EXACT_BITS:
        return _sorted(item, label, n, schema)[0]
    kinds, times = np.unique(_packed(item, label, n, schema.k, bits), return_counts=True)
    return _unpacked(kinds, times, bits, schema)


def patterns_of_unbounded(
    item: npt.NDArray[np.integer], label: npt.NDArray[np.integer], n: int, schema: LabelSchema
) -> CountPatterns:
    """Return the patterns of labels (r,) on items (r,) of n that may have any number of labels.

    Notes
    -----
    A count too large for its digits carries into the next, which makes the digits add up to less than r: so a first
    reading with few digits is right exactly where they add up to r, and a pass over the items is saved.
    """
    if FIRST_BITS * schema.k <= EXACT_BITS:
        sums = _digit_sums(item, label, n, schema.k, FIRST_BITS)
        if sums.max(initial=0.0) < 2.0**EXACT_BITS:
            kinds, times = np.unique(sums.astype(np.int64), return_counts=True)
            found = _unpacked(kinds, times, FIRST_BITS, schema)
            if found.n_annotations == item.size:
                return found
    longest = int(np.bincount(item).max(initial=1)) if item.size else 1
    return patterns_of_codes(item, label, n, schema, longest)


def item_patterns(annotations: Annotations) -> tuple[CountPatterns, npt.NDArray[np.intp]]:
    """Return the patterns of `annotations` and the pattern of every item, (n,).

    Notes
    -----
    Counts are packed into one 53-bit number an item where that is provably exact (no item has more labels than there
    are annotators); otherwise the entries (item, class) are counted by sorting. Both give the same patterns.
    """
    check_one_round(annotations)
    item, label, n, schema = annotations.item, annotations.label, annotations.n_items, annotations.schema
    bits = max(annotations.n_annotators, 1).bit_length()
    if bits * schema.k > EXACT_BITS:
        return _sorted(item, label, n, schema)
    packed = _packed(item, label, n, schema.k, bits)
    kinds, inverse, times = np.unique(packed, return_inverse=True, return_counts=True)
    return _unpacked(kinds, times, bits, schema), inverse


def _packed(
    item: npt.NDArray[np.integer], label: npt.NDArray[np.integer], n: int, k: int, bits: int
) -> npt.NDArray[np.int64]:
    """Return the counts of every item as one number (n,), `bits` binary digits a class."""
    return _digit_sums(item, label, n, k, bits).astype(np.int64)


def _digit_sums(
    item: npt.NDArray[np.integer], label: npt.NDArray[np.integer], n: int, k: int, bits: int
) -> npt.NDArray[np.float64]:
    digit = np.ldexp(1.0, bits * np.arange(k))
    digits = digit.take(label, mode="clip")  # clipping skips a check of every index
    return np.bincount(item, weights=digits, minlength=n).astype(np.float64, copy=False)


def _unpacked(
    kinds: npt.NDArray[np.int64], times: npt.NDArray[np.integer], bits: int, schema: LabelSchema
) -> CountPatterns:
    dense = (kinds[:, None] >> (bits * np.arange(schema.k))) & ((1 << bits) - 1)
    return _from_canonical(ClassCounts.from_dense(dense), times, schema)


def _sorted(
    item: npt.NDArray[np.integer], label: npt.NDArray[np.integer], n: int, schema: LabelSchema
) -> tuple[CountPatterns, npt.NDArray[np.intp]]:
    rows = ClassCounts.from_codes(item, label, n, schema.k)
    first, inverse = distinct_rows(rows)
    times = np.bincount(inverse, minlength=first.size)
    return _from_canonical(rows.take(first), times, schema), inverse


def _from_canonical(  # the fields
    rows: ClassCounts,
    times: npt.NDArray[np.integer],
    schema: LabelSchema,
    *,
    who: WhoCounts | None = None,
    who_unknown_because: str | None = WHO_UNKNOWN,
    read_log: ReadLog | None = None,
) -> CountPatterns:
    """Wrap rows that are distinct and in canonical order already."""
    out = object.__new__(CountPatterns)
    values = {
        "rows": rows,
        "multiplicity": times.astype(np.int64),
        "schema": schema,
        "who": who,
        "who_unknown_because": None if who else who_unknown_because,
        "read_log": read_log or ReadLog(),
    }
    for name, value in values.items():
        object.__setattr__(out, name, value)
    return out


def _recode(old: LabelSchema, new: LabelSchema) -> npt.NDArray[np.int32]:
    return np.array([new.index_of(c) for c in old.classes], dtype=np.int32)


def _checked_dense(patterns: npt.NDArray[np.integer]) -> ClassCounts:
    if patterns.ndim != 2 or patterns.dtype.kind not in "iu" or (patterns < 0).any():
        raise ParameterError(
            Problem(
                what=f"patterns has shape {patterns.shape} and dtype {patterns.dtype}",
                parameter="patterns",
                allowed=("non-negative integers (p, k)",),
            )
        )
    return ClassCounts.from_dense(patterns)


def _check_shapes(rows: ClassCounts, times: npt.NDArray[np.generic], schema: LabelSchema) -> None:
    whole = times.dtype.kind in "iu" or times.size == 0
    if rows.k != schema.k or times.shape != (len(rows),) or not whole or (times.astype(np.int64) < 0).any():
        raise ParameterError(
            Problem(
                what=f"{len(rows)} patterns over {rows.k} classes do not fit {times.shape} multiplicities and "
                f"{schema.k} classes in the schema",
                parameter="patterns",
                next_step="Give one non-negative whole multiplicity a pattern and one column a class.",
            )
        )
