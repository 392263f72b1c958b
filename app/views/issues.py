"""Which labels are probably wrong: a queue to judge them, and how many there are, counted from the verdicts."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import NAMESPACE_OID, uuid4, uuid5

import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa.report.sections import issues as words
from labelqa_app import noisy, parts, shell
from labelqa_app.deciding import kept, note_presence, others_at, owner_of, told_problem
from labelqa_app.markup import markdown
from labelqa_app.measured import Key, chosen_round, class_names, key_of, labels_of
from labelqa_app.noisy import CONFIRMED, CORRECTED, Entry
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
FORM, SKIPPED, AT = "_issue_form", "_issue_skipped", "_issue_at"
MET, MISSING, PROBLEM = "_issue_met", "_issue_missing", "_issue_problem"
PAUSE = 0.5  # seconds: a second click within them was not meant for the next label
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
        _start(key, data, at_once=ITEM in st.query_params)
        return
    called = class_names(here.project)
    decided = {item: d.labels for item, d in review.decisions_in_force(here.project, actor=here.actor).items()}
    said = noisy.verdicts(found, decided, called)
    told_problem(PROBLEM)
    _met(here)
    _count(key, found, said)
    if found.undefined_because:
        parts.empty("The labels cannot be judged.", words.caution(found))
        return
    _queue(here, key, (found, data), said)
    with st.expander("All numbers: where the errors sit, and how far a review pays"):
        parts.section(words.section(found, texts=words.texts_of(data, found.items)))


def _start(key: Key, data: lq.Annotations, *, at_once: bool) -> None:
    """Draw what will happen, and the button that starts it; a link to an item starts it at once."""
    columns = ", ".join(str(c) for c in data.item_data.columns[:6])
    by = f"and by models that learn from {columns}" if columns else "alone, as nothing is known of the items"
    parts.empty(
        "Which labels are probably wrong?",
        f"The label that most people gave to an item is judged by those people, {by}. Each label is judged by models "
        "that did not see it. This takes some seconds, with many items a minute or more. Nothing is changed by it.",
    )
    if not st.button("Look for wrong labels", type="primary", key="find") and not at_once:
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
    judged = f"{counted.judged:,} judged, here or on Disagreements, {counted.wrong:,} of them wrong."
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
    st.progress(done / len(rows), text=f"{done:,} of {len(rows):,} judged{_by_whom(here, found, rows)}")
    left = [r for r in rows if str(found.items[r]) not in said]
    if not left:
        step = "Judge the fair sample to know how many are wrong in all." if which == "worst" else "All are judged."
        parts.empty("This queue is done.", step)
        _undo(here)
        return
    row = _at(here, found, left)
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


def _by_whom(here: Here, found: lq.LabelIssues, rows: list[int]) -> str:
    """Return who judged how many of these labels."""
    items = {str(found.items[r]) for r in rows}
    decided = review.decisions_in_force(here.project, actor=here.actor).values()
    done = Counter(d.actor for d in decided if d.item in items)
    told = "; ".join(f"{markdown(who)} {n:,}" for who, n in done.most_common(6))
    return f" ({told})" if told else ""


def _at(here: Here, found: lq.LabelIssues, left: list[int]) -> int:
    """Return the row that the address names, else the first that was not passed over and that nobody else has open."""
    asked = st.query_params.get(ITEM)
    if asked is not None:
        named = next((r for r in left if str(found.items[r]) == asked), None)
        if named is not None:
            return named
    skipped = _skipped(here)
    fresh = [r for r in left if str(found.items[r]) not in skipped] or left
    return next((r for r in fresh if others_at(here, str(found.items[r])) is None), fresh[0])


def _skipped(here: Here) -> set[str]:
    """Return what this person passed over since the page was opened."""
    passed: dict[tuple[str, ...], set[str]] = st.session_state.setdefault(SKIPPED, {})
    return passed.setdefault(owner_of(here), set())


def _card(here: Here, entry: Entry, data: lq.Annotations) -> None:
    """Draw one label with its item and the verdict buttons."""
    st.html(STYLE)
    st.query_params[ITEM] = entry.item
    note_presence(here, entry.item)
    other_person = others_at(here, entry.item)
    if other_person is not None:
        st.caption(f":material/group: {markdown(other_person)} has this item open too.")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One label as it stands on the screen: what a press is meant for, whatever was decided since.

    Attributes
    ----------
    of : tuple of str
        Place, project, person and item.
    given : str
        The label that is judged.
    view : str
        Id of this showing.
    """

    of: tuple[str, ...]
    given: str
    view: str

    @property
    def item(self) -> str:
        """The item."""
        return self.of[-1]


