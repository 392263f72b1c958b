"""A small forest, for promises that do not depend on how well the trees do."""

import pytest


@pytest.fixture
def few_trees(monkeypatch):
    """Train 5 trees instead of 100: nine tenths of the time of a small task is theirs."""
    monkeypatch.setattr("labelqa.label_issues.training.models.TREES", 5)
