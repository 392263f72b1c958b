"""The headline in words: what the number says to people who are not statisticians."""

from __future__ import annotations

import math

from labelqa.inference.benchmark import SCALES
from labelqa.reliability.names import TITLES
from labelqa.reliability.result import AgreementResult
from labelqa.report.cells import shown_low
from labelqa.report.document import Headline
from labelqa.report.evidence import carries_verdict
from labelqa.report.findings import Findings
from labelqa.report.verdict import FIRM, TENTATIVE, about, verdict
from labelqa.results import as_number, as_percent
from labelqa.text import shortened

WIDE = 0.1  # half width of an interval that is too wide to act on
NAME_LIMIT = 40
WEIGHT_WORDS = {
    "identity": "every difference counts fully",
    "rank": "distance between ranks counts, as Krippendorff defines it for ordered classes",
    "ordinal": "a near miss on the ordered scale counts less than a far one (Gwet's ordinal weights)",
    "interval": "differences count by the square of their size",
    "ratio": "differences count relative to the size of the values",
}


def name_of(value: object) -> str:
    """Return a user's name in quotation marks, cut to a readable length."""
    return f"'{shortened(value, NAME_LIMIT)}'"


def make_headline(found: Findings, next_steps: tuple[str, ...]) -> Headline:
    """Put the main result into words."""
    main, interval, bench = found.main, found.interval, found.benchmark
    return Headline(
        statement=_statement(found),
        verdict=verdict(found),
        meaning=_meaning(found),
        next_steps=next_steps,
        facts=_facts(found),
        coefficient=main.coefficient,
        coefficient_title=TITLES[main.coefficient],
        weights=main.weights,
        estimate=main.estimate,
        low=interval.low,
        high=interval.high,
        level=interval.level,
        limits=_limits(main),
        band=bench.band.lower() if bench.band and carries_verdict(found) else None,
        band_probability=bench.probability if carries_verdict(found) else math.nan,
        undefined_because=main.undefined_because,
        interval_undefined_because=main.interval_undefined_because,
    )


def _limits(main: AgreementResult) -> tuple[float, ...]:
    return () if main.coefficient == "percent_agreement" else (TENTATIVE, FIRM)


def weights_text(weights: str) -> str:
    """Return `` (rank weights)``, or an empty text for identity weights."""
    return "" if weights == "identity" else f" ({weights} weights)"


def estimate_title(what: str, weights: str, confidence: float) -> str:
    """Return the heading of a column of estimates: what was computed, with which weights and intervals."""
    weighted = "" if weights == "identity" else f"{weights} weights, "
    return f"{what} ({weighted}{as_percent(confidence)} interval)"


def unweighted_remark(weights: str) -> str:
    """Return the sentence that a table needs which leaves the weights of the headline aside, with a space before it."""
    if weights == "identity":
        return ""
    return f" Here every difference counts fully: the {weights} weights of the headline are not used."


def _statement(found: Findings) -> str:
    main, interval = found.main, found.interval
    name = TITLES[main.coefficient] + weights_text(main.weights)
    if main.undefined_because:
        return f"{name} is undefined: {main.undefined_because}."
    if interval.undefined_because:
        return f"{name} is {as_number(main.estimate, 2)}, without an interval: {interval.undefined_because}."
    low = as_number(shown_low(interval.low, main.estimate), 2)
    spread = f"{as_percent(interval.level)} interval {low} to {as_number(interval.high, 2)}"
    return f"{name} is {as_number(main.estimate, 2)} ({spread})."


def _meaning(found: Findings) -> tuple[str, ...]:
    if found.main.undefined_because:
        return ()
    return tuple(text for text in (_against_guessing(found), _benchmark(found), _orientation(found)) if text)


def _against_guessing(found: Findings) -> str:
    main = found.main
    same, expected = as_percent(found.same_label), about(main.expected)
    if main.coefficient == "percent_agreement":
        return (
            f"When two people label the same item, they agree in {same} of cases. Part of that is luck: with few "
            "or very unequal classes people agree often without looking."
        )
    if main.weights != "identity":
        words = WEIGHT_WORDS.get(main.weights, f"{main.weights} weights give credit for near misses")
        return (
            f"Near misses are not counted like far ones: {words}. Counted so, agreement is "
            f"{as_percent(main.observed)}, where guessing would reach {expected}. {_covered(main)}"
        )
    return (
        f"When two people label the same item, they agree in {same} of cases; by guessing they would agree in "
        f"{expected}. {_covered(main)}"
    )


def _covered(main: AgreementResult) -> str:
    title = TITLES[main.coefficient]
    if main.estimate < 0:
        return f"{title} is negative because that is less than guessing would give (0 is guessing, 1 is perfect)."
    return (
        f"{title} is the part of the way from guessing (0) to perfect agreement (1) that the labels cover: "
        f"{as_percent(main.estimate)}."
    )


def _benchmark(found: Findings) -> str:
    bench, main = found.benchmark, found.main
    if bench.undefined_because or main.coefficient == "percent_agreement" or not carries_verdict(found):
        return ""
    bands = SCALES[bench.scale]
    own = next((name for low, name in bands if main.estimate >= low), bands[-1][1])
    text = f"On the verbal scale of Landis and Koch, {as_number(main.estimate, 2)} reads '{own.lower()}'. "
    if bench.low <= -1:
        worse = found.interval.high < 0
        return text if worse else text + "No better word than 'poor' can be promised with 95% probability."
    return (
        text + f"With {_probability(bench.probability)} probability the true value is at least "
        f"'{bench.band.lower()}' ({as_number(bench.low, 1)} or more)."
    )


def _probability(value: float) -> str:
    return "more than 99.9%" if value > 0.999 else as_percent(value, 1)


def _orientation(found: Findings) -> str:
    if not _limits(found.main):
        return ""
    return (
        "For orientation, Krippendorff's customary limits: 0.8 or more for conclusions one can rely on, 0.667 for "
        "tentative ones. They are conventions, not laws: how much disagreement is harmful depends on what the labels "
        "are for."
    )


def _facts(found: Findings) -> tuple[tuple[str, str], ...]:
    data = found.latest
    facts = [
        ("items", f"{found.main.n_items:,}"),
        ("annotator" if found.main.n_annotators == 1 else "annotators", f"{found.main.n_annotators or 0:,}"),
        ("classes", f"{data.schema.k:,}"),
        ("labels", f"{found.main.n_annotations:,}"),
    ]
    if len(found.rounds) > 1:
        facts.append(("rounds", f"latest of {len(found.rounds)}"))
    return tuple(facts)
