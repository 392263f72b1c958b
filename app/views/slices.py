"""On which kinds of items do people disagree most, and what to do about each."""

from __future__ import annotations

import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa.report.answers.slice_parts import PARTS
from labelqa.report.answers.slice_remedies import remedies_section
from labelqa.report.blocks import Column, Figure, Prose, Table
from labelqa.report.sections import slices as words
from labelqa_app import parts
from labelqa_app.deciding import contested_items, entry_of, text_of
from labelqa_app.markup import markdown
from labelqa_app.measured import Key, chosen_round, key_of, labels_of, slices_in
from labelqa_app.shell import Here, go
from labelqa_app.slice_queue import draw_queue, draw_undo
from labelqa_app.slicing import class_columns, crossed, diagnosed, guessed, taken_apart

SLICE = "slice"  # name in the address
DETAIL = (
    Column(key="predicates", title="Items with", limit=words.SLICE_LIMIT),
    Column(key="part", title="What this is"),
    Column(key="n", title="Items", kind="count"),
    Column(key="rate", title="Label pairs that split (95% interval)", kind="share", is_coefficient=False),
)
RATES = ("rate", "rest_rate", "difference", "low", "high")
LISTED = 10  # contested items of a slice with a link of their own
FEW_ITEMS = 100
FEW = f"With fewer than {FEW_ITEMS} items hardly any difference can be seen. Label more of them on the page Relabel."
NOTHING = (
    "That is good news, as far as it goes: people disagree about as much on every kind of item that the columns can "
    "tell apart, so that a rule for one kind would not help. Look at pairs of classes instead. It can also mean that "
    "there are too few items to see a difference, or that no column says what makes an item hard."
)


def page(here: Here) -> None:
    """Draw the slices of a round."""
    now = review.progress(here.project, actor=here.actor)
    number = chosen_round(now)
    data = None if number is None else labels_of(here, number)
    if number is None or data is None:
        return
    if not data.item_data.shape[1]:
        step = "Bring columns such as channel, language, source or date with the items on the page Data."
        parts.empty("Nothing is known of the items that would tell kinds of them apart.", step)
        return
    key = key_of(here, number, data)
    try:
        found = slices_in(key, data)
    except lq.LabelqaError as error:
        parts.empty("Kinds of items cannot be compared in this round.", str(error))
        return
    section = words.section(found, words.DISAGREEMENT)
    st.markdown(f"**{markdown(words.lead(found, words.DISAGREEMENT))}**")
    if len(found):
        _found(here, key, found)
        parts.blocks(section.blocks, kept=key)
        parts.reading(section)
        _crossed(key, found, data)
    else:
        _nothing(found)
        parts.blocks(section.blocks, kept=key)
        _crossed(key, found, data)
    _model(key, data)


def _nothing(found: lq.SliceTable) -> None:
    if not found.undefined_because:
        parts.empty("No kind of items stands out.", FEW if found.n_rows < FEW_ITEMS else NOTHING)
        if st.button("Class pairs", key="to_pairs", type="primary"):
            go("pairs")


def _found(here: Here, key: Key, found: lq.SliceTable) -> None:
    """Draw the choice of a slice, what is in it, and what can be done about it."""
    names = found.frame["predicates"].tolist()
    at = _chosen(names)
    row = found.frame.iloc[at]
    held = review.review_slice(here.project, found, at, round=key[2], actor=here.actor)
    with st.container(border=True):
        st.markdown(f"## {markdown(str(names[at]))}")
        st.markdown(markdown(_in_words(row, held)))
        _remedies(here, key, held, str(names[at]))
        with st.expander("Is it the combination, or one condition alone?"):
            _detail(key, found, at)
    if held.contested:
        st.markdown("## What is behind it? Judge some of its items")
        draw_queue(here, int(key[2] or 0), str(names[at]), held)
        draw_undo(here, held)
        with st.expander(f"Its contested items ({len(held.contested):,})"):
            _items(here, held, int(key[2] or 0))


def _chosen(names: list[str]) -> int:
    asked = st.query_params.get(SLICE, "")
    at = names.index(asked) if asked in names else 0

    def keep() -> None:
        st.query_params[SLICE] = st.session_state["_slice"]

    if len(names) > 1:
        st.selectbox("Kind of items, largest effect first", names, at, key="_slice", on_change=keep)
    return at


def _in_words(row: object, held: review.SliceReview) -> str:
    inner, outer, more, low, high = (float(row[c]) for c in RATES)  # type: ignore[index]
    told = (
        f"{inner:.0%} of label pairs split on these {len(held.items):,} items, {outer:.0%} elsewhere: a difference of "
        f"{100 * more:.0f} points ({100 * low:.0f} to {100 * high:.0f})."
    )
    if held.pair is not None:
        told += f" Most often {held.pair[0]} and {held.pair[1]} meet on them."
    settled = len(held.contested) - len(held.undecided)
    return f"{told} {settled:,} of {len(held.contested):,} contested items are decided."


def _has_rule(here: Here, held: review.SliceReview) -> bool:
    """Tell whether the instruction says something of the two classes that meet most on the slice."""
    guideline = review.guideline_version(here.project, actor=here.actor).guideline
    return held.pair is not None and any(not rule.is_empty for rule in guideline.boundary(*held.pair))


