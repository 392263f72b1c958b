"""Settle items one by one: what people said, what is known about the pair, and the decision."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from labelqa import review
from labelqa_app import parts, shell
from labelqa_app.deciding import (
    Contested,
    Items,
    Pair,
    contested_items,
    entry_of,
    evidence_on,
    in_order,
    next_open,
    note_presence,
    others_at,
    text_of,
    told_problem,
)
from labelqa_app.decision_form import (
    PROBLEM,
    conflict_of,
    decision_form,
    draw_conflict,
    draw_decision,
    draw_history,
    take_back_last,
)
from labelqa_app.markup import markdown
from labelqa_app.pair_evidence import STYLE as EVIDENCE_STYLE
from labelqa_app.pair_evidence import pair_evidence, rules_of_pair
from labelqa_app.rulebook import escaped
from labelqa_app.shell import Here
from labelqa_app.slicing import items_of_slice

ITEM, FIRST, SECOND, ROUND, ALL, SLICE = "item", "a", "b", "round", "all", "slice"  # names in the address
ANY = "All pairs"
WATCH = "15s"  # how often the page looks at what others did
STYLE = """
<style>
.lq-said {display: flex; flex-wrap: wrap; gap: .4rem; margin: .1rem 0 .2rem 0}
.lq-said span {border: 1px solid rgba(128,128,128,.45); border-radius: 1rem; padding: .1rem .7rem; font-size: .95rem;
  overflow-wrap: anywhere}
