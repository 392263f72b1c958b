"""Evidence on a pair of classes beside an item: what disputed items share, and items on which all agree."""

from __future__ import annotations

import re

import pandas as pd
import streamlit as st

import labelqa as lq
from labelqa_app.markup import escaped, markdown
from labelqa_app.rulebook import TITLES

CUES, TYPICAL, LIKE, SHORT = 6, 5, 3, 200
STYLE = """
<style>
.lq-quote {unicode-bidi: plaintext; overflow-wrap: anywhere; font-size: .9rem; line-height: 1.4;
  margin: .15rem 0 .45rem 0; padding-left: .6rem; border-left: 3px solid rgba(128,128,128,.35)}
.lq-small {font-size: .8rem; opacity: .75; margin: .35rem 0 0 0; overflow-wrap: anywhere}
.lq-cue {margin: .2rem 0; font-size: .92rem; overflow-wrap: anywhere; unicode-bidi: plaintext}
.lq-cue b, .lq-here {background: rgba(46, 125, 200, .18); padding: 0 .2rem; border-radius: .2rem}
.lq-here {font-size: .75rem; margin-left: .3rem}
</style>
"""


def pair_evidence(found: lq.ConfusionEvidence, text: str = "", item: str | None = None) -> None:
    """Draw the evidence; words that stand in `text` are marked, and `item` is told where it lies."""
    st.markdown(
        f"On **{found.n_split:,}** item{'s' * (found.n_split != 1)} some said {markdown(found.class_a)} and some "
        f"{markdown(found.class_b)}; on {found.n_only_a + found.n_only_b:,} all agreed on one of the two.",
        help="Of the round that you look at, without the items that are held out for the proof.",
    )
    _lean(found, item)
    _cues(found, text)
    _typical(found, text)
    _similar(found)


def rules_of_pair(guideline: lq.Guideline, pair: tuple[str, str]) -> None:
    """Draw what the guideline says about two classes, the boundary first."""
    rules = [r for r in guideline.boundary(*pair) if not r.is_empty]
    rules += [r for name in pair for r in guideline.rules_of(name) if r.kind == "definition" and not r.is_empty]
    if not rules:
        st.markdown("It says nothing about these two yet.")
        return
    st.html(
        "".join(
            f'<p class="lq-small" dir="auto">{r.id} · {rule_title(r)}</p>'
            f'<p class="lq-quote" dir="auto">{escaped(r.text)}</p>'
            for r in rules
        )
    )


def rule_title(rule: lq.Rule) -> str:
    """Return what a rule is about in words, escaped."""
    against = "" if rule.other is None else f" / {escaped(rule.other)}"
    kind = "Boundary" if rule.kind == "boundary" else TITLES[rule.kind]
    return f"{kind}: {escaped(rule.class_name)}{against}"


def _lean(found: lq.ConfusionEvidence, item: str | None) -> None:
    row = found.disputed[found.disputed["item"] == item]
    if item is None or row.empty or row["leans_to"].iloc[0] is None:
        return
    st.markdown(
        f"Its labels and its words together lean to **{markdown(str(row['leans_to'].iloc[0]))}**.",
        help="Its words are compared with those of items on which all agreed. A hint, not an answer: read the item.",
    )


def _cues(found: lq.ConfusionEvidence, text: str) -> None:
    st.markdown("**What disputed items have in common**")
    if found.cues.empty:
        st.caption("No word and no field is surely more frequent in disputed items: read the items.")
        return
    lines = []
    for cue in found.cues.head(CUES).to_dict("records"):
        share, rest = float(cue["split_rate"]), float(cue["rest_rate"])
        lines.append(
            f'<p class="lq-cue" dir="auto"><b>{escaped(str(cue["cue"]))}</b>{_mark(str(cue["cue"]), text)}: '
            f"{share:.0%} of {int(cue['n_items']):,} such items are disputed, {rest:.0%} of the others</p>"
        )
    st.html("".join(lines))


def _mark(cue: str, text: str) -> str:
    is_here = bool(text) and re.search(rf"(?<!\w){re.escape(cue)}(?!\w)", text[:20_000], re.IGNORECASE) is not None
    return '<span class="lq-here">in this item</span>' if is_here else ""


def _typical(found: lq.ConfusionEvidence, text: str) -> None:
    if found.typical.empty:
        return
    lines = []
    for name in (found.class_a, found.class_b):
        words = found.typical[found.typical["class"] == name]["word"].head(TYPICAL)
        if len(words):
            told = ", ".join(escaped(str(w)) + _mark(str(w), text) for w in words)
            lines.append(f'<p class="lq-cue" dir="auto">{escaped(name)}: {told}</p>')
    if lines:
        st.markdown("**Words of items on which all agree**")
        st.html("".join(lines))


def _similar(found: lq.ConfusionEvidence) -> None:
    if not found.prototypes.empty:
        st.markdown("**Typical items on which all agree**")
        for name, rows in found.prototypes.groupby("class", sort=False):
            st.html(_quotes(str(name), rows.head(LIKE)))
    if not found.boundary.empty:
        with st.expander("Alike, and yet each side is agreed"):
            lines = []
            for row in found.boundary.head(LIKE).to_dict("records"):
                lines.append(_quote(f"{found.class_a} · {row['item_a']}", row["text_a"]))
                lines.append(_quote(f"{found.class_b} · {row['item_b']}", row["text_b"]))
            st.html("".join(lines))


def _quotes(name: str, rows: pd.DataFrame) -> str:
    return "".join(_quote(f"{name} · {r['item']}", r["text"]) for r in rows.to_dict("records"))


def _quote(title: str, text: object) -> str:
    shown = "" if text is None else str(text)
    shown = shown if len(shown) <= SHORT else f"{shown[:SHORT]}…"
    return f'<p class="lq-small" dir="auto">{escaped(title)}</p><p class="lq-quote" dir="auto">{escaped(shown)}</p>'
