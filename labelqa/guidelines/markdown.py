"""A guideline as Markdown: readable, exact, and with lines of its own for every rule, so that git shows what changed.

::

    # Support tickets

    What stands above the classes.

    ## billing

    ### Definition

    - **R1**: Anything about money.

    ### Boundaries

    - **R4** against `bug`, item `T17`: A failed payment is billing,
      even if an error is shown.
      - Evidence: item `T19`: three of four took it for a bug

A class is a heading, a kind of rule a heading below it, a rule an entry whose id never changes. What belongs to a rule
is indented by two spaces.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from labelqa.errors import check_kind
from labelqa.guidelines.document import Guideline
from labelqa.guidelines.escapes import escape_block, escape_line, escape_name, escape_span
from labelqa.guidelines.rule import Evidence, Rule

HEADINGS = {
    "definition": "Definition",
    "use_when": "Use when",
    "do_not_use_when": "Do not use when",
    "boundary": "Boundaries",
    "order": "Decision order",
    "positive_example": "Positive examples",
    "negative_example": "Negative examples",
}


def guideline_markdown(guideline: Guideline) -> str:
    """Return a guideline as Markdown, from which :func:`parse_guideline_markdown` reads the same guideline.

    Parameters
    ----------
    guideline : Guideline
        What to write.

    Returns
    -------
    str
        The file. A change of one rule changes only the lines of that rule.

    Raises
    ------
    ParameterError
        If `guideline` is no guideline.

    Examples
    --------
    >>> from labelqa.guidelines.starter import starter_guideline
    >>> print(guideline_markdown(starter_guideline(["bug"], title="Support tickets")))
    # Support tickets
    <BLANKLINE>
    ## bug
    <BLANKLINE>
    ### Definition
    <BLANKLINE>
    - **R1**:
    <BLANKLINE>
    """
    check_kind(
        "guideline", guideline, Guideline, allowed="a Guideline", next_step="For a version, pass its .guideline."
    )
    return "\n\n".join(_blocks(guideline)) + "\n"


def _blocks(guideline: Guideline) -> Iterator[str]:
    if guideline.title:
        yield f"# {escape_name(guideline.title)}"
    if guideline.introduction:
        yield "\n".join(escape_block(guideline.introduction, first_is_start=True))
    for class_name in guideline.classes:
        yield f"## {escape_name(class_name)}"
        for kind, rules in groupby(guideline.rules_of(class_name), key=lambda r: r.kind):
            yield f"### {HEADINGS[kind]}"
            yield from (_entry(rule) for rule in rules)


def _entry(rule: Rule) -> str:
    marks = [f"{word} {escape_span(name)}" for word, name in (("against", rule.other), ("item", rule.item)) if name]
    head = f"- **{rule.id}**" + (f" {', '.join(marks)}" if marks else "") + ":"
    first, *rest = escape_block(rule.text, first_is_start=False)
    lines = [f"{head} {first}" if first else head]
    lines += [f"  {line}" if line else "" for line in rest]
    return "\n".join([*lines, *(_evidence(e) for e in rule.evidence)])


def _evidence(evidence: Evidence) -> str:
    note = f": {escape_line(evidence.note)}" if evidence.note else ""
    return f"  - Evidence: {evidence.kind} {escape_span(evidence.ref)}{note}"
