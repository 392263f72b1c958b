"""Pieces that pages share: text from data, cards, notices, tables and figures of the report."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from copy import deepcopy
from typing import Any

import pandas as pd
import streamlit as st

from labelqa.report.blocks import Block, Details, Figure, Notice, Points, Prose, Section, Table
from labelqa.report.cells import ABSENT
from labelqa_app.dark import for_this_page
from labelqa_app.markup import LONG, escaped, markdown
from labelqa_app.pictures import picture_of
from labelqa_app.tables import shown_table

SHORT = 80  # characters of a field that stands beside others
MOST_ROWS = 1000  # of a table: more is read nowhere but in the report
KEPT_CHARTS = 100
FIT = {"type": "fit-x", "contains": "padding"}  # else Streamlit counts axes into the height of a chart
BOXES = {"problem": st.error, "caution": st.warning, "info": st.info}

STYLE = """
<style>
.lq-text {white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; font-size: 1.02rem;
  line-height: 1.5; margin: 0 0 .4rem 0}
.lq-field {opacity: .75; font-size: .8rem; margin: .3rem 0 0 0}
.lq-facts {display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; font-size: .9rem; margin: .3rem 0 0 0}
.lq-facts > span {unicode-bidi: isolate; overflow-wrap: anywhere}
.lq-name {opacity: .75; font-size: .8rem; margin-right: .2rem}
.lq-ins {background: rgba(46, 125, 200, .18); text-decoration: none; border-bottom: 2px solid #2e7dc8}
.lq-del {background: rgba(200, 90, 20, .15); text-decoration: line-through}
@media (max-width: 640px) {.block-container {padding: 4.2rem .8rem 2rem .8rem}}
</style>
"""


def plain(text: object, css: str = "lq-text") -> None:
    """Draw text from data letter by letter: no Markdown, formulas, HTML or pictures come to life."""
    st.html(f'<div class="{css}" dir="auto">{escaped(text)}</div>')
    shown = str(text).replace("\0", "\N{SYMBOL FOR NULL}")
    if len(shown) > LONG:
        with st.expander(f"All {len(shown):,} characters"):
            st.text(shown)


def item_fields(fields: Mapping[str, object]) -> None:
    """Draw what is known of an item: its text first and large, other fields small, pictures where allowed."""
    if not fields:
        st.caption("Nothing is known of this item but its id.")
    longest = max(fields, key=lambda name: len(str(fields[name])), default=None)
    ordered = sorted(fields, key=lambda name: name != longest)
    short = [n for n in ordered if n != longest and picture_of(fields[n]) is None and _is_short(fields[n])]
    for name in (n for n in ordered if n not in short):
        picture = picture_of(fields[name])
        if picture is not None:
            _picture(str(name), picture)
            continue
        if len(fields) > 1:
            plain(name, "lq-field")
        plain(fields[name])
    if short:
        _facts({name: fields[name] for name in short})


def _picture(name: str, picture: str) -> None:
    """Draw a picture; one that cannot be read is told, and the rest of the page is drawn all the same."""
    try:
        st.image(picture, caption=markdown(name))
    except Exception as error:  # whatever the picture library raises on what is no picture, or far too large
        if type(error).__module__.startswith("streamlit.runtime"):  # reruns and stops are exceptions, too
            raise
        plain(f"{name}: this picture cannot be shown")


def _is_short(value: object) -> bool:
    text = str(value)
    return len(text) <= SHORT and "\n" not in text


def _facts(fields: Mapping[str, object]) -> None:
    """Draw short fields side by side, name and value letter by letter."""
    told = [
        f'<span dir="auto"><span class="lq-name">{escaped(name)}</span> {escaped(value)}</span>'
        for name, value in fields.items()
    ]
    st.html(f'<div class="lq-facts">{"".join(told)}</div>')


def empty(text: str, step: str) -> None:
    """Draw what a page says where it has nothing to show, and what to do about it."""
    with st.container(border=True):
        st.markdown(f"**{markdown(text)}**")
        st.markdown(markdown(step))


def notice(found: Notice) -> None:
    """Draw a notice of the report."""
    BOXES[found.level](f"**{markdown(found.title)}.** {markdown(found.text)}")


def figure(found: Figure, *, kept: Hashable = None) -> None:
    """Draw a chart of the report, with its text for screen readers.

    Parameters
    ----------
    found : Figure
        The chart.
    kept : hashable, optional
        What the chart shows, where that does not change: it is then made once, which takes longer than to draw it.
    """
    st.markdown(f"**{markdown(found.title)}**")
    if kept is None:
        st.altair_chart(for_this_page(_fitted(found)), width="stretch", alt=found.alt)
    else:
        spec = deepcopy(_made((kept, found.key, found.title), found))
        st.vega_lite_chart(spec=for_this_page(spec), width="stretch", alt=found.alt)
    if found.caption:
        st.caption(markdown(found.caption))


def _fitted(found: Figure) -> Any:  # noqa: ANN401  # a chart of altair, which pages do not import
    """Return a chart as wide as its place, whose axes take no height from its rows."""
    chart = found.draw().properties(autosize=FIT)
    return chart.configure_axisY(labelFlush=False, labelBound=False)  # Streamlit's theme moves the first name down


@st.cache_resource(max_entries=KEPT_CHARTS, show_spinner=False)
def _made(kept: Hashable, _found: Figure) -> dict[str, Any]:
    """Return a chart as its specification."""
    del kept
    return dict(_fitted(_found).to_dict())


def table(found: Table, *, rows: pd.DataFrame | None = None) -> None:
    """Draw a table of the report under its own headings, sortable; what a number means is told on its heading."""
    few = found.total <= MOST_ROWS
    data = rows if rows is not None else found.complete() if few else found.rows
    total = found.total if found.n_countable is None else found.n_countable
    frame, config = shown_table(found, data.head(min(total, MOST_ROWS) if rows is None else MOST_ROWS))
    if found.title:
        st.markdown(f"**{markdown(found.title)}**")
    st.dataframe(frame, hide_index=True, column_config=config, placeholder=ABSENT, alt=found.title or None)
    if rows is None and len(frame) < total:
        st.caption(markdown(f"The first {len(frame):,} of {total:,} {found.counted}".rstrip() + "."))
    if found.note:
        st.caption(markdown(found.note))


def prose(text: str) -> None:
    """Draw a paragraph of the report."""
    st.markdown(markdown(text))


def points(found: Points) -> None:
    """Draw a list of the report."""
    title = [f"**{markdown(found.title)}**", ""] if found.title else []
    items = [f"{f'{at}.' if found.ordered else '-'} {markdown(text)}" for at, text in enumerate(found.items, 1)]
    st.markdown("\n".join([*title, *items]))


def details(found: Details, *, kept: Hashable = None) -> None:
    """Draw blocks one click away."""
    with st.expander(markdown(found.title)):
        blocks(found.blocks, kept=kept)


def blocks(found: Iterable[Block], *, kept: Hashable = None) -> None:
    """Draw blocks of the report, one below the other."""
    for block in found:
        match block:
            case Table():
                table(block)
            case Figure():
                figure(block, kept=kept)
            case Prose():
                prose(block.text)
            case Points():
                points(block)
            case Notice():
                notice(block)
            case Details():
                details(block, kept=kept)


def section(found: Section, *, heading: bool = True, kept: Hashable = None) -> None:
    """Draw a section of the report: the answer, the evidence, and how to read it one click away."""
    if heading:
        st.markdown(f"## {markdown(found.title)}")
    prose(found.lead)
    blocks(found.blocks, kept=kept)
    reading(found)


def reading(found: Section) -> None:
    """Draw what the numbers of a section mean, one click away."""
    if found.how_to_read:
        with st.expander("How to read this"):
            prose(found.how_to_read)


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
