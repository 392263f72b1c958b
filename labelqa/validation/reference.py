"""A batch against an earlier one: what came, what went, and which shares are others."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations
from labelqa.errors import shorten
from labelqa.inference.adjustment import holm
from labelqa.results import p_text
from labelqa.text import counted
from labelqa.validation.result import Example, Finding
from labelqa.validation.skew import Skew, number_skew, share_skew
from labelqa.validation.subject import Subject, finding_on

SKEW_COLUMNS = (
    "what", "n_reference", "n", "p_value", "p_adjusted", "cramers_v", "psi", "jensen_shannon", "largest_change",
    "flagged", "reason",
)  # fmt: skip
SMALL_EFFECT = 0.1  # Cramér's V from which a difference matters
MOST_NAMED = 60  # most frequent classes, annotators or values compared one by one; the others count together
MOST_DISTINCT = 0.5  # share of distinct texts, from which a column holds texts or ids and no categories
LONG_TEXT = 20  # mean characters from which they are texts
CLASSES, ANNOTATORS = "classes", "annotators"
Floats = npt.NDArray[np.float64]


def compare(subject: Subject, reference: Annotations, alpha: float) -> tuple[list[Finding], pd.DataFrame]:
    """Return how the annotations differ from `reference`: findings, and a table of all tests."""
    rows = [
        {"what": what, **{name: getattr(found, name) for name in Skew.__slots__}}
        for what, found in _tests(subject.annotations, reference)
    ]
    table = pd.DataFrame(rows, columns=[c for c in SKEW_COLUMNS if c not in ("p_adjusted", "flagged")])
    adjusted = holm(table["p_value"].to_numpy(dtype=np.float64))
    table = table.assign(p_adjusted=adjusted, flagged=(adjusted < alpha) & (table["cramers_v"] >= SMALL_EFFECT))
    table = table[list(SKEW_COLUMNS)]
    return [*_schema_skew(subject, reference), *_value_skew(table, alpha)], table


def _schema_skew(subject: Subject, reference: Annotations) -> list[Finding]:
    found = subject.annotations
    old, new = _used(reference), _used(found)
    columns = [[str(c) for c in a.item_data.columns] for a in (reference, found)]
    shared = [c for c in columns[1] if c in columns[0]]
    kinds = [(c, _kind(reference.item_data[c]), _kind(found.item_data[c])) for c in shared]
    changed = [
        f"{c!r} ({before} before, {now} now)"
        for c, before, now in kinds
        if "empty" not in (before, now) and before != now
    ]
    optional = [
        n for n in ("round", "timestamp", "duration") if (getattr(found, n) is None) != (getattr(reference, n) is None)
    ]
    levels = (reference.schema.level, found.schema.level)
    people = [set(map(str, a.annotators)) for a in (reference, found)]
    both = int(found.items.isin(reference.items).sum())
    listed: list[tuple[str, str, str, list[str], str]] = [
        ("warning", "new_class", "not in the reference: class", _missing_in(old, new),
         "Check the spelling, and that the guideline of the reference had these classes."),
        ("warning", "gone_class", "in the reference only: class", _missing_in(new, old),
         "Check that the class can still be chosen, and that such items still come."),
        ("warning", "new_column", "not in the reference: column", [c for c in columns[1] if c not in columns[0]],
         "Check that the export is the same."),
        ("warning", "gone_column", "in the reference only: column", [c for c in columns[0] if c not in columns[1]],
         "Check that the export is complete."),
        ("warning", "changed_type", "of another type than in the reference: column", changed,
         "Write the column the same way in both batches."),
        ("note", "changed_role", "in one of the two batches only:", optional, "Check that the export is the same."),
        ("warning", "changed_level", "measured on another level:",
         [f"{levels[0]} before, {levels[1]} now"] if levels[0] != levels[1] else [], "Pass the same level for both."),
        ("note", "new_annotator", "not in the reference: annotator", sorted(people[1] - people[0]), ""),
        ("note", "gone_annotator", "in the reference only: annotator", sorted(people[0] - people[1]), ""),
    ]  # fmt: skip
    out = [finding for row in listed for finding in _listed(*row)]
    if both:
        text = f"{counted(both, 'item is', 'items are')} in the reference too; such a test sees differences less often."
        out.append(Finding(severity="note", code="shared_items", what=text, count=both))
    return out


def _listed(severity: str, code: str, text: str, names: list[str], next_step: str) -> list[Finding]:
    quoted = names if code in ("changed_type", "changed_role", "changed_level") else [repr(n) for n in names]
    what = (severity, code, f"{text[:1].upper()}{text[1:]} {shorten(quoted, 5)}.")
    return finding_on(quoted, lambda q: Example(value=q), what, next_step or "Nothing, if the team changed.")


def _value_skew(table: pd.DataFrame, alpha: float) -> list[Finding]:
    out = []
    for row in table.to_dict("records"):
        if not row["p_adjusted"] < alpha:
            continue
        strong = bool(row["flagged"])
        what = str(row["what"])
        size = "" if strong else " The difference is small."
        out.append(
            Finding(
                severity="warning" if strong and what != ANNOTATORS else "note",
                code="share_of_" + what if what in (CLASSES, ANNOTATORS) else "share_of_column",
                what=f"The {_subject(what)} from the reference: {row['largest_change']} (Cramér's V "
                f"{row['cramers_v']:.2f}, PSI {row['psi']:.2f}, p {_p(row['p_adjusted'])}).{size}",
                count=1,
                examples=(Example(value=str(row["largest_change"])),),
                next_step="Find out whether items, annotators or the guideline changed, before both batches are joined."
                if what != ANNOTATORS
                else "Nothing, if work was handed out differently.",
            )
        )
    return out


def _subject(what: str) -> str:
    return f"shares of {what} differ" if what in (CLASSES, ANNOTATORS) else f"values of {what} differ"


def _p(p_value: float) -> str:
    text = p_text(p_value)
    return text if text.startswith("<") else f"= {text}"


def _tests(found: Annotations, reference: Annotations) -> list[tuple[str, Skew]]:
    classes = [list(a.schema.names) for a in (reference, found)]
    people = [[str(p) for p in a.annotators] for a in (reference, found)]
    out = [(CLASSES, share_skew(*_shares(reference, found, "label", classes)))]
    out.append((ANNOTATORS, share_skew(*_shares(reference, found, "annotator", people))))
    for column in found.item_data.columns:
        if column in reference.item_data.columns:
            tested = _column(reference.item_data[column], found.item_data[column])
            out += [(f"column {str(column)!r}{tested[0]}", tested[1])] if tested is not None else []
    return out


def _shares(
    reference: Annotations, found: Annotations, role: str, names: Sequence[list[str]]
) -> tuple[Floats, Floats, list[str]]:
    """Return the share of each name in the labels of each item, of both batches, and the names."""
    joint = list(dict.fromkeys([*names[0], *names[1]]))
    position = {name: i for i, name in enumerate(joint)}
    codes = [
        np.array([position[n] for n in own], dtype=np.intp)[getattr(a, role)]
        for own, a in zip(names, (reference, found), strict=True)
    ]
    frequent, kept = _most_frequent(np.concatenate(codes), len(joint))
    shown = [joint[i] for i in kept.tolist()] + ["others"]
    matrices = []
    for a, own in zip((reference, found), codes, strict=True):
        labeled, item = np.unique(a.item, return_inverse=True)
        k = len(shown)
        counts = np.bincount(item * k + frequent[own], minlength=labeled.size * k).reshape(labeled.size, k)
        matrices.append(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))
    return matrices[0], matrices[1], shown


def _most_frequent(codes: npt.NDArray[np.intp], k: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return a new code for each old one (the last is that of all others), and the old codes that were kept."""
    kept = np.sort(np.argsort(-np.bincount(codes, minlength=k), kind="stable")[:MOST_NAMED])
    recode = np.full(k, kept.size, dtype=np.intp)
    recode[kept] = np.arange(kept.size)
    return recode, kept


