"""The difference of two guidelines: for programs, for a terminal, and in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import pandas as pd

from labelqa.guidelines.rule import KIND_WORDS, Rule
from labelqa.guidelines.wording import WordChange, marked
from labelqa.results import Result
from labelqa.text import counted, harmless, shortened, visible

COLUMNS = ("rule_id", "class_name", "other", "kind", "change", "fields", "before", "after", "words")
CHANGES = ("added", "removed", "changed", "moved", "unchanged")
_FIELD_WORDS = {"class_name": "class", "kind": "kind", "other": "other class", "item": "item"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """What happened to one rule.

    Attributes
    ----------
    rule_id, class_name, other, kind : str, str, str or None, str
        The rule as it is now; as it was, if it was removed.
    change : {"added", "removed", "changed", "moved", "unchanged"}
        What happened; "moved" = the same rule at another place among the rules of its class and kind.
    fields : tuple of str
        What differs of a changed or moved rule: class_name, kind, other, text, item, evidence, place.
    before, after : Rule or None
        The rule in the two guidelines.
    words : tuple of WordChange
        Difference of its two texts.
    """

    rule_id: str
    class_name: str
    other: str | None
    kind: str
    change: Literal["added", "removed", "changed", "moved", "unchanged"]
    fields: tuple[str, ...]
    before: Rule | None
    after: Rule | None
    words: tuple[WordChange, ...]

    @property
    def reads_differently(self) -> bool:
        """Whether annotators can notice: all changes but those of the evidence alone."""
        return self.change != "unchanged" and self.fields != ("evidence",)

    @property
    def is_empty(self) -> bool:
        """Whether no text was there before or after."""
        return all(r is None or r.is_empty for r in (self.before, self.after))


@dataclass(frozen=True, slots=True, kw_only=True)
class PartChange:
    """A change of the title or of the introduction."""

    part: str
    before: str
    after: str
    words: tuple[WordChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class GuidelineDiff(Result):
    """What changed between two guidelines.

    Attributes
    ----------
    rows : tuple of RuleChange
        One a rule of either guideline, unchanged ones too, in reading order.
    parts : tuple of PartChange
        Changes of title and introduction.
    classes_before, classes_after : tuple of str
        Classes of the two guidelines.
    suggested_edit : {"semantic", "minor"}
        "minor" if nothing changed that can change how people label: punctuation, case, spaces, typing errors, order of
        equals, evidence. A suggestion: whoever publishes decides.
    reasons : tuple of str
        Why the edit looks semantic.
    """

    rows: tuple[RuleChange, ...]
    parts: tuple[PartChange, ...]
    classes_before: tuple[str, ...]
    classes_after: tuple[str, ...]
    suggested_edit: Literal["semantic", "minor"]
    reasons: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the two guidelines have the same content."""
        same_classes = self.classes_before == self.classes_after
        return same_classes and not self.parts and all(r.change == "unchanged" for r in self.rows)

    @property
    def is_semantic_suggestion(self) -> bool:
        """Whether the edit can change how people label."""
        return self.suggested_edit == "semantic"

    @property
    def changed_rules(self) -> tuple[str, ...]:
        """Ids of the rules that annotators now read differently: added, removed, changed or moved."""
        return tuple(r.rule_id for r in self.rows if r.reads_differently)

    @property
    def touched_classes(self) -> tuple[str, ...]:
        """Classes that a changed rule is, or was, about or against, and classes that are new or gone; in order."""
        touched = {c for r in self.rows if r.reads_differently for c in _classes_of(r)}
        touched |= set(self.classes_before) ^ set(self.classes_after)
        return _in_order(touched, (*self.classes_after, *self.classes_before))

    @property
    def touched_pairs(self) -> tuple[tuple[str, str], ...]:
        """Class pairs that a changed rule sets against each other, each pair in class order."""
        order = (*self.classes_after, *self.classes_before)
        pairs = (
            _in_order({rule.class_name, rule.other}, order)
            for row in self.rows
            for rule in (row.after, row.before)
            if row.reads_differently and rule is not None and rule.other is not None
        )
        return tuple(dict.fromkeys((a, b) for a, b in pairs))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a rule; words removed and added are marked ``[-...-]`` and ``{+...+}``."""
        records = [
            {
                **{name: getattr(row, name) for name in COLUMNS[:6]},
                "fields": ", ".join(row.fields),
                "before": row.before.text if row.before else None,
                "after": row.after.text if row.after else None,
                "words": marked(row.words),
            }
            for row in self.rows
        ]
        return pd.DataFrame(records, columns=list(COLUMNS), dtype=object)

    def summary(self) -> list[str]:
        """Return how much changed, where, and what kind of edit it looks like."""
        if self.is_empty:
            return ["Guideline unchanged", f"  {counted(len(self.rows), 'rule')}", "  next: nothing to publish"]
        why = f": {shortened('; '.join(self.reasons), 90)}" if self.reasons else ": nothing that changes how to label"
        classes = shortened(", ".join(self.touched_classes), 90) or "none"
        return [
            self._counts(),
            f"  classes: {classes}",
            f"  looks like a {self.suggested_edit} edit{why}",
            "  next: .to_text(), .in_words(), .to_frame()",
        ]

    def to_text(self) -> str:
        """Return the difference for a terminal: words removed as ``[-...-]``, words added as ``{+...+}``."""
        lines = [self._counts(), *self.summary()[2:3]] if not self.is_empty else ["Guideline unchanged"]
        lines += [f"\n{p.part}\n{_indented(marked(p.words), 4)}" for p in self.parts]
        lines += self._class_lines()
        shown = [r for r in self.rows if r.change != "unchanged"]
        for class_name, rows in groupby(shown, key=lambda r: r.class_name):
            lines += [f"\n{visible(class_name)}", *(line for row in rows for line in _terminal_lines(row))]
        return harmless("\n".join(lines)) + "\n"

    def in_words(self) -> str:
        """Return the difference as sentences, for people who label and for those who decide."""
        if self.is_empty:
            return "The instructions did not change.\n"
        lines = [_part_sentence(p) for p in self.parts]
        lines += self._class_lines()
        lines += [_sentence(r) for r in self.rows if r.reads_differently]
        if self.is_semantic_suggestion:
            end = "Please read this before you label again: it can change which label is right."
        else:
            end = "Nothing changes in how to label."
        return harmless("\n".join([*(f"- {line.strip()}" for line in lines), end])) + "\n"

    def _counts(self) -> str:
        counts: Counter[str] = Counter(r.change for r in self.rows)
        told = ", ".join(f"{counts[c]} {c}" for c in CHANGES[:-1] if counts[c])
        total = counted(len(self.rows), "rule")
        return f"{total}: {told}" if told else f"{total}, none of them changed"

    def _class_lines(self) -> list[str]:
        old, new = self.classes_before, self.classes_after
        lines = [f"\nclass {visible(c)} is new" for c in new if c not in old]
        lines += [f"\nclass {visible(c)} is gone" for c in old if c not in new]
        if [c for c in old if c in new] != [c for c in new if c in old]:
            lines.append("\nclasses are in another order: " + visible(", ".join(new)))
        return lines


def _classes_of(row: RuleChange) -> Iterator[str]:
    for rule in (row.before, row.after):
        if rule is not None:
            yield rule.class_name
            if rule.other is not None:
                yield rule.other


def _in_order(names: Iterable[str | None], order: tuple[str, ...]) -> tuple[str, ...]:
    place = {name: at for at, name in reversed(list(enumerate(order)))}
    return tuple(sorted((n for n in names if n is not None), key=lambda n: (place.get(n, len(order)), n)))


def _terminal_lines(row: RuleChange) -> Iterator[str]:
    against = f" against {visible(row.other)}" if row.other is not None else ""
    yield f"  {row.rule_id} {row.change}, {KIND_WORDS[row.kind]}{against}"
    if row.before is None or row.after is None:
        sign = "+" if row.before is None else "-"
        yield _indented("".join(c.text for c in row.words) or "(no text)", 4, sign)
        return
    for name in (f for f in row.fields if f in _FIELD_WORDS):
        yield f"    {_FIELD_WORDS[name]}: {_value(row.before, name)} -> {_value(row.after, name)}"
    if "text" in row.fields:
        yield _indented(marked(row.words), 4)
    if "place" in row.fields:
        yield "    stands at another place among the rules of its kind"
    if "evidence" in row.fields:
        yield f"    evidence: {len(row.before.evidence)} -> {len(row.after.evidence)} entries"


def _value(rule: Rule, name: str) -> str:
    value = getattr(rule, name)
    return "none" if value is None else visible(KIND_WORDS[value] if name == "kind" else value)


def _indented(text: str, by: int, sign: str = "") -> str:
    start = " " * by + (f"{sign} " if sign else "")
    return "\n".join(start + line for line in text.split("\n"))


def _sentence(row: RuleChange) -> str:
    where = f"“{visible(row.class_name)}”, {KIND_WORDS[row.kind]}"
    where += f" against “{visible(row.other)}”" if row.other is not None else ""
    where += f" ({row.rule_id})"
    if row.before is None:
        return f"New in {where}: {_quoted(row.after)}"
    if row.after is None:
        return f"No longer in {where}: {_quoted(row.before)}"
    if row.change == "moved":
        return f"Moved in {where}: the same rule at another place."
    return f"Changed in {where}: it said {_quoted(row.before)} and now says {_quoted(row.after)}{_refiled(row)}"


def _refiled(row: RuleChange) -> str:
    if row.before is None or row.after is None:
        return ""
    told = [
        f"{_FIELD_WORDS[f]} was “{_value(row.before, f)}” and is “{_value(row.after, f)}”"
        for f in row.fields
        if f in _FIELD_WORDS
    ]
    return f" ({'; '.join(told)})" if told else ""


def _quoted(rule: Rule | None) -> str:
    if rule is None or rule.is_empty:
        return "nothing yet"
    example = f" (item {visible(rule.item)})" if rule.item is not None else ""
    return f"“{visible(rule.text)}”{example}"


def _part_sentence(part: PartChange) -> str:
    return f"The {part.part} said “{visible(part.before)}” and now says “{visible(part.after)}”."
