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

KEYS = "1234567890abdefghijklmnopqstuvwxyz"  # c and r belong to Streamlit
BUTTONS = 100  # classes with a button: more of them make each item slow to come
MANY = 12  # classes above which the buttons stand below an item that stays in view
PAUSE = 0.4  # seconds: the same key again within them is a key that bounced or is held down
AWAY = 1800.0  # seconds: who took longer was not here, and no time is noted
AT, VIEW, LAST, EARLY, PROBLEM = "at", "_label_view", "_label_last", "_label_early", "_label_problem"
ELSEWHERE = "_label_elsewhere"
NOT_YOURS = "The item of this link is not one of yours in this round. This is the next one that is."
ITEM = '[data-testid="stLayoutWrapper"]:has(> .st-key-lq-item)'
KEYED = '[data-testid="stLayoutWrapper"]:has(> .st-key-lq-keys)'
RULES = '[data-testid="stLayoutWrapper"]:has(> .st-key-lq-guideline)'
STYLE = f"""
<style>
.stApp :has(.st-key-lq-item), .st-key-lq-item, [data-testid="stHeader"] {{background-color: inherit}}
{ITEM} {{position: sticky; top: 3.75rem; z-index: 10; border-radius: .5rem}}
.st-key-lq-item .lq-text {{font-size: 1.35rem; line-height: 1.5}}
.st-key-lq-classes.stHorizontalBlock {{display: grid; gap: .5rem;
  grid-template-columns: repeat(auto-fill, minmax(min(7rem, 100%), 1fr))}}
.st-key-lq-many .st-key-lq-classes {{grid-template-columns: repeat(auto-fill, minmax(min(9rem, 100%), 1fr))}}
.st-key-lq-classes button {{min-height: 2.75rem; height: 100%}}
.st-key-lq-classes .stButton, .st-key-lq-classes .stElementContainer {{height: 100%}}
.st-key-lq-classes button p {{overflow-wrap: anywhere; white-space: normal}}
.st-key-lq-classes button [data-has-shortcut] {{align-items: center}}
[data-testid="stLayoutWrapper"]:has(> .st-key-lq-told) {{flex: 1 1 16rem; width: auto}}
.st-key-lq-told.stVerticalBlock {{width: auto}}
.st-key-lq-guideline h2 {{font-size: 1.05rem; padding: 0}}
@media (min-width: 768px) {{
  .st-key-lq-few.stVerticalBlock {{display: grid; gap: 1rem; align-items: start;
    grid-template: "item rules" auto "keys rules" 1fr / minmax(0, 5fr) minmax(0, 3fr)}}
  .st-key-lq-few > {ITEM} {{grid-area: item}}
  .st-key-lq-few > {KEYED} {{grid-area: keys}}
  .st-key-lq-few > {RULES} {{grid-area: rules}}
  .st-key-lq-many.stVerticalBlock {{flex-flow: row wrap; align-items: flex-start}}
  .st-key-lq-many > {ITEM} {{flex: 0 0 100%}}
  .st-key-lq-many > {KEYED} {{flex: 5 1 0}}
  .st-key-lq-many > {RULES} {{flex: 3 1 0; position: sticky; top: calc(4.5rem + 190px); min-height: 12rem;
    height: calc(100vh - 5.5rem - 190px)}}
  .st-key-lq-many .st-key-lq-guideline.stVerticalBlock {{height: 100%}}
}}
@media (max-width: 640px) {{
  .st-key-lq-item .lq-text {{font-size: 1.1rem; line-height: 1.4}}
  .st-key-lq-item.stVerticalBlock {{height: 26vh; padding: .6rem}}
  {ITEM} {{height: auto}}
  .st-key-lq-classes.stHorizontalBlock {{grid-template-columns: repeat(auto-fill, minmax(40%, 1fr))}}
  .st-key-lq-keys kbd, [data-testid="stLayoutWrapper"]:has(> .st-key-lq-keys-told) {{display: none}}
}}
</style>
"""


def page(here: Here) -> None:
    """Draw the item to label with the rules beside it."""
    rounds = review.open_rounds(here.project, actor=here.actor)
    if not rounds:
        _nothing(here)
        return
    number = max(rounds)
    if _task(here, number) is None:
        _done(here, number)
        return
    st.html(STYLE + RULES_STYLE)
    _screen(here, number)


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
        st.header(":material/check_circle: All done, thank you", anchor=False)
        st.markdown(f"You labeled all your {n:,} items of round {number}. You may correct them until it is closed.")
        with st.container(horizontal=True):
            arguments = (here, number, None)
            st.button("Correct the last one", key="label_undo", shortcut="Backspace", on_click=_back, args=arguments)
            if here.role in shell.REVIEWERS and st.button("Go to Relabel", type="primary", key="label_relabel"):
                shell.go("relabel")


