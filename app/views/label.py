"""Label blind and fast: one item, one key; nothing of what others said."""

from __future__ import annotations

import time
from uuid import NAMESPACE_OID, uuid4, uuid5

import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa_app import parts, shell
from labelqa_app.deciding import kept, told_problem
from labelqa_app.markup import markdown
from labelqa_app.rulebook import STYLE as RULES_STYLE
from labelqa_app.rulebook import rules_html
from labelqa_app.shell import Here

KEYS = "123456789abdefghijklmnopqstuvwxyz"  # c and r belong to Streamlit
PAUSE = 0.4  # seconds: the same key again within them is a key that bounced or is held down
AWAY = 1800.0  # seconds: who took longer was not here, and no time is noted
AT, VIEW, LAST, EARLY, PROBLEM = "at", "_label_view", "_label_last", "_label_early", "_label_problem"
ELSEWHERE = "_label_elsewhere"
NOT_YOURS = "The item of this link is not one of yours in this round. This is the next one that is."
STYLE = """
<style>
.st-key-lq-item .lq-text {font-size: 1.35rem; line-height: 1.5}
.st-key-lq-classes button {min-height: 3rem; min-width: 7rem}
.st-key-lq-classes button p {overflow-wrap: anywhere; white-space: normal}
@media (max-width: 640px) {.st-key-lq-item .lq-text {font-size: 1.15rem}
  .st-key-lq-classes [data-testid="stElementContainer"] {flex: 1 1 40%}}
</style>
"""


def page(here: Here) -> None:
    """Draw the item to label with the rules beside it."""
    if shell.has_just_come():  # the time on another page is no time of this item
        st.session_state.pop(VIEW, None)
    rounds = review.open_rounds(here.project, actor=here.actor)
    if not rounds:
        _nothing(here)
        return
    number = max(rounds)
    task = _task(here, number)
    if task is None:
        _done(here, number)
        return
    st.html(STYLE + RULES_STYLE)
    work, rules = st.columns([5, 3], gap="medium")
    with work:
        _screen(here, number)
    with rules:
        _rules(task)


def _nothing(here: Here) -> None:
    step = "You will find your items here as soon as a round is opened with you in it. Nothing else is needed."
    if here.role == "lead":
        step = "Open a round and choose who labels on the page Relabel; each person then finds their items here."
    parts.empty("There is nothing for you to label now.", step)
    if here.role in shell.REVIEWERS and st.button("Go to Relabel", type="primary", key="label_relabel"):
        shell.go("relabel")


def _done(here: Here, number: int) -> None:
    n = len(review.own_labels(here.project, number, actor=here.actor))
    with st.container(border=True):
        st.markdown("### :material/check_circle: All done, thank you")
        st.markdown(f"You labeled all your {n:,} items of round {number}. You may correct them until it is closed.")
        with st.container(horizontal=True):
            arguments = (here, number, None)
            st.button("Correct the last one", key="label_undo", shortcut="Backspace", on_click=_back, args=arguments)
            if here.role in shell.REVIEWERS and st.button("Go to Relabel", type="primary", key="label_relabel"):
                shell.go("relabel")


def _rules(task: review.Task) -> None:
    with st.container(border=True, height=620, key="lq-guideline"):
        st.markdown(f"**How to label** (guideline version {task.guideline_version})")
        st.html(rules_html(task.guideline))


def _task(here: Here, number: int) -> review.Task | None:
    """Return the assignment of the address, or the next one where it names none, or one that is not this person's."""
    at = st.query_params.get(AT)
    if at is not None:
        try:
            return review.task_of(here.project, number, at, actor=here.actor)
        except lq.LabelqaError:
            st.query_params.pop(AT, None)
            st.session_state[ELSEWHERE] = True
    return review.next_task(here.project, number, actor=here.actor)


@st.fragment
def _screen(here: Here, number: int) -> None:
    """Draw one item; a key redraws only this."""
    shell.guarded(lambda: _item(here, number))


