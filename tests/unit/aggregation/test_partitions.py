"""Labels in several places: the answer is that of the whole."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from labelqa.aggregation.confusions import MODELS, PRIOR_COUNTS
from labelqa.aggregation.em import Setting, run_em
from labelqa.aggregation.labeltable import LabelTable
from labelqa.aggregation.partitions import InMemory, OnDask, consensus_partitions, split
from labelqa.errors import ParameterError
from tests.unit.aggregation.crowds import crowd, table

K, PARTS = 3, 4
EXACT = 1e-9


@pytest.fixture(scope="module")
def whole() -> LabelTable:
    _, labels = crowd(203, np.linspace(0.5, 0.9, 15), k=K, share=0.4)
    labels[[3, 150]] = -1
    return table(labels, K)


class InMemoryPlace:
    """Partitions in this process."""

    @pytest.fixture
    def place(self, whole: LabelTable) -> object:
        return InMemory(tables=list(split(whole, PARTS)))


class ThreadsPlace(InMemoryPlace):
    """Partitions in this process, two threads."""

    @pytest.fixture
    def place(self, whole: LabelTable) -> object:
        return InMemory(tables=list(split(whole, PARTS)), threads=2)


class DaskPlace(InMemoryPlace):
    """Partitions on two worker processes."""

    @pytest.fixture(scope="class")
    @classmethod
    def client(cls) -> Iterator[object]:
        distributed = pytest.importorskip("distributed", reason="dask's distributed scheduler is not installed")
        cluster = distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        )
        with cluster, distributed.Client(cluster) as client:
            yield client

    @pytest.fixture
    def place(self, whole: LabelTable, client: object) -> object:
        return OnDask.scattered(client, list(split(whole, PARTS)))


class Contract:
    """What holds wherever partitions lie."""

    @pytest.mark.parametrize("method", MODELS)
    def test_the_answer_is_that_of_the_whole(self, place, whole, method):
        fit, one = (
            consensus_partitions(place, method),
            run_em(whole, MODELS[method], Setting(prior_count=PRIOR_COUNTS[method])),
        )
        assert np.concatenate(fit.posteriors()) == pytest.approx(one.posterior, abs=EXACT)
        assert np.exp(fit.climb.parameters.log_confusion) == pytest.approx(
            np.exp(one.parameters.log_confusion), abs=EXACT
        )
        assert fit.climb.log_likelihood == pytest.approx(one.log_likelihood, rel=EXACT)
        assert (fit.climb.iterations, fit.climb.converged) == (one.iterations, one.converged)


class TestInMemory(Contract, InMemoryPlace):
    pass


class TestThreads(Contract, ThreadsPlace):
    pass


class TestDask(Contract, DaskPlace):
    pass


def test_split_keeps_every_label_once(whole):
    parts = list(split(whole, PARTS))
    assert sum(p.n for p in parts) == whole.n
    assert sum(p.r for p in parts) == whole.r
    assert np.concatenate([p.votes for p in parts]).tolist() == whole.votes.tolist()


def test_partitions_that_do_not_fit_each_other_are_refused(whole):
    _, other = crowd(10, [0.9, 0.8], k=K)
    with pytest.raises(ParameterError, match="differ in"):
        consensus_partitions([whole, table(other, K)])


def test_no_partition_and_settings_of_single_items_are_refused_together():
    with pytest.raises(ParameterError) as caught:
        consensus_partitions([], setting=Setting(known=np.zeros(3, int)))
    assert len(caught.value.problems) == 2


def test_a_method_without_an_e_step_is_refused(whole):
    with pytest.raises(ParameterError, match="majority"):
        consensus_partitions([whole], "majority")
