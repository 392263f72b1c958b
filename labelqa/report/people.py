"""How annotators work: found once for a report, where that does not take long."""

from __future__ import annotations

from dataclasses import dataclass

from labelqa.aggregation.annotators.quality import annotator_quality
from labelqa.aggregation.annotators.quality_result import AnnotatorQuality
from labelqa.aggregation.gold import Gold
from labelqa.aggregation.result import ConsensusResult
from labelqa.annotations.table import Annotations

# Following people over time draws permutations: about 1 second at these sizes, 4 where every fourth annotator drifts.
MANY_LABELS = 20_000
MANY_CELLS = 200_000  # labels times classes
SEED = 0  # of the permutations, whatever the seed of the report: it changes no number


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class People:
    """How annotators work.

    Attributes
    ----------
    quality : AnnotatorQuality or None
        What was found.
    skipped_because : str
        Why there is none, as a sentence.
    """

    quality: AnnotatorQuality | None = None
    skipped_because: str = ""


def look_at_people(
    annotations: Annotations,
    consensus: ConsensusResult,
    *,
    gold: Gold | None = None,
    confidence: float = 0.95,
) -> People:
    """Return how annotators work, or, for large data, why that was not looked at.

    Parameters
    ----------
    annotations : Annotations
        Labels of all rounds; the latest is judged.
    consensus : ConsensusResult
        The consensus of the latest round.
    gold : mapping of item to class, or str, optional
        True classes of some items, or the column that holds them.
    confidence : float
        Level of the intervals.

    Raises
    ------
    ParameterError
        If `gold` names an item or class that is not there.
    """
    r, k = len(annotations), annotations.schema.k
    if r > MANY_LABELS or r * k > MANY_CELLS:
        classes = "1 class" if k == 1 else f"{k:,} classes"
        return People(
            skipped_because=(
                f"How annotators work was not looked at: {r:,} labels in {classes} would take long. A sample of the "
                f"items with at most {min(MANY_LABELS, MANY_CELLS // k):,} labels shows it too."
            )
        )
    return People(quality=annotator_quality(annotations, consensus, gold=gold, confidence=confidence, rng=SEED))
