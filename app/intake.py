"""Pieces of the page Data before there is a project: how a file was understood, and what it says already."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

import labelqa as lq
from labelqa.report.blocks import Notice
from labelqa.review.files import TableHead
from labelqa_app import parts
from labelqa_app.files import Asked, Source
from labelqa_app.markup import markdown

LONG, WIDE = "One row a label", "One column an annotator"
ROLES = {"item": "Item", "annotator": "Annotator", "label": "Label", "round": "Round"}
MEANT = {
    "item": "Names what was labeled: a ticket, a picture, a text.",
    "annotator": "Names who labeled.",
    "label": "Holds what they said.",
    "round": "Tells labels of a first pass from those of a later one. Most files have none.",
}
LEVELS = {
    "nominal": "Names without an order (bug, billing)",
    "ordinal": "Steps in an order (low, medium, high)",
    "interval": "Numbers (a year, a score)",
    "ratio": "Amounts with a true zero (a price, a length)",
}
WEIGHTS = {"nominal": "identity", "ordinal": "rank", "interval": "interval", "ratio": "ratio"}
TWICE = {"error": "Stop and tell me", "first": "The first one counts", "last": "The last one counts"}
ROWS_NAMED = 12
LARGE = 50_000  # labels
GOALS = {
    "width": ("Know the agreement within a margin", "Full width of the interval", 0.1, 0.01, 1.0),
    "threshold": ("Show that the agreement is above a limit", "Limit", 0.667, -0.99, 0.99),
    "change": ("Notice a change between two rounds", "Smallest change worth noticing", 0.1, -1.0, 1.0),
}
MARGIN = {
    "width": "0.10 means: give or take 0.05.",
    "threshold": "0.667 is customary for tentative conclusions, 0.8 for firm ones.",
    "change": "Smaller changes need many more items. A minus means a fall.",
}


def told_error(error: lq.LabelqaError, name: str, step: str = "") -> None:
    """Draw why a file cannot be used, and what to do here."""
    st.error(f"**{markdown(name)} cannot be used as it is.** {step}".strip(), icon=":material/error:")
    st.code(str(error), language=None, wrap_lines=True)


def preview(head: TableHead, name: str) -> None:
    """Draw the first rows of a file as they stand there."""
    st.dataframe(head.rows, hide_index=True, height="content", alt=f"First rows of {name}")
    st.caption(f"The first {len(head.rows):,} of {head.n_rows:,} rows, as they stand in the file.")


def columns(source: Source, head: TableHead, found: lq.Annotations | None) -> Asked:
    """Draw which column is what, to be corrected, and return what was chosen."""
    layout = LONG if found is None or found.read_log.layout == "long" else WIDE
    mapping = {} if found is None else dict(found.read_log.mapping)
    with st.expander("Which column is what", expanded=found is None):
        chosen = st.radio(
            "The file has", (LONG, WIDE), index=(LONG, WIDE).index(layout), horizontal=True, key=f"lay {source.key}"
        )
        known = mapping if chosen == layout else {}
        roles = [r for r in ROLES if chosen == LONG or r in ("item", "round")]
        asked: dict[str, str | None] = {}
        for place, role in zip(st.columns(len(roles)), roles, strict=True):
            with place:
                asked[role] = _column(source, head, role, known.get(role))
        people = _people(source, head, known) if chosen == WIDE else None
        twice = st.selectbox(
            "Where one person labeled an item twice", list(TWICE), format_func=TWICE.__getitem__,
            key=f"twice {source.key}",
        )  # fmt: skip
    annotator = people or asked.get("annotator")
    return Asked(
        item=asked["item"], annotator=annotator, label=asked.get("label"), round=asked["round"], on_duplicate=twice
    )


def _column(source: Source, head: TableHead, role: str, found: object) -> str | None:
    itself = f"{found} (found)" if isinstance(found, str) else "none found" if role == "round" else "Choose"
    return st.selectbox(
        ROLES[role],
        [None, *head.columns],
        format_func=lambda c: itself if c is None else c,
        help=MEANT[role],
        key=f"{role} {source.key}",
    )


def _people(source: Source, head: TableHead, known: dict[str, object]) -> tuple[str, ...]:
    found = known.get("annotators", known.get("annotator", ()))
    names = ", ".join(found) if isinstance(found, tuple) else ""
    chosen = st.multiselect(
        "Annotators' columns", head.columns, key=f"people {source.key}", help=MEANT["annotator"],
        placeholder=f"{names} (found)" if names else "Choose the columns of one annotator each",
    )  # fmt: skip
    return tuple(chosen)


def classes(source: Source, found: lq.Annotations, asked: Asked) -> Asked:
    """Draw the classes, their order and level to confirm, and return how to read the file with them."""
    names = [str(c) for c in found.schema.classes]
    known = dict(zip(names, found.schema.classes, strict=True))
    left, right = st.columns(2)
    with left:
        level = st.selectbox(
            "What kind of labels are these?", list(LEVELS), format_func=LEVELS.__getitem__, key=f"level {source.key}",
            help="With an order, neighbours count as a smaller disagreement than classes far apart.",
        )  # fmt: skip
    with right:
        if level in ("interval", "ratio"):
            st.caption("Numbers are in their own order.")
            listed = None
        else:
            listed = st.text_area(
                "Classes, one a line, in their order", "\n".join(names),
                key=f"classes {source.key} {asked.label} {asked.annotator}",
                help="The order in which people see them; the first has key 1. Add classes that nobody used yet.",
                height=min(300, 24 * (len(names) + 1) + 34),
            )  # fmt: skip
    wanted = [line.strip() for line in (listed or "").splitlines() if line.strip()]
    changed = listed is not None and wanted != names
    chosen = tuple(known.get(c, c) for c in wanted) if changed or (level == "ordinal" and listed) else None
    return Asked(
        item=asked.item, annotator=asked.annotator, label=asked.label, round=asked.round, classes=chosen, level=level,
        on_duplicate=asked.on_duplicate,
    )  # fmt: skip


def understood(annotations: lq.Annotations) -> None:
    """Draw what was read, what was set aside and why, and what to check."""
    log = annotations.read_log
    facts = (
        (f"{len(annotations):,}", "labels"), (f"{len(annotations.items):,}", "items"),
        (f"{len(annotations.annotators):,}", "annotators"), (f"{len(annotations.schema.classes):,}", "classes"),
        (f"{annotations.n_rounds:,}", "rounds" if annotations.n_rounds > 1 else "round"),
    )  # fmt: skip
    st.markdown(" · ".join(f"**{number}** {word}" for number, word in facts))
    st.caption(markdown(f"Understood as: {log.mapping_text()}"))
    for note in log.notes:
        st.info(f"**Please check:** {markdown(note)}", icon=":material/visibility:")
    if log.set_aside:
        names = ("Rows or labels", "Why", "Row numbers", "File")
        aside = [(s.count, s.reason, _rows(s.rows, s.count), s.file or "") for s in log.set_aside]
        with st.expander(f"{log.n_set_aside:,} rows or labels were set aside"):
            st.dataframe(pd.DataFrame(aside, columns=list(names)), hide_index=True, alt="What was set aside and why")


def _rows(rows: Sequence[int], count: int) -> str:
    named = ", ".join(f"{r:,}" for r in rows[:ROWS_NAMED])
    return named + (" …" if count > ROWS_NAMED else "")


def agreement(key: str, annotations: lq.Annotations) -> None:
    """Draw how far people agree already."""
    said = _agreement(key, annotations)
    value = "undefined" if math.isnan(said.estimate) else f"{said.estimate:.2f}"
    with st.container(border=True):
        st.metric(
            said.title, value,
            help="1 is perfect agreement, 0 is what chance alone would give. Below 0 people agree less than by chance.",
        )  # fmt: skip
        verdict = f"**{markdown(said.verdict)}** " if said.verdict else ""
        st.markdown(verdict + markdown(said.statement))
        if annotations.n_rounds > 1:
            st.caption("Measured in the last round.")
    for notice in said.notices:
        parts.notice(notice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How far people agree, in words."""

    title: str
    estimate: float
    verdict: str
    statement: str
    notices: tuple[Notice, ...] = ()