def _column(reference: pd.Series, batch: pd.Series) -> tuple[str, Skew] | None:
    """Return the comparison of a column of the items, and what of it was compared; None for times and ids."""
    kinds = {_kind(reference), _kind(batch)}
    if len(kinds) > 1 or kinds & {"time", "empty"}:
        return None
    if kinds == {"number"}:
        return "", number_skew(_numbers(reference), _numbers(batch))
    before, now = (s.dropna().astype(str) for s in (reference, batch))
    both = pd.concat([before, now], ignore_index=True)
    if any(s.nunique() > max(MOST_DISTINCT * len(s), MOST_NAMED) for s in (before, now)):
        lengths = _numbers(both.str.len())
        if lengths.mean() < LONG_TEXT:
            return None
        return " (length)", number_skew(lengths[: len(before)], lengths[len(before) :])
    codes, names = pd.factorize(both)
    recode, kept = _most_frequent(codes, len(names))
    rows = np.eye(kept.size + 1)[recode[codes]]
    return "", share_skew(rows[: len(before)], rows[len(before) :], [*names[kept], "others"])


def _numbers(column: pd.Series) -> Floats:
    values: Floats = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return values


def _kind(column: pd.Series) -> str:
    """Return what the cells of a column are; a column without any is empty."""
    if not column.notna().any():
        return "empty"
    if pd.api.types.is_bool_dtype(column.dtype):
        return "truth value"
    if pd.api.types.is_numeric_dtype(column.dtype):
        return "number"
    return "time" if pd.api.types.is_datetime64_any_dtype(column.dtype) else "text"


def _used(found: Annotations) -> LabelSchema:
    used = np.bincount(found.label, minlength=found.schema.k) > 0
    names: tuple[Hashable, ...] = tuple(c for c, u in zip(found.schema.classes, used, strict=True) if u)
    return LabelSchema(classes=names)


def _missing_in(schema: LabelSchema, other: LabelSchema) -> list[str]:
    return [str(c) for c in other.classes if schema.index_of(c) is None]
