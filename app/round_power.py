"""What a round can be asked for, and what it will be able to show: kept while nothing changes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

import labelqa as lq
from labelqa import review

POWERS = (0.95, 0.9, 0.8, 0.7, 0.6, 0.5)
WORDS = {0.95: "19 of 20", 0.9: "9 of 10", 0.8: "8 of 10", 0.7: "7 of 10", 0.6: "6 of 10", 0.5: "5 of 10"}
ASSUMED, HOPED = 0.6, 0.8  # where nothing was measured, and what most people hope for
FEWEST_GAIN, BEST = 0.1, 0.95
PROOF = ("held_out", "fresh")  # strata that the proof rests on


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where agreement stands: measured, or assumed where nothing is."""

    now: review.RoundBaseline
    after: float
    is_measured: bool

    @property
    def before(self) -> float:
        """Agreement now."""
        return self.now.agreement

    def between(self, before: float, after: float) -> Start:
        """Return the same with other numbers."""
        return replace(self, now=replace(self.now, agreement=before), after=after)


def available(project: review.Project, now: review.Progress, actor: str) -> dict[str, int]:
    """Return how many items of each stratum a round may ask for."""
    states = tuple(zip(now.rounds["round"], now.rounds["state"], strict=True))
    return _available(project, (project.id, now.facts.version, now.facts.n_items, now.n_held_out, states), actor)


@st.cache_resource(show_spinner="Counting items", max_entries=64)
def _available(_project: review.Project, key: tuple[object, ...], _actor: str) -> dict[str, int]:
    del key
    return review.available_items(_project, actor=_actor)


def rules_changed(project: review.Project, now: review.Progress) -> bool:
    """Return whether a rule of a class changed since the last closed round: only then are there changed classes."""
    last, current = now.facts.last_version, now.facts.version
    if last is None or last == current:
        return False
    old, new = (review.guideline_version(project, number).guideline for number in (last, current))
    return bool(lq.diff_guidelines(old, new).touched_classes)


def start_of(project: review.Project, now: review.Progress, actor: str) -> Start:
    """Return agreement and class shares of the last closed round."""
    known = review.round_baseline(project, actor=actor)
    if known is None:
        even = tuple(1 / len(project.classes) for _ in project.classes)
        assumed = review.RoundBaseline(agreement=ASSUMED, class_shares=even, level=project.level)
        return Start(now=assumed, after=HOPED, is_measured=False)
    before = min(max(round(known.agreement, 2), 0.0), 0.94)
    target = now.facts.target
    goal = max(HOPED if target is None else target, before + FEWEST_GAIN)
    return Start(now=replace(known, agreement=before), after=round(min(goal, BEST), 2), is_measured=True)


def sentence(start: Start, n_items: int, per_item: int, room: int) -> str:
    """Return what a round with `n_items` of the `room` items that the proof may rest on will show, in words."""
    if start.after <= start.before:
        return "Name an agreement to hope for that is above the agreement now."
    if not n_items and not room:
        return "There are no held-out or fresh items, so this round proves nothing. Bring new items on the page Data."
    needed, reason = needed_items(start, per_item)
    if not needed:
        return f"What such a round shows cannot be foretold: {reason}."
    moved = f"an improvement from {start.before:.2f} to {start.after:.2f}"
    seen = next((p for p in POWERS if p in needed and needed[p] <= n_items), None)
    more = "" if seen is not None and seen >= 0.8 else f" {_advice(start, needed[0.8], per_item, room)}"
    if seen is None:
        return f"With {n_items:,} held-out and fresh items, this round would probably not show {moved}.{more}"
    return (
        f"With {n_items:,} held-out and fresh items labeled by {per_item} people each, {moved} is seen in "
        f"{WORDS[seen]} cases.{more}"
    )


def _advice(start: Start, needed: int, per_item: int, room: int) -> str:
    """Return how to see the improvement in 8 of 10 cases: more items, new ones, or a larger improvement."""
    if needed <= room:
        return f"Take {needed:,} or more: then it is seen in 8 of 10 cases."
    there = f"Seeing it in 8 of 10 cases takes {needed:,}, and there are only {room:,}"
    larger = detectable(start, room, per_item)
    if larger is None:
        return f"{there}: bring new items on the page Data."
    return (
        f"{there}: bring new items on the page Data, or accept that with all {room:,} only a larger change is seen "
        f"that often: from {start.before:.2f} to {larger:.2f} or more."
    )


@st.cache_resource(show_spinner=False, max_entries=256)
def detectable(start: Start, n_items: int, per_item: int) -> float | None:
    """Return the smallest agreement that so many items show in 8 of 10 cases, if any."""
    return review.detectable_agreement(start.now, n_items, n_annotators=per_item)


@st.cache_resource(show_spinner=False, max_entries=256)
def needed_items(start: Start, per_item: int) -> tuple[dict[float, int], str]:
    """Return the items needed to see the improvement with each power, or why there is no answer."""
    found: dict[float, int] = {}
    try:
        for power in POWERS:
            plan = review.plan_improvement(start.now, start.after, n_annotators=per_item, power=power)
            if plan.n_items is None:
                return {}, plan.undefined_because or "no number of items was found"
            found[power] = plan.n_items
    except lq.LabelqaError as error:
        return {}, str(error).rstrip(".")
    return found, ""
