"""Headline agreement: the number, what it means, what to do next; all eight coefficients one click away."""

from __future__ import annotations

from labelqa.reliability.names import TITLES
from labelqa.report.blocks import Block, Column, Details, Points, Prose, Section, Table
from labelqa.report.document import Headline
from labelqa.report.findings import Findings
from labelqa.report.wording import WEIGHT_WORDS
from labelqa.results import as_percent

PERCENT = "Percent agreement runs from 0 to 1 and takes nothing off for luck. For all other coefficients: "
HOW_TO_READ = (
    "0 is what guessing would give, 1 is perfect agreement, below 0 is worse than guessing. The interval says how far "
    "the number could move with other items of the same kind. The coefficients differ in how they picture guessing; "
    "where they tell different stories, the classes are very unequal in size."
)


def section(found: Findings, headline: Headline) -> Section:
    """Return the section of the headline."""
    lead, *more = headline.meaning or (f"{headline.statement} {headline.verdict}",)
    blocks: list[Block] = [Prose(text=text) for text in more]
    if headline.next_steps:
        blocks.append(Points(items=headline.next_steps, ordered=True, title="What to do next"))
    blocks.append(_all_coefficients(found))
    if headline.band and headline.limits:
        blocks.append(_bands(found))
    return Section(
        key="agreement",
        title="How consistent are the labels?",
        lead=lead,
        how_to_read=(PERCENT if found.main.coefficient == "percent_agreement" else "") + HOW_TO_READ,
        blocks=tuple(blocks),
    )


def _all_coefficients(found: Findings) -> Details:
    frame = found.coefficients.copy()
    frame.insert(1, "title", [TITLES[c] for c in frame["coefficient"]])
    level = as_percent(found.options.confidence)
    columns = (
        Column(key="title", title="Coefficient"),
        Column(key="estimate", title=f"Estimate ({level} interval)", kind="estimate", reason="reason"),
        Column(key="observed", title="Observed", kind="percent"),
        Column(key="expected", title="By chance", kind="percent"),
        Column(key="weights", title="Weights"),
    )
    table = Table(key="coefficients", title="All coefficients", columns=columns, rows=frame, note=_weights_note(found))
    return Details(title="All eight coefficients", blocks=(table,), in_terminal=True)


def _weights_note(found: Findings) -> str:
    level = found.latest.schema.level
    weights = found.options.main_weights
    if level == "nominal" and weights == "identity":
        return "Percent agreement takes nothing off for luck; all others do, each with its own idea of guessing."
    words = WEIGHT_WORDS.get(weights, f"{weights} weights")
    if found.options.weights["krippendorff_alpha"] == "rank":
        return (
            "The classes are ordered: alpha takes Krippendorff's rank distances, the other coefficients Gwet's ordinal "
            "weights, so that a near miss counts less than a far one."
        )
    return f"Level of measurement: {level}; weights: {weights} ({words})."


def _bands(found: Findings) -> Details:
    frame = found.benchmark.to_frame().assign(
        range=[f"{low:.1f} to {high:.1f}" for low, high in found.benchmark.to_frame()[["low", "high"]].to_numpy()]
    )
    columns = (
        Column(key="band", title="Word"),
        Column(key="range", title="Range"),
        Column(key="probability", title="Probability to lie here", kind="percent"),
        Column(key="cumulative", title="Here or above", kind="percent"),
    )
    table = Table(key="benchmark", title="Verbal scale of Landis and Koch (1977)", columns=columns, rows=frame)
    return Details(title="How sure is the word?", blocks=(table,))
