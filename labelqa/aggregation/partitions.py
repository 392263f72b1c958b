"""Consensus of labels that lie in several places: the E-step runs where they are, the M-step adds sums up.

A partition holds all labels of its items. What goes to and fro is small: class shares and confusions one way, soft
counts (m, k, k), class mass and a log-likelihood the other, so labels never travel. The loop is the one of
:mod:`labelqa.aggregation.em`, so the answer is that of the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import add
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from labelqa.aggregation.confusions import MODELS, PRIOR_COUNTS
from labelqa.aggregation.em import Climb, Parameters, Setting, Sums, climb, expected, sums
from labelqa.aggregation.labeltable import LabelTable
from labelqa.aggregation.names import EM_METHODS
from labelqa.errors import ParameterError, Problem, check_choice

if TYPE_CHECKING:
    from distributed import Client

Floats = npt.NDArray[np.float64]
T = TypeVar("T")


class Place(Protocol):
    """Where partitions lie: it runs a function on each and brings back what it returns."""

    def each(self, work: Callable[[LabelTable], T]) -> Sequence[T]:
        """Return ``work(partition)`` of every partition, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InMemory:
    """Partitions in this process, worked on by `threads` threads."""

    tables: Sequence[LabelTable]
    threads: int = 1

    def each(self, work: Callable[[LabelTable], T]) -> Sequence[T]:
        """Return ``work(partition)`` of every partition, in their order."""
        if self.threads < 2:
            return [work(table) for table in self.tables]
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(work, self.tables))


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDask:
    """Partitions on the workers of a Dask cluster: futures of LabelTable that stay where they are."""

    client: Client
    tables: Sequence[object]

    @classmethod
    def scattered(cls, client: Client, tables: Sequence[LabelTable]) -> OnDask:
        """Send tables to the workers once."""
        futures: Sequence[object] = client.scatter(list(tables), hash=False)  # type: ignore[no-untyped-call]
        return cls(client=client, tables=futures)

    def each(self, work: Callable[[LabelTable], T]) -> Sequence[T]:
        """Return ``work(partition)`` of every partition, in their order."""
        found = self.client.map(work, self.tables, pure=False)
        return list(self.client.gather(found))  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True, kw_only=True)
class EStep:
    """The E-step of one partition as something that can be sent away."""

    parameters: Parameters | None
    setting: Setting

    def __call__(self, table: LabelTable) -> Sums:
        """Return what the items of the partition add to the M-step."""
        return sums(table, self.parameters, self.setting)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """The probabilities of one partition as something that can be sent away."""

    parameters: Parameters
    setting: Setting

    def __call__(self, table: LabelTable) -> Floats:
        """Return the probability of each class of each item, float64 (n, k)."""
        return expected(table, self.parameters, self.setting)[0]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PartitionedFit:
    """A model fitted to partitions.

    Attributes
    ----------
    climb : Climb
        Parameters, log-likelihood, iterations, convergence.
    place : Place
        Where the partitions lie.
    setting : Setting
        How the fit was run.
    """

    climb: Climb
    place: Place
    setting: Setting

    def posteriors(self) -> Sequence[Floats]:
        """Return the probabilities (n, k) of the items of every partition, in their order."""
        return self.place.each(self.work())

    def work(self) -> Posterior:
        """Return the function of a partition that gives its probabilities, to be run where results should stay."""
        return Posterior(parameters=self.climb.parameters, setting=self.setting)


def consensus_partitions(
    place: Place | Sequence[LabelTable], method: str = "hierarchical", *, setting: Setting | None = None
) -> PartitionedFit:
    """Fit a model of annotators to labels that lie in several partitions.

    Parameters
    ----------
    place : Place or sequence of LabelTable
        Partitions: all with the same annotators and classes, by the same codes, and no item in two of them. Items are
        numbered within each partition.
    method : {"one_coin", "dawid_skene", "hierarchical", "spammer"}
        Model of annotators.
    setting : Setting, optional
        How to run (as for the whole by default); `offset` and `known` belong to items and are not possible here.

    Returns
    -------
    PartitionedFit
        Parameters, and the probabilities of every partition on demand: those of the whole in one place.

    Raises
    ------
    ParameterError
        If `method` is not one of these, partitions differ in annotators or classes, or there is none.

    References
    ----------
    Dawid, A. P. & Skene, A. M. (1979). Appl. Stat. 28, 20-28: sums over items are sufficient for the M-step.

    Examples
    --------
    >>> codes = [np.array(c, dtype=np.int32) for c in ([0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 0, 0])]
    >>> part = LabelTable.from_codes(*codes, (2, 2, 2))
    >>> consensus_partitions([part, part]).posteriors()[1].argmax(axis=1).tolist()
    [1, 0]
    """
    check_choice("method", method, EM_METHODS)
    how = setting or Setting(prior_count=PRIOR_COUNTS[method])
    where = InMemory(tables=place) if isinstance(place, Sequence) else place
    r = _checked(where, how)

    def expect(parameters: Parameters | None) -> Sums:
        return reduce(add, where.each(EStep(parameters=parameters, setting=how)))

    return PartitionedFit(climb=climb(expect, MODELS[method], how, r), place=where, setting=how)


def split(table: LabelTable, parts: int) -> Iterator[LabelTable]:
    """Cut a table into `parts` partitions of neighbouring items."""
    edges = np.linspace(0, table.n, parts + 1).astype(np.int64)
    for low, high in pairwise(edges):
        keep = (table.item >= low) & (table.item < high)
        item = (table.item[keep] - low).astype(np.int32)
        shape = (int(high - low), table.m, table.k)
        yield LabelTable.from_codes(item, table.annotator[keep], table.label[keep], shape)


def _checked(where: Place, how: Setting) -> int:
    """Return the number of labels of partitions that fit each other."""
    shapes = where.each(_shape)
    problems = []
    if not shapes:
        problems.append(Problem(what="there is no partition", parameter="place", next_step="Give at least one."))
    if len({shape[1:] for shape in shapes}) > 1:
        problems.append(
            Problem(
                what=f"partitions differ in (annotators, classes): {sorted({s[1:] for s in shapes})}",
                parameter="place",
                next_step="Code annotators and classes alike in all of them.",
            )
        )
    if how.offset is not None or how.known is not None:
        problems.append(
            Problem(what="setting.offset and setting.known belong to items of one table", parameter="setting")
        )
    if problems:
        raise ParameterError(problems)
    return sum(shape[0] for shape in shapes)


def _shape(table: LabelTable) -> tuple[int, int, int]:
    return table.r, table.m, table.k
