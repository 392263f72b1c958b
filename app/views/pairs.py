"""Which classes get mixed up: the map, the ranking, and each pair opened with what makes it hard."""

from __future__ import annotations

from typing import Any

import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa.report.blocks import Block, Details, Figure, Table
from labelqa.report.sections import confusions, pair
from labelqa_app import parts
from labelqa_app.background import draw_when_found
from labelqa_app.markup import markdown
from labelqa_app.measured import (
    LOOKING,
    Key,
    chosen_round,
    class_names,
    confusions_in,
    evidence_later,
    key_of,
    labels_of,
)
from labelqa_app.shell import Here, go

LEAST, MOST = 2, 10  # pairs with a card of their own: those with an unclear border
FIRST, SECOND = "a", "b"  # names in the address
WHO = "pair_who"  # the table of the report that names annotators
KIND = ("Border unclear", "Mixed up now and then")


def page(here: Here) -> None:
    """Draw the pairs of a round, or the one that the address names."""
    now = review.progress(here.project, actor=here.actor)
    number = chosen_round(now)
    data = None if number is None else labels_of(here, number)
    if number is None or data is None:
        return
    if here.project.has_measurements:
        _measurements()
        return
    key = key_of(here, number, data)
    opened = _opened(here)
    if opened is not None:
        _pair(here, key, data, opened, latest=number == now.facts.closed[-1])
        return
    found = confusions_in(key, data)
    section = confusions.of_confusions(found)
    st.markdown(f"**{markdown(section.lead)}**")
    if found.frame.empty:
        parts.empty("There is no pair to look at.", _without_pairs(data, defined=not found.undefined_because))
        return
    called = class_names(here.project)
    rows = found.frame.to_dict("records")
    first = min(max(int(found.frame["flagged"].sum()), LEAST), MOST)
    _ranking(rows[:first], called)
    if len(rows) > first:
        _others(rows[first:], called)
    _pictures(key, [b for b in section.blocks if isinstance(b, Figure)])
    with st.expander("All pairs as a table"):
        parts.blocks(b for b in section.blocks if isinstance(b, Table))
    parts.blocks(b for b in section.blocks if isinstance(b, Details))
    parts.reading(section)


def _without_pairs(data: lq.Annotations, *, defined: bool) -> str:
    if defined:
        clear = "If they labeled independently, the instruction is clear so far."
        return f"People gave the same label to every item. {clear}"
    who = "One person labeled here, so that nobody could disagree. " if len(data.annotators) == 1 else ""
    return f"{who}Let two or more people label the same items, each on their own (page Relabel)."


def _measurements() -> None:
    step = "What counts is how far apart they are: look at the items, and at the kinds of items on which people differ."
    parts.empty("The labels are measurements, of which no two are mixed up.", step)
    with st.container(horizontal=True):
        for name, title in (("disagreements", "Disagreements"), ("slices", "Slices")):
            if st.button(title, key=f"to_{name}"):
                go(name)


def _opened(here: Here) -> tuple[str, str] | None:
    """Return the pair in the address, if these are two classes."""
    asked = st.query_params.get(FIRST), st.query_params.get(SECOND)
    if asked[0] is None or asked[1] is None:
        return None
    if asked[0] == asked[1] or any(name not in here.project.classes for name in asked):
        st.warning("The address names no two classes of this project: all pairs are shown.")
        return None
    return asked[0], asked[1]


def _open(a: str, b: str) -> None:
    st.query_params[FIRST], st.query_params[SECOND] = a, b


def _close() -> None:
    for name in (FIRST, SECOND):
        st.query_params.pop(name, None)


def _ranking(rows: list[dict[Any, Any]], called: dict[object, str]) -> None:
    """Draw the pairs, worst first, each with its interval and advice in words, and a button that opens it."""
    for at, row in enumerate(rows):
        a, b = called[row["class_a"]], called[row["class_b"]]
        with st.container(border=True):
            mark = ":material/warning:" if row["flagged"] else ":material/remove:"
            st.markdown(f"{mark} **{markdown(a)} / {markdown(b)}** · {KIND[not row['flagged']]}")
            st.markdown(markdown(in_words(row)))
            st.button(
                f"Open {markdown(a)} / {markdown(b)}", key=f"pair_{at}", on_click=_open, args=(a, b),
                type="primary" if row["flagged"] else "secondary",
            )  # fmt: skip


def _others(rows: list[dict[Any, Any]], called: dict[object, str]) -> None:
    """Draw the choice of one of the other pairs, with how often each splits."""
    pairs = {(called[r["class_a"]], called[r["class_b"]]): f"{r['disagreement']:.0%}" for r in rows}

    def choose() -> None:
        picked = st.session_state["_other"]
        if picked is not None:
            _open(*picked)

    st.selectbox(
        f"{len(pairs):,} more {'pair' if len(pairs) == 1 else 'pairs'}", list(pairs), index=None, key="_other",
        on_change=choose, placeholder="Open another pair", width=420,
        format_func=lambda p: f"{p[0]} / {p[1]} ({pairs[p]} split)",
    )  # fmt: skip


