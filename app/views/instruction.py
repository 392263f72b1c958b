"""The labeling instruction: to read, to change with the deciding items beside it, to publish, and its history."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa_app import draft_panels, editing, parts, shell
from labelqa_app.deciding import Contested, Pair, contested_items, evidence_on, told_problem
from labelqa_app.editing import PROBLEM, ROUND, RULE, SLICE, VIEW, Work
from labelqa_app.marks import STYLE as MARKS_STYLE
from labelqa_app.markup import escaped, markdown
from labelqa_app.pair_evidence import STYLE as EVIDENCE_STYLE
from labelqa_app.pair_evidence import pair_evidence, rule_title
from labelqa_app.rule_form import decision_html, is_begun, rule_form
from labelqa_app.rulebook import STYLE as RULES_STYLE
from labelqa_app.rulebook import rules_html
from labelqa_app.shell import Here
from labelqa_app.slicing import items_of_slice
from labelqa_app.versions import versions_panel

VIEWS = {"read": "Read", "edit": "Change", "history": "History"}
WHOLE = "All classes"
SEEN = 5  # deciding items beside the rules


def page(here: Here) -> None:
    """Draw the guideline to read; for reviewers and leads also the editor and the history."""
    st.html(RULES_STYLE + EVIDENCE_STYLE + MARKS_STYLE)
    if here.role not in shell.REVIEWERS:
        _read(*_own_version(here))
        return
    view = _view(here)
    told_problem(PROBLEM)
    if view == "read":
        version = review.guideline_version(here.project, actor=here.actor)
        _read(version.number, version.guideline)
    elif view == "edit":
        _edit(here)
    else:
        versions_panel(here)


def _own_version(here: Here) -> tuple[int, lq.Guideline]:
    """Return what an annotator labels by now: the version of the open round."""
    for number in reversed(review.open_rounds(here.project, actor=here.actor)):
        task = review.next_task(here.project, number, actor=here.actor)
        given = review.own_labels(here.project, number, actor=here.actor) if task is None else {}
        if task is None and given:
            task = review.task_of(here.project, number, next(iter(given)), actor=here.actor)
        if task is not None:
            return task.guideline_version, task.guideline
    version = review.guideline_version(here.project, actor=here.actor)
    return version.number, version.guideline


def _read(number: int, guideline: lq.Guideline) -> None:
    st.caption(f"Version {number}")
    if guideline.title:
        parts.plain(guideline.title, "lq-text")
    if not guideline.introduction and all(r.is_empty for r in guideline.rules):
        parts.empty("No rules are written yet.", "They come here as soon as a lead publishes them.")
    st.html(rules_html(guideline))


def _view(here: Here) -> str:
    default = "edit" if editing.focus_of(here) is not None else "read"
    now = st.query_params.get(VIEW, default)

    def choose() -> None:
        st.query_params[VIEW] = st.session_state["ins_view"] or now

    st.segmented_control(
        "View", list(VIEWS), default=now if now in VIEWS else default, format_func=VIEWS.__getitem__, key="ins_view",
        on_change=choose, label_visibility="collapsed", required=True,
    )  # fmt: skip
    return now if now in VIEWS else default


def _edit(here: Here) -> None:
    work = editing.work_of(here)
    if work.conflict is not None:
        draft_panels.conflict_panel(here, work)
        return
    data, round = editing.seen_labels(here), editing.round_of(here)
    contested = contested_items(here, round)
    focus = _focus(here, contested)
    among = _slice(here, contested)
    names = focus if isinstance(focus, tuple) else (focus,) if focus else ()
    decisions = editing.deciding_items(here, data, names, among)
    left, right = st.columns([5, 3], gap="medium")
    with left:
        is_open = _rules(here, work, focus, decisions)
        draft_panels.head_panel(here, work)
        draft_panels.draft_panel(here, work, data, round)
        draft_panels.others_panel(here, work)
    with right:
        if not (is_open and decisions):  # the form lists them
            _decided(focus, decisions)
        _evidence(here, focus, contested, among)  # last: the first time it takes long


def _slice(here: Here, contested: Contested | None) -> frozenset[str] | None:
    """Return the items of the slice that the address names, and draw the way back to all; None where it names none."""
    name = st.query_params.get(SLICE)
    if not name or contested is None:
        return None
    inside = frozenset(items_of_slice(here, contested.round, name))
    n = sum(item in inside for item in contested.said)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/filter_alt: Only items with **{markdown(name)}** ({n:,} in dispute)")
        st.button("All items", key="ins_all_slices", on_click=lambda: st.query_params.pop(SLICE, None))
    return inside


def _focus(here: Here, contested: Contested | None) -> Pair | str | None:
    """Draw the choice of what to work on: a pair, a class, or everything."""
    now = editing.focus_of(here)
    pairs = [] if contested is None else list(contested.pairs)
    known: list[Pair | str | None] = [None, *pairs, *here.project.classes]
    if now not in known:
        known.append(now)

    def called(focus: Pair | str | None) -> str:
        if focus is None:
            return WHOLE
        if isinstance(focus, str):
            return f"Class {focus}"
        n = 0 if contested is None else len(contested.items(focus))
        where = "" if contested is None else f" in dispute in round {contested.round}"
        return f"Boundary {focus[0]} / {focus[1]}" + (f" ({n:,}{where})" if n else "")

    def choose() -> None:
        picked = st.session_state["ins_focus"]
        names = picked if isinstance(picked, tuple) else (picked, None)
        for key, value in zip((editing.FIRST, editing.SECOND), names, strict=True):
            if value is None:
                st.query_params.pop(key, None)
            else:
                st.query_params[key] = value
        st.query_params[VIEW] = "edit"
        st.query_params.pop(RULE, None)

    st.selectbox(
        "What to work on", known, index=known.index(now), format_func=called, key="ins_focus", on_change=choose,
        width=420,
    )  # fmt: skip
    return now


def _rules(here: Here, work: Work, focus: Pair | str | None, decisions: list[editing.Deciding]) -> bool:
    """Draw the rules that matter here and the form of the one that is open; tell whether one is."""
    wanted = st.query_params.get(RULE)
    shown = list(_of_focus(work.guideline, focus))
    named = editing.rule_in(work.guideline, wanted or "")
    if named is not None and (named not in shown or is_begun(here, named)):  # of another class, or just begun here
        shown = [named, *(r for r in shown if r != named)]
    if isinstance(focus, tuple) and not work.guideline.boundary(*focus) and wanted is None:
        wanted = editing.NEW
    if wanted == editing.NEW:
        rule_form(here, work, None, focus, decisions)
    for rule in shown:
        if rule.id == wanted:
            rule_form(here, work, rule, focus, decisions)
        else:
            _rule(rule)
    if wanted not in {None, editing.NEW, editing.CLOSED, *(r.id for r in shown)}:
        st.info("The rule of this link is not in the draft any more.")
    if wanted != editing.NEW:
        st.button("Add a rule", key="ins_add", icon=":material/add:", on_click=_open, args=(editing.NEW,))
    return wanted == editing.NEW or wanted in {r.id for r in shown}


def _of_focus(guideline: lq.Guideline, focus: Pair | str | None) -> Iterable[lq.Rule]:
    if focus is None:
        return guideline.rules
    if isinstance(focus, str):
        return guideline.rules_of(focus)
    first = guideline.boundary(*focus)
    rest = [
        r
        for name in focus
        for r in guideline.rules_of(name)
        if r not in first and (r.kind in ("definition", "use_when") or r.other in focus)
    ]
    return [*first, *rest]


def _rule(rule: lq.Rule) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        text = escaped(rule.text) if rule.text.strip() else "<i>Not written yet.</i>"
        shows = f" · shows item {escaped(rule.item)}" if rule.item else ""
        rests = len(rule.evidence)
        on = f" · rests on {rests} decided item{'s' * (rests != 1)}" if rests else ""
        with st.container(width="stretch"):
            st.html(
                f'<p class="lq-small" dir="auto">{rule.id} · {rule_title(rule)}{shows}{on}</p>'
                f'<p class="lq-cue" dir="auto">{text}</p>'
            )
        st.button(
            "Change" if rule.text.strip() else "Write", key=f"ins_change_{rule.id}", on_click=_open, args=(rule.id,),
            help=f"Rule {rule.id}",
        )  # fmt: skip


def _open(rule: str) -> None:
    st.query_params[RULE] = rule
    st.query_params[VIEW] = "edit"


def _decided(focus: Pair | str | None, decisions: list[editing.Deciding]) -> None:
    """Draw the items that decide."""
    with st.container(border=True):
        title = "Decided items" if not isinstance(focus, tuple) else f"Decided: {focus[0]} or {focus[1]}"
        st.markdown(f"**{markdown(title)} ({len(decisions):,})**")
        if not decisions:
            st.caption("Nothing is decided here yet. A rule is best written from a few decided items.")
            return
        st.html("".join(decision_html(d) for d in decisions[:SEEN]))
        if len(decisions) > SEEN:
            with st.expander(f"{len(decisions) - SEEN:,} more"):
                st.html("".join(decision_html(d) for d in decisions[SEEN:]))


def _evidence(here: Here, focus: Pair | str | None, contested: Contested | None, among: frozenset[str] | None) -> None:
    """Draw what is known about the pair in the round, and the way to its items: of the slice, if one is named."""
    if not isinstance(focus, tuple):
        return
    with st.container(border=True):
        if st.button("Decide items of this pair", key="ins_decide", icon=":material/gavel:"):
            query = {"a": focus[0], "b": focus[1]}
            query |= {} if editing.round_of(here) is None else {ROUND: st.query_params[ROUND]}
            shell.go("disagreements", query | ({} if among is None else {SLICE: st.query_params[SLICE]}))
        if contested is None:
            return
        st.caption(f"Of round {contested.round}.")
        found = evidence_on(here, contested.round, focus)
        if found is not None:
            pair_evidence(found)
