"""Settle items one by one: what people said, what is known about the pair, and the decision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa_app import parts, shell
from labelqa_app.background import draw_when_found, part
from labelqa_app.deciding import (
    Contested,
    Items,
    Pair,
    contested_items,
    entry_of,
    evidence_later,
    in_order,
    kept,
    next_open,
    note_presence,
    others_at,
    settled,
    text_of,
    told_problem,
    undecided_elsewhere,
)
from labelqa_app.decision_form import (
    LATE,
    PROBLEM,
    Decided,
    conflict_of,
    decision_form,
    draw_conflict,
    draw_decision,
    draw_history,
    take_back,
)
from labelqa_app.markup import escaped, markdown
from labelqa_app.measured import LOOKING, chosen_round
from labelqa_app.pair_evidence import STYLE as EVIDENCE_STYLE
from labelqa_app.pair_evidence import pair_evidence, rules_of_pair
from labelqa_app.shell import Here, go
from labelqa_app.slicing import items_of_slice

ITEM, FIRST, SECOND, ROUND, ALL, SLICE = "item", "a", "b", "round", "all", "slice"  # names in the address
ANY = "All pairs"
EVERY: Pair = ("", "")  # the choice of no pair: None would be an empty field
WATCH = 15.0  # seconds: how often the page looks at what others did
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
    now = review.progress(here.project, actor=here.actor)
    if not now.facts.closed:
        parts.empty("No round is closed yet: there is nothing to settle.", "Close a round on the page Relabel first.")
        return
    st.html(STYLE + EVIDENCE_STYLE)
    bar = st.container(horizontal=True, vertical_alignment="bottom")
    with bar:
        number = chosen_round(now, forget=(ITEM,), short=True)
    contested = _contested(here, number)
    if contested is None or not contested.said:
        others = [n for n in now.facts.closed if n != number]
        _nothing(here, number, others, contested)
        return
    decided = review.decisions_in_force(here.project, actor=here.actor)
    with bar:
        pair = None if here.project.has_measurements else _pair_filter(contested)
        _only_undecided()
        _last_button(here, contested)
    items = _of_slice(here, contested, contested.items(pair))
    told_problem(PROBLEM)
    late = st.session_state.pop(LATE, None)
    if late:
        st.warning(markdown(late))
    if not items:
        parts.empty("Nobody confused these two classes in this round.", "Choose another pair above.")
        return
    item = _item(here, items, decided)
    if item is None:
        _watched(here, contested, items, None, None)
        _all_settled(here, contested, pair, now.facts.closed)
        return
    _work(here, contested, pair, items, item, decided)


def _contested(here: Here, number: int | None) -> Contested | None:
    """Return the contested items of a closed round; None where all of its items are held out."""
    try:
        return contested_items(here, number)
    except lq.LabelqaError:
        return None


def _nothing(here: Here, number: int | None, others: list[int], contested: Contested | None) -> None:
    """Draw that there is nothing to settle in a round, and the ways to rounds where there is."""
    if contested is None:
        held = "All of its items are held out: they prove later whether the rules work, and nobody sees them before."
        parts.empty(f"Round {number} has no labels to show.", held)
    elif not contested.n_shared:
        step = "Let a second person label some of the items: design a round on the page Relabel."
        parts.empty(f"In round {number} nobody could disagree: no item has labels by two people.", step)
        if st.button("Go to Relabel", key="dis_relabel", type="primary"):
            go("relabel")
    else:
        parts.empty(f"In round {number} nobody disagreed.", "There is nothing to settle here.")
    _other_rounds(here, others)


def _other_rounds(here: Here, others: list[int]) -> None:
    """Draw a button for each other round in which something is left to settle."""
    for number, left in undecided_elsewhere(here, others).items():
        told = "1 item is" if left == 1 else f"{left:,} items are"
        st.button(
            f"Round {number}: {told} undecided", key=f"dis_to_{number}", icon=":material/arrow_forward:",
            on_click=_to_round, args=(number,),
        )  # fmt: skip


def _to_round(number: int) -> None:
    for name in (ITEM, FIRST, SECOND, SLICE):
        st.query_params.pop(name, None)
    st.query_params[ROUND] = str(number)


def _work(
    here: Here, contested: Contested, pair: Pair | None, items: Items, item: str, decided: Mapping[str, Decided]
) -> None:
    """Draw the item and the form at once; the evidence comes when it is found."""
    st.query_params[ITEM], st.query_params[ROUND] = item, str(contested.round)
    note_presence(here, item)
    entry = entry_of(here, contested, item)
    seen = None if entry.decision is None else entry.decision.uuid
    _watched(here, contested, items, item, seen)
    _steps(here, items, item, decided)
    left, right = st.columns([5, 3], gap="medium")
    about = pair or contested.pair_of(item)
    with left:
        with st.container(border=True, gap=None, key="lq-decide-item"):
            _shown(entry)
        _said(entry)
        _settle(here, entry, items, about)
    with right:
        _beside(here, contested, entry, about)


def _shown(entry: review.ContestedItem) -> None:
    """Draw what annotators saw of the item; what else is known, once it is decided: it may tell an answer."""
    parts.item_fields(entry.shown)
    rest = {name: value for name, value in entry.payload.items() if name not in entry.shown}
    if rest and entry.decision is not None:
        with st.expander("All that is known"):
            for name, value in rest.items():
                parts.plain(name, "lq-field")
                parts.plain(value)


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
    met = conflict_of(here, entry.item)
    if met is not None:
        draw_conflict(here, met, entry.decision, lambda: _go_on(here, items, entry.item))
    elif entry.decision is not None:
        draw_decision(here, entry.decision)
        with st.expander("Decide differently"):
            decision_form(here, entry, about, lambda: _go_on(here, items, entry.item))
    else:
        decision_form(here, entry, about, lambda: _go_on(here, items, entry.item))
    draw_history(here, entry.item)


def _pair_filter(contested: Contested) -> Pair | None:
    """Draw the choice of a pair, kept in the address."""
    a, b = st.query_params.get(FIRST), st.query_params.get(SECOND)
    now = None if a is None or b is None else in_order((a, b), contested)
    known: list[Pair] = [EVERY, *contested.pairs]
    now = now or EVERY
    if now not in known:
        known.append(now)
    if st.session_state.get("dis_pair", now) != now:
        st.session_state["dis_pair"] = now  # the choice follows the address

    def narrow() -> None:
        picked = st.session_state["dis_pair"]
        for key, value in zip((FIRST, SECOND), picked, strict=True):
            _put(key, value or None)
        st.query_params.pop(ITEM, None)

    def called(pair: Pair) -> str:
        n = len(contested.items(None if pair == EVERY else pair))
        return f"{ANY} ({n:,})" if pair == EVERY else f"{pair[0]} / {pair[1]} ({n:,})"

    st.selectbox(
        "Pair of classes", known, index=known.index(now), format_func=called, key="dis_pair", on_change=narrow,
        width=320, help="Only items that some gave the one class and some the other.",
    )  # fmt: skip
    return None if now == EVERY else now


def _only_undecided() -> None:
    """Draw whether decided items are passed over, kept in the address."""
    st.toggle(
        "Only undecided", value=st.query_params.get(ALL) is None, key="dis_undecided",
        help="Next and previous pass over what is settled.",
        on_change=lambda: _put(ALL, None if st.session_state["dis_undecided"] else "1"),
    )  # fmt: skip


def _last_button(here: Here, contested: Contested) -> None:
    """Draw the way to take one's own last decision in this round back; it names the item before."""
    last = settled(here, contested).last.get(here.actor)

    def show() -> None:
        """Show the item among all of the round: it need not be of the pair or the slice that is chosen."""
        _to_round(contested.round)
        st.query_params[ITEM] = last.item if last is not None else ""

    st.button(
        "Undo" if last is None else f"Undo {markdown(last.item[:12])}", width=150,  # does not move when it has a name
        key="dis_undo_last", icon=":material/undo:", disabled=last is None,
        on_click=lambda: last is not None and kept(lambda: take_back(here, last, show), PROBLEM),
        help="None of your decisions in this round is in force." if last is None else
        f"Takes your last decision, “{markdown(' or '.join(last.labels)[:80])}” on {markdown(last.item)}, back "
        "and shows the item again.",
    )  # fmt: skip