def in_words(row: dict[Any, Any]) -> str:
    """Return how far a pair is mixed up, and what to do about it.

    Examples
    --------
    >>> row = {"disagreement": 0.25, "disagreement_low": 0.17, "disagreement_high": 0.37, "n_items": 20,
    ...        "advice": "clarify", "advice_reason": "nobody leans to one side", "caution": ""}
    >>> in_words(row)
    '25% of label pairs split (17% to 37%), on 20 items. Clarify the border: nobody leans to one side.'
    """
    items = "1 item" if int(row["n_items"]) == 1 else f"{int(row['n_items']):,} items"
    spread = f"{row['disagreement_low']:.0%} to {row['disagreement_high']:.0%}"
    text = f"{row['disagreement']:.0%} of label pairs split ({spread}), on {items}."
    advice = confusions.ADVICE[str(row["advice"])]
    text += f" {advice}: {row['advice_reason']}." if advice else " Nothing needs to be done."
    return f"{text} Mind: {row['caution']}." if row["caution"] else text


def _pictures(key: Key, figures: list[Figure]) -> None:
    """Draw the charts below each other: names of classes need the width."""
    for figure in figures:
        parts.figure(figure, kept=key)


def _pair(here: Here, key: Key, data: lq.Annotations, names: tuple[str, str], *, latest: bool) -> None:
    """Draw one pair: what to do, then the evidence."""
    st.button("All pairs", icon=":material/arrow_back:", key="all_pairs", on_click=_close)
    st.markdown(f"## {markdown(names[0])} or {markdown(names[1])}?")
    values = {name: value for value, name in class_names(here.project).items()}
    asked = values[names[0]], values[names[1]]
    try:
        row = confusions_in(key, data).pair(*asked)
    except lq.LabelqaError as error:
        parts.empty("These two were not mixed up in this round.", str(error))
        return
    st.markdown(markdown(in_words(row.to_dict())))
    undecided = _actions(here, key, names, latest=latest)
    _rules(here, names)
    st.markdown("### What makes it hard?")
    draw_when_found(evidence_later(key, asked, data), lambda found: _evidence(found, undecided), LOOKING)


def _evidence(found: lq.ConfusionEvidence, undecided: int) -> None:
    """Draw what makes a pair hard, without names while items are undecided."""
    section = pair.section(found, with_advice=False)
    only = f"{found.n_only_a:,} only {found.class_a}, {found.n_only_b:,} only {found.class_b}"
    st.markdown(markdown(f"Items that got both labels: {found.n_split:,}; {only}."))
    parts.blocks(b for b in section.blocks if not (undecided and _tells_who(b)))
    if undecided:
        st.caption("Who said what is shown when the disputed items are decided, so that names sway nobody.")
    parts.reading(section)


def _tells_who(block: Block) -> bool:
    return isinstance(block, Table) and block.key == WHO


def _actions(here: Here, key: Key, names: tuple[str, str], *, latest: bool) -> int:
    """Draw the two ways on, and how much there is to decide; return how many items are undecided."""
    number = key[2]
    queue = review.review_queue(here.project, number, actor=here.actor, pair=names, limit=1)
    whole = review.review_queue(here.project, number, actor=here.actor, pair=names, undecided=False, limit=1)
    query = {FIRST: names[0], SECOND: names[1]} | ({} if latest else {"round": str(number)})
    with st.container(border=True):
        st.markdown(f"{whole.total - queue.undecided:,} of {whole.total:,} items that got both labels are decided.")
        with st.container(horizontal=True):
            first = queue.undecided > 0
            kinds = ("primary", "secondary") if first else ("secondary", "primary")
            if st.button("Decide its items", key="decide", type=kinds[0], disabled=not first):
                go("disagreements", query)
            if st.button("Write the rule", key="write", type=kinds[1]):
                go("instruction", query)
        st.caption("Deciding some items first shows what the rule has to say: they become the evidence for it.")
    return int(queue.undecided)


def _rules(here: Here, names: tuple[str, str]) -> None:
    """Draw what the instruction says of the border today."""
    version = review.guideline_version(here.project, actor=here.actor)
    rules = [
        r for r in version.guideline.rules
        if r.kind == "boundary" and {r.class_name, r.other} == set(names) and not r.is_empty
    ]  # fmt: skip
    st.markdown(f"**What version {version.number} of the instruction says of this border**")
    if not rules:
        st.caption("Nothing yet.")
    for rule in rules:
        parts.plain(rule.text)
