"""From distinct label values to classes: cleaning, order, and the check against declared classes.

Everything here works on the distinct values (few) and recodes the rows once.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.names import groups_by, plain_name
from labelqa.annotations.readlog import Origin
from labelqa.annotations.schema import LabelSchema, as_real, declared_classes, natural_order
from labelqa.errors import LabelError, ParameterError, Problem, shorten

Codes = npt.NDArray[np.int32]
LOOKS_MISSING = frozenset({"na", "n/a", "nan", "none", "null", "missing", "-", "?", "<na>"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelCleaning:
    """Opt-in cleaning of labels before anything is measured; every change is written to the read log.

    Attributes
    ----------
    normalise : bool
        Treat labels that differ only in case and surrounding or repeated spaces as one; the most frequent spelling
        is kept.
    mapping : mapping of str to str
        Labels to rename, old to new.
    cannot_tell : tuple of str
        Labels that mean "cannot tell": treated as missing.
    """

    normalise: bool = False
    mapping: Mapping[str, str] = field(default_factory=dict)
    cannot_tell: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """How rows become annotations.

    Attributes
    ----------
    classes : sequence or None
        Declared classes in order.
    level : str
        Level of measurement.
    on_duplicate : {"error", "first", "last"}
        What to do with a second label of one annotator for one item in one round.
    cleaning : LabelCleaning
        Opt-in label cleaning.
    read_numbers : bool
        Whether labels that all spell numbers become numbers: for files that know text only.
    """

    classes: Sequence[Hashable] | None = None
    level: str = "nominal"
    on_duplicate: str = "error"
    cleaning: LabelCleaning = field(default_factory=LabelCleaning)
    read_numbers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanedLabels:
    """Labels after cleaning: `codes` (rows,) into `names`, the rows that meant "cannot tell", and notes."""

    codes: Codes
    names: list[Hashable]
    cannot_tell: npt.NDArray[np.bool_] | None
    notes: list[str]


def clean(codes: Codes, names: pd.Index, cleaning: LabelCleaning) -> CleanedLabels:
    """Apply `cleaning` to coded labels (-1 = missing).

    Raises
    ------
    ParameterError
        If the mapping or `cannot_tell` names a label that does not occur.
    """
    current: list[Hashable] = [n.item() if isinstance(n, np.generic) else n for n in names]
    if cleaning == LabelCleaning():
        return CleanedLabels(codes=codes, names=current, cannot_tell=None, notes=[])
    counts = np.bincount(codes[codes >= 0], minlength=len(current))
    notes: list[str] = []
    if cleaning.normalise:
        current = _normalised(current, counts, notes)
    if cleaning.mapping:
        current = _mapped(current, counts, cleaning.mapping, notes)
    unsure = _positions(current, cleaning.cannot_tell)
    merged = list(dict.fromkeys(c for i, c in enumerate(current) if i not in unsure))
    position = {c: i for i, c in enumerate(merged)}
    recode = np.array([-1 if i in unsure else position[c] for i, c in enumerate(current)] + [-1], dtype=np.int32)
    is_unsure = np.array([i in unsure for i in range(len(current))] + [False], dtype=np.bool_)
    return CleanedLabels(codes=recode[codes], names=merged, cannot_tell=is_unsure[codes], notes=notes)


def _normalised(names: list[Hashable], counts: npt.NDArray[np.intp], notes: list[str]) -> list[Hashable]:
    groups: dict[Hashable, list[int]] = {}
    for i, name in enumerate(names):
        groups.setdefault(plain_name(name) if isinstance(name, str) else name, []).append(i)
    out = list(names)
    for group in groups.values():
        best = max(group, key=lambda i: (counts[i], -i))
        kept = " ".join(str(names[best]).split()) if isinstance(names[best], str) else names[best]
        for i in group:
            out[i] = kept
            if names[i] != kept:
                notes.append(f"label {names[i]!r} read as {kept!r} ({counts[i]:,} rows; case and spaces normalised)")
    return out


def _mapped(
    names: list[Hashable], counts: npt.NDArray[np.intp], mapping: Mapping[str, str], notes: list[str]
) -> list[Hashable]:
    _positions(names, tuple(mapping))
    by_text = {str(old): new for old, new in mapping.items()}
    for i, name in enumerate(names):
        if str(name) in by_text:
            notes.append(f"label {str(name)!r} mapped to {by_text[str(name)]!r} ({counts[i]:,} rows)")
    return [by_text.get(str(name), name) for name in names]


def _positions(names: Sequence[Hashable], wanted: Sequence[str]) -> set[int]:
    spelled: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        spelled.setdefault(str(name), []).append(i)  # after cleaning several labels may be spelled alike
    unknown = [w for w in wanted if str(w) not in spelled]
    if unknown:
        raise ParameterError(
            [
                Problem(
                    what=f"label {str(w)!r} was named for cleaning but does not occur",
                    parameter="cleaning",
                    value=w,
                    allowed=tuple(spelled),
                )
                for w in unknown
            ]
        )
    return {i for w in wanted for i in spelled[str(w)]}


def order_classes(
    codes: Codes, names: Sequence[Hashable], options: BuildOptions, origin: Origin, *, keep_order: bool = False
) -> tuple[Codes, LabelSchema, list[str]]:
    """Put the classes in their order and recode the labels to it.

    Parameters
    ----------
    codes : int32 (rows,)
        Labels as positions in `names`; -1 where missing.
    names : sequence, length k
        Distinct labels.
    options : BuildOptions
        Declared classes and level.
    origin : Origin
        Where rows came from; positions are those of `codes`.
    keep_order : bool
        Keep `names` in the given order (an ordered categorical).

    Raises
    ------
    LabelError
        If a label is not among the declared classes.
    """
    codes, names, notes = _one_spelling(codes, names)
    plain = _plain_numbers(names) if options.read_numbers else list(names)
    if options.classes is not None:
        schema = LabelSchema(classes=declared_classes(options.classes), level=options.level)
        target = [schema.index_of(n) for n in plain]
        _check_declared(codes, plain, target, schema, origin)
        recode = np.array([*(-1 if t is None else t for t in target), -1], dtype=np.int32)
        return recoded(codes, recode), schema, notes
    ordered = list(plain) if keep_order else natural_order(plain)
    schema = LabelSchema(classes=tuple(ordered), level=options.level, order_is_guessed=not keep_order)
    position = {c: i for i, c in enumerate(ordered)}
    recode = np.array([*(position[n] for n in plain), -1], dtype=np.int32)
    return recoded(codes, recode), schema, [*notes, *_near_notes(schema.names), *_order_notes(schema)]


def recoded(codes: Codes, recode: Codes) -> Codes:
    """Return ``recode[codes]``, or `codes` where they would stay; the last entry of `recode` is for -1."""
    same = np.array_equal(recode[:-1], np.arange(recode.size - 1, dtype=np.int32))
    if same or codes.size == 0:
        return codes
    # Clipping skips a check of every index: twice as fast, and right where no code is -1.
    return recode.take(codes, mode="clip") if codes.min() >= 0 else recode[codes]


def _one_spelling(codes: Codes, names: Sequence[Hashable]) -> tuple[Codes, Sequence[Hashable], list[str]]:
    """Read the label 1.0 as 1 where both occur: columns with gaps are written as fractions, those without are not."""
    present = set(names)
    target = [n[:-2] if isinstance(n, str) and n.endswith(".0") and n[:-2] in present else n for n in names]
    doubled = [n for n, t in zip(names, target, strict=True) if n != t]
    if not doubled:
        return codes, names, []
    merged = list(dict.fromkeys(target))
    position = {n: i for i, n in enumerate(merged)}
    recode = np.array([*(position[t] for t in target), -1], dtype=np.int32)
    return recode[codes], merged, [f"labels {shorten(doubled)} were read as {shorten(str(d)[:-2] for d in doubled)}"]


def _near_notes(names: Sequence[str]) -> list[str]:
    """Return a note on classes that differ only in case or spaces."""
    if len(set(names)) < len(names):
        return ["some labels are numbers and others are texts spelled alike; they were kept apart"]
    near = [" and ".join(repr(names[i]) for i in group) for group in groups_by(names, plain_name)]
    if not near:
        return []
    return [
        f"labels that differ only in case or spaces were kept apart: {shorten(near)}; to read them as one, normalise "
        "labels (--normalise-labels)"
    ]


def _plain_numbers(names: Sequence[Hashable]) -> list[Hashable]:
    """Turn texts that all spell numbers into numbers (whole ones into ints), as a data frame would hold them."""
    texts = [n for n in names if isinstance(n, str)]
    reals = [as_real(t) for t in texts]
    if not texts or len(texts) < len(names) or any(r is None for r in reals):
        return list(names)
    numbers = [r for r in reals if r is not None]
    as_int = all(r.is_integer() for r in numbers)
    converted: list[Hashable] = [int(r) for r in numbers] if as_int else list(numbers)
    return converted if len(set(converted)) == len(texts) else list(names)


def _order_notes(schema: LabelSchema) -> list[str]:
    notes = []
    if schema.level == "ordinal" and not schema.is_numeric:
        notes.append(
            f"the order of the classes was guessed from their spelling ({shorten(schema.names)}): name the classes "
            "in their order (classes=, --classes) if this is not it"
        )
    missing_like = [n for n in schema.names if n.strip().casefold() in LOOKS_MISSING]
    if missing_like:
        notes.append(
            f"{shorten(repr(n) for n in missing_like)} was kept as a class; if it means no label, say so with "
            "cannot_tell (--cannot-tell)"
        )
    return notes


def _check_declared(
    codes: Codes, names: Sequence[Hashable], target: Sequence[int | None], schema: LabelSchema, origin: Origin
) -> None:
    problems = []
    for i, name in enumerate(names):
        rows = np.flatnonzero(codes == i) if target[i] is None else np.empty(0, dtype=np.intp)
        if rows.size:
            file, row = origin.place(int(rows[0]))
            step = f"{rows.size:,} such rows; pass" if rows.size > 1 else "Pass"
            problems.append(
                Problem(
                    what=f"label {str(name)!r} is not a class",
                    file=file,
                    row=row,
                    parameter="classes",
                    value=name,
                    allowed=schema.names,
                    next_step=f"{step} classes=... (--classes) with it, or fix the file.",
                )
            )
    if problems:
        raise LabelError(problems)
