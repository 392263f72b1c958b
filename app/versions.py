"""The history of the instruction: who published what and why, the difference of any two, and bringing one back."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa_app import parts
from labelqa_app.deciding import kept
from labelqa_app.editing import PROBLEM
from labelqa_app.glossary import meaning
from labelqa_app.marks import draw_diff
from labelqa_app.shell import Here
from labelqa_app.wrapped import wrapped_table

MISSING = "_ins_restore_missing"


def versions_panel(here: Here) -> None:
    """Draw all versions, the difference of two, and for leads the way back to an earlier one."""
    history = review.guideline_history(here.project, actor=here.actor)
    rows = [(v.number, f"{v.created_utc[:16].replace('T', ' ')} by {v.author}", v.reason, kind_of(v)) for v in history]
    frame = pd.DataFrame(reversed(rows), columns=["Version", "Published (UTC)", "Why", "Changes"])
    wrapped_table(frame, alt="Versions of the instruction", told={"Changes": meaning("versions", "edit")})
    if len(history) < 2:
        st.caption("This is the first version: there is nothing to compare it with yet.")
        return
    _compare(history)
    if here.role == "lead":
        _restore(here, history)


def kind_of(version: lq.GuidelineVersion) -> str:
    """Return in words what a version changes."""
    if version.restored_from is not None:
        return f"brings version {version.restored_from} back"
    return {"semantic": "how to label", "minor": "wording only"}[version.edit]


def _compare(history: tuple[lq.GuidelineVersion, ...]) -> None:
    numbers = [v.number for v in history]
    with st.container(horizontal=True):
        first = st.selectbox("From version", numbers, index=len(numbers) - 2, key="ins_from", width=140)
        second = st.selectbox("To version", numbers, index=len(numbers) - 1, key="ins_to", width=140)
    by_number = {v.number: v for v in history}
    diff = lq.diff_guidelines(by_number[first].guideline, by_number[second].guideline)
    with st.container(border=True):
        draw_diff(diff, "These two say the same.")
    if not diff.is_empty:
        with st.expander("In words"):
            parts.plain(diff.in_words())


def _restore(here: Here, history: tuple[lq.GuidelineVersion, ...]) -> None:
    current = history[-1]
    earlier = [v.number for v in history if v.content_hash != current.content_hash]
    if not earlier:
        return
    missing = MISSING in st.session_state
    with st.expander("Bring an earlier version back", expanded=missing), st.form("ins_restore", border=False):
        st.caption("It is published again as a new version; nothing is deleted.")
        st.selectbox("Version", earlier, index=len(earlier) - 1, key="ins_restore_which", width=140)
        st.text_input("Why", key="ins_restore_reason")
        if st.session_state.pop(MISSING, False):
            st.error("Say why. Nothing was published yet.")
        st.form_submit_button("Publish it again", on_click=_restore_now, args=(here,), key="ins_restore_go")


def _restore_now(here: Here) -> None:
    number, reason = st.session_state["ins_restore_which"], (st.session_state["ins_restore_reason"] or "").strip()
    if not reason:
        st.session_state[MISSING] = True
        return

    def act() -> None:
        version = review.restore_guideline(here.project, number, actor=here.actor, reason=reason)
        parts.saved(f"Version {version.number} is published; it says what version {number} said.")

    kept(act, PROBLEM)
