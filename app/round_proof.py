"""What a comparison of two rounds says, for people who are not statisticians; and where to go from there."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from labelqa import review
from labelqa.review.lookup import proofs_of
from labelqa.review.proof import prove

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


def history(project: review.Project, now: review.Progress, actor: str) -> pd.DataFrame:
    """Return one row a version of the guideline: who, why, the rounds labeled by it, what its proof said."""
    with project.reading(actor, "read_results") as reader:
        told = [e.detail for e in proofs_of(reader, project) if e.detail.get("complete")]
    rounds = now.rounds
    rows = []
    for version in reversed(review.guideline_history(project, actor=actor)):
        own = [int(n) for n in rounds.loc[rounds["guideline_version"] == version.number, "round"]]
        rows.append(
            {
                "Version": version.number,
                "Published": version.created_utc[:10],
                "By": version.author,
                "Why": version.reason,
                "Kind": "meaning" if version.edit == "semantic" else "wording",
                "Rounds": ", ".join(str(n) for n in own) or None,
                "Did it work?": _effect(told, own),
            }
        )
    return pd.DataFrame(rows)


def _effect(told: list[dict[str, object]], own: list[int]) -> str | None:
    """Return what the last proof of the first round of a version said."""
    for detail in reversed(told):
        pair = detail.get("rounds")
        if isinstance(pair, list) and len(pair) == 2 and pair[1] in own and pair[0] not in own:
            return f"{SHORT.get(str(detail.get('verdict')), '')} (round {pair[0]} to {pair[1]})"
    return None
