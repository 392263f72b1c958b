"""How many items a study needs, shown."""

from __future__ import annotations

from labelqa.reliability.names import TITLES
from labelqa.reliability.planning.result import AgreementStudyPlan
from labelqa.report.blocks import Block, Section
from labelqa.report.single import Shown, Told, picture_of, remarks, table_of
from labelqa.results import as_number

PICTURED = "Dashed: what was asked for. Upright line: the plan."
POWER = "Power is the share of such studies that would show what is there: 80% means 4 of 5."
EXPLAINED = {
    "width": "The interval says how far the number could move with other items; more items make it narrower.",
    "threshold": f"One study may be unlucky in its items. {POWER}",
    "change": f"One study may be unlucky in its items. {POWER} Smaller changes need many more items.",
}


def plan_shown(result: AgreementStudyPlan) -> Shown:
    """Return a plan of a study as one section."""
    blocks: list[Block] = list(remarks([_sentence(warning) for warning in result.warnings]))
    if len(result.curve):
        frame = result.to_frame().dropna(axis="columns", how="all")
        if result.correlation == 0 and "power_paired" in frame:
            frame = frame.drop(columns="power_paired")  # the same numbers
        marked = frame.assign(planned=["planned" if p else "" for p in frame["planned"]])
        alt = "Width of the interval by number of items." if result.goal == "width" else "Power by number of items."
        blocks += [
            table_of(marked[frame["planned"] | (frame.index % 4 == 0)], key="sizes", title="Other sizes"),
            picture_of(result, key="plan", title="What other sizes give", alt=alt, caption=PICTURED),
        ]
    section = Section(
        key="plan",
        title="How many items?",
        lead=_lead(result),
        how_to_read=EXPLAINED[result.goal] + (f" Formula: {result.formula}." if result.formula else ""),
        blocks=tuple(blocks),
    )
    return Shown(title="Plan of an agreement study", headline=_headline(result), section=section)


def _headline(result: AgreementStudyPlan) -> Told:
    """Return the number of items as the number of the headline."""
    name = TITLES[result.coefficient]
    facts = [("in the pilot" if _has_pilot(result) else "assumed", f"{name} {as_number(result.value)}")]
    n, each = result.n_items, " in each of two rounds" if result.goal == "change" else ""
    return Told(
        statement=_sentence(result.summary()[0]) if n is not None else f"No plan: {result.undefined_because}.",
        facts=tuple(facts) if result.undefined_because is None else (),
        coefficient=result.coefficient,
        coefficient_title="Items to label" + each,
        estimate=result.value,
        undefined_because=result.undefined_because,
        big="" if n is None else f"{n:,}",
        below="" if result.n_labels is None else f"{result.n_labels:,} labels in all",
    )


def _lead(result: AgreementStudyPlan) -> str:
    """Return what the number rests on."""
    if result.n_items is None:
        return "There is no number of items: change the pilot or the assumptions first."
    if not _has_pilot(result):
        return "Computed from assumed rates, and as good as they are: try others too."
    paired, same = result.n_items_paired, ""
    if paired is not None and paired != result.n_items:
        same = f" If both rounds label the same items, {paired:,} do (at a correlation of {result.correlation:g})."
    return f"Computed from the {result.basis}, taken as a sample of the items to come.{same}"


def _has_pilot(result: AgreementStudyPlan) -> bool:
    return result.basis.startswith("pilot")


def _sentence(text: str) -> str:
    """Return a line of a summary as a sentence."""
    return text[:1].upper() + text[1:].rstrip(".") + "."
