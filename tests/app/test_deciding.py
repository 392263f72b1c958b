"""The queue of the page Disagreements: places and the next item, whatever its length."""

from __future__ import annotations

import time

import pytest

pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")

from labelqa_app import deciding
from labelqa_app.deciding import Items, next_open


class Somebody:
    """As much of a page's facts as is asked for."""

    actor = "lea"


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Who has which item open."""
    found: dict[str, str] = {}
    monkeypatch.setattr(deciding, "others_at", lambda _, item: found.get(item))
    return found


def test_the_next_item_is_open_and_around_the_end(others: dict[str, str]) -> None:
    items = Items("abcd")
    assert next_open(Somebody(), items, {"c": 1}, "b") == "d"
    assert next_open(Somebody(), items, {"a": 1}, "d") == "b"
    assert next_open(Somebody(), items, {"c": 1}, "d", -1) == "b"
    assert next_open(Somebody(), items, dict.fromkeys("acd"), "b") is None
    assert next_open(Somebody(), Items(), {}, None) is None
    others["c"] = "bo"
    assert next_open(Somebody(), items, {}, "b") == "d"
    others.update(dict.fromkeys("ad", "bo"))
    assert next_open(Somebody(), items, {}, "b") == "c"  # all are open: the first of them


def test_a_long_queue_costs_a_page_next_to_nothing(others: dict[str, str]) -> None:
    items = Items(f"t{k}" for k in range(100_000))
    start = time.process_time()
    for _ in range(100):
        assert next_open(Somebody(), items, {}, "t50000") == "t50001"
        assert items.index("t99999") == 99_999
        assert "t5" in items
    assert time.process_time() - start < 0.5
