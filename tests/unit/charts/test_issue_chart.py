"""The chart of expected wrong labels."""

from __future__ import annotations

from xml.etree import ElementTree

import pandas as pd
import pytest

import labelqa as lq
from labelqa.charts.issues import error_chart
from labelqa.charts.svg import chart_svg


def frame(high: float) -> pd.DataFrame:
    return pd.DataFrame(
        {"class": ["a", "b"], "expected_errors": [high / 2, 0.1], "low": [0.0, 0.0], "high": [high, 0.4]}
    )


def texts(svg: str) -> list[str]:
    return [e.text or "" for e in ElementTree.fromstring(svg).iter() if e.tag.endswith("}text")]


@pytest.mark.parametrize(("high", "label"), [(40.0, "40"), (4_000.0, "4,000"), (0.5, "1.0")])
def test_the_axis_reaches_as_far_as_the_ranges(high, label):
    assert label in texts(chart_svg(error_chart(frame(high)), title="t"))


def test_the_chart_of_a_result_names_the_class_with_most_first():
    probabilities = [[0.9, 0.1], [0.9, 0.1], [0.2, 0.8], [0.95, 0.05], [0.9, 0.1], [0.3, 0.7]]
    found = lq.find_label_issues(["cat", "cat", "dog", "dog", "dog", "dog"], pred_probs=probabilities)
    svg = chart_svg(found.plot(), title="t")
    assert [t for t in texts(svg) if t in ("cat", "dog")] == ["dog", "cat"]
    assert "Expected number of wrong labels" in texts(svg)
