"""Which labels are probably wrong: a queue to judge them, and how many there are, counted from the verdicts."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from uuid import uuid4

import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa.report.sections import issues as words
from labelqa_app import noisy, parts, shell
from labelqa_app.markup import markdown
from labelqa_app.measured import Key, chosen_round, class_names, key_of, labels_of
from labelqa_app.noisy import Entry
from labelqa_app.shell import Here

QUEUE, ITEM = "queue", "item"  # names in the address
QUEUES = {"worst": "Most suspicious first", "fair": "A fair sample"}
ABOUT = {
    "worst": "This finds the most errors for your time. It says nothing of the labels further down: to know how many "
    "are wrong in all, judge the fair sample too.",
    "fair": "Drawn by lot from all labels, good ones too: that is what tells how many labels are wrong, whatever the "
    "models think. From 20 verdicts on the count is worth reading; you may stop anywhere after that.",
}
SURE = "Of labels with this number, about so many are wrong."
LABEL = "What most people said, weighed by how reliable they are."
SUGGESTED = "What models and people speak for; it may be wrong."
LAST, FORM, SKIPPED, AT = "_issue_last", "_issue_form", "_issue_skipped", "_issue_at"
PAUSE = 0.5  # seconds: a second click within them was not meant for the next label
CONFIRMED, CORRECTED = "Noisy labels: the label is right", "Noisy labels: the label is wrong"
STYLE = "<style>.st-key-lq-verdict button {min-height: 3rem} .st-key-lq-issue .lq-text {font-size: 1.15rem}</style>"


def page(here: Here) -> None:
    """Draw the judged labels of a round, or what to do to have them judged."""
    now = review.progress(here.project, actor=here.actor)
    number = chosen_round(now)
    data = None if number is None else labels_of(here, number)
    if number is None or data is None:
        return
    key = key_of(here, number, data)
    found = noisy.known(key)
    if found is None:
        _start(key, data)
        return
    called = class_names(here.project)
    decided = {item: d.labels for item, d in review.decisions_in_force(here.project, actor=here.actor).items()}
    said = noisy.verdicts(found, decided, called)
    _count(key, found, said)
    if found.undefined_because:
        parts.empty("The labels cannot be judged.", words.caution(found))
        return
    _queue(here, key, (found, data), said)
    with st.expander("All numbers: where the errors sit, and how far a review pays"):
        parts.section(words.section(found, texts=words.texts_of(data, found.items)))


def _start(key: Key, data: lq.Annotations) -> None:
    """Draw what will happen, and the button that starts it."""
    columns = ", ".join(str(c) for c in data.item_data.columns[:6])
    by = f"and by models that learn from {columns}" if columns else "alone, as nothing is known of the items"
    parts.empty(
        "Which labels are probably wrong?",
        f"The label that most people gave to an item is judged by those people, {by}. Each label is judged by models "
        "that did not see it. This takes some seconds, with many items a minute or more. Nothing is changed by it.",
    )
    if not st.button("Look for wrong labels", type="primary", key="find"):
        return
    bar = st.progress(0.0, text="Training models…")

    def show(done: int, steps: int, what: str) -> None:
        bar.progress(min(done / max(steps, 1), 1.0), text=markdown(f"Training models: {what}"))

    if shell.guarded(lambda: _keep(key, data, show)):
        st.rerun()
    bar.empty()


def _keep(key: Key, data: lq.Annotations, show: object) -> None:
    noisy.find(key, data, show)  # type: ignore[arg-type]  # the function above


def _count(key: Key, found: lq.LabelIssues, said: Mapping[str, str]) -> None:
    """Draw how many labels are wrong: what models say, and what the verdicts so far tell."""
    counted = noisy.estimate(key, tuple(sorted(said.items())), found)
    with st.container(border=True):
        models, people = st.columns(2)
        with models:
            st.metric("Probably wrong, by models", _whole(found.expected_errors), help=words.HOW_TO_READ)
            st.caption(markdown(f"of {len(found):,} labels. {words.caution(found)}"))
        with people:
            st.metric("Wrong, counted by people", _whole(counted.errors), help=ABOUT["fair"])
            st.caption(markdown(_told(counted)))
    with st.expander("What this means"):
        parts.prose(_meaning(counted))
        for note in counted.notes:
            parts.prose(note[:1].upper() + note[1:] + ".")


def _whole(value: float) -> str:
    return "not known yet" if math.isnan(value) else f"about {value:,.0f}"


def _told(counted: lq.ErrorEstimate) -> str:
    judged = f"{counted.judged:,} judged, {counted.wrong:,} of them wrong."
    if math.isnan(counted.errors):
        return f"{judged} Judge the fair sample, and this counts."
    return f"{counted.low:,.0f} to {counted.high:,.0f} of {counted.n:,} labels, with 95% confidence. {judged}"


def _meaning(counted: lq.ErrorEstimate) -> str:
    if math.isnan(counted.errors):
        return (
            "So far only labels were judged that looked suspicious. They hold more errors than the rest, so that they "
            f"cannot speak for it: between {counted.low:,.0f} and {counted.high:,.0f} labels may be wrong. A few "
            "labels of the fair sample narrow that down quickly."
        )
    text = (
        f"Of {counted.n:,} labels about {counted.errors:,.0f} are wrong ({counted.rate:.1%}): that is counted from "
        "what people said of labels drawn by lot, and holds errors that no model sees. The range says how far the "
        "number could move with other labels drawn; each further verdict narrows it."
    )
    if counted.precision == counted.precision:
        text += (
            f" Of the suspicious labels {counted.precision:.0%} are wrong ({counted.precision_low:.0%} to "
            f"{counted.precision_high:.0%})."
        )
    return text


def _queue(here: Here, key: Key, known: tuple[lq.LabelIssues, lq.Annotations], said: Mapping[str, str]) -> None:
    found, data = known
    which = _which()
    rows, done = noisy.queue(key, found, said, fair=which == "fair")
    st.caption(ABOUT[which])
    if not rows:
        parts.empty("No label is more probably wrong than right.", "Judge the fair sample to be sure.")
        return
    st.progress(done / len(rows), text=f"{done:,} of {len(rows):,} judged")
    left = [r for r in rows if str(found.items[r]) not in said]
    if not left:
        step = "Judge the fair sample to know how many are wrong in all." if which == "worst" else "All are judged."
        parts.empty("This queue is done.", step)
        _undo(here)
        return
    row = _at(found, left)
    _card(here, noisy.entry(found, row, class_names(here.project)), data)
    _undo(here)


def _which() -> str:
    asked = st.query_params.get(QUEUE, "")
    at = asked if asked in QUEUES else "worst"

    def keep() -> None:
        st.query_params[QUEUE] = st.session_state["_queue"] or at
        st.query_params.pop(ITEM, None)

    st.segmented_control(
        "Which labels to judge", list(QUEUES), default=at, required=True, key="_queue", on_change=keep,
        format_func=QUEUES.__getitem__,
    )  # fmt: skip
    return at


def _at(found: lq.LabelIssues, left: list[int]) -> int:
    """Return the row that the address names, else the first that was not passed over."""
    asked = st.query_params.get(ITEM)
    if asked is not None:
        named = next((r for r in left if str(found.items[r]) == asked), None)
        if named is not None:
            return named
    skipped = st.session_state.get(SKIPPED, ())
    return next((r for r in left if str(found.items[r]) not in skipped), left[0])


def _card(here: Here, entry: Entry, data: lq.Annotations) -> None:
    """Draw one label with its item and the verdict buttons."""
    st.html(STYLE)
    st.query_params[ITEM] = entry.item
    with st.container(border=True, key="lq-issue"):
        parts.plain(f"Item {entry.item}", "lq-field")
        at = data.items.get_loc(entry.item)
        fields = {str(c): v for c, v in data.item_data.iloc[at].items() if v is not None and v == v}
        parts.item_fields(fields)
    other = entry.suggested if entry.suggested != entry.given else "none"
    chance = f"{min(1 - entry.quality, words.SURE):.0%}"
    with st.container(horizontal=True, gap="large"):
        st.metric("Label", markdown(entry.given), width="content", help=LABEL)
        st.metric("Suggested instead", markdown(other), width="content", help=SUGGESTED)
        st.metric("Sure it is wrong", chance, width="content", help=SURE)
    st.caption(markdown(f"Why: {_said(entry, data)}{entry.why}."))
    _form(here, entry)


def _said(entry: Entry, data: lq.Annotations) -> str:
    """Return how many people gave which label to the item, without their names."""
    counts = data.counts[data.items.get_loc(entry.item)]
    told = [f"{name} ({n})" for n, name in zip(counts.tolist(), data.schema.names, strict=True) if n]
    return f"people said {', '.join(told)}; "


def _form(here: Here, entry: Entry) -> None:
    """Draw the verdict: one key each; the id of the decision is made here, so that a double click stores it once."""
    form = st.session_state.get(FORM)
    if form is None or form[0] != entry.item:
        form = (entry.item, str(uuid4()))
        st.session_state[FORM] = form
    others = [c for c in here.project.classes if c != entry.given]
    with st.container(key="lq-verdict", horizontal=True, vertical_alignment="bottom"):
        is_right = st.button("Label is right", key="right", shortcut="1", type="primary", icon=":material/check:")
        is_wrong = st.button("Label is wrong", key="wrong", shortcut="2", type="primary", icon=":material/close:")
        first = others.index(entry.suggested) if entry.suggested in others else None
        right = st.selectbox("Right would be", others, index=first, key=f"_right_{entry.item}", width=220)
        passed = st.button("Not sure: next", key="skip", shortcut="3", icon=":material/skip_next:")
    if (is_right or is_wrong or passed) and _bounced():
        return
    if passed:
        st.session_state[SKIPPED] = (*st.session_state.get(SKIPPED, ()), entry.item)
        _next()
    if is_right:
        _store(here, entry, entry.given, form[1])
    elif is_wrong and right is None:
        st.warning("Choose what the right label would be.")
    elif is_wrong:
        _store(here, entry, str(right), form[1])


def _bounced() -> bool:
    """Tell whether a verdict comes so soon after the last one that it was a second click on the one before."""
    last, now = st.session_state.get(AT, -PAUSE), time.monotonic()
    st.session_state[AT] = now
    return now - last < PAUSE


def _store(here: Here, entry: Entry, label: str, uuid: str) -> None:
    right = label == entry.given
    note = CONFIRMED if right else CORRECTED

    def decide() -> None:
        cause = "confirmed" if right else "slip"
        review.decide(here.project, entry.item, label, cause, actor=here.actor, note=note, uuid=uuid)

    if shell.guarded(decide):
        st.session_state[LAST] = (entry.item, uuid)
        parts.saved(f"{entry.item}: {'the label is right' if right else f'should be {label}'}")
        _next()


def _next() -> None:
    st.query_params.pop(ITEM, None)
    st.rerun()


def _undo(here: Here) -> None:
    """Draw the way back from the last verdict."""
    last = st.session_state.get(LAST)
    if last is None:
        return
    if st.button(f"Undo the verdict on {markdown(last[0])}", key="undo", icon=":material/undo:", type="tertiary"):
        done = shell.guarded(lambda: _take_back(here, last[1]))
        if done:
            del st.session_state[LAST]
            st.query_params[ITEM] = last[0]
            st.session_state.pop(FORM, None)
            parts.saved("The verdict is taken back.")
            st.rerun()


def _take_back(here: Here, uuid: str) -> None:
    review.undo_decision(here.project, uuid, actor=here.actor, note="Noisy labels: taken back")
