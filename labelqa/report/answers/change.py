"""Whether agreement changed, shown."""

from __future__ import annotations

import math

from labelqa.reliability.comparison.result import VERDICT_TITLES, AgreementComparison
from labelqa.report.blocks import Block, Prose, Section
from labelqa.report.single import Shown, Told, picture_of, remarks, table_of
from labelqa.report.verdict import FIRM, TENTATIVE
from labelqa.results import p_text

NO_VERDICT = "No verdict: there are no two numbers to compare."
HOW_TO_READ = (
    "0 is what guessing would give, 1 is perfect agreement. The difference is after minus before; its interval says "
    "how far it could move with other items of the same kind. Classes are each measured against all others; their p "
    "values are adjusted (Holm), so that looking at many classes does not raise false alarms."
)


def change_shown(result: AgreementComparison) -> Shown:
    """Return a comparison of two rounds as one section."""
    rounds = result.to_frame().drop(columns=["p_value", "p_permutation", "standard_error"])
    by_chance = f"p = {p_text(result.p_permutation)} by permutation, {p_text(result.p_value)} by {result.method}."
    note = "" if math.isnan(result.p_value) else by_chance
    lead, *more = result.meaning
    blocks: list[Block] = [
        *(Prose(text=text) for text in more),
        *remarks(result.warnings),
        table_of(rounds, key="rounds", title="Before and after", confidence=result.confidence, note=note),
    ]
    if len(result.classes) and result.undefined_because is None:
        blocks += _by_class(result)
    section = Section(
        key="change", title="Did agreement change?", lead=lead, how_to_read=HOW_TO_READ, blocks=tuple(blocks)
    )
    return Shown(title="Agreement before and after", headline=_headline(result), section=section)


def _by_class(result: AgreementComparison) -> tuple[Block, ...]:
    classes = result.classes.drop(columns=["n_before", "n_after", "standard_error", "p_value"])
    columns = [c for c in classes if c != "p_adjusted"] + ["p_adjusted"]
    return (
        table_of(classes[columns], key="classes", title="Class by class", confidence=result.confidence),
        picture_of(
            result,
            key="change",
            title="Agreement before and after",
            alt="Agreement before and after with intervals, and for each class.",
            caption="Hollow: before. Filled: after. Bars are intervals of the whole.",
        ),
    )


def _headline(result: AgreementComparison) -> Told:

    ends = result.after.confidence_interval(result.confidence)
    in_both = "item in both" if result.n_shared == 1 else "items in both"
    counts = {in_both: result.n_shared, "before only": result.n_before_only, "after only": result.n_after_only}
    return Told(
        statement=result.statement,
        verdict=VERDICT_TITLES[result.verdict] if result.undefined_because is None else NO_VERDICT,
        facts=tuple((name, f"{n:,}") for name, n in counts.items() if n),
        coefficient=result.coefficient,
        coefficient_title=f"{result.title}, after",
        estimate=result.after.estimate,
        low=ends.low,
        high=ends.high,
        level=result.confidence,
        limits=() if result.coefficient == "percent_agreement" else (TENTATIVE, FIRM),
        undefined_because=result.after.undefined_because,
        interval_undefined_because=ends.undefined_because,
    )