.lq-said i {font-style: normal; opacity: .7; margin-right: .35rem}
.st-key-lq-decide-item .lq-text {font-size: 1.2rem}
</style>
"""


def page(here: Here) -> None:
    """Draw one contested item with its evidence and the form to settle it."""
    contested = contested_items(here, _round())
    if contested is None:
        parts.empty("No round is closed yet: there is nothing to settle.", "Close a round on the page Relabel first.")
        return
    st.html(STYLE + EVIDENCE_STYLE)
    if not contested.said:
        parts.empty(f"In round {contested.round} nobody disagreed.", "There is nothing to settle here.")
        return
    pair = _filters(here, contested)
    items = _of_slice(here, contested, contested.items(pair))
    told_problem(PROBLEM)
    if not items:
        parts.empty("Nobody confused these two classes in this round.", "Choose another pair above.")
        return
    decided = review.decisions_in_force(here.project, actor=here.actor)
    item = _item(here, items, decided)
    if item is None:
        _watched(here, contested, items, None, None)
        _all_settled(contested, pair)
        return
    _work(here, contested, pair, items, item, decided)


def _work(
    here: Here, contested: Contested, pair: Pair | None, items: Items, item: str, decided: dict[str, object]
) -> None:
    """Draw the item, the form, and the evidence last: it may take long, once."""
    st.query_params[ITEM] = item
    note_presence(here, item)
    entry = entry_of(here, contested, item)
    seen = None if entry.decision is None else entry.decision.uuid
    _watched(here, contested, items, item, seen)
    _steps(here, items, item, decided)
    left, right = st.columns([5, 3], gap="medium")
    about = pair or contested.pair_of(item)
    with left:
        with st.container(border=True, gap=None, key="lq-decide-item"):
            parts.item_fields(entry.payload)
        _said(entry)
        _settle(here, entry, items, about)
    with right:
        _beside(here, contested, entry, about)


def _of_slice(here: Here, contested: Contested, items: Items) -> Items:
    """Keep the items of the slice that the address names, if it names one, and draw the way back to all."""
    name = st.query_params.get(SLICE)
    if not name:
        return items
    inside = frozenset(items_of_slice(here, contested.round, name))
    kept = Items(item for item in items if item in inside)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/filter_alt: Only items with **{markdown(name)}** ({len(kept):,})")
        st.button("All items", key="dis_all_slices", on_click=lambda: st.query_params.pop(SLICE, None))
    return kept


def _settle(here: Here, entry: review.ContestedItem, items: Items, about: Pair | None) -> None:
    """Draw what is decided, or the form."""
    met = conflict_of(entry.item)
    if met is not None:
        draw_conflict(here, met, entry.decision, lambda: _go_on(here, items, entry.item))
    elif entry.decision is not None:
        draw_decision(here, entry.decision)
        with st.expander("Decide differently"):
            decision_form(here, entry, about, lambda: _go_on(here, items, entry.item))
    else:
        decision_form(here, entry, about, lambda: _go_on(here, items, entry.item))
    draw_history(here, entry.item)


def _round() -> int | None:
    wanted = st.query_params.get(ROUND, "")
    return int(wanted) if wanted.isdecimal() and len(wanted) < 9 else None


def _filters(here: Here, contested: Contested) -> Pair | None:
    """Draw what narrows the queue, and return the pair."""
    a, b = st.query_params.get(FIRST), st.query_params.get(SECOND)
    now = None if a is None or b is None else in_order((a, b), contested)
    known: list[Pair | None] = [None, *contested.pairs]
    if now not in known:
        known.append(now)

    def narrow() -> None:
        picked = st.session_state["dis_pair"]
        for key, value in zip((FIRST, SECOND), picked or (None, None), strict=True):
            _put(key, value)
        st.query_params.pop(ITEM, None)

    def called(pair: Pair | None) -> str:
        n = len(contested.items(pair))
        return f"{ANY} ({n:,})" if pair is None else f"{pair[0]} / {pair[1]} ({n:,})"

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Pair of classes", known, index=known.index(now), format_func=called, key="dis_pair", on_change=narrow,
            width=320, help="Only items that some gave the one class and some the other.",
        )  # fmt: skip
        _round_filter(here, contested)
        st.toggle(
            "Only undecided", value=st.query_params.get(ALL) is None, key="dis_undecided",
            help="Next and previous pass over what is settled.",
            on_change=lambda: _put(ALL, None if st.session_state["dis_undecided"] else "1"),
        )  # fmt: skip
        _last_button(here)
    return now


def _round_filter(here: Here, contested: Contested) -> None:
    if contested.round == 1 and ROUND not in st.query_params:  # the last one with labels is the first: the only one
        return
    closed = list(review.progress(here.project, actor=here.actor).facts.closed)
    if len(closed) < 2:
        return

    def change() -> None:
        st.query_params[ROUND] = str(st.session_state["dis_round"])
        st.query_params.pop(ITEM, None)

    at = closed.index(contested.round)
    st.selectbox("Round", closed, index=at, key="dis_round", on_change=change, width=110)


def _last_button(here: Here) -> None:
    st.button(
        "Undo my last", key="dis_undo_last", icon=":material/undo:", on_click=take_back_last, args=(here,),
        help="Takes your last decision in force back and shows its item again.",
    )  # fmt: skip


def _put(key: str, value: str | None) -> None:
    if value is None:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = value


def _item(here: Here, items: Items, decided: dict[str, object]) -> str | None:
    """Return the item of the address, or the first that is left."""
    wanted = st.query_params.get(ITEM)
    if wanted in items:
        return wanted
    if wanted is not None:
        st.info("The item of this link is not among the contested items that are chosen here; this is the next one.")
    first = next_open(here, items, decided, None)
    return first if first is not None or st.query_params.get(ALL) is None else items[0]


def _go_on(here: Here, items: Items, item: str) -> None:
    """Show the next item that is left, and take it before others are offered it."""
    decided = review.decisions_in_force(here.project, actor=here.actor)
    following = next_open(here, items, decided, item)
    _put(ITEM, following)
    if following is not None:
        note_presence(here, following)


@st.fragment(run_every=WATCH)
def _watched(here: Here, contested: Contested, items: Items, item: str | None, seen: str | None) -> None:
    """Draw how far everybody is, and whether somebody else settled this item meanwhile."""
    decided = review.decisions_in_force(here.project, actor=here.actor)
    done = Counter(d.actor for i, d in decided.items() if i in items)
    place = "All" if item is None else f"Item {items.index(item) + 1:,} of"
    told = "; ".join(f"{markdown(who)} {n:,}" for who, n in done.most_common(6))
    n_done = done.total()
    text = f"{place} {len(items):,} · {n_done:,} decided{f' ({told})' if told else ''} · round {contested.round}"
    st.progress(n_done / len(items), text=text)
    if item is None:
        return
    now = decided.get(item)
    if now is not None and now.uuid != seen and now.actor != here.actor and conflict_of(item) is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(f"{markdown(now.actor)} has just decided this item.", icon=":material/group:")
            st.button("Show it", key="dis_show", on_click=lambda: None)
            if st.session_state.get("dis_show"):
                st.rerun()
    other = others_at(here, item)
    if other is not None and now is None:
        st.caption(f":material/group: {markdown(other)} has this item open too.")


def _steps(here: Here, items: Items, item: str, decided: dict[str, object]) -> None:
    """Draw the ways to the next and to the previous item."""
    only = st.query_params.get(ALL) is None

    def to(step: int) -> str | None:
        if only:
            return next_open(here, items, decided, item, step)
        return items[(items.index(item) + step) % len(items)]

    with st.container(horizontal=True, vertical_alignment="center"):
        for label, step, key, icon in (("Previous", -1, "k", "arrow_back"), ("Next", 1, "j", "arrow_forward")):
            target = to(step)
            st.button(
                label, key=f"dis_{label.lower()}", icon=f":material/{icon}:", shortcut=key, disabled=target is None,
                on_click=_put, args=(ITEM, target),
            )  # fmt: skip


def _said(entry: review.ContestedItem) -> None:
    st.html(
        '<div class="lq-said">'
        + "".join(f"<span dir='auto'><i>{escaped(o.who)}</i>{escaped(o.label)}</span>" for o in entry.opinions)
        + "</div>"
    )
    if entry.decision is None:
        st.caption("Who said what is shown when the item is decided, so that the item counts and not the person.")


def _beside(here: Here, contested: Contested, entry: review.ContestedItem, about: Pair | None) -> None:
    """Draw what is known about the pair."""
    if about is None:
        st.caption("Nobody gave two different classes here.")
        return
    a, b = about
    with st.container(border=True):
        st.markdown(f"### {markdown(a)} or {markdown(b)}?")
        st.markdown("**What the guideline says**")
        rules_of_pair(review.guideline_version(here.project).guideline, about)
        if st.button("Write the rule for this pair", key="dis_write", icon=":material/edit_note:"):
            shell.go("instruction", {"a": a, "b": b})
        found = evidence_on(here, contested.round, about)
        if found is not None:
            pair_evidence(found, text_of(entry.payload, 20_000), entry.item)


def _all_settled(contested: Contested, pair: Pair | None) -> None:
    with st.container(border=True):
        st.markdown("### :material/check_circle: All of these are decided")
        st.markdown("The decisions are kept as evidence. Next: write the rule that settles such items from now on.")
        with st.container(horizontal=True):
            write = pair or next(iter(contested.pairs), None)
            if write is not None and st.button(
                f"Write the rule for {markdown(write[0])} / {markdown(write[1])}", type="primary", key="dis_write"
            ):
                shell.go("instruction", {"a": write[0], "b": write[1]})
            st.button("Look at them again", key="dis_again", on_click=_again)


def _again() -> None:
    st.query_params[ALL] = "1"
    st.session_state["dis_undecided"] = False
