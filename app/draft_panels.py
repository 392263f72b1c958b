"""Panels of the draft: what it changes, what to look over, two people at once, publishing, and drafts of others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa_app import editing, parts
from labelqa_app.deciding import kept
from labelqa_app.editing import PROBLEM, Work
from labelqa_app.marks import draw_diff
from labelqa_app.markup import markdown
from labelqa_app.shell import Here

EDITS = {
    "semantic": "People may label differently by it: it needs a new round to prove it",
    "minor": "Only wording: labels stay as they are",
}


def head_panel(here: Here, work: Work) -> None:
    """Draw title and introduction."""
    with st.expander("Title and introduction"):
        key = work.guideline.content_hash[:10]
        title = st.text_input("Title", work.guideline.title, key=f"ins_title_{key}")
        intro = st.text_area(
            "Introduction: what the task is, what to do when in doubt", work.guideline.introduction,
            key=f"ins_intro_{key}", height=110,
        )  # fmt: skip
        if st.button("Save in the draft", key="ins_head_save", icon=":material/save:"):
            seen = (work.guideline.title, work.guideline.introduction)

            def change(now: Work) -> lq.Guideline:
                if (now.guideline.title, now.guideline.introduction) != seen:
                    raise editing.ChangedMeanwhileError("The introduction")
                return replace(now.guideline, title=title.strip(), introduction=intro.strip())

            if editing.change_draft(here, change, "Title and introduction are stored in your draft."):
                st.rerun()


def draft_panel(here: Here, work: Work, data: lq.Annotations | None) -> None:
    """Draw what the draft changes, what to look over, what it touches, and how it is published."""
    st.subheader("Your draft", anchor=False)
    if not work.changed:
        st.caption(
            f"You changed nothing yet: this is version {work.current.number} as published. What you save here is "
            "stored as your draft, and nobody labels by it before it is published."
        )
        _findings(editing.lint(work, data), lq.diff_guidelines(work.current.guideline, work.guideline))
        return
    diff = work.diff
    with st.container(border=True):
        st.markdown(f"**What changes against version {work.base.number}**")
        draw_diff(diff)
        with st.expander("As people who label will be told"):
            parts.plain(diff.in_words())
        _take_back(here, diff)
    _touched(here, data, diff)
    _findings(editing.lint(work, data), diff)
    _publish(here, work, diff)


def _take_back(here: Here, diff: lq.GuidelineDiff) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        changed = [r.rule_id for r in diff.rows if r.change in ("added", "removed", "changed")]
        if changed:
            picked = st.selectbox("Take one change back", changed, index=None, key="ins_back", placeholder="Rule",
                                  width=180)  # fmt: skip
            st.button(
                "Take it back", key="ins_back_go", disabled=picked is None, on_click=editing.bring_back,
                args=(here, picked or ""),
            )  # fmt: skip
        with st.popover("Throw the draft away", icon=":material/delete:"):
            st.markdown("All that you changed is lost; the published guideline stays.")
            st.button("Yes, throw it away", key="ins_drop", on_click=editing.drop, args=(here,))


def _touched(here: Here, data: lq.Annotations | None, diff: lq.GuidelineDiff) -> None:
    rows = editing.touched(here, data, diff)
    st.markdown(
        "**What it touches**", help="Items with a label of these classes, without those that are held out for the "
        "proof. Their labels were given by the old rule: the next round asks for some of them again.",
    )  # fmt: skip
    if not rows:
        st.caption("No class is touched." if not diff.touched_classes else "Nothing is labeled yet.")
        return
    frame = pd.DataFrame(rows, columns=["Class or pair", "Labeled items", "In dispute"])
    st.dataframe(frame, hide_index=True, alt="Labeled items of the classes that the change touches")


def _findings(found: lq.GuidelineLint, diff: lq.GuidelineDiff) -> None:
    """Draw what people would stumble over; what this draft touches first."""
    touched = set(diff.touched_classes)
    near = [f for f in found.findings if f.class_name in touched]
    far = [f for f in found.findings if f.class_name not in touched]
    st.markdown("**To look over**", help="What people who label would stumble over: gaps, contradictions, rules that "
                "quote an item instead of saying what is general about it.")  # fmt: skip
    if not found.findings:
        st.markdown(":material/check: Nothing to correct.")
    for one in near:
        _finding(one)
    if far:
        with st.expander(f"{len(far):,} in {'the other classes' if near or touched else 'all classes'}"):
            for one in far:
                _finding(one)


def _finding(found: Any) -> None:  # noqa: ANN401  # of the engine
    icon = ":material/error:" if found.severity == "error" else ":material/info:"
    st.markdown(f"{icon} {markdown(found.message)}  \n:gray[{markdown(found.next_step)}]")


def _publish(here: Here, work: Work, diff: lq.GuidelineDiff) -> None:
    st.markdown("**Publish**")
    if here.role != "lead":
        leads = [n for n, role in review.people_of(here.project).items() if role == "lead"]
        st.info(f"A lead publishes it ({markdown(', '.join(leads))}). Your draft is stored; they can open it here.")
        return
    _publish_form(here, work.guideline, work.base.number, diff, "own")


def _publish_form(here: Here, guideline: lq.Guideline, base: int, diff: lq.GuidelineDiff, key: str) -> None:
    with st.form(f"publish_{key}", border=False):
        st.text_input("Why", key=f"reason_{key}", placeholder="refund and billing were mixed up")
        st.radio(
            "What kind of change", list(EDITS), index=list(EDITS).index(diff.suggested_edit), key=f"edit_{key}",
            format_func=EDITS.__getitem__, help="; ".join(markdown(r) for r in diff.reasons[:5]) or None,
        )  # fmt: skip
        st.form_submit_button(
            "Publish", type="primary", icon=":material/publish:", on_click=_publish_now, key=f"publish_go_{key}",
            args=(here, guideline, base, key),
        )  # fmt: skip


def _publish_now(here: Here, guideline: lq.Guideline, base: int, key: str) -> None:
    def act() -> None:
        version = review.publish_guideline(
            here.project, guideline, base=base, actor=here.actor, edit=st.session_state[f"edit_{key}"],
            reason=(st.session_state[f"reason_{key}"] or "").strip(),
        )  # fmt: skip
        parts.saved(f"Version {version.number} is published.")
        st.query_params.pop(editing.RULE, None)

    kept(act, PROBLEM)


def others_panel(here: Here, work: Work) -> None:
    """Draw the drafts of others, which a lead can publish and everyone take over."""
    current = work.current.guideline.content_hash
    drafts = [
        d
        for d in review.drafts_of(here.project, actor=here.actor)
        if d.author != here.actor and d.guideline.content_hash != current
    ]
    if not drafts:
        return
    st.subheader("Drafts of others", anchor=False)
    for at, draft in enumerate(drafts):
        with st.expander(f"{markdown(draft.author)} (made from version {draft.base.number})"):
            diff = lq.diff_guidelines(draft.base.guideline, draft.guideline)
            draw_diff(diff)
            _offer(here, work, draft, diff, at)


def _offer(here: Here, work: Work, draft: Any, diff: lq.GuidelineDiff, at: int) -> None:  # noqa: ANN401
    author, base = draft.author, draft.base.number
    if work.changed:
        st.caption("You have a draft of your own: publish it or throw it away before you take this one.")
        return
    stale = review.draft_conflict(here.project, draft, actor=here.actor) is not None
    if stale:
        st.caption("Another version was published since. Taken over, you can bring it up to date.")
    st.button(
        "Go on writing it as mine", key=f"ins_take_{at}", on_click=editing.take,
        args=(here, draft.guideline, base, f"The draft of {author} is now yours too."),
    )  # fmt: skip
    if here.role == "lead" and not stale:
        _publish_form(here, draft.guideline, work.current.number, diff, f"other_{at}")


def conflict_panel(here: Here, work: Work) -> None:
    """Draw both changes where somebody published meanwhile; nothing of either is lost before the person chooses."""
    met = work.conflict
    st.warning(
        f"**{markdown(met.theirs.author)} published version {met.theirs.number} while you wrote** "
        f"({markdown(met.theirs.reason[:200])}). Your draft was made from version {met.base.number}. It is stored, but "
        "must be brought up to date before anything else."
    )
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True):
        st.markdown(f"**What {markdown(met.theirs.author)} changed**")
        draw_diff(met.their_diff)
    with right, st.container(border=True):
        st.markdown("**What you changed**")
        draw_diff(met.your_diff)
    with st.expander("Both texts in full"):
        ours, yours = st.columns(2)
        with ours:
            st.caption(f"Version {met.theirs.number}")
            parts.plain(met.theirs_text)
        with yours:
            st.caption("Your draft")
            parts.plain(met.yours_text)
    if met.merged is not None:
        _together(here, met)
    else:
        _choose(here, work)
    with st.popover("Throw my draft away", icon=":material/delete:"):
        st.markdown("All that you changed is lost; the published guideline stays.")
        st.button("Yes, throw it away", key="ins_drop", on_click=editing.drop, args=(here,))


def _together(here: Here, met: Any) -> None:  # noqa: ANN401
    st.markdown("**The two changes do not touch the same rule.** With both, your draft would change:")
    with st.container(border=True):
        draw_diff(lq.diff_guidelines(met.theirs.guideline, met.merged))
    for old, new in met.merge.renumbered:
        st.caption(f"Your {old} becomes {new}: its number was taken meanwhile.")
    st.button(
        "Take both together", type="primary", key="ins_merge", on_click=editing.take,
        args=(here, met.merged, met.theirs.number, "Your draft now holds both changes."),
    )  # fmt: skip


def _choose(here: Here, work: Work) -> None:
    """Draw the parts that both changed, and take theirs or mine of each."""
    met = work.conflict
    st.markdown("**Both changed the same.** Choose for each; the other changes are kept together.")
    for part in (p for p in met.merge.parts if p.status == "conflict"):
        with st.container(border=True):
            st.markdown(f"**{markdown(part.part)}**")
            for title, text in (("Before", part.base), (met.theirs.author, part.theirs), ("You", part.yours)):
                parts.plain(title, "lq-field")
                parts.plain("(taken out)" if text is None else text)
            st.radio(
                f"Take for {markdown(part.part)}", ["theirs", "mine"], key=f"ins_pick_{part.part}", horizontal=True,
                format_func=lambda w: "the published one" if w == "theirs" else "mine",
            )  # fmt: skip
    st.button("Put them together", type="primary", key="ins_settle", on_click=_settle, args=(here,))


def _settle(here: Here) -> None:
    def act() -> None:
        work = editing.work_of(here)
        if work.conflict is None:
            return
        parts_met = work.conflict.merge.conflicts
        theirs = [p for p in parts_met if st.session_state.get(f"ins_pick_{p}", "theirs") == "theirs"]
        found = editing.settled(here, work, theirs)
        if found is None:
            raise editing.NotTogetherError
        review.save_draft(here.project, found, base=work.conflict.theirs.number, actor=here.actor)
        parts.saved("Your draft is up to date.")

    kept(act, PROBLEM)
