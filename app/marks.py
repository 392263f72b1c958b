"""The difference of two guidelines for the eye: words added and taken out are marked, everything escaped."""

from __future__ import annotations

from typing import Any

import streamlit as st

import labelqa as lq
from labelqa_app.markup import escaped
from labelqa_app.pair_evidence import rule_title

CHANGED = {"added": "new", "removed": "taken out", "changed": "changed", "moved": "moved"}
TAGS = {"added": "ins", "removed": "del"}
STYLE = """
<style>
.lq-change {margin: .2rem 0 .7rem 0; overflow-wrap: anywhere; white-space: pre-wrap; unicode-bidi: plaintext;
  font-size: .98rem; line-height: 1.5}
.lq-what {font-size: .8rem; opacity: .75; margin: .4rem 0 0 0; overflow-wrap: anywhere}
</style>
"""


def words_html(words: Any) -> str:  # noqa: ANN401  # stretches of the engine
    """Return stretches of text with what was added and taken out marked; for screen readers as ins and del."""
    shown = []
    for word in words:
        tag = TAGS.get(word.kind)
        text = escaped(word.text)
        shown.append(text if tag is None else f'<{tag} class="lq-{tag}">{text}</{tag}>')
    return "".join(shown)


def diff_html(diff: lq.GuidelineDiff, only: str | None = None) -> str:
    """Return all that changed, or what changed of one rule, as escaped HTML."""
    lines = []
    for part in diff.parts if only is None else ():
        lines += [f'<p class="lq-what">{part.part.capitalize()} · changed</p>', _change(words_html(part.words))]
    for row in diff.rows:
        rule = row.after or row.before
        if row.change == "unchanged" or rule is None or only not in (None, row.rule_id):
            continue
        lines.append(f'<p class="lq-what" dir="auto">{row.rule_id} · {rule_title(rule)} · {CHANGED[row.change]}</p>')
        lines.append(_change(words_html(row.words) or "<i>no text</i>"))
        told = [t for t in (_item(row), _evidence(row)) if t]
        lines += [f'<p class="lq-what" dir="auto">{" · ".join(told)}</p>'] if told else []
    return "".join(lines)


def draw_diff(diff: lq.GuidelineDiff, nothing: str = "Nothing changed.") -> None:
    """Draw what changed."""
    if diff.is_empty:
        st.caption(nothing)
        return
    st.html(diff_html(diff))


def _change(inner: str) -> str:
    return f'<p class="lq-change" dir="auto">{inner}</p>'


def _item(row: Any) -> str:  # noqa: ANN401  # a change of the engine
    before, after = row.before, row.after
    old, new = (None if r is None else r.item for r in (before, after))
    if old == new:
        return ""
    if new is None:
        return f"no longer shows item {escaped(str(old))}"
    return f"shows item {escaped(new)}" + (f" in place of {escaped(old)}" if old else "")


def _evidence(row: Any) -> str:  # noqa: ANN401
    before, after = row.before, row.after
    old, new = (0 if r is None else len(r.evidence) for r in (before, after))
    same = before is not None and after is not None and before.evidence == after.evidence
    return "" if same or (not old and not new) else f"rests on {new} decided item{'s' * (new != 1)} (before: {old})"
