"""A guideline from Markdown that :func:`guideline_markdown` wrote and people may have edited."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from labelqa.errors import FileFormatError, ParameterError, Problem, check_kind
from labelqa.guidelines.checks import document_problems
from labelqa.guidelines.document import Guideline
from labelqa.guidelines.escapes import unescape
from labelqa.guidelines.markdown import HEADINGS
from labelqa.guidelines.rule import Evidence, Rule
from labelqa.text import shortened

_SPAN = r"`((?:[^`\\]|\\.)*)`"
_HEADING = re.compile(r"(#{1,6})(?:\s+(.*))?$")
_RULE = re.compile(rf"[-*+]\s+\*\*([^*]*)\*\*(?:\s+against {_SPAN})?(?:,?\s+item {_SPAN})?\s*:(?:\s+(.*))?$")
_EVIDENCE = re.compile(rf"[-*+]\s+Evidence:\s+(\S+)\s+{_SPAN}(?::\s+(.*))?$")
_EVIDENCE_START = re.compile(r"[-*+]\s*Evidence\b")
_CLOSING = re.compile(r"(?:^|\s)#+$")
_KINDS = {heading.casefold(): kind for kind, heading in HEADINGS.items()}
_RULE_FORM = "- **R7**: text", "- **R7** against `other class`, item `item id`: text"


@dataclass(slots=True)
class _Entry:
    """A rule as far as it was read."""

    row: int
    fields: dict[str, str | None]
    lines: list[str]
    evidence: list[Evidence] = field(default_factory=list)
    blank: bool = False

    def add(self, line: str) -> None:
        self.lines += ["", line] if self.blank else [line]
        self.blank = False


def parse_guideline_markdown(text: str, *, file: str | None = None) -> Guideline:
    """Read a guideline from Markdown.

    Parameters
    ----------
    text : str
        What :func:`guideline_markdown` wrote, edited or not. Further blank lines, spaces at the ends of lines, other
        bullets and the order of the headings below a class do not matter.
    file : str or None
        Name of the file, for messages.

    Returns
    -------
    Guideline
        What the text says.

    Raises
    ------
    FileFormatError
        With every problem, its line, and what is expected there.

    Examples
    --------
    >>> guideline = parse_guideline_markdown('''
    ... # Support tickets
    ... ## bug
    ... ### Boundaries
    ... - **R2** against `billing`: A failed payment is no bug.
    ... ## billing
    ... ''')
    >>> guideline.classes, guideline.rules[0].other
    (('bug', 'billing'), 'billing')
    """
    check_kind("text", text, str, allowed="text", next_step="Pass the content of the file, read as UTF-8.")
    reader = _Reader(file=file or "guideline")
    for row, line in enumerate(re.split("\r\n?|\n", text.removeprefix("\ufeff")), start=1):
        reader.take(row, line)
    return reader.guideline()


class _Reader:
    """What was read so far, and where the next line belongs."""

    def __init__(self, *, file: str) -> None:
        self._file = file
        self._title: str | None = None
        self._introduction = _Entry(row=1, fields={}, lines=[])
        self._classes: list[tuple[int, str]] = []
        self._kind: str | None = None
        self._entries: list[_Entry] = []
        self._open: _Entry | None = None  # the rule that indented lines belong to
        self._problems: list[Problem] = []

    def take(self, row: int, line: str) -> None:
        """Read one line."""
        stripped = line.strip()
        if not stripped:
            for entry in (self._open, self._introduction):
                if entry is not None:
                    entry.blank = bool(entry.lines)
        elif line[0].isspace() and self._classes:
            self._indented(row, stripped)
        elif heading := _HEADING.match(stripped):
            self._heading(row, len(heading[1]), _CLOSING.sub("", heading[2] or "").rstrip(), stripped)
        elif not self._classes:
            self._introduction.add(stripped)
        else:
            self._rule(row, stripped)

    def _heading(self, row: int, level: int, name: str, line: str) -> None:
        self._open = None
        if level == 1 and self._title is None and not self._introduction.lines and not self._classes:
            self._title = unescape(name)
        elif level == 2:
            self._classes.append((row, unescape(name)))
            self._kind = None
        elif level == 3 and self._classes:
            self._kind = _KINDS.get(name.casefold(), "")
            if not self._kind:
                self._wrong(row, f"{name!r} is no kind of rule", name, tuple(HEADINGS.values()))
        else:
            allowed = ("# title, in the first line", "## class", "### kind of rule, below a class")
            self._wrong(row, f"heading {shortened(line, 60)!r} is not expected here", line, allowed)

    def _rule(self, row: int, line: str) -> None:
        self._open = None
        found = _RULE.match(line)
        if found is None:
            step = "Indent it by two spaces if it belongs to the rule above; write \\# for a # that is no heading."
            self._wrong(row, f"{shortened(line, 60)!r} is not the start of a rule", None, _RULE_FORM, step)
            return
        if self._kind is None:
            what = f"rule {found[1]!r} stands below no heading that says its kind"
            self._wrong(row, what, None, tuple(f"### {h}" for h in HEADINGS.values()))
        other, item = (None if found[i] is None else unescape(found[i]) for i in (2, 3))
        fields = {"id": found[1], "class_name": self._classes[-1][1], "kind": self._kind, "other": other, "item": item}
        self._open = _Entry(row=row, fields=fields, lines=[found[4] or ""])
        if self._kind:
            self._entries.append(self._open)

    def _indented(self, row: int, line: str) -> None:
        if self._open is None:
            step = "Remove the spaces at its start, or put it below a rule."
            self._wrong(row, f"{shortened(line, 60)!r} is indented but belongs to no rule", None, (), step)
        elif _EVIDENCE_START.match(line):
            self._evidence(row, line, self._open)
        elif self._open.evidence:
            what = f"{shortened(line, 60)!r} stands below the evidence of a rule"
            self._wrong(row, what, None, (), "Put the text of a rule above its evidence.")
        else:
            self._open.add(line)

    def _evidence(self, row: int, line: str, rule: _Entry) -> None:
        found = _EVIDENCE.match(line)
        if found is None:
            allowed = ("- Evidence: item `T17`", "- Evidence: decision `d4`: what it shows")
            self._wrong(row, f"{shortened(line, 60)!r} is no evidence", None, allowed)
            return
        ref, note = unescape(found[2]), unescape(found[3] or "")
        evidence = self._built(row, lambda: Evidence(kind=found[1], ref=ref, note=note))
        rule.evidence += [evidence] if isinstance(evidence, Evidence) else []

    def guideline(self) -> Guideline:
        """Return what was read, or raise every problem."""
        built = [(e.row, self._built(e.row, lambda e=e: _rule_of(e))) for e in self._entries]  # type: ignore[misc]
        rules = [(row, rule) for row, rule in built if isinstance(rule, Rule)]
        classes = tuple(name for _, name in self._classes)
        title, introduction = self._title or "", unescape("\n".join(self._introduction.lines))
        for found in document_problems(classes, [rule for _, rule in rules], title, introduction):
            row = rules[found.rule][0] if found.rule is not None else None
            row = self._classes[found.class_][0] if found.class_ is not None else row
            self._add(row, [found.problem])
        if self._problems:
            raise FileFormatError(sorted(self._problems, key=lambda p: p.row or 0))
        return Guideline(
            classes=classes, rules=tuple(rule for _, rule in rules), title=title, introduction=introduction
        )

    def _built(self, row: int, build: Callable[[], Rule | Evidence]) -> Rule | Evidence | None:
        try:
            return build()
        except ParameterError as error:
            self._add(row, error.problems)
            return None

    def _add(self, row: int | None, problems: Iterable[Problem]) -> None:
        self._problems += [dataclasses.replace(p, file=self._file, row=row) for p in problems]

    def _wrong(
        self, row: int, what: str, value: object = None, allowed: tuple[str, ...] = (), next_step: str = ""
    ) -> None:
        self._add(row, [Problem(what=what, value=value, allowed=allowed, next_step=next_step)])


def _rule_of(entry: _Entry) -> Rule:
    text = unescape("\n".join(entry.lines))
    return Rule(**entry.fields, text=text, evidence=tuple(entry.evidence))  # type: ignore[arg-type]  # checked there
