"""What a comparison of two rounds says, for people who are not statisticians; and where to go from there."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from labelqa import review
from labelqa.review.proof import prove
from labelqa.review.proving.learning import LearningEffect
from labelqa.review.proving.wording import target_line
from labelqa_app.versions import kind_of

VERDICTS = {
    "improved": "Yes: people agree better than before.",
    "worse": "No: people agree less than before.",
    "no_evidence": "Not that we can see: agreement did not clearly change.",
    "too_few_items": "We cannot tell yet: there are too few items.",
    "undefined": "We cannot tell: the two rounds have nothing to compare.",
}
SHORT = {
    "improved": "better",
    "worse": "worse",
    "no_evidence": "no clear change",
    "too_few_items": "too few items to tell",
    "undefined": "cannot be told",
}
BORDERLINE = {  # by whether the interval leaves out 0
    True: "the interval leaves out 0, but by the test that the answer stands on it may still be chance",
    False: "the interval holds 0, but by the test that the answer stands on it is more than chance",
}
CREDITED = {  # what is added to "better", by credit
    "learning": ", but by practice",
    "unclear": ", by rule or practice",
    "no_control": ", by rule or practice",
}
SENSIBLE = 5_000  # more items than these are not worth naming


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What to do next, and on which page."""

    text: str
    page: str
    pair: tuple[str, str] | None = None


def found(project: review.Project, pair: tuple[int, int], now: review.Progress, actor: str) -> review.RoundProof:
    """Return the comparison of two rounds: made once for closed rounds, anew as labels come into an open one."""
    rows = now.rounds.set_index("round")
    state = tuple((n, str(rows.at[n, "state"]), int(rows.at[n, "n_labels"])) for n in pair)
    return _found(project, project.id, state, now.facts.target, actor)


@st.cache_resource(show_spinner="Comparing the two rounds, which takes some seconds the first time", max_entries=32)
def _found(
    _project: review.Project,
    project_id: str,  # noqa: ARG001  # part of the key
    rounds: tuple[tuple[int, str, int], ...],
    target: float | None,
    _actor: str,
) -> review.RoundProof:
    (before, _, _), (after, _, _) = rounds
    return prove(_project, before, after, actor=_actor, target=target)


def next_step(proof: review.RoundProof, usual: Step) -> Step:
    """Return what to do after a proof: `usual`, the next action of the project, unless the proof speaks against it."""
    if proof.verdict == "undefined":
        return Step(text="Let two or more people label held-out or fresh items in the next round.", page="relabel")
    if proof.regressions:
        told = f"Read what people now disagree on in {', '.join(proof.regressions[:3])}; mend the rule or restore it."
        return Step(text=told, page="disagreements")
    if proof.verdict == "worse":
        return Step(text="Restore the version before, or read what people now disagree on.", page="instruction")
    if proof.verdict == "too_few_items" and not proof.target_reached:
        n = proof.n_more_items
        about = f", about {n:,} more" if n is not None and n <= SENSIBLE else ""
        return Step(text=f"Label more held-out or fresh items{about}, then look again.", page="relabel")
    return usual


def headline(proof: review.RoundProof) -> str:
    """Return the answer in a sentence."""
    if proof.verdict == "no_evidence" and _is_full(proof):
        return "Nothing could improve: people agreed on every item, before and after."
    return VERDICTS[proof.verdict]


def says(row: Mapping[Hashable, Any]) -> str:
    """Return in short what a row of a proof says."""
    if row["before"] == row["after"] == 1:
        return "nothing to improve"
    if row["verdict"] in ("no_evidence", "too_few_items") and (row["low"] > 0 or row["high"] < 0):
        return "may still be chance"
    return SHORT.get(str(row["verdict"]), "")


def target_words(proof: review.RoundProof) -> str:
    """Return where the target stands, and why what was measured may lie above a target that is not surely reached."""
    told = target_line(proof.target, proof.no_target_because, proof.level)
    if proof.target is None or proof.target.reached or proof.answer is None:
        return told
    measured = proof.answer.after.estimate
    if not measured >= proof.target.target:
        return told
    return f"{told} What was measured, {measured:.2f}, is above the target, but with so few items it could be luck."


def borderline(proof: review.RoundProof) -> str:
    """Return what to say where the interval beside the answer and the test behind it do not agree; else nothing."""
    if proof.answer is None or proof.verdict == "undefined" or pd.isna(proof.answer.low):
        return ""
    apart = proof.answer.low > 0 or proof.answer.high < 0
    if apart == (proof.verdict in ("improved", "worse")):
        return ""
    return f"This is a borderline case: {BORDERLINE[apart]}."


def sureness(proof: review.RoundProof) -> tuple[str, ...]:
    """Return what stands behind the answer; nothing where the answer says it all."""
    return () if proof.answer is None or proof.answer.difference == 0 else proof.answer.meaning


def _is_full(proof: review.RoundProof) -> bool:
    return proof.answer is not None and proof.answer.before.estimate == proof.answer.after.estimate == 1


def practice(effect: LearningEffect) -> str:
    """Return in plain words whether practice rather than the rules explains an improvement."""
    if math.isnan(effect.difference):
        return f"Practice cannot be told from the rules: {effect.reason}."
    return f"{_elsewhere(effect)} {_beyond(effect)}"


def _elsewhere(effect: LearningEffect) -> str:
    before, after = f"{effect.before:.2f}", f"{effect.after:.2f}"
    where = f"On items that no changed rule touches ({effect.n_before:,} before, {effect.n_after:,} after)"
    if before == after:
        return f"{where}, agreement stayed at {after}."
    clear = {"improved": "people got better there by practice", "worse": "people agree less there"}
    told = clear.get(effect.verdict, "that may be chance")
    return f"{where}, agreement went from {before} to {after}: {told}."


def _beyond(effect: LearningEffect) -> str:
    if effect.beyond_learning is None:
        return f"How much of the change is practice cannot be told: {effect.reason}."
    reached, expected = f"{effect.touched_after:.2f}", f"{effect.by_learning:.2f}"
    if effect.by_learning < effect.touched_before:
        return (
            f"So practice does not explain why the classes of the changed rules went from {effect.touched_before:.2f} "
            f"to {reached}."
        )
    alone = f"Practice alone would have brought the classes of the changed rules to {expected}"
    if expected == reached:
        return f"{alone}, and that is what they reached: nothing is left that the rules must have done."
    if effect.excess < 0:
        return f"{alone}; they reached {reached}, so nothing is left that the rules must have done."
    if effect.beyond_learning:
        return f"{alone}; they reached {reached}, which is more than practice explains."
    return f"{alone}; they reached {reached}, which is not clearly more: practice may be all of it."


def history(project: review.Project, actor: str) -> pd.DataFrame:
    """Return one row a version of the instruction: who, why, the rounds labeled by it, what its proof said."""
    return pd.DataFrame(
        {
            "Version": found.version.number,
            "Published": f"{found.version.created_utc[:10]} by {found.version.author}",
            "Why": found.version.reason,
            "Changes": kind_of(found.version),
            "Rounds": ", ".join(map(str, found.rounds)) or None,
            "Did it work?": _effect(found),
        }
        for found in review.version_effects(project, actor=actor)
    )


def _effect(found: review.VersionEffect) -> str | None:
    if found.compared is None:
        return None
    before, after = found.compared
    credited = CREDITED.get(str(found.credit), "") if found.verdict == "improved" else ""
    return f"{SHORT.get(str(found.verdict), '')}{credited} (round {before} to {after})"
