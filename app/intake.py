"""Pieces of the page Data before there is a project: how a file was understood, and what it says already."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

import labelqa as lq
from labelqa.report.blocks import Notice
from labelqa.review.beforehand import plan_from_labels, text_of_items
from labelqa.review.files import TableHead
from labelqa_app import parts
from labelqa_app.files import Asked, Source
from labelqa_app.markup import markdown

LONG, WIDE = "One row a label", "One column an annotator"
ROLES = {
    "item": "Item", "annotator": "Annotator", "label": "Label", "round": "Round", "timestamp": "Time", "text": "Text",
}  # fmt: skip
OPTIONAL = ("round", "timestamp", "text")
A_ROW = 3  # choices side by side
MEANT = {
    "item": "Names what was labeled: a ticket, a picture, a text.",
    "annotator": "Names who labeled.",
    "label": "Holds what they said.",
    "round": "Tells labels of a first pass from those of a later one. Most files have none.",
    "timestamp": "When the label was given. Shows whether people change over time.",
    "text": "What the item says. Words that disputed items share are looked for here.",
}
IN_LABELS = {
    role: f"Choose the column under {ROLES[role]!r} in 'Which column is what'."
    for role in ("item", "label", "round", "timestamp", "text")
} | {
    "annotator": "In 'Which column is what', say whether the file has one row a label or one column an annotator, and "
    "choose the columns.",
    "on_duplicate": "Choose below which label counts; or choose the column of rounds, if the labels are of several.",
    "level": "Choose under 'What kind of labels are these?' what fits the labels.",
    "classes": "Name all classes in the list of classes.",
}
IN_ITEMS = {
    "item": "Give the column of the item ids the heading item, and drop the file again.",
    "columns": "Put a column with the heading item before the texts: 1, 2, 3 and so on. Then drop the file again.",
}
LEVELS = {
    "nominal": "Names without an order (bug, billing)",
    "ordinal": "Steps in an order (low, medium, high)",
    "interval": "Numbers (a year, a score)",
    "ratio": "Amounts with a true zero (a price, a length)",
}
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


def told_error(error: lq.LabelqaError, name: str, step: str = "", *, steps: Mapping[str, str] = IN_LABELS) -> None:
    """Draw why a file cannot be used, and what to do here: next steps are those of the page."""
    st.error(f"**{markdown(name)} cannot be used as it is.** {step}".strip(), icon=":material/error:")
    found = [_with_step_here(problem, steps) for problem in error.problems]
    st.code(str(lq.LabelqaError(found)) if found else str(error), language=None, wrap_lines=True)


def _with_step_here(problem: Any, steps: Mapping[str, str]) -> Any:  # noqa: ANN401  # a problem of the library
    here = steps.get(str(problem.parameter))
    if here is None or not (problem.allowed or problem.next_step):
        return problem
    return replace(problem, allowed=(), next_step=here)


def choose_of_repeated(source: Source) -> None:
    """Draw the choice of which label counts where people labeled an item twice."""

    def count(which: str) -> None:
        st.session_state[f"twice {source.key}"] = which

    with st.container(horizontal=True):
        for which in ("first", "last"):
            st.button(f"Count the {which} label", key=f"count_{which}", on_click=count, args=(which,))


def as_found(source: Source) -> lq.Annotations | None:
    """Return a file as the library understands it; None where it does not. Repeated labels hide no column."""
    for twice in ("error", "first"):
        try:
            return source.read(Asked(on_duplicate=twice))
        except lq.LabelqaError as error:
            if not is_repeated(error):
                return None
    return None


def is_repeated(error: lq.LabelqaError) -> bool:
    """Tell whether a file cannot be used because people labeled items twice."""
    return bool(error.problems) and error.problem.parameter == "on_duplicate"


def preview(head: TableHead, name: str, *, as_read: bool = False) -> None:
    """Draw the first rows of a file as they stand there; `as_read` are labels of a file that is no table."""
    st.dataframe(head.rows, hide_index=True, height="content", alt=f"First rows of {name}")
    told = "labels, as they were read from the file" if as_read else "rows, as they stand in the file"
    st.caption(f"The first {len(head.rows):,} of {head.n_rows:,} {told}.")


def columns(source: Source, head: TableHead, found: lq.Annotations | None) -> Asked:
    """Draw which column is what, to be corrected, and return what was chosen."""
    layout = LONG if found is None or found.read_log.layout == "long" else WIDE
    mapping = {} if found is None else dict(found.read_log.mapping)
    with st.expander("Which column is what", expanded=found is None):
        chosen = st.radio(
            "The file has", (LONG, WIDE), index=(LONG, WIDE).index(layout), horizontal=True, key=f"lay {source.key}"
        )
        known = mapping if chosen == layout else {}
        roles = [r for r in ROLES if chosen == LONG or r in ("item", "round", "text")]
        if found is not None and text_of_items(found) is not None:
            known = {**known, "text": text_of_items(found)}
        places = [place for _ in range(0, len(roles), A_ROW) for place in st.columns(A_ROW)]
        asked: dict[str, str | None] = {}
        for place, role in zip(places, roles, strict=False):
            with place:
                asked[role] = _column(source, head, role, known.get(role))
        people = _people(source, head, known) if chosen == WIDE else None
        twice = st.selectbox(
            "Where one person labeled an item twice", list(TWICE), format_func=TWICE.__getitem__,
            key=f"twice {source.key}",
        )  # fmt: skip
    annotator = people or asked.get("annotator")
    return Asked(
        item=asked["item"], annotator=annotator, label=asked.get("label"), round=asked["round"], on_duplicate=twice,
        timestamp=asked.get("timestamp"), text=asked["text"],
    )  # fmt: skip


def _column(source: Source, head: TableHead, role: str, found: object) -> str | None:
    itself = f"{found} (found)" if isinstance(found, str) else "none found" if role in OPTIONAL else "Choose"
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
    return replace(asked, classes=chosen, level=level)


def understood(annotations: lq.Annotations) -> None:
    """Draw what was read, what was set aside and why, and what to check."""
    log = annotations.read_log
    facts = (
        (len(annotations), "label", "labels"), (len(annotations.items), "item", "items"),
        (len(annotations.annotators), "annotator", "annotators"),
        (len(annotations.schema.classes), "class", "classes"), (annotations.n_rounds, "round", "rounds"),
    )  # fmt: skip
    st.markdown(" · ".join(f"**{n:,}** {one if n == 1 else many}" for n, one, many in facts))
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
    sections = ("agreement",) if len(_annotations) > LARGE else None  # a whole report would take a minute
    report = lq.build_report(_annotations, sections=sections)
    top, notices = report.headline, report.notices
    if any(n.key == "looks_like_scale" for n in notices):  # settled first: as names, near misses count as guessing
        notices = tuple(n for n in notices if n.key != "chance_level_annotators")
    return Said(
        title=top.coefficient_title, estimate=top.estimate, verdict=top.verdict, statement=top.statement,
        notices=notices,
    )  # fmt: skip


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
    return plan_from_labels(_annotations, goal, asked)