def _put(key: str, value: str | None) -> None:
    if value is None:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = value


def _item(here: Here, items: Items, decided: Mapping[str, object]) -> str | None:
    """Return the item of the address, or the first that is left."""
    wanted = st.query_params.get(ITEM)
    if wanted in items:
        return wanted
    if wanted is not None:
        st.info("The item of this link is not among the contested items that are chosen here; this is the next one.")
    first = next_open(here, items, decided, None)
    return first if first is not None or st.query_params.get(ALL) is None else items[0]


def _go_on(here: Here, items: Items, item: str) -> None:
    """Show the next item that is left, or simply the next where all are looked at; take it before others do."""
    if st.query_params.get(ALL) is not None:
        _put(ITEM, items[(items.index(item) + 1) % len(items)])
        return
    decided = review.decisions_in_force(here.project, actor=here.actor)
    following = next_open(here, items, decided, item)
    _put(ITEM, following)
    if following is not None:
        note_presence(here, following)


@part(WATCH)
def _watched(here: Here, contested: Contested, items: Items, item: str | None, seen: str | None) -> None:
    """Draw how far everybody is, and whether somebody else settled this item meanwhile."""
    decided = review.decisions_in_force(here.project, actor=here.actor)
    done = _done(here, contested, items, decided)
    place = "All" if item is None else f"Item {items.index(item) + 1:,} of"
    told = "; ".join(f"{markdown(who)} {n:,}" for who, n in done.most_common(6))
    n_done = done.total()
    text = f"{place} {len(items):,} · {n_done:,} decided{f' ({told})' if told else ''} · round {contested.round}"
    st.progress(n_done / len(items), text=text)
    if item is None:
        return
    now = decided.get(item)
    if now is not None and now.uuid != seen and now.actor != here.actor and conflict_of(here, item) is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(f"{markdown(now.actor)} has just decided this item.", icon=":material/group:")
            st.button("Show it", key="dis_show", on_click=lambda: None)
            if st.session_state.get("dis_show"):
                st.rerun()
    other = others_at(here, item)
    if other is not None and now is None:
        st.caption(f":material/group: {markdown(other)} has this item open too.")


