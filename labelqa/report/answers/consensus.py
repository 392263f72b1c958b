"""A consensus, shown."""

from __future__ import annotations

from dataclasses import replace

from labelqa.aggregation.names import TITLES
from labelqa.aggregation.result import ConsensusResult
from labelqa.report.blocks import Section
from labelqa.report.people import People
from labelqa.report.sections import consensus, habits
from labelqa.report.sections.consensus import SURE, can_be_sure, sure_items, sure_share
from labelqa.report.single import Shown, Told
from labelqa.results import as_percent

ONE_LABEL = "No item has two labels: the consensus is the label it got, and nothing says how sure that is."
NO_LABEL = "No item has a label: there is nothing to combine."


def consensus_shown(found: ConsensusResult, people: People | None = None) -> Shown:
    """Return a consensus as a section, and how its annotators work as another one.

    Parameters
    ----------
    found : ConsensusResult
        The consensus.
    people : People, optional
        How annotators work.
    """
    section = consensus.section(found)
    if section is None:
        lead = ONE_LABEL if found.n_labels.any() else NO_LABEL
        section, people = Section(key="consensus", title="Consensus", lead=lead), None
    else:
        section = replace(section, lead=f"Labels were combined by {TITLES[found.method]}.")
    habit = None if people is None else habits.section(people)
    more = () if habit is None else (habit,)
    return Shown(title="Consensus", headline=_headline(found), section=section, more=more)


def _headline(found: ConsensusResult) -> Told:
    """Return the share of items whose label is sure as the number of the headline."""
    sure, n = sure_items(found)
    people = len(found.annotators)
    if not can_be_sure(found):
        counted = "item has one label" if n == 1 else "items have one label each"
        return Told(
            statement=f"{n:,} {counted}, and nothing says how sure it is." if n else NO_LABEL,
            facts=_facts(n, 0, people),
            coefficient_title="Items with a label",
            big=f"{n:,}",
            below="each with a single one" if n else "",
        )
    return Told(
        statement=f"{_some(sure, n)} a label that is at least {as_percent(SURE)} sure.",
        verdict=_verdict(n - sure, n),
        facts=_facts(n, int(found.tied.sum()), people),
        coefficient_title="Items with a sure label",
        big=sure_share(sure, n),
        below=f"at least {as_percent(SURE)} sure",
    )


def _some(sure: int, n: int) -> str:
    if n == 1:
        return "The one item gets" if sure else "The one item does not get"
    return f"All {n:,} items get" if sure == n else f"{sure:,} of {n:,} items get"


def _facts(n: int, tied: int, people: int) -> tuple[tuple[str, str], ...]:
    counts = {
        "item" if n == 1 else "items": n,
        "tied": tied,
        "annotator" if people == 1 else "annotators": people,
    }
    return tuple((name, f"{count:,}") for name, count in counts.items() if count or name != "tied")


def _verdict(unsure: int, n: int) -> str:
    if unsure == 0:
        return "No item is in serious doubt."
    if unsure == 1:
        return "One item is in doubt: let one more person label it."
    if unsure == n:
        return "Every label is in doubt: let more people label these items."
    return f"{unsure:,} items are in doubt: let one more person label each of them."
