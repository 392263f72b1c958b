"""A consensus, shown."""

from __future__ import annotations

from labelqa.aggregation.names import TITLES
from labelqa.aggregation.result import ConsensusResult
from labelqa.report.blocks import Section
from labelqa.report.document import Headline
from labelqa.report.sections import consensus
from labelqa.report.single import Shown

ONE_LABEL = "No item has two labels: the consensus is the label it got, and nothing says how sure that is."


def consensus_shown(found: ConsensusResult) -> Shown:
    """Return a consensus as one section."""
    section = consensus.section(found) or Section(key="consensus", title="Consensus", lead=ONE_LABEL, blocks=())
    n = int((found.n_labels > 0).sum())
    headline = Headline(
        statement=f"{n:,} items have a consensus label ({TITLES[found.method]}).",
        facts=(("tied", f"{int(found.tied.sum()):,}"), ("annotators", f"{len(found.annotators):,}")),
    )
    return Shown(title="Consensus", headline=headline, section=section)
