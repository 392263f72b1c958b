"""How consistent are the labels? The number in plain words, then where the disagreement sits."""

from __future__ import annotations

import math
from collections.abc import Hashable

import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa.report.blocks import Column, Figure, Notice, Section, Table
from labelqa.review.standing import Facts, is_target_reached
from labelqa_app import parts
from labelqa_app.glossary import meaning
from labelqa_app.markup import markdown
from labelqa_app.measured import (
    agreement_within,
    chosen_round,
    grouping_columns,
    key_of,
    labels_of,
    report_on,
)
from labelqa_app.shell import Here, go

VIEW = "view"  # name in the address
VIEWS = {"classes": "Classes", "people": "People", "kinds": "Kinds of items", "rounds": "Rounds", "more": "More"}
PEOPLE = ("annotators", "habits")
MORE = ("warnings", "reading", "consensus", "triage")
HEADLINE = ("agreement",)
SHOWN = {"classes": ("classes",), "people": PEOPLE, "kinds": ("slices",), "rounds": ("rounds",), "more": MORE}
GROUPS = (
    Column(key="group", title="Items with"),
    Column(key="estimate", title="Agreement (95% interval)", kind="estimate", reason="reason"),
    Column(key="n_items", title="Items", kind="count"),
    Column(key="n_annotations", title="Labels", kind="count"),
)
GROUPS_READING = (
    "Agreement was measured within each group by itself. Groups differ by chance too: only where two intervals lie "
    "apart is it worth asking why. The page Slices searches all columns at once, and allows for having searched."
)


def page(here: Here) -> None:
    """Draw the agreement of one round."""
    now = review.progress(here.project, actor=here.actor)
    number = chosen_round(now)
    if number is None:
        return
    data = labels_of(here, number)
    if data is None:
        return
    _headline(_report(here, now, number, data, HEADLINE), _target(now.facts, number))
    if now.n_held_out:
        st.caption(
            f"{now.n_held_out:,} of {now.facts.n_items:,} items are held out for the proof and not counted here."
        )
    view = _view()
    report = _report(here, now, number, data, SHOWN[view])
    kept = (key_of(here, number, data), now.facts.closed)  # what charts depend on
    if view == "classes":
        _sections(report, ("classes",), kept)
        _to_pairs()
    elif view == "people":
        _sections(report, PEOPLE, kept)
    elif view == "kinds":
        _kinds(here, number, data, report)
    elif view == "rounds":
        _rounds(here, report)
    else:
        _sections(report, MORE, kept)


def _report(
    here: Here, now: review.Progress, number: int, data: lq.Annotations, sections: tuple[str, ...]
) -> lq.Report:
    """Return sections of the report that the page Export gives away: on the latest round that over all rounds."""
    if number == now.facts.closed[-1] and len(now.facts.closed) > 1:
        every = labels_of(here, None)
        if every is not None:
            return report_on(key_of(here, None, every), sections, every)
    return report_on(key_of(here, number, data), sections, data)


def _headline(report: lq.Report, target: str) -> None:
    """Draw the number, its interval and what it means; then the most important warnings."""
    found = report.headline
    whole = next(s for s in report.sections if s.key == "agreement")
    with st.container(border=True):
        number, words = st.columns([1, 3], vertical_alignment="center")
        with number:
            value = "undefined" if math.isnan(found.estimate) else f"{found.estimate:.2f}"
            st.metric(markdown(found.coefficient_title), value, help=meaning("", "estimate"))
            if found.estimate == 1:
                st.caption("Nobody disagreed, so that how sure this is cannot be seen from these labels alone.")
            elif not math.isnan(found.low):
                st.caption(f"{found.level:.0%} sure: {found.low:.2f} to {found.high:.2f}", help=meaning("", "interval"))
            st.caption(markdown(" · ".join(f"{value} {name}" for name, value in found.facts)))
        with words:
            if found.verdict:
                st.markdown(f"**{markdown(found.verdict)}**")
            st.markdown(markdown(whole.lead))
            if target:
                st.markdown(markdown(target))
    for notice in report.notices:
        parts.notice(notice)
    with st.expander("What it means, and what to do next"):
        parts.blocks(b for b in whole.blocks if not hasattr(b, "in_terminal"))
        parts.prose(whole.how_to_read)
    for block in whole.blocks:
        if hasattr(block, "in_terminal"):
            parts.details(block)


