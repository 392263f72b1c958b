"""What changed between two guidelines, rule by rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

from labelqa.errors import check_kind
from labelqa.guidelines.diff_result import GuidelineDiff, PartChange, RuleChange
from labelqa.guidelines.document import Guideline
from labelqa.guidelines.rule import RULE_KINDS, Rule
from labelqa.guidelines.wording import is_minor_rewording, plain_words, word_changes

_COMPARED = ("class_name", "kind", "other", "text", "item", "evidence")
_TELLING = {"class_name": "class", "kind": "kind", "other": "other class", "item": "item"}  # these instruct


def diff_guidelines(before: Guideline, after: Guideline) -> GuidelineDiff:
    """Compare two guidelines rule by rule, words within rules, and suggest what kind of edit it is.

    Parameters
    ----------
    before, after : Guideline
        The earlier and the later one. Rules are the same rule if they have the same id.

    Returns
    -------
    GuidelineDiff
        One row a rule, in the order in which it is read (removed rules after their class's kind).

    Raises
    ------
    ParameterError
        If one of the two is no guideline.

    Examples
    --------
    >>> from labelqa.guidelines.starter import starter_guideline
    >>> before = starter_guideline(["bug", "billing"])
    >>> after = before.with_rule(Rule(id="R2", class_name="billing", kind="definition", text="It is about money."))
    >>> diff = diff_guidelines(before, after)
    >>> diff.changed_rules, diff.suggested_edit
    (('R2',), 'semantic')
    """
    for name, value in (("before", before), ("after", after)):
        check_kind(name, value, Guideline, allowed="a Guideline", next_step="For a version, pass its .guideline.")
    moved = _moved(before, after)
    old, new = ({r.id: r for r in g.rules} for g in (before, after))
    rows = tuple(
        _change((new if i in new else old)[i], old.get(i), new.get(i), i in moved) for i in _ids_in_order(before, after)
    )
    parts = tuple(
        PartChange(part=part, before=a, after=b, words=word_changes(a, b))
        for part in ("title", "introduction")
        if (a := getattr(before, part)) != (b := getattr(after, part))
    )
    reasons = tuple(_semantic_reasons(before, after, rows, parts))
    return GuidelineDiff(
        rows=rows,
        parts=parts,
        classes_before=before.classes,
        classes_after=after.classes,
        suggested_edit="semantic" if reasons else "minor",
        reasons=reasons,
    )


def _ids_in_order(before: Guideline, after: Guideline) -> list[str]:
    """Return all ids as the later guideline reads them, removed ones at the end of what they belonged to."""
    removed = [r for r in before.rules if r.id not in after.ids]
    classes = {c: at for at, c in enumerate((*after.classes, *(c for c in before.classes if c not in after.classes)))}
    ordered = sorted([*after.rules, *removed], key=lambda r: (classes[r.class_name], RULE_KINDS.index(r.kind)))
    return [r.id for r in ordered]


def _moved(before: Guideline, after: Guideline) -> set[str]:
    """Return the rules that stand elsewhere among the rules of their class and kind: as few as explain the order."""
    homes = {r.id: (r.class_name, r.kind) for r in after.rules}
    kept = [r for r in before.rules if homes.get(r.id) == (r.class_name, r.kind)]
    moved: set[str] = set()
    for home in {(r.class_name, r.kind) for r in kept}:
        old = [r.id for r in kept if (r.class_name, r.kind) == home]
        new = [r.id for r in after.rules if r.id in old]
        blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
        moved |= set(old) - {i for b in blocks for i in old[b.a : b.a + b.size]}
    return moved


def _change(rule: Rule, before: Rule | None, after: Rule | None, moved: bool) -> RuleChange:
    fields = _changed_fields(before, after, moved)
    change: Literal["added", "removed", "changed", "moved", "unchanged"]
    if before is None or after is None:
        change = "added" if before is None else "removed"
    elif fields == ("place",):
        change = "moved"
    else:
        change = "changed" if fields else "unchanged"
    return RuleChange(
        rule_id=rule.id,
        class_name=rule.class_name,
        other=rule.other,
        kind=rule.kind,
        change=change,
        fields=fields,
        before=before,
        after=after,
        words=word_changes(before.text if before else "", after.text if after else ""),
    )


def _changed_fields(before: Rule | None, after: Rule | None, moved: bool) -> tuple[str, ...]:
    if before is None or after is None:
        return ()
    differing = tuple(f for f in _COMPARED if getattr(before, f) != getattr(after, f))
    return (*differing, "place") if moved else differing


def _semantic_reasons(
    before: Guideline, after: Guideline, rows: Sequence[RuleChange], parts: Sequence[PartChange]
) -> Iterator[str]:
    known = _words_in(after)
    for row in rows:
        yield from _reasons_of(row, known)
    for part in parts:
        if part.part == "introduction" and not is_minor_rewording(part.before, part.after, known):
            yield "the introduction reads differently"
    for word, names in (
        ("new", [c for c in after.classes if c not in before.classes]),
        ("gone", [c for c in before.classes if c not in after.classes]),
    ):
        yield from (f"class {name} is {word}" for name in names)


def _reasons_of(row: RuleChange, known: frozenset[str]) -> Iterator[str]:
    if row.before is None or row.after is None:
        if not row.is_empty:
            yield f"{row.rule_id} was {row.change}"
        return
    changed = [_TELLING[f] for f in row.fields if f in _TELLING]
    if "place" in row.fields and row.kind == "order":
        changed.append("place in the decision order")
    if "text" in row.fields and not is_minor_rewording(row.before.text, row.after.text, known):
        changed.append("wording")
    if changed:
        yield f"{row.rule_id} has another {', '.join(changed)}"


def _words_in(guideline: Guideline) -> frozenset[str]:
    """Return every word of a guideline: a word that is still in use is no typing error."""
    texts: Iterable[str] = (guideline.introduction, *guideline.classes, *(r.text for r in guideline.rules))
    return frozenset(word for text in texts for word in plain_words(text))
