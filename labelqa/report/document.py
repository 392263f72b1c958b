"""The content of a report, without any view of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from labelqa.annotations.readlog import ReadLog
from labelqa.report.blocks import Notice, Section
from labelqa.runinfo import RunInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The one number, its uncertainty, and what it means.

    Attributes
    ----------
    statement : str
        The number and its interval in one sentence.
    verdict : str
        What it means in a few words.
    meaning : tuple of str
        What it means in sentences for people who are not statisticians.
    next_steps : tuple of str
        What to do, most useful first.
    facts : tuple of (str, str)
        What was measured: a word and a number, such as ``("items", "600")``.
    coefficient, coefficient_title, weights : str
        What was computed.
    estimate, low, high, level : float
        Estimate and confidence interval; nan where undefined.
    limits : tuple of float
        Customary limits to compare with, for orientation; empty where the coefficient has none.
    band : str or None
        The best benchmark band that is reached with at least 95 % probability.
    band_probability : float
        That probability.
    undefined_because : str or None
        Why the estimate is nan.
    interval_undefined_because : str or None
        Why the interval is nan.
    """

    statement: str
    verdict: str = ""
    meaning: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    coefficient: str = ""
    coefficient_title: str = ""
    weights: str = "identity"
    estimate: float = math.nan
    low: float = math.nan
    high: float = math.nan
    level: float = 0.95
    limits: tuple[float, ...] = ()
    band: str | None = None
    band_probability: float = math.nan
    undefined_because: str | None = None
    interval_undefined_because: str | None = None

    def __str__(self) -> str:
        """Return the statement."""
        return self.statement


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Document:
    """What every renderer gets.

    Attributes
    ----------
    title : str
        Title of the report.
    headline : Headline
        The answer in short.
    notices : tuple of Notice
        The most important warnings.
    sections : tuple of Section
        Questions and answers, in reading order.
    run : RunInfo
        Inputs, arguments, seed, versions, time.
    read_log : ReadLog
        How the data was understood.
    """

    title: str
    headline: Headline
    sections: tuple[Section, ...]
    run: RunInfo
    read_log: ReadLog
    notices: tuple[Notice, ...] = ()
