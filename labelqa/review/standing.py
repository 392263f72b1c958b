"""From the facts of a project to the next best action: a pure function."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from labelqa.text import counted

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the next action depends on.

    Attributes
    ----------
    n_items : int
        Items of the project.
    closed : tuple of int
        Numbers of the closed rounds.
    open_round : int or None
        The open round.
    waiting : dict of str to int
        Assignments of the open round that each annotator has still to label.
    last_version : int or None
        Version of the guideline that the last closed round was labeled by.
    version : int
        The version in force.
    semantic : bool
        Whether a version since then changed more than wording.
    drafts : tuple of str
        Who has a draft.
    estimate, low : float
        Agreement in the last closed round, and its lower bound.
    weights : str
        What the estimate weighs differences with, in words; empty where all count alike.
    target : float or None
        What the project wants.
    pairs : tuple of (str, str)
        Unclear pairs of classes in it.
    n_contested, n_undecided : int
        Items of it that people disagree on, and those of them without a decision.
    proved : bool
        Whether the last closed round was compared with the one before.
    reached : bool or None
        Whether that proof showed agreement above the target; None without one, or where it weighs differences
        otherwise than the estimate.
    """

    n_items: int
    closed: tuple[int, ...] = ()
    open_round: int | None = None
    waiting: dict[str, int] = field(default_factory=dict)
    last_version: int | None = None
    version: int = 1
    semantic: bool = False
    drafts: tuple[str, ...] = ()
    estimate: float = math.nan
    low: float = math.nan
    weights: str = ""
    target: float | None = None
    pairs: tuple[Pair, ...] = ()
    n_contested: int = 0
    n_undecided: int = 0
    proved: bool = False
    reached: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAction:
    """What to do next.

    Attributes
    ----------
    action : str
        add_items | design_round | label | close_round | prove | decide | revise | publish | export_gold.
    state : str
        Where the loop is: start | labeling | measured | revising | revised | proved | reached.
    reason : str
        Why, in words.
    call : str
        What to call.
    pair : (str, str) or None
        The classes it is about.
    """

    action: str
    state: str
    reason: str
    call: str
    pair: Pair | None = None


def next_action(facts: Facts) -> NextAction:
    """Return the next best action: label, close, prove, revise, relabel, or export.

    Examples
    --------
    >>> next_action(Facts(n_items=50)).action
    'design_round'
    >>> next_action(Facts(n_items=50, closed=(1,), estimate=0.6, low=0.5, pairs=(("bug", "wish"),))).action
    'revise'
    """
    if facts.open_round is not None:
        return _labeling(facts, facts.open_round)
    if not facts.closed:
        return _first(facts)
    if len(facts.closed) > 1 and not facts.proved:
        a, b = facts.closed[-2:]
        return NextAction(
            action="prove", state="measured", call=f"review.prove(project, {a}, {b}, actor=...)",
            reason=f"Round {b} is closed: see whether people agree better than in round {a}, and by which rule.",
        )  # fmt: skip
    if facts.semantic:
        return NextAction(
            action="design_round", state="revised", call="review.design_round(project, annotators, counts, actor=...)",
            reason=f"The instruction was revised (version {facts.version}) since round {facts.closed[-1]}: "
            "let people label by it, blind, to see whether it helps.",
        )  # fmt: skip
    return _measured(facts)


def _first(facts: Facts) -> NextAction:
    if not facts.n_items:
        return NextAction(
            action="add_items", state="start", call="review.add_items(project, frame, actor=...)",
            reason="The project has no items yet.",
        )  # fmt: skip
    return NextAction(
        action="design_round", state="start", call="review.design_round(project, annotators, counts, actor=...)",
        reason="Nothing is labeled yet: let two or more people label the same items, each on their own.",
    )  # fmt: skip


def _labeling(facts: Facts, number: int) -> NextAction:
    left = sum(facts.waiting.values())
    if left:
        behind = ", ".join(f"{name} {n:,}" for name, n in facts.waiting.items() if n)
        return NextAction(
            action="label", state="labeling", call=f"review.next_task(project, {number}, actor=...)",
            reason=f"Round {number} is open: {counted(left, 'label')} missing ({behind}).",
        )  # fmt: skip
    return NextAction(
        action="close_round", state="labeling", call=f"review.close_round(project, {number}, actor=...)",
        reason=f"Everything in round {number} is labeled.",
    )  # fmt: skip


def is_target_reached(facts: Facts) -> bool:
    """Tell whether the target is reached: as the proof of the last round says, else by the lower bound of the round."""
    if facts.target is None:
        return False
    return facts.low >= facts.target if facts.reached is None else facts.reached


def _estimate(facts: Facts) -> str:
    return f"{facts.estimate:.2f}" + (f" with {facts.weights}" if facts.weights else "")


def _measured(facts: Facts) -> NextAction:
    number = facts.closed[-1]
    reached = is_target_reached(facts)
    if math.isnan(facts.estimate):
        return _unmeasured(number)
    if facts.pairs and not reached:
        return _unclear(facts, facts.pairs[0])
    if facts.n_undecided and not reached:
        return NextAction(
            action="decide", state="measured", call="review.decide(project, item, labels, cause, actor=...)",
            reason=f"No two classes stand out in round {number}, but people disagree on "
            f"{counted(facts.n_undecided, 'item')} that nobody has settled.",
        )  # fmt: skip
    if facts.target is not None and not reached:
        return NextAction(
            action="design_round", state="measured", call="review.design_round(project, annotators, counts, actor=...)",
            reason=f"Agreement in round {number} is {_estimate(facts)} {_short_of(facts, facts.target)}. More labels "
            "narrow it down.",
        )  # fmt: skip
    return NextAction(
        action="export_gold", state="reached" if reached else "measured",
        call="review.export_gold(project, folder, actor=...)",
        reason=f"Agreement in round {number} is {_estimate(facts)}"
        + (f": the target of {facts.target:.2f} is reached." if reached else ", and no two classes are mixed up."),
    )  # fmt: skip


def _short_of(facts: Facts, target: float) -> str:
    """Return why the target is not reached yet; the proof is stricter than one look, as it allows for all of them."""
    if facts.low >= target:
        return f"({facts.low:.2f} or more), but the proof, which allows for several looks, has not reached {target:.2f}"
    return f"({facts.low:.2f} or more), not shown to be above the target of {target:.2f}"


def _unmeasured(number: int) -> NextAction:
    return NextAction(
        action="design_round", state="measured", call="review.design_round(project, annotators, counts, actor=...)",
        reason=f"Agreement cannot be measured in round {number}: let two or more people label the same items, "
        "of two classes or more, that are not held out.",
    )  # fmt: skip


def _unclear(facts: Facts, pair: Pair) -> NextAction:
    number = facts.closed[-1]
    if facts.drafts:
        return NextAction(
            action="publish", state="revising",
            call="review.publish_guideline(project, guideline, base=..., actor=..., reason=...)",
            reason=f"{', '.join(facts.drafts)} drafted a revision: read it and publish it.", pair=pair,
        )  # fmt: skip
    return NextAction(
        action="revise", state="measured", pair=pair,
        call=f"labelqa.explain_confusion(review.visible_annotations(project, 'rules', actor=..., round={number}), "
        f"{pair!r})",
        reason=f"People mix up {pair[0]} and {pair[1]} most in round {number}: read the evidence and write the rule "
        "between them.",
    )  # fmt: skip