def _remedies(here: Here, key: Key, held: review.SliceReview, name: str) -> None:
    """Draw what can be done about a slice."""
    query = {SLICE: name, "round": str(key[2])}
    if held.pair is not None:
        query |= {"a": held.pair[0], "b": held.pair[1]}
    with st.container(horizontal=True):
        if st.button("Decide its items", key="decide", type="primary", disabled=not held.undecided):
            go("disagreements", query)
        if st.button(f"Clarify: {'change' if _has_rule(here, held) else 'write'} the rule", key="clarify"):
            go("instruction", query)
        with st.popover("Get more of these"):
            _more(held)


def _more(held: review.SliceReview) -> None:
    n, split = len(held.items), len(held.contested)
    st.markdown(
        f"The round holds {n:,} such items, {split:,} of them contested. More of them help where there are too few to "
        "see what the rule must say (fewer than about 30 contested ones), or too few for a model to learn them. They "
        "do not help where people disagree because the instruction is silent: then clarify first."
    )
    if st.button("Bring items on the page Data", key="to_data"):
        go("data")
    if st.button("Have more labeled on the page Relabel", key="to_relabel_more"):
        go("relabel")


def _detail(key: Key, found: lq.SliceTable, at: int) -> None:
    detail = taken_apart(key, at, found)
    parts.prose(f"{detail.reading[:1].upper()}{detail.reading[1:]}")
    figure = Figure(
        key="slice-detail",
        title="This kind of items beside its parts",
        alt=f"Share of label pairs that split, for {detail.predicates} and for items that meet a part of it.",
        draw=detail.plot,
        caption="Orange: this kind. Below: items that meet a part of its conditions, none of them, or another value of "
        "its columns. In brackets: items; hollow: fewer than 30; dashed: all other items.",
    )
    parts.figure(figure, kept=(key, at))
    rows = detail.frame.assign(part=[PARTS.get(p, "a part of its conditions") for p in detail.frame["part"]])
    parts.table(Table(key="slice_parts", title="", columns=DETAIL, rows=rows))


def _items(here: Here, held: review.SliceReview, round: int) -> None:
    """Draw the first contested items, undecided ones first, each with a way to it."""
    contested = contested_items(here, round)
    order = sorted(held.contested, key=lambda item: item not in held.undecided)
    for item in order[:LISTED] if contested is not None else ():
        text, button = st.columns([5, 1], vertical_alignment="center")
        with text:
            parts.plain(item, "lq-field")
            parts.plain(text_of(entry_of(here, contested, item).shown, 240))
        with button:
            what = "Decide" if item in held.undecided else "Look at"
            if st.button(f"{what} {markdown(item[:24])}", key=f"item_{item}", width="stretch"):
                go("disagreements", {"item": item, "round": str(round)})
    if len(order) > LISTED:
        st.caption(f"The first {LISTED} of {len(order):,}.")


def _crossed(key: Key, found: lq.SliceTable, data: lq.Annotations) -> None:
    """Draw the heat map of two columns, which the reader may choose."""
    if found.undefined_because or len(found.columns) < 2:
        return
    told = [n for n in found.columns if n in data.item_data.columns]  # before single words of texts
    if not told:
        return
    st.markdown("## Two columns crossed")
    usual = crossed(key, None, None, found)
    names = [*told, *(n for n in found.columns if n not in told)]
    rows, across = (usual.column_a, usual.column_b) if len(told) < 2 or usual.column_b in told else told[:2]
    with st.container(horizontal=True):
        first = st.selectbox("Rows", names, names.index(rows), key="_rows", width=260)
        others = [n for n in names if n != first]
        at = others.index(across) if across in others else 0
        second = st.selectbox("Columns", others, at, key="_columns", width=260)
    grid = crossed(key, first, second, found)
    figure = Figure(
        key="slice-cells",
        title=f"Label pairs that split: {first} by {second}",
        alt=f"Share of label pairs that split for each pair of values of {first} and {second}.",
        draw=grid.plot,
        caption="Share of label pairs that split; below each: items. The strongest colour stands for the highest share "
        "here, however low that is. Dashed, without colour and with a question mark: fewer than 30 items.",
    )
    parts.figure(figure, kept=key)


def _model(key: Key, data: lq.Annotations) -> None:
    """Draw where a model goes wrong and why, where items hold stored labels and predictions."""
    columns = class_columns(key, data)
    if len(columns) < 2:
        with st.expander("Where does a model go wrong, and why?"):
            parts.prose(
                "Bring the items with two more columns, the stored label and the prediction of a model that did not "
                "see the item, and this shows for each kind of items whether an unclear definition, wrong labels or "
                "too little data is behind its errors."
            )
        return
    st.markdown("## Where does the model go wrong, and why?")
    stored, predicted = guessed(columns)
    with st.container(horizontal=True):
        stored = st.selectbox("Stored labels", columns, columns.index(stored), key="_stored", width=260)
        rest = [c for c in columns if c != stored]
        at = rest.index(predicted) if predicted in rest else 0
        predicted = st.selectbox("Predictions", rest, at, key="_predicted", width=260)
    found, diagnosis = diagnosed(key, str(stored), str(predicted), data)
    parts.prose(words.lead(found, words.PREDICTIONS))
    section = None if diagnosis is None else remedies_section(diagnosis)
    if section is not None:
        parts.prose(section.lead)
        parts.blocks(b for b in section.blocks if not isinstance(b, Prose))
        parts.reading(section)
