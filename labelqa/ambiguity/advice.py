"""What to do about a pair of classes, and why: decisions from numbers alone.

Thresholds are our own; ``python -m tests.bench.class_pairs advice`` counts how often classes that mean the same are
merged, and classes that have nothing to do with each other.
"""

from __future__ import annotations

from dataclasses import dataclass

from labelqa.results import as_number, as_percent
from labelqa.text import counted, visible

ENOUGH_ITEMS = 20  # that split; with fewer intervals are too narrow, and one careless person can make a pair
ALIKE = 0.25  # indistinguishability from which two classes may mean the same: a fuzzy border has far less
ENOUGH_TO_MERGE = 10  # items that got both labels
SURELY_ALIKE = 0.15  # lower end of its interval from which they are merged
HALF_ALIKE = 0.5  # lower end of its interval under which more items are asked for before a merge
SAME = 1.0  # upper end of its interval from which they can mean the same
NOTHING_UNUSUAL = "split no more than chance and the tolerance allow"
BIASED = 0.01  # p value of the direction test from which people are said to differ
LONE = 0.5  # of the split rate, that goes when one annotator is left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaning:
    """The annotator who leans most to one side of a pair.

    Attributes
    ----------
    name : str
        Who.
    leans_to : str
        The class that they choose more often than others do on the same items.
    chose, of : int
        How often they chose it, of their labels on split items.
    others : float
        Share of the others' labels there that are this class.
    """

    name: str
    leans_to: str
    chose: int
    of: int
    others: float

    @property
    def habit(self) -> str:
        """What they do, in words."""
        return (
            f"{visible(self.name)} says {visible(self.leans_to)} in {self.chose:,} of {self.of:,} labels on these "
            f"items, the others in {as_percent(self.others)}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The annotator without whom a pair splits least, where three or more labeled its items.

    Attributes
    ----------
    name : str
        Who.
    without : float
        Split rate of the pair without their labels; nan where nothing is left.
    """

    name: str
    without: float

    def is_alone(self, disagreement: float) -> bool:
        """Whether most of the disagreement goes with this person's labels."""
        return self.without <= LONE * disagreement

    def told(self, disagreement: float) -> str:
        """Return why one should talk to this person, in words."""
        return (
            f"the others mostly agree on this border: without the labels of {visible(self.name)} "
            f"{as_percent(self.without)} of label pairs split, not {as_percent(disagreement)}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFigures:
    """What the advice on one pair is read off.

    `surely_gains` tells whether merging the pair raises agreement even if one looks at all pairs; the other figures are
    those of the table of pairs.
    """

    class_a: str
    class_b: str
    n_items: int
    n_classes: int
    flagged: bool
    disagreement: float
    indistinguishability: float
    indistinguishability_low: float
    indistinguishability_high: float
    smoothed: bool
    merge_gain: float
    surely_gains: bool
    information_lost: float
    direction_p: float
    leaning: Leaning | None
    person: Person | None

    @property
    def may_be_the_same(self) -> bool:
        """Whether the labels fit two names of one class, and merging them would surely raise agreement."""
        return self.surely_gains and self.indistinguishability >= ALIKE and self.indistinguishability_high >= SAME


def advise(pair: PairFigures) -> tuple[str, str]:
    """Return what to do about a pair (``merge, retrain, clarify, none``) and the reason in words."""
    if not pair.flagged:
        return "none", NOTHING_UNUSUAL
    if _mean_the_same(pair):
        sure = "" if pair.indistinguishability_low >= HALF_ALIKE else "; label more of these items before you do"
        return "merge", (
            "annotators use the two names for the same items as if they meant the same (indistinguishability "
            f"{as_number(min(pair.indistinguishability, 1.0), 2)} of 1); one class instead of two would raise "
            f"agreement by {as_number(pair.merge_gain, 2)} and lose {as_percent(pair.information_lost)} of what the "
            f"labels tell{sure}"
        )
    if pair.n_items >= ENOUGH_ITEMS and pair.person is not None and pair.person.is_alone(pair.disagreement):
        return "retrain", pair.person.told(pair.disagreement)
    if pair.direction_p <= BIASED and pair.leaning is not None:
        return (
            "clarify",
            f"people draw the border in different places ({pair.leaning.habit}): settle which reading holds",
        )
    known = pair.direction_p == pair.direction_p  # not nan
    who = "nobody leans to one side more than chance explains" if known else "whether somebody leans cannot be told"
    alike = "; the two names may mean the same, but there are too few items to say so" if pair.may_be_the_same else ""
    return "clarify", f"{counted(pair.n_items, 'item')} got both labels, and {who}: write down what decides{alike}"


def _mean_the_same(pair: PairFigures) -> bool:
    enough = pair.n_items >= ENOUGH_TO_MERGE and not pair.smoothed and pair.n_classes > 2
    one_reading = not pair.direction_p <= BIASED  # nan too: it is not known that people differ
    return enough and one_reading and pair.may_be_the_same and pair.indistinguishability_low >= SURELY_ALIKE