def _item(here: Here, number: int) -> None:
    told_problem(PROBLEM)
    if st.session_state.pop(ELSEWHERE, False):
        st.info(NOT_YOURS)
    if st.session_state.pop(EARLY, False):
        st.toast("A second press came at once and was not counted.", icon=":material/front_hand:")
    task = _task(here, number)
    if task is None:
        st.rerun()  # the whole page, which says that all is done
        return
    given = None
    if AT in st.query_params:
        given = review.own_labels(here.project, number, actor=here.actor).get(task.assignment)
    st.progress(task.done / max(task.total, 1), text=f"{task.done:,} of {task.total:,} labeled")
    item, keys = st.container(border=True, height=260, gap=None, key="lq-item"), st.container()
    with keys:  # sent first: whoever sees the new item has its keys
        _classes(here, task, given)
        _steps(here, task, given)
    with item:
        parts.item_fields(task.shown)


def _classes(here: Here, task: review.Task, given: str | None) -> None:
    """Draw one button a class; those beyond the keys are chosen from a list."""
    view = _view(task.assignment, here.actor)
    with st.container(horizontal=True, key="lq-classes"):
        for at, name in enumerate(task.classes[: len(KEYS)]):
            st.button(
                markdown(name), key=f"pick_{view}_{at}", shortcut=KEYS[at], on_click=_press,
                type="primary" if name == given else "secondary",
                args=(here, task.round, task.assignment, name, view),
            )  # fmt: skip
    others = task.classes[len(KEYS) :]
    if others:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            found = st.selectbox("More classes", others, index=None, key=f"more_{view}", placeholder="Type to find one")
            arguments = (here, task.round, task.assignment, found, view)
            st.button("Take it", key=f"take_{view}", disabled=found is None, on_click=_press, args=arguments)


def _steps(here: Here, task: review.Task, given: str | None) -> None:
    """Draw the ways back and on."""
    back = task.assignment if AT in st.query_params else None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Undo" if back is None else "One further back", key="label_undo", icon=":material/undo:",
            shortcut="Backspace", disabled=task.done == 0, on_click=_back, args=(here, task.round, back),
            help="Correct the item before",
        )  # fmt: skip
        if back is not None:
            st.button("Keep it and go on", key="label_on", icon=":material/redo:", shortcut="Right", on_click=_on)
    told = "You may stop at any time: you come back to this item."
    if given is not None:
        told = f"You said **{markdown(given)}**. Press a class to correct it; the first answer stays in the log."
    st.caption(told)


def _view(assignment: str, actor: str) -> str:
    """Return the id of this showing of an item, the same until it is answered or left."""
    now = st.session_state.get(VIEW)
    if now is None or now["of"] != (assignment, actor):
        now = {"of": (assignment, actor), "id": uuid4().hex, "since": time.monotonic()}
        st.session_state[VIEW] = now
    return str(now["id"])


def _press(here: Here, number: int, assignment: str, label: str, view: str) -> None:
    """Store a label of the item that was on the screen when the key was pressed, once."""
    now, last = time.monotonic(), st.session_state.get(LAST)
    st.session_state[LAST] = (label, now)
    shown = st.session_state.get(VIEW)
    bounced = last is not None and last[0] == label and now - last[1] < PAUSE  # a key held down goes on renewing it
    if bounced or shown is None or shown["id"] != view:  # the item that the key was meant for is answered
        st.session_state[EARLY] = True
        return
    seconds = now - shown["since"]
    uuid = str(uuid5(NAMESPACE_OID, f"{view} {label}"))  # pressed twice, stored once

    def store() -> None:
        review.save_label(
            here.project, number, assignment, label, actor=here.actor, uuid=uuid,
            seconds=None if seconds > AWAY else round(seconds, 2),
        )  # fmt: skip
        _on()

    kept(store, PROBLEM)


def _on() -> None:
    """Go on to the next item without a label."""
    st.query_params.pop(AT, None)
    st.session_state.pop(VIEW, None)


def _back(here: Here, number: int, from_: str | None) -> None:
    """Show the item labeled before this one again."""

    def back() -> None:
        given = list(review.own_labels(here.project, number, actor=here.actor))
        place = given.index(from_) if from_ in given else len(given)
        if place > 0:
            st.query_params[AT] = given[place - 1]
            st.session_state.pop(VIEW, None)

    kept(back, PROBLEM)
