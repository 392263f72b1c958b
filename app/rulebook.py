"""A guideline as people read it beside their work: rules letter by letter, without items or who said what."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import labelqa as lq
from labelqa_app.markup import escaped

FOLDED = 12  # classes from which each is one click away
TITLES = {
    "definition": "What it is",
    "use_when": "Use it when",
    "do_not_use_when": "Do not use it when",
    "boundary": "Or is it",
    "order": "Decide in this order",
    "positive_example": "Examples",
    "negative_example": "Not an example",
}
STYLE = """
<style>
.lq-rules {overflow-wrap: anywhere; font-size: .95rem; line-height: 1.45}
.lq-rules summary, .lq-rules h3 {font-size: 1.02rem; font-weight: 600; margin: .9rem 0 .1rem 0; padding: 0}
.lq-rules .kind {opacity: .72; font-size: .8rem; margin: .35rem 0 0 0}
.lq-rules .rule {white-space: pre-wrap; unicode-bidi: plaintext; margin: 0}
.lq-rules .id {opacity: .6; font-size: .75rem; margin-left: .35rem}
</style>
"""


def rules_html(guideline: lq.Guideline) -> str:
    """Return all rules as escaped HTML; a class without rules says so."""
    opening = [f'<p class="rule" dir="auto">{escaped(guideline.introduction)}</p>'] if guideline.introduction else []
    return f'<div class="lq-rules">{"".join([*opening, *_classes(guideline)])}</div>'


def _classes(guideline: lq.Guideline) -> Iterator[str]:
    folded = len(guideline.classes) > FOLDED
    for name in guideline.classes:
        body = "".join(_kinds(guideline, name)) or '<p class="kind">No rules yet.</p>'
        if folded:
            yield f'<details><summary dir="auto">{escaped(name)}</summary>{body}</details>'
        else:
            yield f'<h3 dir="auto">{escaped(name)}</h3>{body}'


def _kinds(guideline: lq.Guideline, name: str) -> Iterator[str]:
    rules = [r for r in guideline.rules_of(name) if not r.is_empty]
    for (kind, other), group in groupby(rules, key=lambda r: (r.kind, r.other)):
        yield f'<p class="kind" dir="auto">{_title(kind, other)}</p>'
        for rule in group:
            yield f'<p class="rule" dir="auto">{escaped(rule.text)}<span class="id">{rule.id}</span></p>'
    for rule in guideline.rules:  # a border has two sides: whoever reads the one class finds it too
        if rule.kind == "boundary" and rule.other == name and not rule.is_empty:
            yield f'<p class="kind" dir="auto">{_title(rule.kind, rule.class_name)}</p>'
            yield f'<p class="rule" dir="auto">{escaped(rule.text)}<span class="id">{rule.id}</span></p>'


def _title(kind: str, other: str | None) -> str:
    if other is None:
        return TITLES[kind]
    return f"{TITLES[kind]} {escaped(other)}?" if kind == "boundary" else f"{TITLES[kind]} ({escaped(other)})"
