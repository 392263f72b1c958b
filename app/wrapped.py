"""Small tables that wrap: all columns are seen at any width, and on a phone each row is a block with its headings."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from labelqa_app.markup import escaped

STYLE = """
<style>
.lq-table {width: 100%; border-collapse: collapse; font-size: .9rem; margin: 0 0 .4rem 0}
.lq-table th, .lq-table td {text-align: left; vertical-align: top; padding: .35rem .6rem; overflow-wrap: anywhere;
  border: 0; border-bottom: 1px solid rgba(128, 128, 128, .3); unicode-bidi: plaintext}
.lq-table th {font-weight: 600; opacity: .8; overflow-wrap: break-word}
.lq-table th[title] {text-decoration: underline dotted; cursor: help}
@media (max-width: 640px) {
  .lq-table, .lq-table tbody, .lq-table tr, .lq-table td {display: block; width: auto}
  .lq-table thead {display: none}
  .lq-table tr {border-bottom: 1px solid rgba(128, 128, 128, .4); padding: .4rem 0}
  .lq-table td {border: 0; padding: .1rem 0}
  .lq-table td.lq-none {display: none}
  .lq-table td::before {content: attr(data-title) ": "; font-weight: 600; opacity: .8}
}
</style>
"""


def wrapped_table(frame: pd.DataFrame, *, alt: str, told: Mapping[str, str | None] | None = None) -> None:
    """Draw a small table whose texts wrap, all of it letter by letter; missing cells are left out on a phone.

    Parameters
    ----------
    frame : pandas.DataFrame
        What to show, under the names of its columns.
    alt : str
        What the table is, for screen readers.
    told : mapping of str to str, optional
        What a column means, shown where the pointer rests on its heading.
    """
    st.html(STYLE + wrapped_html(frame, alt=alt, told=told or {}))


def wrapped_html(frame: pd.DataFrame, *, alt: str, told: Mapping[str, str | None]) -> str:
    """Return the table as HTML.

    Examples
    --------
    >>> wrapped_html(pd.DataFrame({"A": ["<b>"]}), alt="one", told={}).count("&lt;b&gt;")
    1
    """
    columns = [str(c) for c in frame.columns]
    heads = "".join(f'<th role="columnheader" scope="col"{_title(told.get(c))}>{escaped(c)}</th>' for c in columns)
    rows = "".join(
        f'<tr role="row">{"".join(map(_cell, columns, row))}</tr>' for row in frame.itertuples(index=False, name=None)
    )
    return (
        f'<table class="lq-table" role="table" aria-label="{escaped(alt)}"><thead role="rowgroup">'
        f'<tr role="row">{heads}</tr></thead><tbody role="rowgroup">{rows}</tbody></table>'
    )


def _cell(column: str, value: object) -> str:
    if value is None or value is pd.NA or value != value or value == "":
        return '<td role="cell" class="lq-none"></td>'
    return f'<td role="cell" dir="auto" data-title="{escaped(column)}">{escaped(value)}</td>'


def _title(text: str | None) -> str:
    return f' title="{escaped(text)}"' if text else ""