def _target(facts: Facts, number: int) -> str:
    """Return whether the target is reached, as the head of the page and the proof say; empty without one."""
    if facts.target is None:
        return ""
    about = f"The target of {facts.target:.2f}"
    if number != facts.closed[-1]:
        return f"{about} is judged on the latest round."
    if math.isnan(facts.estimate):
        return f"{about}: whether it is reached cannot be said of these labels."
    if facts.reached is None:
        return f"{about} is {'reached in this round' if is_target_reached(facts) else 'not shown to be reached'}."
    return f"{about} is {'reached' if facts.reached else 'not shown to be reached'}, as Did it work? found."


def _view() -> str:
    """Draw the choice of what to look at; it is kept in the address."""
    asked = st.query_params.get(VIEW, "")
    at = asked if asked in VIEWS else "classes"

    def keep() -> None:
        st.query_params[VIEW] = st.session_state["_view"] or at

    st.segmented_control(
        "Where does the disagreement sit?", list(VIEWS), default=at, required=True, key="_view", on_change=keep,
        format_func=VIEWS.__getitem__,
    )  # fmt: skip
    return at


def _sections(report: lq.Report, keys: tuple[str, ...], kept: Hashable) -> None:
    found = [s for s in report.sections if s.key in keys]
    for section in sorted(found, key=lambda s: keys.index(s.key)):
        parts.section(section, kept=kept)


def _to_pairs() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(":material/arrow_forward: A class is unclear because it is mixed up with another one.")
        if st.button("Class pairs", key="to_pairs"):
            go("pairs")


def _kinds(here: Here, number: int, data: lq.Annotations, report: lq.Report) -> None:
    """Draw agreement by a column of the items, then what the search over all columns found."""
    key = key_of(here, number, data)
    columns = grouping_columns(key, data)
    st.markdown("## Agreement by what is known of items")
    if not columns:
        text = "Nothing is known of the items that would sort them into groups."
        parts.empty(text, "Bring columns such as channel, language or source with the items on the page Data.")
    else:
        column = _column(columns)
        _by(agreement_within(key, column, data), (key, column))
    found = next((s for s in report.sections if s.key == "slices"), None)
    if found is not None:
        parts.section(found)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(":material/arrow_forward: The search over all columns, and what to do about what it finds:")
        if st.button("Slices", key="to_slices"):
            go("slices")


def _column(columns: list[str]) -> str:
    asked = st.query_params.get("by", "")
    at = asked if asked in columns else columns[0]

    def keep() -> None:
        st.query_params["by"] = st.session_state["_by"]

    st.selectbox("Grouped by", columns, columns.index(at), key="_by", on_change=keep, width=260)
    return at


def _by(found: lq.AgreementBy, kept: Hashable) -> None:
    frame = found.to_frame()
    figure = Figure(
        key="by",
        title=f"Agreement by {found.by}",
        alt="Agreement and its interval in each group, lowest first; the numbers are in the table.",
        draw=found.plot,
        caption="Dot: agreement. Line: interval. The wider the line, the fewer items stand behind it.",
    )
    parts.section(
        Section(
            key="by",
            title="",
            lead=f"{len(frame):,} groups, the one with the lowest agreement first.",
            how_to_read=GROUPS_READING,
            blocks=(figure, Table(key="by", title="", columns=GROUPS, rows=frame)),
        ),
        heading=False,
        kept=kept,
    )


def _rounds(here: Here, report: lq.Report) -> None:
    found = next((s for s in report.sections if s.key == "rounds"), None)
    if found is None:
        every = labels_of(here, None)
        whole = None if every is None else report_on(key_of(here, None, every), SHOWN["rounds"], every)
        found = next((s for s in (whole.sections if whole else ()) if s.key == "rounds"), None)
    if found is None:
        step = "Write a rule, publish it, and let people label a second round: then this shows both, side by side."
        parts.empty("There is one round so far.", step)
        return
    parts.section(found)
    about = "Whether a rule helped is answered on the page Did it work?, on items that nobody saw while it was written."
    parts.notice(Notice(level="info", key="proof", title="Rounds hold different items", text=about))
    if st.button("Did it work?", key="to_proof"):
        go("proof")
