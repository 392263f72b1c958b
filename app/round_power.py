"""What a round can be asked for, and what it will be able to show: kept while nothing changes."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa.review.measured import measured

POWERS = (0.95, 0.9, 0.8, 0.7, 0.6, 0.5)
WORDS = {0.95: "19 of 20", 0.9: "9 of 10", 0.8: "8 of 10", 0.7: "7 of 10", 0.6: "6 of 10", 0.5: "5 of 10"}
ASSUMED, HOPED = 0.6, 0.8  # where nothing was measured, and what most people hope for
FEWEST_GAIN, BEST = 0.1, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where agreement stands: measured, or assumed where nothing is."""

    before: float
    after: float
    shares: tuple[float, ...]
    is_measured: bool


def available(project: review.Project, now: review.Progress, actor: str) -> dict[str, int]:
    """Return how many items of each stratum a round may ask for."""
    states = tuple(zip(now.rounds["round"], now.rounds["state"], strict=True))
    return _available(project, (project.id, now.facts.version, now.facts.n_items, now.n_held_out, states), actor)


@st.cache_resource(show_spinner="Counting items", max_entries=64)
def _available(_project: review.Project, key: tuple[object, ...], _actor: str) -> dict[str, int]:
    del key
    return review.available_items(_project, actor=_actor)


def start_of(project: review.Project, now: review.Progress, actor: str) -> Start:
    """Return agreement and class shares of the last closed round."""
    facts, even = now.facts, tuple(1 / len(project.classes) for _ in project.classes)
    known = facts.estimate == facts.estimate and facts.closed
    if not known:
        return Start(before=ASSUMED, after=HOPED, shares=even, is_measured=False)
    counts = measured(project, facts.closed[-1], actor=actor).annotations.counts.sum(axis=0)
    shares = tuple(float(c) for c in counts / counts.sum())
    before = min(max(round(facts.estimate, 2), 0.0), 0.94)
    goal = max(HOPED if facts.target is None else facts.target, before + FEWEST_GAIN)
    return Start(before=before, after=round(min(goal, BEST), 2), shares=shares, is_measured=True)


def sentence(start: Start, n_items: int, per_item: int) -> str:
    """Return what a round with that many items for the proof will show, in words."""
    if start.after <= start.before:
        return "Name an agreement to hope for that is above the agreement now."
    needed, reason = needed_items(start, per_item)
    if not needed:
        return f"What such a round shows cannot be foretold: {reason}."
    moved = f"an improvement from {start.before:.2f} to {start.after:.2f}"
    seen = next((p for p in POWERS if p in needed and needed[p] <= n_items), None)
    if seen is None:
        return (
            f"With {n_items:,} held-out and fresh items, {moved} would be missed more often than seen: take "
            f"{needed[0.8]:,} or more, then it is seen in 8 of 10 cases."
        )
    more = "" if seen >= 0.8 else f" Take {needed[0.8]:,} or more to see it in 8 of 10."
    return (
        f"With {n_items:,} held-out and fresh items labeled by {per_item} people each, {moved} is seen in "
        f"{WORDS[seen]} cases.{more}"
    )


@st.cache_resource(show_spinner=False, max_entries=256)
def needed_items(start: Start, per_item: int) -> tuple[dict[float, int], str]:
    """Return the items needed to see the improvement with each power, or why there is no answer."""
    found: dict[float, int] = {}
    try:
        rates = lq.AssumedRates(agreement=start.before, class_shares=start.shares, n_annotators=per_item)
        for power in POWERS:
            plan = lq.plan_agreement_study(rates, change=start.after - start.before, power=power)
            if plan.n_items is None:
                return {}, plan.undefined_because or "no number of items was found"
            found[power] = plan.n_items
    except lq.LabelqaError as error:
        return {}, str(error).rstrip(".")
    return found, ""
