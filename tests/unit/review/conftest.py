"""The databases that the loop is tested on."""

from __future__ import annotations

import pytest

from tests.contracts.stores import open_fixed
from tests.unit.review import flow


@pytest.fixture(params=["memory", "file"])
def store(request, tmp_path):
    with open_fixed("memory:" if request.param == "memory" else tmp_path / "project.db") as opened:
        yield opened


@pytest.fixture
def memory():
    with open_fixed("memory:") as opened:
        yield opened


@pytest.fixture
def project(store):
    return flow.start(store)


@pytest.fixture
def quick(memory):
    """Return a project in memory, for what does not depend on the database."""
    return flow.start(memory)
