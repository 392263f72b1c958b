"""The contested items of a slice, judged one after the other on its page: what is behind the disagreement there."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import NAMESPACE_OID, uuid4, uuid5

import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa_app import parts
from labelqa_app.deciding import (
    contested_items,
    entry_of,
    kept,
    note_presence,
    others_at,
    owner_of,
    told_problem,
)
from labelqa_app.markup import markdown
from labelqa_app.shell import Here, go

VERDICTS = {  # what a press says, and the cause it stands for
    "silent": ("The instruction does not say", "guideline_gap", "1"),
    "slip": ("Somebody slipped", "slip", "2"),
    "open": ("The item can be read in two ways", "ambiguous_item", "3"),
}
NOTE = "Slices: judged in the queue of a slice"
SHOWING, PASSED = "_slice_showing", "_slice_passed"
PROBLEM, MET, MISSING = "_slice_problem", "_slice_met", "_slice_missing"
FAIR = (
    "The items come in an order drawn by lot, so that the first of them say what is behind the rest. The range says "
    "how far the share may move until all are judged."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """One item as it stands on the screen: what a press is meant for, whatever was decided since.

    Attributes
    ----------
    of : tuple of str
        Place, project, person, slice and item.
    view : str
        Id of this showing.
    """

    of: tuple[str, ...]
    view: str

    @property
    def item(self) -> str:
        """The item."""
        return self.of[-1]


def estimate_in_words(found: review.SliceReview) -> str:
    """Return what the decisions say of a slice so far, and what pays.

    Examples
    --------
    >>> from types import SimpleNamespace as Found
    >>> estimate_in_words(Found(contested=("a", "b"), undecided=("a", "b"), unclear=float("nan")))
    'None of its 2 contested items is judged yet: a few of them show whether a better rule would help.'
    """
    n, done = len(found.contested), len(found.contested) - len(found.undecided)
    if not done:
        return f"None of its {n:,} contested items is judged yet: a few of them show whether a better rule would help."
    told = f"{done:,} of its {n:,} contested items are judged. The instruction is behind {found.unclear:.0%} of them"
    if done < n:
        told += f" (over all its contested items probably {found.low:.0%} to {found.high:.0%})"
    if found.remedy == "clarify":
        return f"{told}: clarify the rule."
    if found.remedy == "remind":
        return f"{told}: a new rule would help little. Show the people these items, and ask for more care."
    return f"{told}: judge more of them to know what pays."


def draw_queue(here: Here, round: int, name: str, found: review.SliceReview) -> None:
    """Draw what is known so far, and the next item with its verdict buttons."""
    told_problem(PROBLEM)
    _met(here)
    st.markdown(markdown(estimate_in_words(found)), help=FAIR)
    st.progress((len(found.contested) - len(found.undecided)) / len(found.contested))
    item = _next_of(here, name, found)
    if item is None:
        parts.empty("All of its contested items are judged.", "What pays is said above.")
        return
    contested = contested_items(here, round)
    if contested is not None:
        _card(here, round, name, entry_of(here, contested, item))


def _next_of(here: Here, name: str, found: review.SliceReview) -> str | None:
    """Return the next item by lot that was not passed over and that nobody else has open, where there is one."""
    passed = _passed(here, name)
    left = [item for item in found.undecided if item not in passed] or list(found.undecided)
    return next((item for item in left if others_at(here, item) is None), left[0] if left else None)


def _passed(here: Here, name: str) -> set[str]:
    """Return the items of a slice that this person passed over since the page was opened."""
    passed: dict[tuple[str, ...], set[str]] = st.session_state.setdefault(PASSED, {})
    return passed.setdefault((*owner_of(here), name), set())


def _card(here: Here, round: int, name: str, entry: review.ContestedItem) -> None:
    """Draw an item with what people said, and the verdicts; pinned to what is shown."""
    shown = _showing(here, name, entry.item)
    note_presence(here, entry.item)
    with st.container(border=True, key="lq-slice-item"):
        parts.plain(f"Item {entry.item}", "lq-field")
        parts.item_fields(entry.shown)
        said = ", ".join(f"{o.who}: {o.label}" for o in entry.opinions)
        st.markdown(f"People said {markdown(said)}.")
    given = list(dict.fromkeys(o.label for o in entry.opinions))
    rest = [c for c in here.project.classes if c not in given]
    st.pills(
        "Right label (several, where each fits)", [*sorted(given, key=here.project.classes.index), *rest],
        selection_mode="multi", format_func=markdown, key=f"right_{shown.view}",
    )  # fmt: skip
    if st.session_state.pop(MISSING, None) == shown.view:
        st.warning("Choose the right label first; then say what is behind the disagreement.")
    st.caption("Why did people differ? One press stores it and shows the next item.")
    with st.container(horizontal=True, key="lq-slice-verdict"):
        for verdict, (text, _, key) in VERDICTS.items():
            st.button(text, key=f"{verdict}_{shown.view}", shortcut=key, on_click=_judge, args=(here, shown, verdict))
        st.button(
            "Not sure: next", key=f"skip_{shown.view}", shortcut="4", icon=":material/skip_next:", on_click=_pass_over,
            args=(here, name, shown),
        )  # fmt: skip
        if st.button("Decide in full", key=f"full_{shown.view}", type="tertiary", icon=":material/open_in_new:"):
            go("disagreements", {"item": entry.item, "round": str(round), "slice": name})


def _showing(here: Here, name: str, item: str) -> Showing:
    """Return this showing of an item, the same until it is judged or another one is shown."""
    now, of = st.session_state.get(SHOWING), (*owner_of(here), name, item)
    if now is None or now.of != of:
        now = Showing(of=of, view=uuid4().hex)
        st.session_state[SHOWING] = now
    return now


def _judge(here: Here, shown: Showing, verdict: str) -> None:
    """Store a verdict on the item that was on the screen when the button was pressed; never over another decision."""
    labels = tuple(st.session_state.get(f"right_{shown.view}") or ())
    if not labels:
        st.session_state[MISSING] = shown.view
        return
    cause = VERDICTS[verdict][1]
    uuid = str(uuid5(NAMESPACE_OID, f"{shown.view} {verdict} {labels!r}"))  # pressed twice, stored once
    try:
        review.decide(here.project, shown.item, labels, cause, actor=here.actor, note=NOTE, uuid=uuid)
    except lq.LabelqaError as error:
        met = any(p.parameter == "supersedes" for p in error.problems)
        st.session_state[MET if met else PROBLEM] = shown.of if met else error
        return
    except Exception as error:
        st.session_state[PROBLEM] = error
        return
    st.session_state.pop(SHOWING, None)
    parts.saved(f"Stored: {shown.item[:60]} is {' or '.join(labels)[:120]}")


def _pass_over(here: Here, name: str, shown: Showing) -> None:
    _passed(here, name).add(shown.item)
    st.session_state.pop(SHOWING, None)


def _met(here: Here) -> None:
    """Draw what somebody else decided on the item that was to be judged."""
    of = st.session_state.pop(MET, None)
    if of is None or of[:3] != owner_of(here):
        return
    theirs = review.decision_of(here.project, of[-1], actor=here.actor)
    told = "changed meanwhile" if theirs is None else f"was decided by {theirs.actor} meanwhile"
    st.warning(f"{markdown(of[-1])} {markdown(told)}. **Your verdict was not stored.**")


def draw_undo(here: Here, found: review.SliceReview) -> None:
    """Draw the way back from the last verdict of this person on an item of the slice, whenever it was given."""
    decided = review.decisions_in_force(here.project, actor=here.actor)
    mine = [decided[item] for item in found.contested if item in decided and decided[item].actor == here.actor]
    last = max((d for d in mine if d.note == NOTE), key=lambda d: d.seq, default=None)
    if last is not None:
        st.button(
            f"Undo the verdict on {markdown(last.item)}", key="slice_undo", icon=":material/undo:", type="tertiary",
            on_click=_take_back, args=(here, last.uuid),
        )  # fmt: skip


def _take_back(here: Here, uuid: str) -> None:
    undo = str(uuid5(NAMESPACE_OID, f"undo {uuid} {here.actor}"))

    def act() -> None:
        review.undo_decision(here.project, uuid, actor=here.actor, note="Slices: taken back", uuid=undo)
        st.session_state.pop(SHOWING, None)
        parts.saved("The verdict is taken back.")

    kept(act, PROBLEM)
