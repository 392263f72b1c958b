"""The overview of one labels file: the headline of its report, every class, every coefficient."""

from __future__ import annotations

import math

import streamlit as st

import labelqa as lq
from labelqa.report.blocks import Notice, Table, tables_in
from labelqa.report.document import Headline
from labelqa_app.markup import markdown

HEADLINE_HELP = "1 is perfect agreement, 0 is what chance alone would give."
BOXES = {"problem": st.error, "caution": st.warning, "info": st.info}
SHOWN = ("title", "class", "estimate", "low", "high", "n_items", "reason")
WORDS = {"title": "Coefficient", "class": "Class", "low": "Low", "high": "High", "n_items": "Items"}


def show_overview(annotations: lq.Annotations) -> None:
    """Draw what was read and how far the annotators agree in one round."""
    report = lq.build_report(choose_round(annotations))
    tables = {t.key: t for section in report.sections for t in tables_in(section.blocks)}
    st.markdown(size_of(report))
    show_headline(report.headline)
    show_notices(report.notices)
    show_notes(annotations.read_log)
    st.subheader("Where they agree least")
    show_table(tables["classes"], "each class against all others", sort=True)
    with st.expander("All coefficients"):
        show_table(tables["coefficients"], "different ideas of guessing")
    with st.expander("How the file was understood"):
        st.text(str(report.read_log))


def choose_round(annotations: lq.Annotations) -> lq.Annotations:
    """Draw the choice of a round where there are several, and return the labels of the chosen one."""
    if annotations.rounds is None or annotations.n_rounds == 1:
        return annotations
    rounds = list(annotations.rounds)
    chosen = st.selectbox("Round", rounds, index=len(rounds) - 1, help="Agreement is measured within one round.")
    return annotations.where(round=chosen)


def size_of(report: lq.Report) -> str:
    """Return what was measured, in Markdown."""
    facts = " · ".join(f"**{number} {word}**" for word, number in report.headline.facts)
    aside = report.read_log.n_set_aside
    return facts + f" · {aside:,} rows or labels were set aside" * bool(aside)


def show_headline(headline: Headline) -> None:
    """Draw the one number, what it means, and its interval."""
    value = "undefined" if math.isnan(headline.estimate) else f"{headline.estimate:.2f}"
    st.metric(headline.coefficient_title, value, help=HEADLINE_HELP)
    st.markdown(f"**{markdown(headline.verdict)}**")
    st.caption(markdown(headline.statement))


def show_notices(notices: tuple[Notice, ...]) -> None:
    """Draw what the reader must know first."""
    for notice in notices:
        BOXES[notice.level](f"**{markdown(notice.title)}.** {markdown(notice.text)}")


def show_notes(log: lq.ReadLog) -> None:
    """Draw what was decided while reading."""
    for note in log.notes:
        st.info(f"**Please check:** {markdown(note)}")


def show_table(table: Table, remark: str, *, sort: bool = False) -> None:
    """Draw the columns a reader needs, under the headings of the report; lowest estimate first where asked."""
    rows = table.complete().sort_values("estimate") if sort else table.complete()
    shown = [c for c in SHOWN if c in rows and not (c == "reason" and rows[c].isna().all())]
    estimate = next(column.title for column in table.columns if column.key == "estimate")
    words = WORDS | {"estimate": estimate.partition(" (")[0], "reason": "Why undefined"}
    st.caption(f"{markdown(estimate)}, {remark}.")
    numbers = {words[c]: st.column_config.NumberColumn(format="%.3f") for c in ("estimate", "low", "high")}
    named = rows[shown].rename(columns=words)
    st.dataframe(named, hide_index=True, column_config=numbers, placeholder="undefined")
