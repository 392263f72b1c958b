"""Pieces that pages share: text from data, cards, notices, tables and figures of the report."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from labelqa.report.blocks import Figure, Notice, Table
from labelqa_app.markup import markdown
from labelqa_app.pictures import picture_of

LONG = 3000  # characters of a text before the rest is folded away
BOXES = {"problem": st.error, "caution": st.warning, "info": st.info}

STYLE = """
<style>
.lq-text {white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; font-size: 1.02rem;
  line-height: 1.5; margin: 0 0 .4rem 0}
.lq-field {color: gray; font-size: .8rem; margin: .3rem 0 0 0}
.lq-ins {background: rgba(46, 125, 200, .18); text-decoration: none; border-bottom: 2px solid #2e7dc8}
.lq-del {background: rgba(200, 90, 20, .15); text-decoration: line-through}
@media (max-width: 640px) {.block-container {padding: 4.2rem .8rem 2rem .8rem}}
</style>
"""


def plain(text: object, css: str = "lq-text") -> None:
    """Draw text from data letter by letter: no Markdown, formulas, HTML or pictures come to life."""
    shown = str(text).replace("\0", "\N{SYMBOL FOR NULL}")
    st.html(f'<div class="{css}" dir="auto">{html.escape(shown[:LONG])}{"…" * (len(shown) > LONG)}</div>')
    if len(shown) > LONG:
        with st.expander(f"All {len(shown):,} characters"):
            st.text(shown)


def item_fields(fields: Mapping[str, object]) -> None:
    """Draw what is known of an item: its text first and large, other fields small, pictures where allowed."""
    if not fields:
        st.caption("Nothing is known of this item but its id.")
    longest = max(fields, key=lambda name: len(str(fields[name])), default=None)
    ordered = sorted(fields, key=lambda name: name != longest)
    for name in ordered:
        picture = picture_of(fields[name])
        if picture is not None:
            st.image(picture, caption=None)
            continue
        if len(fields) > 1:
            plain(name, "lq-field")
        plain(fields[name])


def empty(text: str, step: str) -> None:
    """Draw what a page says where it has nothing to show, and what to do about it."""
    with st.container(border=True):
        st.markdown(f"**{markdown(text)}**")
        st.markdown(markdown(step))


def notice(found: Notice) -> None:
    """Draw a notice of the report."""
    BOXES[found.level](f"**{markdown(found.title)}.** {markdown(found.text)}")


def figure(found: Figure) -> None:
    """Draw a chart of the report, with its text for screen readers."""
    st.markdown(f"**{markdown(found.title)}**")
    st.altair_chart(found.draw(), width="stretch", alt=found.alt)
    if found.caption:
        st.caption(markdown(found.caption))


def table(found: Table, *, rows: pd.DataFrame | None = None) -> None:
    """Draw a table of the report under its own headings: all rows, sortable."""
    data = found.complete() if rows is None else rows
    shown: dict[str, object] = {}
    for column in found.columns:
        shown[column.title] = data[column.key]
        if column.kind in ("estimate", "share"):
            shown[f"{column.title}: low"], shown[f"{column.title}: high"] = data[column.low], data[column.high]
    frame = pd.DataFrame(shown)
    for name in frame.columns[frame.dtypes == object]:
        frame[name] = frame[name].map(lambda v: v if v is None else str(v))
    numbers = {str(n): st.column_config.NumberColumn(format="%.3f") for n in frame.columns[frame.dtypes == float]}
    if found.title:
        st.markdown(f"**{markdown(found.title)}**")
    st.dataframe(frame, hide_index=True, column_config=numbers, placeholder="–", alt=found.title or None)
    if found.note:
        st.caption(markdown(found.note))


def saved(message: str, then: Callable[[], None] | None = None) -> None:
    """Say that something is stored; the message outlives the rerun that follows."""
    st.session_state["_told"] = message
    if then is not None:
        then()


def told() -> None:
    """Draw the message that the last action left."""
    message = st.session_state.pop("_told", None)
    if message:
        st.toast(markdown(message), icon=":material/check:")
