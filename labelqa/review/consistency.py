"""How far annotators agree with themselves: the items that a round asked them twice, unannounced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from labelqa.errors import ParameterError, Problem, check_between
from labelqa.inference.proportions import wilson
from labelqa.results import Result, as_percent
from labelqa.review.lookup import CLOSED, round_of
from labelqa.review.project import Project
from labelqa.store.reader import Reader
from labelqa.text import counted

COLUMNS = ("annotator", "n_repeats", "n_agreed", "share", "low", "high", "reason")
NO_REPEAT = "no item was labeled twice"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SelfConsistency(Result):
    """How often each annotator gave an item the same class again.

    Attributes
    ----------
    round : int
        The round.
    annotators : pandas.DataFrame
        One row an annotator, by name: annotator; n_repeats (items labeled both times); n_agreed; share with Wilson's
        interval low to high; reason why it is undefined, or None.
    confidence : float
        Level of the intervals.
    """

    round: int
    annotators: pd.DataFrame
    confidence: float

    def to_frame(self) -> pd.DataFrame:
        """Return one row an annotator."""
        return self.annotators.copy()

    def summary(self) -> list[str]:
        """Return the share over all annotators, and who agrees least with himself."""
        asked, agreed = int(self.annotators["n_repeats"].sum()), int(self.annotators["n_agreed"].sum())
        if not asked:
            return [f"Round {self.round}: {NO_REPEAT}", "  next: RoundSettings(repeat_share=0.05) for the next round"]
        least = self.annotators.dropna(subset="share").sort_values(["share", "annotator"]).iloc[0]
        return [
            f"Round {self.round}: {agreed:,} of {counted(asked, 'repeated item')} got the same class again "
            f"({as_percent(agreed / asked)})",
            f"  least: {least['annotator']} {as_percent(least['share'])} "
            f"[{as_percent(least['low'])}, {as_percent(least['high'])}]",
            "  next: .to_frame()",
        ]


def self_consistency(project: Project, round: int, *, actor: str, confidence: float = 0.95) -> SelfConsistency:
    """Return how often each annotator of a closed round gave a repeated item the same class again.

    Hidden repeats serve this alone: no agreement counts them. Those of held-out items are in it, as numbers only.

    Parameters
    ----------
    project : Project
        Where.
    round : int
        A closed round.
    actor : str
        Who asks; a reviewer or lead.
    confidence : float
        Level of the intervals.

    Raises
    ------
    NotAllowedError
        If the actor may not read results.
    ParameterError
        If the round is not closed.

    References
    ----------
    Wilson, E. B. (1927). Probable inference. J. Am. Stat. Assoc. 22, 209-212.

    Examples
    --------
    >>> from labelqa.review.labeling import next_task, save_label
    >>> from labelqa.review.people import put_person
    >>> from labelqa.review.projects import create_project
    >>> from labelqa.review.rounds import close_round, design_round
    >>> items = pd.DataFrame({"item": range(50), "text": [f"Ticket {i}" for i in range(50)]})
    >>> with create_project("memory:", "t", actor="lea", classes=["bug", "wish"], items=items) as project:
    ...     put_person(project, "bo", "annotator", actor="lea")
    ...     manifest = design_round(project, ["bo", "lea"], {"fresh": 20}, actor="lea")
    ...     while (task := next_task(project, 1, actor="bo")) is not None:
    ...         stored = save_label(project, 1, task.assignment, "bug", actor="bo")
    ...     missing = close_round(project, 1, actor="lea", allow_missing=True)
    ...     self_consistency(project, 1, actor="lea").to_frame()[["annotator", "n_repeats", "n_agreed"]]
      annotator  n_repeats  n_agreed
    0        bo          1         1
    1       lea          0         0
    """
    check_between("confidence", confidence, 0, 1, what="a level of confidence", example="0.95")
    with project.reading(actor, "read_results") as reader:
        found = round_of(reader, project, round)
        if found.state != CLOSED:
            what = f"round {round} is {found.state}: results are read when it is closed"
            raise ParameterError(Problem(what=what, parameter="round", value=round))
        rows = project.once(("consistency", found.number), lambda: _rows(reader, project, found.number))
    table = pd.DataFrame(rows, columns=list(COLUMNS[:3])).astype({"n_repeats": "int64", "n_agreed": "int64"})
    n, agreed = table["n_repeats"].to_numpy(dtype=np.float64), table["n_agreed"].to_numpy(dtype=np.float64)
    shares = dict(zip(("share", "low", "high"), wilson(agreed, n, confidence), strict=True))
    reasons = [None if asked else NO_REPEAT for asked in n.tolist()]
    table = table.assign(**shares, reason=pd.Series(reasons, dtype=object))
    return SelfConsistency(round=int(round), annotators=table, confidence=float(confidence))


def _rows(reader: Reader, project: Project, round: int) -> list[tuple[str, int, int]]:
    given = {r.assignment: r.label for r in reader.labels(project.id, round=round)}
    found: dict[str, list[bool]] = {}
    for asked in reader.assignments(project.id, round):
        alike = found.setdefault(asked.annotator, [])
        if asked.id in given and asked.repeat_of in given:
            alike.append(given[asked.id] == given[asked.repeat_of])
    people = found or {r.annotator: [] for r in reader.labels(project.id, round=round)}
    return [(name, len(alike), sum(alike)) for name, alike in sorted(people.items())]
