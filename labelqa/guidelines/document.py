"""A guideline: the classes of a task and the rules about them, as one immutable document."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from labelqa.errors import ParameterError, Problem
from labelqa.guidelines.checks import document_problems
from labelqa.guidelines.plain import check_document, content_hash, document_to_dict, rules_from
from labelqa.guidelines.rule import RULE_KINDS, Rule, as_read


@dataclass(frozen=True, slots=True, kw_only=True)
class Guideline:
    """What annotators read: classes, typed rules, a title and an introduction.

    Attributes
    ----------
    classes : tuple of str
        Classes in the order in which they are read.
    rules : tuple of Rule
        Always in the order in which they are read: by class, then by kind (definition, use when, do not use when,
        boundary, decision order, positive and negative examples); within these as given.
    title, introduction : str
        What stands above the classes.

    Raises
    ------
    ParameterError
        With all problems: duplicate ids or classes, rules about other classes, wrong types.

    Examples
    --------
    >>> guideline = Guideline(classes=("bug", "billing"), rules=(
    ...     Rule(id="R2", class_name="billing", kind="definition", text="Money."),
    ...     Rule(id="R1", class_name="bug", kind="definition", text="Something is broken."),
    ... ))
    >>> [rule.id for rule in guideline.rules], guideline.next_id()
    (['R1', 'R2'], 'R3')
    """

    classes: tuple[str, ...]
    rules: tuple[Rule, ...]
    title: str = ""
    introduction: str = ""

    def __post_init__(self) -> None:
        found = document_problems(self.classes, self.rules, self.title, self.introduction)
        if found:
            raise ParameterError([f.problem for f in found])
        object.__setattr__(self, "classes", tuple(self.classes))
        object.__setattr__(self, "rules", _in_reading_order(self.classes, self.rules))
        object.__setattr__(self, "title", as_read(self.title))
        object.__setattr__(self, "introduction", as_read(self.introduction))

    @property
    def content_hash(self) -> str:
        """SHA-256 of the content, in hex: the same for the same content, wherever and whenever it was written."""
        return content_hash(self.to_dict())

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the rules, in reading order."""
        return tuple(r.id for r in self.rules)

    @property
    def cited_items(self) -> tuple[str, ...]:
        """Items that rules show or rest on, each once, sorted: annotators of this guideline may know them."""
        shown = {r.item for r in self.rules if r.item is not None}
        return tuple(sorted(shown | {e.ref for r in self.rules for e in r.evidence if e.kind == "item"}))

    def rule(self, rule_id: str) -> Rule:
        """Return the rule with this id.

        Raises
        ------
        ParameterError
            If there is none.
        """
        found = next((r for r in self.rules if r.id == rule_id), None)
        if found is None:
            raise ParameterError(
                Problem(what=f"there is no rule {rule_id!r}", parameter="rule_id", value=rule_id, allowed=self.ids)
            )
        return found

    def rules_of(self, class_name: str) -> tuple[Rule, ...]:
        """Return the rules about a class, in reading order.

        Raises
        ------
        ParameterError
            If there is no such class.
        """
        if class_name not in self.classes:
            raise ParameterError(
                Problem(
                    what=f"{class_name!r} is no class of the guideline",
                    parameter="class_name",
                    value=class_name,
                    allowed=self.classes,
                )
            )
        return tuple(r for r in self.rules if r.class_name == class_name)

    def boundary(self, a: str, b: str) -> tuple[Rule, ...]:
        """Return the boundaries between two classes, whichever of the two they are written under."""
        return tuple(r for r in self.rules if r.kind == "boundary" and {r.class_name, r.other} == {a, b})

    def with_rule(self, rule: Rule) -> Guideline:
        """Return the guideline with `rule` in the place of the one with its id, or after the others if it is new."""
        kept = [rule if r.id == rule.id else r for r in self.rules]
        return dataclasses.replace(self, rules=tuple(kept if rule.id in self.ids else [*kept, rule]))

    def without_rule(self, rule_id: str) -> Guideline:
        """Return the guideline without one rule; its id stays taken (see :meth:`next_id`).

        Raises
        ------
        ParameterError
            If there is no such rule.
        """
        gone = self.rule(rule_id)
        return dataclasses.replace(self, rules=tuple(r for r in self.rules if r is not gone))

    def next_id(self, history: Iterable[Guideline] = ()) -> str:
        """Return the id for a new rule: above every id of this guideline and of the earlier ones in `history`.

        Without the history the id of a rule that was removed last could be given to another rule.
        """
        taken = [r.number for guideline in (self, *history) for r in guideline.rules]
        return f"R{max(taken, default=0) + 1}"

    def to_dict(self) -> dict[str, object]:
        """Return the guideline as a JSON-safe dictionary."""
        return document_to_dict(self.classes, self.rules, self.title, self.introduction)

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Guideline:
        """Return the guideline that :meth:`to_dict` wrote.

        Raises
        ------
        ParameterError
            With all problems of all rules.
        """
        fields = check_document(data)
        rules, problems = rules_from(fields["rules"])
        classes, title, introduction = fields["classes"], fields.get("title", ""), fields.get("introduction", "")
        problems += [f.problem for f in document_problems(classes, rules, title, introduction)]
        if problems:
            raise ParameterError(problems)
        return cls(classes=classes, rules=tuple(rules), title=title, introduction=introduction)  # type: ignore[arg-type]  # checked above


def _in_reading_order(classes: Sequence[str], rules: Iterable[Rule]) -> tuple[Rule, ...]:
    place = {name: at for at, name in enumerate(classes)}
    return tuple(sorted(rules, key=lambda r: (place[r.class_name], RULE_KINDS.index(r.kind))))
