"""Panels of the draft: what it changes, what to look over, two people at once, publishing, and drafts of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pandas as pd
import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa.review.touching import Touched, touched_items
from labelqa_app import editing, parts
from labelqa_app.deciding import kept, owner_of
from labelqa_app.editing import PROBLEM, Work
from labelqa_app.marks import draw_diff
from labelqa_app.markup import escaped, markdown
from labelqa_app.shell import Here

EDITS = {
    "semantic": "People may label differently by it: it needs a new round to prove it",
    "minor": "Only wording: labels stay as they are",
}
HEAD, MISSING = "_ins_head", "_ins_missing"
WHY = "Say why it changes: people who label are told, and the history keeps it. Nothing was published yet."
LISTED = 20  # items of a class that a change touches


@dataclass(frozen=True, slots=True)
class Head:
    """Title and introduction as they were when their fields were drawn first, and the key of the fields."""

    of: tuple[str, str, str]
    key: str
    title: str
    introduction: str


def head_panel(here: Here, work: Work) -> None:
    """Draw title and introduction; what is typed is stored in the draft when a field is left."""
    of, now = owner_of(here), st.session_state.get(HEAD)
    title, intro = work.guideline.title, work.guideline.introduction
    if now is None or (now.of, now.title, now.introduction) != (of, title, intro):
        now = Head(of, uuid4().hex[:12], title, intro)
        st.session_state[HEAD] = now
    with st.expander("Title and introduction"):
        told: dict[str, Any] = {"on_change": _save_head, "args": (here, now)}
        st.text_input("Title", title, key=f"ins_title_{now.key}", **told)
        st.text_area(
            "Introduction: what the task is, what to do when in doubt", intro, key=f"ins_intro_{now.key}", height=110,
            **told,
        )  # fmt: skip
        st.button(
            "Save in the draft", key="ins_head_save", icon=":material/save:", on_click=_save_head, args=(here, now)
        )


def _save_head(here: Here, seen: Head) -> None:
    title, intro = (st.session_state.get(f"ins_{name}_{seen.key}") or "" for name in ("title", "intro"))
    wanted = (title.strip(), intro.strip())

    def change(now: Work) -> lq.Guideline:
        stored = (now.guideline.title, now.guideline.introduction)
        if stored not in (wanted, (seen.title, seen.introduction)):
            raise editing.ChangedMeanwhileError("The introduction")
        return replace(now.guideline, title=wanted[0], introduction=wanted[1])

    if editing.change_draft(here, change, lambda: "Title and introduction are stored in your draft."):
        st.session_state[HEAD] = replace(seen, title=wanted[0], introduction=wanted[1])  # the same fields go on


def draft_panel(here: Here, work: Work, data: lq.Annotations | None, round: int | None = None) -> None:
    """Draw what the draft changes, what to look over, what it touches, and how it is published."""
    st.header("Your draft", anchor=False)
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
        _take_back(here, work, diff)
    _touched(touched_items(here.project, diff, actor=here.actor, round=round), data, round)
    _findings(editing.lint(work, data), diff)
    _publish(here, work, diff)


def _take_back(here: Here, work: Work, diff: lq.GuidelineDiff) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        changed = [r.rule_id for r in diff.rows if r.change in ("added", "removed", "changed")]
        if changed:
            picked = st.selectbox("Take one change back", changed, index=None, key="ins_back", placeholder="Rule",
                                  width=180)  # fmt: skip
            st.button(
                "Take it back", key="ins_back_go", disabled=picked is None, on_click=editing.bring_back,
                args=(here, picked or "", editing.rule_in(work.guideline, picked or "")),
            )  # fmt: skip
        _throw_away(here, work, "Throw the draft away")


def _throw_away(here: Here, work: Work, label: str) -> None:
    with st.popover(label, icon=":material/delete:"):
        st.markdown("All that you changed is lost; the published instruction stays.")
        st.button("Yes, throw it away", key="ins_drop", on_click=editing.drop, args=(here, work.stored))


def _touched(found: tuple[Touched, ...], data: lq.Annotations | None, round: int | None) -> None:
    """Draw which labeled items a change touches: how many, and which."""
    st.markdown(
        "**What it touches**", help="Items with a label of these classes, without those that are held out for the "
        "proof. Their labels were given by the old rule: the next round asks for some of them again.",
    )  # fmt: skip
    if not found:
        st.caption("No class is touched, or nothing is labeled yet.")
        return
    where = "in the last round" if round is None else f"in round {round}"
    rows = [(" / ".join(t.classes), len(t.items), len(t.contested)) for t in found]
    frame = pd.DataFrame(rows, columns=["Class or pair", "Labeled items, all rounds", f"In dispute {where}"])
    st.dataframe(frame, hide_index=True, alt="Labeled items of the classes that the change touches")
    with st.expander("Which items"):
        for one in found:
            _touched_items(one, data)


def _touched_items(touched: Touched, data: lq.Annotations | None) -> None:
    """Draw the items of one class, those in dispute first."""
    disputed = set(touched.contested)
    order = [*touched.contested, *(i for i in touched.items if i not in disputed)]
    texts: Mapping[str, str] = editing.item_texts(data, order[:LISTED])
    st.markdown(f"**{markdown(' / '.join(touched.classes))}**")
    st.html("".join(touched_html(item, texts[item], in_dispute=item in disputed) for item in order[:LISTED]))
    if len(order) > LISTED:
        st.caption(f"The first {LISTED} of {len(order):,}; those in dispute come first.")


def touched_html(item: str, text: str, *, in_dispute: bool) -> str:
    """Return an item in short, escaped."""
    told = " · in dispute" if in_dispute else ""
    return (
        f'<p class="lq-small" dir="auto">{escaped(item)}{told}</p>'
        f'<p class="lq-quote" dir="auto">{escaped(editing.shortened(text, 160))}</p>'
    )


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
    _publish_form(here, Offer(work.guideline, work.base.number, here.actor), diff, "own")


@dataclass(frozen=True, slots=True)
class Offer:
    """What is published by a press: a draft as it was drawn, the version that it was made from, and whose it is."""

    guideline: lq.Guideline
    base: int
    author: str


def _publish_form(here: Here, offer: Offer, diff: lq.GuidelineDiff, key: str) -> None:
    with st.form(f"publish_{key}", border=False):
        st.text_input("Why", key=f"reason_{key}", placeholder="refund and billing were mixed up")
        missing = st.container()
        st.radio(
            "What kind of change", list(EDITS), index=list(EDITS).index(diff.suggested_edit), key=f"edit_{key}",
            format_func=EDITS.__getitem__, help="; ".join(markdown(r) for r in diff.reasons[:5]) or None,
        )  # fmt: skip
        st.form_submit_button(
            "Publish", type="primary", icon=":material/publish:", on_click=_publish_now, key=f"publish_go_{key}",
            args=(here, offer, key),
        )  # fmt: skip
    if st.session_state.pop(f"{MISSING}_{key}", False):
        missing.error(WHY)


def _publish_now(here: Here, offer: Offer, key: str) -> None:
    reason = (st.session_state[f"reason_{key}"] or "").strip()
    if not reason:
        st.session_state[f"{MISSING}_{key}"] = True
        return

    def act() -> None:
        _check_drawn(here, offer)
        version = review.publish_guideline(
            here.project, offer.guideline, base=offer.base, actor=here.actor, edit=st.session_state[f"edit_{key}"],
            reason=reason,
        )  # fmt: skip
        parts.saved(f"Version {version.number} is published.")
        st.query_params.pop(editing.RULE, None)

    kept(act, PROBLEM)


def _check_drawn(here: Here, offer: Offer) -> None:
    """Raise unless the draft is still what this page shows: nobody publishes an older text by a press."""
    drafts = {d.author: d.guideline for d in review.drafts_of(here.project, actor=here.actor)}
    if drafts.get(offer.author) != offer.guideline:
        whose = "Your draft" if offer.author == here.actor else f"The draft of {offer.author}"
        raise editing.ChangedMeanwhileError(whose)


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
    st.header("Drafts of others", anchor=False)
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
        args=(here, draft.guideline, base, work.stored, f"The draft of {author} is now yours too."),
    )  # fmt: skip
    if here.role == "lead" and not stale:
        _publish_form(here, Offer(draft.guideline, work.current.number, author), diff, f"other_{at}")


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
        _together(here, work)
    else:
        _choose(here, work)
    _throw_away(here, work, "Throw my draft away")


def _together(here: Here, work: Work) -> None:
    met = work.conflict
    st.markdown("**The two changes do not touch the same rule.** With both, your draft would change:")
    with st.container(border=True):
        draw_diff(lq.diff_guidelines(met.theirs.guideline, met.merged))
    for old, new in met.merge.renumbered:
        st.caption(f"Your {old} becomes {new}: its number was taken meanwhile.")
    st.button(
        "Take both together", type="primary", key="ins_merge", on_click=editing.take,
        args=(here, met.merged, met.theirs.number, work.stored, "Your draft now holds both changes."),
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
                f"Take for {markdown(part.part)}", ["theirs", "mine"], key=_pick(work, part.part), horizontal=True,
                format_func=lambda w: "the published one" if w == "theirs" else "mine",
            )  # fmt: skip
    st.button("Put them together", type="primary", key="ins_settle", on_click=_settle, args=(here, work))


def _pick(work: Work, part: str) -> str:
    """Return the key of a choice: another one as soon as another text of theirs or mine is shown."""
    return f"ins_pick_{part}_{work.conflict.theirs.number}_{(work.stored or '')[:12]}"


def _settle(here: Here, seen: Work) -> None:
    """Store what was chosen among the texts that were shown; if either changed since, nothing."""

    def act() -> None:
        now = editing.work_of(here)
        if now.conflict is None or now.stored != seen.stored:
            raise editing.ChangedMeanwhileError("Your draft")
        if now.conflict.theirs.number != seen.conflict.theirs.number:
            raise editing.PublishedMeanwhileError(now.conflict.theirs.number)
        chosen = {p: st.session_state.get(_pick(seen, p)) for p in seen.conflict.merge.conflicts}
        found = editing.settled(here, now, [p for p, whose in chosen.items() if whose != "mine"])
        if found is None:
            raise editing.NotTogetherError
        editing.store(here, found, seen.conflict.theirs.number, seen.stored)
        parts.saved("Your draft is up to date.")

    kept(act, PROBLEM)