def _rules(task: review.Task) -> None:
    st.header(f"How to label (instruction version {task.guideline_version})", anchor=False)
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
    many = len(task.classes) > MANY
    with st.container(key="lq-many" if many else "lq-few"):  # the places of its parts depend on the width of the window
        item = st.container(border=True, height=190 if many else 260, gap=None, key="lq-item")
        keys = st.container(key="lq-keys", gap="small")
        rules = st.container(border=True, height=620, key="lq-guideline")
    with keys:  # sent first: whoever sees the new item has its keys
        for part in (_steps, _classes) if many else (_classes, _steps):
            part(here, task, given)
    with item:
        parts.item_fields(task.shown)
    with rules:
        _rules(task)


def _classes(here: Here, task: review.Task, given: str | None) -> None:
    """Draw one button a class; those beyond the buttons are found in a list, where choosing one is pressing it."""
    view = _view(task.assignment, here.actor)
    with st.container(horizontal=True, key="lq-classes"):
        for at, name in enumerate(task.classes[:BUTTONS]):
            st.button(
                markdown(name), key=f"pick_{view}_{at}", shortcut=KEYS[at] if at < len(KEYS) else None,
                type="primary" if name == given else "secondary", width="stretch",
                on_click=_press, args=(here, task.round, task.assignment, name, view),
            )  # fmt: skip
    others = task.classes[BUTTONS:]
    if others:
        st.selectbox(
            f"{len(others):,} more classes: the one you choose is stored, as if you pressed it", others, index=None,
            key=f"more_{view}", placeholder="Type a part of its name", on_change=_press_found,
            args=(here, task.round, task.assignment, view),
        )  # fmt: skip


def keys_told(n: int) -> str:
    """Return which keys stand for `n` classes.

    Examples
    --------
    >>> keys_told(4)
    'Keys: 1 to 4.'
    >>> keys_told(12)
    'Keys: 1 to 9, 0, A to B.'
    """
    last = KEYS[min(n, len(KEYS)) - 1].upper()
    told = "1" if n == 1 else f"1 to {min(n, 9)}"
    told += ", 0" * (n > 9) + (f", A to {last}" if n > 11 else ", A" if n == 11 else "")
    own = "" if n < 13 else " without C and R" if last > "R" else " without C"
    left = n - len(KEYS)
    rest = "" if left < 1 else " The last has none: click it." if left == 1 else f" The last {left:,} have none: click."
    return f"Keys: {told}{own}.{rest}"


def _steps(here: Here, task: review.Task, given: str | None) -> None:
    """Draw the ways back and on."""
    back = task.assignment if AT in st.query_params else None
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Undo" if back is None else "One further back", key="label_undo", icon=":material/undo:",
            shortcut="Backspace", disabled=task.done == 0, on_click=_back, args=(here, task.round, back),
            help="Correct the item before",
        )  # fmt: skip
        if back is not None:
            st.button("Keep it and go on", key="label_on", icon=":material/redo:", shortcut="Right", on_click=_on)
        with st.container(gap=None, width=300, key="lq-told"):
            with st.container(key="lq-keys-told"):  # not on a phone, which has no keys
                st.caption(keys_told(len(task.classes)))
            told = "You may stop at any time: you come back to this item."
            if given is not None:
                told = f"You said **{markdown(given)}**. Press a class to correct it; the first answer stays logged."
            st.caption(told)


def _view(assignment: str, actor: str) -> str:
    """Return the id of this showing of an item, the same until it is answered, or the page or the item is left."""
    now, of = st.session_state.get(VIEW), (assignment, actor, shell.visit())
    if now is None or now["of"] != of:  # the time on another page is no time of this item
        now = {"of": of, "id": uuid4().hex, "since": time.monotonic()}
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


def _press_found(here: Here, number: int, assignment: str, view: str) -> None:
    """Store the class that was found in the list."""
    found = st.session_state.get(f"more_{view}")
    if found is not None:
        _press(here, number, assignment, found, view)


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