def _done(here: Here, contested: Contested, items: Items, decided: Mapping[str, Decided]) -> Counter[str]:
    """Return how many of the items each person decided."""
    pair = next((p for p in (None, *contested.pairs) if contested.items(p) is items), ())
    if pair == ():  # those of a slice
        return Counter(d.actor for d in items.among(decided).values())
    return settled(here, contested, pair).by


def _steps(here: Here, items: Items, item: str, decided: Mapping[str, object]) -> None:
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
    if here.project.has_measurements:
        st.caption("The labels are measurements: there is no border between two of them to be clarified.")
        return
    if about is None:
        st.caption("Nobody gave two different classes here.")
        return
    (a, b), text = about, text_of(entry.shown, 20_000)
    with st.container(border=True):
        st.markdown(f"## {markdown(a)} or {markdown(b)}?")
        st.markdown("**What the instruction says**")
        rules_of_pair(review.guideline_version(here.project, actor=here.actor).guideline, about)
        if st.button("Write the rule for this pair", key="dis_write", icon=":material/edit_note:"):
            shell.go("instruction", {"a": a, "b": b, ROUND: str(contested.round)})
        asked = evidence_later(here, contested.round, about)
        draw_when_found(asked, lambda found: pair_evidence(found, text, entry.item), LOOKING)


def _all_settled(here: Here, contested: Contested, pair: Pair | None, closed: tuple[int, ...]) -> None:
    with st.container(border=True):
        st.markdown("## :material/check_circle: All of these are decided")
        st.markdown("The decisions are kept as evidence. Next: write the rule that settles such items from now on.")
        with st.container(horizontal=True):
            write = pair or next(iter(contested.pairs), None)
            if write is not None and st.button(
                f"Write the rule for {markdown(write[0])} / {markdown(write[1])}", type="primary", key="dis_write"
            ):
                shell.go("instruction", {"a": write[0], "b": write[1], ROUND: str(contested.round)})
            st.button("Look at them again", key="dis_again", on_click=_again)
        _other_rounds(here, [n for n in closed if n != contested.round])


def _again() -> None:
    st.query_params[ALL] = "1"
    st.session_state["dis_undecided"] = False
