"""What makes a guideline ill-formed: every problem of a document at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from labelqa.errors import Problem
from labelqa.guidelines.rule import Rule, text_problems


class Found(NamedTuple):
    """A problem, and the rule (its place among the rules) or class (its place among the classes) that has it."""

    problem: Problem
    rule: int | None = None
    class_: int | None = None


def document_problems(classes: object, rules: object, title: object, introduction: object) -> list[Found]:
    """Return all problems of a guideline whose rules are well-formed each by itself."""
    found = [Found(p) for name, value in (("title", title), ("introduction", introduction))
             for p in text_problems("guideline", name, value)]  # fmt: skip
    found += _class_problems(classes)
    if not isinstance(rules, Sequence) or isinstance(rules, str | bytes):
        return [*found, Found(_wrong("rules", rules, "a tuple of Rule"))]
    misfits = [Found(_wrong(f"rules[{i}]", r, "a Rule"), i) for i, r in enumerate(rules) if not isinstance(r, Rule)]
    found += misfits
    if not misfits:
        named = tuple(classes) if isinstance(classes, Sequence) else ()
        found += [*_duplicate_ids(rules), *_foreign_classes(named, rules)]
    return found


def _class_problems(classes: object) -> Iterator[Found]:
    if not isinstance(classes, Sequence) or isinstance(classes, str | bytes):
        yield Found(_wrong("classes", classes, "a tuple of class names"))
        return
    if not classes:
        yield Found(
            Problem(what="the guideline has no class", parameter="classes", next_step="Name the classes of the task.")
        )
    seen: Counter[str] = Counter()
    for at, name in enumerate(classes):
        wrong = list(text_problems("guideline", f"classes[{at}]", name))
        yield from (Found(p, class_=at) for p in wrong)
        if wrong:
            continue
        seen[name] += 1
        if not name.strip():
            what = f"class {at + 1} has an empty name"
            yield Found(Problem(what=what, parameter="classes", value=name, next_step="Name it."), class_=at)
        elif seen[name] == 2:
            what = f"class {name!r} is named twice"
            yield Found(
                Problem(what=what, parameter="classes", value=name, next_step="Name each class once."), class_=at
            )


def _duplicate_ids(rules: Sequence[Rule]) -> Iterator[Found]:
    first: dict[str, Rule] = {}
    for at, rule in enumerate(rules):
        if rule.id in first:
            what = f"rule id {rule.id!r} is given twice: {first[rule.id].title}, and {rule.title}"
            free = f"R{max(r.number for r in rules) + 1}"
            step = f"Give the newer one an id of its own, for example {free}."
            yield Found(Problem(what=what, parameter="rules", value=rule.id, next_step=step), at)
        first.setdefault(rule.id, rule)


def _foreign_classes(classes: Sequence[str], rules: Sequence[Rule]) -> Iterator[Found]:
    for at, rule in enumerate(rules):
        if rule.class_name not in classes:
            what = f"rule {rule.id!r} is about {rule.class_name!r}, which is no class of the guideline"
            yield Found(
                Problem(
                    what=what,
                    parameter="class_name",
                    value=rule.class_name,
                    allowed=tuple(str(c) for c in classes),
                    next_step="Correct the name, add the class, or remove the rule.",
                ),
                at,
            )


def _wrong(name: str, value: object, wanted: str) -> Problem:
    what = f"{name}={value!r} is a {type(value).__name__}, not {wanted}"
    return Problem(what=what, parameter=name, value=value, next_step=f"Pass {wanted}.")
