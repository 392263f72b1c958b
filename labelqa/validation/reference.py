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
from labelqa.validation.columns import MISSING, Cells, cells_of, compare_column, most_frequent
from labelqa.validation.result import Example, Finding
from labelqa.validation.skew import ONE_CATEGORY, OTHERS, Skew, share_skew
from labelqa.validation.subject import Subject, finding_on

SKEW_COLUMNS = (
    "what", "n_reference", "n", "p_value", "p_adjusted", "cramers_v", "psi", "jensen_shannon", "largest_change",
    "flagged", "reason",
)  # fmt: skip
SMALL_EFFECT = 0.1  # Cramér's V from which a difference matters
CLASSES, ANNOTATORS = "classes", "annotators"
Floats = npt.NDArray[np.float64]
Columns = dict[str, tuple[Cells, Cells]]


def compare(
    subject: Subject, reference: Annotations, alpha: float
) -> tuple[list[Finding], pd.DataFrame, tuple[str, ...]]:
    """Return how the annotations differ from `reference`: findings, a table of all tests, and what was not tested."""
    columns = _shared_columns(reference, subject.annotations)
    tests, left_out = _tests(subject.annotations, reference, columns)
    rows = [{"what": what, **{name: getattr(found, name) for name in Skew.__slots__}} for what, found in tests]
    table = pd.DataFrame(rows, columns=[c for c in SKEW_COLUMNS if c not in ("p_adjusted", "flagged")])
    adjusted = holm(table["p_value"].to_numpy(dtype=np.float64))
    table = table.assign(p_adjusted=adjusted, flagged=(adjusted < alpha) & (table["cramers_v"] >= SMALL_EFFECT))
    table = table[list(SKEW_COLUMNS)]
    return [*_schema_skew(subject, reference, columns), *_value_skew(table, alpha)], table, _not_tested(left_out)


def _shared_columns(reference: Annotations, found: Annotations) -> Columns:
    """Return the cells of each item column that both batches have, those of the reference first."""
    shared = [c for c in found.item_data.columns if c in reference.item_data.columns]
    return {str(c): (cells_of(reference.item_data[c]), cells_of(found.item_data[c])) for c in shared}


def _not_tested(left_out: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return a sentence a reason; `left_out` holds what was not tested, and why."""
    of_reason: dict[str, list[str]] = {}
    for what, reason in left_out:
        of_reason.setdefault(reason, []).append(what)
    return tuple(f"changes in {shorten(names, 5)}: {reason}" for reason, names in of_reason.items())


def _schema_skew(subject: Subject, reference: Annotations, shared: Columns) -> list[Finding]:
    found = subject.annotations
    old, new = _used(reference), _used(found)
    columns = [[str(c) for c in a.item_data.columns] for a in (reference, found)]
    changed = [
        f"{name!r} ({before.kind} before, {now.kind} now)"
        for name, (before, now) in shared.items()
        if "empty" not in (before.kind, now.kind) and before.kind != now.kind
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
                code=_code(what),
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
    return f"values of {what} differ" if _code(what) == "share_of_column" else f"shares of {what} differ"


def _code(what: str) -> str:
    if what in (CLASSES, ANNOTATORS):
        return f"share_of_{what}"
    return "share_of_missing" if what.startswith(MISSING) else "share_of_column"


def _p(p_value: float) -> str:
    text = p_text(p_value)
    return text if text.startswith("<") else f"= {text}"


def _tests(
    found: Annotations, reference: Annotations, columns: Columns
) -> tuple[list[tuple[str, Skew]], list[tuple[str, str]]]:
    """Return all tests, and what could not be tested with the reason."""
    classes = [list(a.schema.names) for a in (reference, found)]
    people = [[str(p) for p in a.annotators] for a in (reference, found)]
    tests = [(CLASSES, share_skew(*_shares(reference, found, "label", classes)))]
    tests.append((ANNOTATORS, share_skew(*_shares(reference, found, "annotator", people))))
    left_out: list[tuple[str, str]] = []
    for name, (before, now) in columns.items():
        compared = compare_column(name, before, now)
        tests += compared.tests
        left_out += [] if compared.reason is None else [(f"column {name!r}", compared.reason)]
    left_out += [(what, skew.reason) for what, skew in tests if skew.reason not in (None, ONE_CATEGORY)]
    return tests, left_out


def _shares(
    reference: Annotations, found: Annotations, role: str, names: Sequence[list[str]]
) -> tuple[Floats, Floats, list[object]]:
    """Return the share of each name in the labels of each item, of both batches, and the names."""
    joint = sorted({*names[0], *names[1]})
    position = {name: i for i, name in enumerate(joint)}
    codes = [
        np.array([position[n] for n in own], dtype=np.intp)[getattr(a, role)]
        for own, a in zip(names, (reference, found), strict=True)
    ]
    frequent, kept = most_frequent(np.concatenate(codes), len(joint))
    shown = [*(joint[i] for i in kept.tolist()), OTHERS]
    matrices = []
    for a, own in zip((reference, found), codes, strict=True):
        labeled, item = np.unique(a.item, return_inverse=True)
        k = len(shown)
        counts = np.bincount(item * k + frequent[own], minlength=labeled.size * k).reshape(labeled.size, k)
        matrices.append(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))
    return matrices[0], matrices[1], shown


def _used(found: Annotations) -> LabelSchema:
    used = np.bincount(found.label, minlength=found.schema.k) > 0
    names: tuple[Hashable, ...] = tuple(c for c, u in zip(found.schema.classes, used, strict=True) if u)
    return LabelSchema(classes=names)


def _missing_in(schema: LabelSchema, other: LabelSchema) -> list[str]:
    return [str(c) for c in other.classes if schema.index_of(c) is None]