@st.cache_resource(max_entries=4, show_spinner="Measuring how far people agree …")
def _agreement(key: str, _annotations: lq.Annotations) -> Said:  # noqa: ARG001  # tells files apart
    if len(_annotations) > LARGE:  # a whole report would take a minute
        found = lq.agreement(_last(_annotations), weights=WEIGHTS[_annotations.schema.level])
        where = found.confidence_interval()
        told = found.undefined_because or f"95% interval {where.low:.2f} to {where.high:.2f}."
        return Said(title="Krippendorff's alpha", estimate=found.estimate, verdict="", statement=told)
    report = lq.build_report(_annotations)
    top = report.headline
    return Said(
        title=top.coefficient_title, estimate=top.estimate, verdict=top.verdict, statement=top.statement,
        notices=report.notices,
    )  # fmt: skip


def _last(annotations: lq.Annotations) -> lq.Annotations:
    return annotations if annotations.rounds is None else annotations.where(round=annotations.rounds[-1])


def calculator(key: str, annotations: lq.Annotations) -> None:
    """Draw how many items a study needs, by these labels as a pilot."""
    with st.expander("How many items do we need?"):
        goal = st.radio("I want to", list(GOALS), format_func=lambda g: GOALS[g][0], key="goal")
        _, label, usual, low, high = GOALS[goal]
        asked = st.number_input(label, low, high, usual, 0.01, key=f"asked {goal}", help=MARGIN[goal])
        try:
            plan = _plan(key, goal, asked, annotations)
        except lq.LabelqaError as error:
            st.warning(markdown(str(error)))
            return
        if plan.n_items is None:
            st.warning(f"No number: {markdown(str(plan.undefined_because))}.")
            return
        each = " in each of two rounds" if goal == "change" else ""
        st.metric(f"Items to label{each}", f"{plan.n_items:,}", help=f"{plan.n_labels:,} labels in all.")
        if plan.n_items_paired is not None and plan.n_items_paired != plan.n_items:
            st.caption(f"{plan.n_items_paired:,} if both rounds label the same items.")
        st.caption(markdown(f"These labels are taken as a sample of the items to come ({plan.basis})."))
        for warning in plan.warnings:
            st.caption(f":material/warning: {markdown(warning)}")


@st.cache_resource(max_entries=16, show_spinner=False)
def _plan(  # the key tells files apart
    key: str,  # noqa: ARG001
    goal: str,
    asked: float,
    _annotations: lq.Annotations,
) -> lq.AgreementStudyPlan:
    last = _last(_annotations)
    return lq.plan_agreement_study(last, **{goal: asked}, weights=WEIGHTS[last.schema.level])
