"""The decision on one item: the form, what is decided, two people at once, taking back, and the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from uuid import NAMESPACE_OID, uuid4, uuid5

import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa_app import parts
from labelqa_app.deciding import Pair, kept, owner_of
from labelqa_app.markup import escaped, markdown
from labelqa_app.rulebook import TITLES
from labelqa_app.shell import Here

PROBLEM, VIEW, CONFLICT = "_deciding_problem", "_deciding_view", "_deciding_conflict"
LATE = "_deciding_late"  # what was not done because it was settled meanwhile
FIELDS = ("labels", "cause", "rule", "sure", "note")
MOST_BEGUN = 1000  # forms that are kept as somebody left them
MANY = 12  # classes from which they are chosen from a list
SURE = {"sure": 1.0, "fairly sure": 0.75, "not sure": 0.5}
CAUSE_HELP = (
    "It decides what to do next: a gap in the instruction or two definitions that overlap call for a rule, a slip does "
    "not; an item that can be read in two ways may keep both labels."
)
MISSING = "Nothing was stored yet: choose {}."


class Facts(Protocol):
    """What a decision says."""

    labels: tuple[str, ...]
    cause: str
    rule_id: str | None
    confidence: float | None
    note: str


class Decided(Facts, Protocol):
    """A decision as it is stored."""

    uuid: str
    actor: str
    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """What somebody wants to decide, and the decision that was in force when the form was drawn."""

    item: str
    labels: tuple[str, ...]
    cause: str
    rule_id: str | None
    confidence: float | None
    note: str
    view: str
    supersedes: str | None

    def store(self, here: Here, supersedes: str | None) -> None:
        """Store it in the place of the decision `supersedes`; sent twice it is stored once."""
        told = repr((self.labels, self.cause, self.rule_id, self.confidence, self.note, supersedes))
        review.decide(
            here.project, self.item, self.labels, self.cause, actor=here.actor, rule_id=self.rule_id,
            confidence=self.confidence, note=self.note, supersedes=supersedes,
            uuid=str(uuid5(NAMESPACE_OID, f"{self.view} {told}")),
        )  # fmt: skip


def decision_form(here: Here, entry: review.ContestedItem, about: Pair | None, go_on: Callable[[], None]) -> None:
    """Draw the form; what it stores replaces only the decision that is shown now."""
    now = entry.decision
    seen = None if now is None else now.uuid
    view = _view(here, entry.item, seen)
    with st.container(key="lq-decide-form"):
        _fields(here, entry, about, view)
        st.button(
            "Save and go on", type="primary", icon=":material/check:", key=f"save_{view}", shortcut="Ctrl+Enter",
            on_click=_save, args=(here, entry.item, seen, view, go_on),
        )  # fmt: skip


def _fields(here: Here, entry: review.ContestedItem, about: Pair | None, view: str) -> None:
    """Draw what is asked; it is kept for the item until that is decided.

    No form and no fragment: a form tells the server nothing before it is sent, and where a fragment is drawn anew (a
    note is left) just when the page is to be (Next is pressed), Streamlit draws the fragment alone.
    """
    known = st.session_state[VIEW]["begun"]
    given = () if entry.decision is None else entry.decision.labels
    keep = partial(_keep_begun, here, entry.item, view, given)
    _labels(list(here.project.classes), known.get("labels", given), view, keep)
    causes = list(review.CAUSES)
    st.radio(
        "Why did people disagree?", causes, index=_place(causes, known.get("cause")), key=f"cause_{view}",
        help=CAUSE_HELP, format_func=lambda c: markdown(_capital(review.CAUSES[c])), on_change=keep,
    )  # fmt: skip
    _rule(here, entry, about, view, (known.get("rule"), keep))
    st.segmented_control(
        "How sure are you?", list(SURE), key=f"sure_{view}", help="May be left open.", default=known.get("sure"),
        on_change=keep,
    )  # fmt: skip
    st.text_area(
        "Note", known.get("note", ""), key=f"note_{view}", height=68,
        placeholder="What decided it, in a few words (may be empty)", on_change=keep,
    )  # fmt: skip


def _labels(classes: list[str], now: Iterable[str], view: str, keep: Callable[[], None]) -> None:
    """Draw the choice of the right labels, in the order of the project: the same on each item."""
    label, told = "Right label", "One, or several where each of them is valid for this item."
    if len(classes) <= MANY:
        st.pills(
            label, classes, selection_mode="multi", default=list(now), format_func=markdown, key=f"labels_{view}",
            help=told, on_change=keep,
        )  # fmt: skip
    else:
        st.multiselect(label, classes, default=list(now), key=f"labels_{view}", help=told, on_change=keep)


def _rule(
    here: Here,
    entry: review.ContestedItem,
    about: Pair | None,
    view: str,
    begun: tuple[str | None, Callable[[], None]],
) -> None:
    """Draw the choice of a rule, those of the pair first."""
    guideline = review.guideline_version(here.project, actor=here.actor).guideline
    first = [] if about is None else list(guideline.boundary(*about))
    said = [o.label for o in entry.opinions]
    first += [r for name in dict.fromkeys([*(about or ()), *said]) for r in guideline.rules_of(name)]
    rules = {r.id: r for r in [*first, *guideline.rules] if not r.is_empty}
    if not rules:
        st.caption("The instruction has no rule yet that could be cited.")
        return
    st.selectbox(
        "Rule that settles it", list(rules), index=_place(list(rules), begun[0]), key=f"rule_{view}",
        placeholder="None", on_change=begun[1],
        format_func=lambda i: _rule_words(rules[i]), help="Those about the two classes come first.",
    )  # fmt: skip


def _place(options: list[str], value: str | None) -> int | None:
    return options.index(value) if value in options else None


def _rule_words(rule: lq.Rule) -> str:
    against = f" / {rule.other}" if rule.other else ""
    text = rule.text if len(rule.text) < 90 else f"{rule.text[:90]}…"
    kind = "Boundary" if rule.kind == "boundary" else TITLES[rule.kind]
    return f"{rule.id} · {rule.class_name}{against} · {kind}: {text}".replace("\0", "\N{SYMBOL FOR NULL}")


def _view(here: Here, item: str, seen: str | None) -> str:
    """Return the id of this drawing of the form: the same until the item or its decision is another one."""
    of = (owner_of(here), item, seen)
    now = st.session_state.get(VIEW)
    if now is None or now["of"] != of:
        now = {"of": of, "id": uuid4().hex, "begun": _begun().get((owner_of(here), item), {})}
        st.session_state[VIEW] = now
    return str(now["id"])


def _read(view: str) -> dict[str, Any]:
    """Return what stands in the form."""
    return {name: st.session_state.get(f"{name}_{view}") for name in FIELDS}


@st.cache_resource(show_spinner=False)
def _begun() -> dict[tuple[tuple[str, str, str], str], dict[str, Any]]:
    """Return what people have begun to decide, by person and item: it survives a reload and another item."""
    return {}


def _keep_begun(here: Here, item: str, view: str, given: tuple[str, ...]) -> None:
    """Keep what stands in the form when something in it was changed; what is stored just now is not kept."""
    if st.session_state.get(VIEW, {}).get("id") != view:
        return
    begun, key = _begun(), (owner_of(here), item)
    found = {name: value for name, value in _read(view).items() if value and tuple(value) != given}
    begun.pop(key, None)  # to the end: the oldest are dropped first
    if found:
        begun[key] = found
        for old in list(begun)[:-MOST_BEGUN]:
            begun.pop(old, None)


def _save(here: Here, item: str, seen: str | None, view: str, go_on: Callable[[], None]) -> None:
    found = _read(view)
    labels, cause = tuple(found["labels"] or ()), found["cause"]
    missing = ["the right label"] * (not labels) + ["why people disagreed"] * (cause is None)
    if missing or cause is None:
        st.session_state[f"missing_{item}"] = MISSING.format(" and ".join(missing))
        return
    mine = Mine(
        item=item, labels=labels, cause=cause, rule_id=found["rule"], confidence=SURE.get(found["sure"] or ""),
        note=(found["note"] or "").strip(), view=view, supersedes=seen,
    )  # fmt: skip
    store(here, mine, seen, go_on)


def store(here: Here, mine: Mine, supersedes: str | None, go_on: Callable[[], None]) -> None:
    """Store a decision, or keep it beside the one that somebody else made meanwhile."""
    try:
        mine.store(here, supersedes)
    except lq.LabelqaError as error:
        if any(p.parameter == "supersedes" for p in error.problems):
            st.session_state[CONFLICT] = owner_of(here), mine
        else:
            st.session_state[PROBLEM] = error
        return
    except Exception as error:
        st.session_state[PROBLEM] = error
        return
    for key in (CONFLICT, VIEW):
        st.session_state.pop(key, None)
    _begun().pop((owner_of(here), mine.item), None)
    parts.saved(f"Stored: {', '.join(mine.labels)[:120]}")
    kept(go_on, PROBLEM)


def conflict_of(here: Here, item: str) -> Mine | None:
    """Return what this person wanted to decide on the item while somebody else did."""
    owner, met = st.session_state.get(CONFLICT, (None, None))
    return met if met is not None and owner == owner_of(here) and met.item == item else None


def draw_conflict(here: Here, mine: Mine, theirs: Decided | None, go_on: Callable[[], None]) -> None:
    """Draw both decisions, and let the person choose; nothing is replaced before."""
    with st.container(border=True):
        if theirs is None:
            st.warning("The decision that you saw was taken back meanwhile. **Yours is not stored yet.**")
        else:
            st.warning(f"{markdown(theirs.actor)} decided this item while you did. **Yours is not stored yet.**")
            draw_facts(f"{theirs.actor} decided", theirs)
        draw_facts("You want", mine)
        current = None if theirs is None else theirs.uuid
        with st.container(horizontal=True):
            st.button(
                "Leave it open" if theirs is None else "Keep theirs",
                key="dis_theirs",
                on_click=_keep,
                args=(here, mine, go_on),
            )
            st.button(
                "Store mine" if theirs is None else "Replace by mine", key="dis_mine", type="primary", on_click=store,
                args=(here, mine, current, go_on),
            )  # fmt: skip


def _keep(here: Here, mine: Mine, go_on: Callable[[], None]) -> None:
    st.session_state.pop(CONFLICT, None)
    _begun().pop((owner_of(here), mine.item), None)
    kept(go_on, PROBLEM)


def draw_decision(here: Here, now: Decided) -> None:
    """Draw the decision in force, and the way to take it back."""
    with st.container(border=True):
        st.markdown(f":material/check_circle: **Decided by {markdown(now.actor)}**")
        draw_facts("", now)
        whose = "Take it back" if now.actor == here.actor else "Take their decision back"
        st.button(
            whose, key="dis_take_back", icon=":material/undo:", on_click=_take_back, args=(here, now.uuid),
            help="It stays in the log; what it replaced is in force again.",
        )  # fmt: skip


def draw_facts(title: str, found: Facts) -> None:
    """Draw labels, cause, rule, confidence and note of a decision, letter by letter."""
    lines = [f'<p class="lq-small" dir="auto">{escaped(title)}</p>'] if title else []
    lines.append(f'<p class="lq-cue" dir="auto"><b>{escaped(" or ".join(found.labels))}</b></p>')
    told = [_capital(review.CAUSES.get(found.cause, found.cause))]
    told += [f"rule {found.rule_id}"] if found.rule_id else []
    told += [f"{found.confidence:.0%} sure"] if found.confidence is not None else []
    lines.append(f'<p class="lq-cue" dir="auto">{escaped(" · ".join(told))}</p>')
    if found.note:
        lines.append(f'<p class="lq-quote" dir="auto">{escaped(found.note)}</p>')
    st.html("".join(lines))


def draw_history(here: Here, item: str) -> None:
    """Draw what was missing in the form, and everything that happened to an item."""
    missing = st.session_state.pop(f"missing_{item}", None)
    if missing:
        st.error(missing)
    log = review.decision_history(here.project, item, actor=here.actor)
    if not log:
        return
    with st.expander(f"History of this item ({len(log)})"):
        for found in reversed(log):
            when = found.created_utc[:16].replace("T", " ")
            if found.kind == "undo":
                st.html(f'<p class="lq-small" dir="auto">{escaped(f"{when} · {found.actor} took a decision back")}</p>')
            else:
                draw_facts(f"{when} · {found.actor}", found)


def _take_back(here: Here, uuid: str) -> None:
    undo = str(uuid5(NAMESPACE_OID, f"undo {uuid} {here.actor}"))
    if kept(lambda: review.undo_decision(here.project, uuid, actor=here.actor, uuid=undo), PROBLEM):
        parts.saved("Taken back. It stays in the log.")


def take_back(here: Here, found: Decided, show: Callable[[], None]) -> None:
    """Take a decision of this person back, and show its item; where it is not in force any more, say so."""
    now = review.decision_of(here.project, found.item, actor=here.actor)
    if now is None or now.uuid != found.uuid:
        st.session_state[LATE] = f"Your decision on {found.item} is not in force any more: nothing was changed."
        return
    undo = str(uuid5(NAMESPACE_OID, f"undo {found.uuid} {here.actor}"))
    review.undo_decision(here.project, found.uuid, actor=here.actor, uuid=undo)
    show()
    parts.saved(f"Your decision on {found.item[:60]} is taken back. It stays in the log.")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
