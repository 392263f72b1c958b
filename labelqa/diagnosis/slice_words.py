"""What was decided about a slice, in words."""

from __future__ import annotations

from labelqa.diagnosis.slice_decisions import Decision
from labelqa.diagnosis.words import class_name
from labelqa.results import as_percent
from labelqa.text import counted

PART_WORDS = {
    "definition": "an unclear definition",
    "noise": "wrong stored labels",
    "data": "too little data",
    "rest": "what the features or the model cannot do",
}


def reason_of(decision: Decision, error: float, rest_error: float, pair: tuple[object, object] | None) -> str:
    """Return why, and what to do next, for people who are not statisticians."""
    if decision.because == "undefined":
        return "There are no rows inside or outside the slice to compare."
    rates = f"The error is {as_percent(error, 1)} against {as_percent(rest_error, 1)} elsewhere"
    if decision.because == "no_excess":
        return f"{rates}: the slice is no worse than the rest."
    if decision.because == "excess":
        return f"{rates}, which may be chance: collect and check {counted(decision.n_more, 'new row')} of the slice."
    if decision.because == "unknown":
        step = (
            f": have {_audited(decision)} labeled by two people"
            if decision.n_more
            else ": a model to refit would tell more"
        )
        return f"{rates}. What is known does not explain it{step}."
    part = PART_WORDS[decision.part]
    if decision.because.startswith("overlap"):
        step = f"have {_audited(decision)} labeled by two people"
        if decision.because == "overlap_rows":
            step = f"add {counted(decision.n_more, 'new row')} of the slice"
        return f"{rates}. The likeliest cause is {part}, but others may be as large: {step}, and diagnose again."
    head = f"{rates}. {as_percent(decision.gain, 1)} of rows would be put right; the cause is {part}"
    if decision.because == "order":
        head = f"{rates}. Two causes are about as large; {part} comes first"
    return f"{head}. {_next(decision, pair)}"


def _audited(decision: Decision) -> str:
    """Return which rows to audit: some of those there are, or all and new ones."""
    here = decision.n_more - decision.n_new
    if not decision.n_new:
        return f"{counted(here, 'row')} inside the slice"
    new = counted(decision.n_new, "new one") if here else counted(decision.n_new, "new row") + " of the slice"
    return f"all {counted(here, 'row')} inside the slice not audited yet, and {new}," if here else new


def _next(decision: Decision, pair: tuple[object, object] | None) -> str:
    n = f"{decision.n_more:,}"
    if decision.remedy == "clarify":
        named = f" which of {class_name(pair[0])} and {class_name(pair[1])} applies" if pair else " which class applies"
        return f"Write into the instruction{named}, then relabel the slice."
    return {
        "relabel": f"Have the {n} rows of the slice labeled again.",
        "collect": f"Collect (or make by augmentation) about {n} more rows like these: half of it would go.",
        "improve_model": "Give the model features that tell these rows apart, or a richer model.",
    }[decision.remedy]
