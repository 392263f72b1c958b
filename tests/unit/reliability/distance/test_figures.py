"""Figures with their intervals: each computed once, each by the one rule of all results."""

import math

import numpy as np
import pytest

from labelqa.errors import ParameterError
from labelqa.inference.intervals import jackknife_standard_error, t_interval
from labelqa.reliability import names
from labelqa.reliability.distance.boxes import box_agreement
from labelqa.reliability.distance.figures import Figure, figure
from labelqa.reliability.distance.spans import span_agreement
from tests.unit.reliability.distance import data as draw


def spans(n=20):
    return span_agreement(draw.answers(draw.spans, "spans", n=n))


def boxes(n=20):
    return box_agreement(draw.answers(draw.boxes, "boxes", n=n))


class OneUndefined:
    """Three items; without the last the figure is undefined."""

    def leave_one_out(self):
        return np.array([0.5, 0.6, math.nan]), np.array([1, 1, 1])

    def resample(self, n_resamples, rng):
        return rng.random(n_resamples)


@pytest.mark.parametrize("measure", [spans, boxes])
def test_each_interval_is_computed_once(measure):
    result = measure()
    for found in result.figures.values():
        if found.sample is not None:
            assert found.interval() is found.interval()
            assert found.interval() is found.interval(0.95, "bootstrap", 1000, 0)
            assert found.interval() is not found.interval(0.9)


def test_the_jackknife_interval_is_students_t_over_items():
    found = next(f for f in spans().figures.values() if f.sample is not None)
    values, times = found.sample.leave_one_out()
    expected = t_interval(
        found.value,
        jackknife_standard_error(values, times),
        level=0.95,
        degrees=times.sum() - 1,
        method="jackknife",
    )
    assert tuple(found.interval(method="jackknife")) == pytest.approx(tuple(expected), abs=1e-12)


def test_a_leave_one_out_value_without_a_number_is_a_reason_not_an_interval():
    found = figure(0.5, OneUndefined(), n=3, n_items=3, reason="").interval(method="jackknife")
    assert math.isnan(found.low)
    assert found.undefined_because == names.LEAVE_ONE_OUT_UNDEFINED


def test_a_figure_without_items_says_so():
    assert Figure(value=0.5, n=3).interval().undefined_because == names.UNKNOWN_ITEMS


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "analytic"}, "method='analytic' is not known"),
        ({"level": 2}, "confidence level 2 is not a share"),
        ({"n_resamples": 1}, "n_resamples=1 resamples give no interval"),
    ],
)
def test_wrong_arguments_are_told(arguments, message):
    with pytest.raises(ParameterError, match=message):
        spans().confidence_interval(**arguments)
