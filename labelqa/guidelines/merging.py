"""Two people changed one guideline: whose change is where, and what it is with both."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from labelqa.errors import check_kind
from labelqa.guidelines.document import Guideline
from labelqa.guidelines.merging_result import PartMerge, Status, ThreeWay
from labelqa.guidelines.rule import KIND_WORDS, Evidence, Rule

T = TypeVar("T")


def three_way(base: Guideline, theirs: Guideline, yours: Guideline) -> ThreeWay:
    """Compare two guidelines that were made from the same one, and merge them where no rule was changed twice.

    Parameters
    ----------
    base : Guideline
        What both were made from.
    theirs, yours : Guideline
        What another person published, and what you wrote. Where both gave the same id to different new rules, yours
        get new ids. Evidence of both is kept.

    Returns
    -------
    ThreeWay
        One row a rule, title, introduction, list of classes; ``.merged`` is an offer, None where there are conflicts.

    Raises
    ------
    ParameterError
        If one of them is no guideline.

    Examples
    --------
    >>> from labelqa.guidelines.starter import starter_guideline
    >>> base = starter_guideline(["bug", "billing"])
    >>> theirs = base.with_rule(dataclasses.replace(base.rule("R1"), text="It is broken."))
    >>> yours = base.with_rule(dataclasses.replace(base.rule("R2"), text="It is about money."))
    >>> [rule.text for rule in three_way(base, theirs, yours).merged.rules]
    ['It is broken.', 'It is about money.']
    """
    for name, value in (("base", base), ("theirs", theirs), ("yours", yours)):
        check_kind(name, value, Guideline, allowed="a Guideline", next_step="For a version, pass its .guideline.")
    renumbered = _new_ids(base, theirs, yours)
    yours = _renumber(yours, renumbered)
    parts = [_part(name, base, theirs, yours) for name in ("title", "introduction", "classes")]
    rules = [_rule_part(i, base, theirs, yours) for i in dict.fromkeys((*base.ids, *theirs.ids, *yours.ids))]
    classes = _picked(base.classes, theirs.classes, yours.classes)[1]
    kept = {part.part: rule for part, rule in rules if rule is not None}
    parts += [_without_class(part, rule, classes) for part, rule in rules]
    order = _Order(base, theirs, yours, kept)
    parts += order.conflicts
    merged = None
    if not any(p.status == "conflict" for p in parts):
        merged = Guideline(
            classes=classes,
            rules=tuple(kept[i] for i in order.ids),
            title=_picked(base.title, theirs.title, yours.title)[1],
            introduction=_picked(base.introduction, theirs.introduction, yours.introduction)[1],
        )
    return ThreeWay(parts=tuple(parts), merged=merged, renumbered=tuple(renumbered.items()))


def _picked(base: T, theirs: T, yours: T) -> tuple[Status, T]:
    if theirs == yours:
        return ("unchanged" if theirs == base else "both"), theirs
    if yours == base:
        return "theirs", theirs
    return ("yours" if theirs == base else "conflict"), yours


def _part(name: str, base: Guideline, theirs: Guideline, yours: Guideline) -> PartMerge:
    values = [getattr(g, name) for g in (base, theirs, yours)]
    texts = [v if isinstance(v, str) else ", ".join(v) for v in values]
    return PartMerge(part=name, status=_picked(*values)[0], base=texts[0], theirs=texts[1], yours=texts[2])


def _rule_part(rule_id: str, base: Guideline, theirs: Guideline, yours: Guideline) -> tuple[PartMerge, Rule | None]:
    b, t, y = ({r.id: r for r in g.rules}.get(rule_id) for g in (base, theirs, yours))
    status, bare = _picked(*(None if r is None else dataclasses.replace(r, evidence=()) for r in (b, t, y)))
    rule = None if bare is None else dataclasses.replace(bare, evidence=_evidence(b, t, y))
    if status in ("unchanged", "both"):
        status = _picked(b, t, y)[0] if _picked(b, t, y)[0] != "conflict" else "both"
    texts = {name: None if r is None else r.text for name, r in (("base", b), ("theirs", t), ("yours", y))}
    return PartMerge(part=rule_id, status=status, **texts), rule


def _evidence(*rules: Rule | None) -> tuple[Evidence, ...]:
    base, theirs, yours = (set(r.evidence) if r is not None else set() for r in rules)
    return tuple((theirs & yours) | (theirs - base) | (yours - base))


def _without_class(part: PartMerge, rule: Rule | None, classes: Sequence[str]) -> PartMerge:
    """Return a conflict where one side wrote a rule about a class that the other removed."""
    homeless = rule is not None and rule.class_name not in classes
    return dataclasses.replace(part, status="conflict") if homeless else part


def _new_ids(base: Guideline, theirs: Guideline, yours: Guideline) -> dict[str, str]:
    """Return new ids for your new rules whose id their new rules have too."""
    added = [r for r in yours.rules if r.id not in base.ids and r.id in theirs.ids]
    clashing = [r.id for r in added if dataclasses.replace(r, evidence=theirs.rule(r.id).evidence) != theirs.rule(r.id)]
    first = int(yours.next_id((base, theirs))[1:])
    return {old: f"R{first + at}" for at, old in enumerate(clashing)}


def _renumber(guideline: Guideline, ids: dict[str, str]) -> Guideline:
    rules = tuple(dataclasses.replace(r, id=ids.get(r.id, r.id)) for r in guideline.rules)
    return dataclasses.replace(guideline, rules=rules)


class _Order:
    """The order of the rules that are kept, one class and kind after another."""

    def __init__(self, base: Guideline, theirs: Guideline, yours: Guideline, kept: dict[str, Rule]) -> None:
        self.ids: list[str] = []
        self.conflicts: list[PartMerge] = []
        for home in dict.fromkeys((r.class_name, r.kind) for r in kept.values()):
            sequences = [list(_at_home(g, home, kept)) for g in (base, theirs, yours)]
            self._add(home, *sequences)

    def _add(self, home: tuple[str, str], base: list[str], theirs: list[str], yours: list[str]) -> None:
        shared = set(base) & set(theirs) & set(yours)
        b, t, y = ([i for i in side if i in shared] for side in (base, theirs, yours))
        if home[1] == "order" and t not in (b, y) and y != b:  # elsewhere the sequence says nothing: theirs stays
            name = f"sequence of {KIND_WORDS[home[1]]} rules of {home[0]}"
            texts = {"base": ", ".join(b), "theirs": ", ".join(t), "yours": ", ".join(y)}
            self.conflicts.append(PartMerge(part=name, status="conflict", **texts))
        self.ids += _inserted(yours, theirs) if t == b else _inserted(theirs, yours)


def _at_home(guideline: Guideline, home: tuple[str, str], kept: dict[str, Rule]) -> Iterator[str]:
    for rule in guideline.rules:
        merged = kept.get(rule.id)
        if merged is not None and (merged.class_name, merged.kind) == home == (rule.class_name, rule.kind):
            yield rule.id


def _inserted(ids: Iterable[str], others: Sequence[str]) -> list[str]:
    """Return `ids` with what only `others` has after whatever it follows there."""
    out = list(ids)
    for at, rule_id in enumerate(others):
        if rule_id not in out:
            out.insert(out.index(others[at - 1]) + 1 if at else 0, rule_id)
    return out
