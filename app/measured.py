"""What is measured on a closed round, once for all who look: pages draw from here."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa.report.findings import MANY_ITEMS
from labelqa.review.visibility import class_values
from labelqa_app import parts
from labelqa_app.background import worker
from labelqa_app.shell import Here, go

ROUND = "round"  # name in the address
LOOKING = "Looking for what the items share…"
KEPT = 12  # answers of each kind that are kept
Key = tuple[str, str, int | None, int, int]


def chosen_round(now: review.Progress, *, forget: tuple[str, ...] = (), short: bool = False) -> int | None:
    """Draw the choice of a closed round, kept in the address; None, with what to do, where none is closed.

    Parameters
    ----------
    now : Progress
        Where the project stands.
    forget : tuple of str
        What the address does not name any more when another round is chosen: the item, for example.
    short : bool
        Whether it stands beside other choices and has little room.
    """
    closed = now.facts.closed
    if not closed:
        _nothing(now)
        return None
    asked = st.query_params.get(ROUND)
    at = int(asked) if asked is not None and asked.isdecimal() and int(asked) in closed else closed[-1]
    if asked is not None and asked != str(at):
        st.info(f"The address names no closed round: this is round {at}.")
        st.query_params[ROUND] = str(at)
    if len(closed) == 1:
        return at
    names = now.rounds.set_index("round")["guideline_version"].to_dict()
    if st.session_state.get("_round", at) != at:
        st.session_state["_round"] = at  # the choice follows the address

    def keep() -> None:
        st.query_params[ROUND] = str(st.session_state["_round"])
        for name in forget:
            st.query_params.pop(name, None)

    def called(n: int) -> str:
        told = "" if short else f" (instruction version {names.get(n)}){', the latest' * (n == closed[-1])}"
        return f"Round {n}{told}"

    st.selectbox(
        "Round", closed[::-1], closed[::-1].index(at), key="_round", on_change=keep, width=130 if short else 340,
        format_func=called,
    )  # fmt: skip
    return at


def _nothing(now: review.Progress) -> None:
    if now.facts.open_round is None:
        parts.empty("Nothing was measured yet.", "Open a round on the page Relabel, or bring labels on the page Data.")
    else:
        step = "Results are shown when the round is closed, so that they sway nobody."
        parts.empty(f"Round {now.facts.open_round} is still open.", step)
    if st.button("Go to Relabel", type="primary", key="to_relabel"):
        go("relabel")


def labels_of(here: Here, round: int | None) -> lq.Annotations | None:
    """Return the labels that people see who write rules; None, and a word about it, where all are held out."""
    try:
        return review.visible_annotations(here.project, "rules", actor=here.actor, round=round)
    except lq.LabelqaError:
        held = "All of its items are held out: they prove later whether the rules work, and nobody sees them before."
        parts.empty(f"Round {round} has no labels to show.", held)
        return None


def key_of(here: Here, round: int | None, data: lq.Annotations) -> Key:
    """Return what answers about these labels are kept by; releasing held-out items changes it."""
    return here.project.store.place, here.project.id, round, data.n_items, len(data)


def class_names(project: review.Project) -> dict[object, str]:
    """Return the name in the project of each class as labels hold it: a number, where the level is numeric."""
    return dict(zip(class_values(project), project.classes, strict=True))


@st.cache_resource(max_entries=4 * KEPT, show_spinner="Measuring the round: once, then it is kept…")
def report_on(key: Key, sections: tuple[str, ...], _data: lq.Annotations) -> lq.Report:
    """Return these sections of the report on labels: what ``labelqa report`` says of them."""
    del key
    return lq.build_report(_data, sections=sections)


@st.cache_resource(max_entries=KEPT, show_spinner="Comparing the classes…")
def confusions_in(key: Key, _data: lq.Annotations) -> lq.ClassConfusions:
    """Return the pairs of classes that people confuse."""
    del key
    return lq.class_confusions(_data)


def evidence_later(key: Key, pair: tuple[Any, Any], data: lq.Annotations) -> Future[lq.ConfusionEvidence]:
    """Return what makes a pair of classes hard to tell apart, once it is found: in the background, for all who ask."""
    return worker().ask(("evidence", key, pair), lambda: lq.explain_confusion(data, pair))


@st.cache_resource(max_entries=KEPT, show_spinner="Comparing kinds of items…")
def slices_in(key: Key, _data: lq.Annotations) -> lq.SliceTable:
    """Return the kinds of items on which people disagree most."""
    del key
    return lq.disagreement_slices(_data, max_predicates=3 if _data.n_items <= MANY_ITEMS else 2)


@st.cache_resource(max_entries=4 * KEPT, show_spinner="Measuring each group…")
def agreement_within(key: Key, column: str, _data: lq.Annotations) -> lq.AgreementBy:
    """Return agreement within groups of items."""
    del key
    return lq.agreement_by(_data, column)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def grouping_columns(key: Key, _data: lq.Annotations) -> list[str]:
    """Return the item columns that make few enough groups to be read."""
    del key
    return [str(c) for c in _data.item_data.columns if _groups(_data.item_data[c])]


def _groups(column: Any, most: int = 30) -> bool:  # noqa: ANN401  # a column of pandas
    if column.dtype.kind in "iuf":
        return column.nunique() > 1
    few = column.dropna().astype(str).str.slice(0, 200).nunique()
    return 1 < few <= min(most, max(2, len(column) // 3))