def _shown(here: Here, entry: Entry) -> Shown:
    """Return this showing of a label, the same until it is judged or another one is shown."""
    now, of = st.session_state.get(FORM), (*owner_of(here), entry.item)
    if now is None or (now.of, now.given) != (of, entry.given):
        now = Shown(of=of, given=entry.given, view=uuid4().hex)
        st.session_state[FORM] = now
    return now


def _form(here: Here, entry: Entry) -> None:
    """Draw the verdict: one key each, pinned to the label that is shown."""
    shown = _shown(here, entry)
    others = [c for c in here.project.classes if c != entry.given]
    with st.container(key="lq-verdict", horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Label is right", key=f"right_{shown.view}", shortcut="1", type="primary", icon=":material/check:",
            on_click=_judge, args=(here, shown, True),
        )  # fmt: skip
        st.button(
            "Label is wrong", key=f"wrong_{shown.view}", shortcut="2", type="primary", icon=":material/close:",
            on_click=_judge, args=(here, shown, False),
        )  # fmt: skip
        first = others.index(entry.suggested) if entry.suggested in others else None
        st.selectbox("Right would be", others, index=first, key=f"instead_{shown.view}", width=220)
        st.button(
            "Not sure: next", key=f"skip_{shown.view}", shortcut="3", icon=":material/skip_next:", on_click=_pass_over,
            args=(here, shown),
        )  # fmt: skip
    if st.session_state.pop(MISSING, None) == shown.view:
        st.warning("Choose what the right label would be.")


def _bounced() -> bool:
    """Tell whether a verdict comes so soon after the last one that it was a second click on the one before."""
    last, now = st.session_state.get(AT, -PAUSE), time.monotonic()
    st.session_state[AT] = now
    return now - last < PAUSE


def _judge(here: Here, shown: Shown, right: bool) -> None:
    """Store a verdict on the label that was on the screen when the button was pressed; never over another decision."""
    if _bounced():
        return
    label = shown.given if right else st.session_state.get(f"instead_{shown.view}")
    if label is None:
        st.session_state[MISSING] = shown.view
        return
    cause, note = ("confirmed", CONFIRMED) if right else ("slip", CORRECTED)
    uuid = str(uuid5(NAMESPACE_OID, f"{shown.view} {label}"))  # pressed twice, stored once
    try:
        review.decide(here.project, shown.item, label, cause, actor=here.actor, note=note, uuid=uuid)
    except lq.LabelqaError as error:
        met = any(p.parameter == "supersedes" for p in error.problems)
        st.session_state[MET if met else PROBLEM] = shown.of if met else error
    except Exception as error:
        st.session_state[PROBLEM] = error
    else:
        parts.saved(f"{shown.item}: {'the label is right' if right else f'should be {label}'}")
        _next()


def _met(here: Here) -> None:
    """Draw what somebody else decided on the label that was to be judged."""
    of = st.session_state.pop(MET, None)
    if of is None or of[:-1] != owner_of(here):
        return
    theirs = review.decision_of(here.project, of[-1], actor=here.actor)
    if theirs is None:
        st.warning(f"The decision on {markdown(of[-1])} changed meanwhile. **Yours was not stored.**")
        return
    st.warning(
        f"{markdown(theirs.actor)} decided {markdown(of[-1])} meanwhile: **{markdown(' or '.join(theirs.labels))}**. "
        "**Your verdict was not stored.** To decide it differently, open it on the page Disagreements."
    )


def _pass_over(here: Here, shown: Shown) -> None:
    if not _bounced():
        _skipped(here).add(shown.item)
        _next()


def _next() -> None:
    st.query_params.pop(ITEM, None)
    st.session_state.pop(FORM, None)


def _undo(here: Here) -> None:
    """Draw the way back from the last verdict of this person, whenever it was given."""
    mine = noisy.own_verdicts(here)
    if not mine:
        return
    item, uuid = mine[-1]
    st.button(
        f"Undo the verdict on {markdown(item)}", key="undo", icon=":material/undo:", type="tertiary",
        on_click=_take_back, args=(here, item, uuid),
    )  # fmt: skip


def _take_back(here: Here, item: str, uuid: str) -> None:
    undo = str(uuid5(NAMESPACE_OID, f"undo {uuid} {here.actor}"))

    def act() -> None:
        review.undo_decision(here.project, uuid, actor=here.actor, note="Noisy labels: taken back", uuid=undo)
        st.query_params[ITEM] = item
        st.session_state.pop(FORM, None)
        parts.saved("The verdict is taken back.")

    kept(act, PROBLEM)
