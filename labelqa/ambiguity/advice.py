"""What to do about a pair of classes, and why: decisions from numbers alone.

Thresholds are our own, checked by simulation (``python -m tests.bench.class_pairs``): classes that mean the same are
always merged, classes that have nothing to do with each other never.
"""

from __future__ import annotations

from dataclasses import dataclass

from labelqa.results import as_number, as_percent
from labelqa.text import counted, visible

ENOUGH_ITEMS = 20  # that split; with fewer intervals are too narrow, and one careless person can make a pair
ALIKE = 0.25  # indistinguishability from which two classes may mean the same: a fuzzy border has far less
SAME = 0.8  # upper end of its interval from which they can mean the same
NOTHING_UNUSUAL = "split no more than chance and the tolerance allow"
BIASED = 0.01  # p value of the direction test from which people are said to differ
LONE = 0.5  # of the split rate, that goes when one annotator is left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The annotator who stands out on a pair.

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
    without : float
        Split rate of the pair without their labels; nan where nobody else labeled.
    is_one_of_many : bool
        Whether three or more annotators labeled these items, so that one can stand alone.
    """

    name: str
    leans_to: str
    chose: int
    of: int
    others: float
    without: float
    is_one_of_many: bool

    @property
    def habit(self) -> str:
        """What they do, in words."""
        return (
            f"{visible(self.name)} says {visible(self.leans_to)} in {self.chose:,} of {self.of:,} labels on these "
            f"items, the others in {as_percent(self.others)}"
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
    indistinguishability_high: float
    merge_gain: float
    surely_gains: bool
    information_lost: float
    direction_p: float
    person: Person | None


def advise(pair: PairFigures) -> tuple[str, str]:
    """Return what to do about a pair (``merge, retrain, clarify, none``) and the reason in words."""
    if not pair.flagged:
        return "none", NOTHING_UNUSUAL
    if _mean_the_same(pair):
        return "merge", (
            "annotators use the two names for the same items as if they meant the same (indistinguishability "
            f"{as_number(pair.indistinguishability, 2)} of 1); one class instead of two would raise agreement by "
            f"{as_number(pair.merge_gain, 2)} and lose {as_percent(pair.information_lost)} of what the labels tell"
        )
    person = pair.person
    if person is not None and pair.direction_p <= BIASED and pair.n_items >= ENOUGH_ITEMS:
        if person.is_one_of_many and person.without <= LONE * pair.disagreement:
            rest = f"without them {as_percent(person.without)} of label pairs split"
            return "retrain", f"{person.habit}; {rest}, not {as_percent(pair.disagreement)}"
        return "clarify", f"people draw the border in different places ({person.habit}): settle which reading holds"
    who = "nobody leans to one side more than chance explains" if pair.direction_p > BIASED else "it is not known who"
    return "clarify", f"{counted(pair.n_items, 'item')} got both labels, and {who}: the border itself is unclear"


def _mean_the_same(pair: PairFigures) -> bool:
    return (
        pair.n_classes > 2
        and pair.indistinguishability >= ALIKE
        and pair.indistinguishability_high >= SAME
        and pair.surely_gains
    )
