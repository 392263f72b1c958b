"""Why an item is given its cause, in words for people who are not statisticians."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from labelqa.aggregation.names import quoted
from labelqa.results import as_percent
from labelqa.text import counted, shortened

ACTIONS = {"slip": "relabel", "definition": "instruction", "variation": "soft_label", "hard": "more_labels"}
NAMES = {
    "slip": "a slip",
    "definition": "an unclear definition",
    "variation": "genuine variation",
    "hard": "a hard item",
}
NEXT = {
    "slip": "have the suspected label looked at again and corrected",
    "definition": "write into the instruction how to tell the two classes apart",
    "variation": "keep the shares of the labels instead of forcing one class",
    "hard": "collect more labels before anything is decided",
}
UNSURE = 0.6  # a cause less probable than this is said to be unsure
CARELESS = 0.1  # slip rate from which a person's is worth a word
CLASS_LIMIT = 40


@dataclass(frozen=True, slots=True)
class Given:
    """A class that an item was given: how often, by whom, and how often those people slip on average."""

    name: str
    n: int
    people: tuple[str, ...]
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An item and its cause.

    Attributes
    ----------
    given : tuple of Given
        Its classes, the most frequent first.
    n_people : int
        People who labeled it.
    repeated : bool
        Whether anybody labeled it more than once.
    changed : tuple of str
        People who gave it different classes.
    cause, second : str
        The most probable cause and the next one.
    probability, second_probability : float
        Of the two.
    pair : tuple of str, or None
        The ambiguous pair that it lies in.
    frequency : float
        Share of all items that lie in this pair.
    model : tuple of (str, float), or None
        The class that a model finds most probable, and how probable it finds the most frequent label.
    """

    given: tuple[Given, ...]
    n_people: int
    repeated: bool
    changed: tuple[str, ...]
    cause: str
    probability: float
    second: str
    second_probability: float
    pair: tuple[str, str] | None = None
    frequency: float = 0.0
    model: tuple[str, float] | None = None

    @property
    def n(self) -> int:
        """Number of labels."""
        return sum(g.n for g in self.given)

    @property
    def tied(self) -> bool:
        """Whether no class has more labels than every other."""
        return len(self.given) > 1 and self.given[0].n == self.given[1].n


def tally(given: Iterable[Given]) -> str:
    """Return the labels of an item, such as ``3 x sport, 1 x politics``."""
    return ", ".join(f"{g.n} x {class_name(g.name)}" for g in given)


@lru_cache(maxsize=4096, typed=True)
def class_name(name: Hashable) -> str:
    """Return the name of a class, short and on one line."""
    return shortened(name, CLASS_LIMIT)


def reason(case: Case) -> str:
    """Return why the item is given its cause, and how sure that is."""
    told = f"{tally(case.given)}: {_WHY[case.cause](case)}"
    return f"{told}{_repeats(case)}.{_doubt(case)}"


def _slip(case: Case) -> str:
    if len(case.given) == 1:
        return _undisputed(case)
    if case.n_people == 1:
        return "one person gave both, and nobody else labeled the item; one of the labels is probably a slip"
    if case.tied:
        return f"probably a slip, but {_few(case)} cannot tell whose; let somebody else decide{_careless(case)}"
    lone = [g for g in case.given[1:] if len(g.people) == 1]
    who = _single(lone[0]) if len(lone) == len(case.given) - 1 == 1 else _several(case, len(lone))
    return f"{who}{_apart(case)}, so this is probably a slip{_opinion(case)}"


def _careless(case: Case) -> str:
    """Return who of two errs more often, where that is plain, and what the model says."""
    first, last = sorted(case.given[:2], key=lambda g: g.error)
    plain = case.n == 2 and last.error >= max(CARELESS, 2 * first.error)
    who = f" ({quoted(last.people)} slips more often: on about {as_percent(last.error)} of labels)" if plain else ""
    return who + _opinion(case)


def _undisputed(case: Case) -> str:
    agree = "the only label" if case.n == 1 else f"all {case.n} labels agree"
    found = "" if case.model is None else f" finds {class_name(case.model[0])} more probable ({_theirs(case)})"
    return f"{agree}, but the model{found or ' doubts it'}; look at it again"


def _theirs(case: Case) -> str:
    share = case.model[1] if case.model else 0.0
    return f"{class_name(case.given[0].name)}: {as_percent(share)}"


def _few(case: Case) -> str:
    if case.n == 2:
        return "two labels"
    return f"as many labels for {class_name(case.given[1].name)} as for {class_name(case.given[0].name)}"


def _single(given: Given) -> str:
    careless = f", whose labels are wrong about {as_percent(given.error)} of the time," * (given.error >= CARELESS)
    return f"only {quoted(given.people)}{careless} says {class_name(given.name)}"


def _several(case: Case, lone: int) -> str:
    if lone == len(case.given) - 1:
        return f"each label but {class_name(case.given[0].name)} was given by one person only"
    return f"most labels say {class_name(case.given[0].name)}"


def _apart(case: Case) -> str:
    top, other = class_name(case.given[0].name), class_name(case.given[1].name)
    if case.pair is not None and len(case.given) == 2 and {case.pair[0], case.pair[1]} == {top, other}:
        return f", and although {top} and {other} are often mixed up, most people agree"
    if len(case.given) == 2:
        return f", and {top} and {other} are not known to be mixed up"
    return ""


def _opinion(case: Case) -> str:
    return "" if case.model is None else f"; the model says {class_name(case.model[0])}"


def _definition(case: Case) -> str:
    a, b = case.pair or ("", "")
    share = f"about {as_percent(case.frequency)}" if case.frequency >= 0.01 else "under 1%"
    common = f"{share} of all items lie between them"
    if len(case.given) == 1:
        return f"the model doubts it, and people mix up {a} and {b} on other items, too ({common}){_opinion(case)}"
    return f"people mix up {a} and {b} on other items, too ({common}), so the instruction does not seem to settle it"


def _variation(case: Case) -> str:
    sides = [g for g in case.given if g.n > 1]
    names = _listed([class_name(g.name) for g in sides])
    if len(sides) > 1:
        return (
            f"{names} have several labels each and are not known to be mixed up, so more than one answer may be right"
        )
    return (
        "people split on this item but these classes are not known to be mixed up, so more than one answer may be right"
    )


def _hard(case: Case) -> str:
    if len(case.given) == 1:
        return f"the model doubts it and no other class stands out{_opinion(case)}"
    if case.given[0].n * 2 > case.n:
        return "the labels look like guesses"
    return f"{counted(case.n, 'label')} over {counted(len(case.given), 'class', 'classes')}, none with a majority"


_WHY = {"slip": _slip, "definition": _definition, "variation": _variation, "hard": _hard}


def _repeats(case: Case) -> str:
    if not case.repeated or len(case.given) == 1:
        return ""
    if case.changed:
        return f"; {quoted(case.changed, 3)} gave another label when asked again" if case.n_people > 1 else ""
    return "" if case.cause == "slip" else "; everybody who was asked again said the same"


def _doubt(case: Case) -> str:
    if case.probability >= UNSURE:
        return ""
    other = f"it may be {NAMES[case.second]} as well ({as_percent(case.second_probability)})"
    return f" Not sure ({as_percent(case.probability)}): {other}."


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
