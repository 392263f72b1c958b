"""One rule of a guideline, and the evidence that it rests on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from labelqa.errors import ParameterError, Problem

RULE_KINDS = ("definition", "use_when", "do_not_use_when", "boundary", "order", "positive_example", "negative_example")
EXAMPLE_KINDS = ("positive_example", "negative_example")
CITING_KINDS = (*EXAMPLE_KINDS, "boundary")  # kinds that may cite an item as an example
EVIDENCE_KINDS = ("item", "decision", "pair")
KIND_WORDS = {
    "definition": "definition",
    "use_when": "use when",
    "do_not_use_when": "do not use when",
    "boundary": "boundary",
    "order": "decision order",
    "positive_example": "positive example",
    "negative_example": "negative example",
}
RULE_ID = re.compile(r"R[1-9][0-9]*")
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x85")
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Evidence:
    """What a rule rests on.

    Attributes
    ----------
    kind : {"item", "decision", "pair"}
        An item that people disagreed on, a decision about an item, or a pair of classes that is confused.
    ref : str
        Id of the item or of the decision, or the pair.
    note : str
        What it shows.
    """

    kind: str
    ref: str
    note: str = ""

    def __post_init__(self) -> None:
        problems = [*_text_problems("evidence", self, ("kind", "ref", "note"))]
        if not problems and self.kind not in EVIDENCE_KINDS:
            problems.append(_choice("evidence", "kind", self.kind, EVIDENCE_KINDS))
        if not problems and not self.ref.strip():
            problems.append(_problem("evidence without ref", "ref", self.ref, "Name the item, decision or pair."))
        if problems:
            raise ParameterError(problems)
        object.__setattr__(self, "note", as_read(self.note))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    r"""One rule of one class.

    Attributes
    ----------
    id : str
        ``R1``, ``R2``, ...: stable for life, never given to another rule.
    class_name : str
        The class that the rule is about.
    kind : str
        One of :data:`RULE_KINDS`.
    text : str
        The rule, as annotators read it. Line ends become ``\n`` and characters are composed (NFC).
    other : str or None
        The other class: of a boundary (required), of a "do not use when" or of an example (what to use instead, or
        what it could be taken for).
    item : str or None
        Id of the item that an example, or a boundary, shows.
    evidence : tuple of Evidence
        What the rule rests on, in no order: it is sorted and held once.

    Examples
    --------
    >>> Rule(id="R4", class_name="billing", kind="boundary", other="bug", text="A failed payment is billing.").title
    'boundary of billing against bug'
    """

    id: str
    class_name: str
    kind: str
    text: str
    other: str | None = None
    item: str | None = None
    evidence: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        problems = list(_rule_problems(self))
        if problems:
            raise ParameterError(problems)
        object.__setattr__(self, "text", as_read(self.text))
        object.__setattr__(self, "evidence", tuple(sorted(set(self.evidence))))

    @property
    def number(self) -> int:
        """The number in the id."""
        return int(self.id[1:])

    @property
    def title(self) -> str:
        """What the rule is, without its text: kind, class and other class."""
        against = "" if self.other is None else f" against {self.other}"
        return f"{KIND_WORDS[self.kind]} of {self.class_name}{against}"

    @property
    def is_empty(self) -> bool:
        """Whether an annotator finds nothing in it: no text, and no item where the kind may cite one."""
        return not self.text.strip() and self.item is None


def as_read(text: str) -> str:
    r"""Return `text` as people read it: one kind of line end, characters composed (NFC).

    Examples
    --------
    >>> as_read("a\r\nb")
    'a\nb'
    """
    return unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text))


def _rule_problems(rule: Rule) -> Iterable[Problem]:
    where = f"rule {rule.id!r}"
    wrong = [*_text_problems(where, rule, ("id", "class_name", "kind", "text"))]
    wrong += _text_problems(where, rule, ("other", "item"), optional=True)
    wrong += _evidence_problems(where, rule.evidence)
    yield from wrong
    if not any(p.parameter == "id" for p in wrong) and not RULE_ID.fullmatch(rule.id):
        yield _problem(f"{where} has no well-formed id", "id", rule.id, "Ids are R1, R2, R3, ...")
    if not any(p.parameter == "kind" for p in wrong):
        yield from _kind_problems(where, rule)
    for name in ("class_name", "other", "item"):
        value = getattr(rule, name)
        if isinstance(value, str) and not value.strip():
            yield _problem(f"{where} has an empty {name}", name, value, f"Name it, or leave {name} out.")


def _kind_problems(where: str, rule: Rule) -> Iterable[Problem]:
    if rule.kind not in RULE_KINDS:
        yield _choice(where, "kind", rule.kind, RULE_KINDS)
        return
    if rule.kind == "boundary" and rule.other is None:
        yield _problem(f"{where} is a boundary without the other class", "other", None, "Name the class beyond it.")
    if rule.other is not None and rule.other == rule.class_name:
        what = f"{where} sets class {rule.class_name!r} against itself"
        yield _problem(what, "other", rule.other, "Name another class.")
    if rule.item is not None and rule.kind not in CITING_KINDS:
        what = f"{where} cites an item, which a rule of kind '{rule.kind}' cannot"
        yield _problem(what, "item", rule.item, f"Kinds that show an item: {', '.join(CITING_KINDS)}.")


def _evidence_problems(where: str, evidence: object) -> Iterable[Problem]:
    if not isinstance(evidence, tuple | list):
        yield _of_type(where, "evidence", evidence, "a tuple of Evidence")
        return
    for entry in evidence:
        if not isinstance(entry, Evidence):
            yield _of_type(where, "evidence", entry, "Evidence(kind=..., ref=...)")


def _text_problems(where: str, holder: object, names: Iterable[str], *, optional: bool = False) -> Iterable[Problem]:
    for name in names:
        value = getattr(holder, name)
        if not (optional and value is None):
            yield from text_problems(where, name, value)


def text_problems(where: str, name: str, value: Any) -> Iterable[Problem]:  # noqa: ANN401  # whatever was given
    """Yield what keeps `value` from being a text that can be stored."""
    if not isinstance(value, str):
        yield _of_type(where, name, value, "text")
    elif _HALF.search(value):
        what = f"{where}: {name} holds half a character (a lone surrogate), which no file can hold"
        yield _problem(what, name, value, "Read the source again with its right encoding.")


def _of_type(where: str, name: str, value: object, wanted: str) -> Problem:
    what = f"{where}: {name}={value!r} is a {type(value).__name__}, not {wanted}"
    return _problem(what, name, value, f"Pass {wanted}.")


def _choice(where: str, name: str, value: object, allowed: tuple[str, ...]) -> Problem:
    return Problem(what=f"{where}: {name}={value!r} is not known", parameter=name, value=value, allowed=allowed)


def _problem(what: str, name: str, value: object, next_step: str) -> Problem:
    return Problem(what=what, parameter=name, value=value, next_step=next_step)
