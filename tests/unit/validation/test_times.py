"""Times and durations that cannot be right: each planted, and found with count and place."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import labelqa as lq

START = pd.Timestamp("2026-01-05T09:00:00")


def read(tmp_path, times, seconds=None, rounds=None):
    n = len(times)
    columns = {"item": [f"t{i // 2}" for i in range(n)], "annotator": ["ab"[i % 2] for i in range(n)]}
    columns |= {"label": ["x"] * n, "timestamp": times}
    columns |= {} if seconds is None else {"duration": seconds}
    columns |= {} if rounds is None else {"round": rounds}
    path = tmp_path / "labels.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    return lq.read_annotations(path)


def minutes(n):
    return [(START + pd.Timedelta(minutes=i)).isoformat() for i in range(n)]


def finding(annotations, code, **asked):
    found = [f for f in lq.validate_annotations(annotations, **asked).findings if f.code == code]
    return found[0] if found else None


def test_times_in_order_raise_nothing(tmp_path):
    codes = {f.code for f in lq.validate_annotations(read(tmp_path, minutes(60), [20.0] * 60)).findings}
    assert not {c for c in codes if "time" in c or "duration" in c}


@pytest.mark.parametrize("time", ["1970-01-01T00:00:05", "2133-01-01T00:00:00"])
def test_a_time_of_an_empty_clock_or_another_unit_is_an_error_with_its_row(time, tmp_path):
    times = minutes(60)
    times[9] = time
    found = finding(read(tmp_path, times), "impossible_time")
    assert (found.severity, found.count) == ("error", 1)
    assert found.examples[0].row == 11


def test_times_outside_the_expected_range_are_errors_and_the_last_day_counts_whole(tmp_path):
    labels = read(
        tmp_path, ["2026-01-04T23:59:59", "2026-01-05T00:00:00", "2026-01-05T23:59:59", "2026-01-06T00:00:00"]
    )
    early = finding(labels, "too_early", expect={"time_range": ["2026-01-05", "2026-01-05"]})
    late = finding(labels, "too_late", expect={"time_range": ["2026-01-05", "2026-01-05"]})
    assert (early.count, early.examples[0].row) == (1, 2)
    assert (late.count, late.examples[0].row) == (1, 5)


def test_one_time_for_all_labels_is_that_of_an_export(tmp_path):
    assert finding(read(tmp_path, ["2026-01-05T09:00:00"] * 40), "one_time").count == 40


def test_a_step_back_in_a_file_in_order_is_noted_and_a_shuffled_file_is_not(tmp_path):
    times = minutes(100)
    times[50] = "2026-01-05T09:10:30"
    assert finding(read(tmp_path, times), "time_goes_back").count == 1
    shuffled = list(np.random.default_rng(0).permutation(minutes(100)))
    assert finding(read(tmp_path, shuffled), "time_goes_back") is None


@pytest.mark.parametrize(
    ("seconds", "code", "severity"),
    [(-3.0, "negative_duration", "error"), (0.0, "zero_duration", "warning"), (90_000.0, "long_duration", "warning")],
)
def test_a_duration_that_cannot_be_is_found_with_its_row(seconds, code, severity, tmp_path):
    given = [20.0] * 40
    given[7] = seconds
    found = finding(read(tmp_path, minutes(40), given), code)
    assert (found.severity, found.count, found.examples[0].row) == (severity, 1, 9)


def test_durations_that_are_all_zero_were_not_measured(tmp_path):
    found = finding(read(tmp_path, minutes(40), [0.0] * 40), "zero_duration")
    assert (found.severity, found.count) == ("note", 40)
    assert "not measured" in found.what


def test_durations_that_look_like_milliseconds_are_told(tmp_path):
    found = finding(read(tmp_path, minutes(40), [20_000.0] * 20 + [95_000.0] * 20), "long_duration")
    assert found.count == 20
    assert "milliseconds" in found.next_step


def test_a_duration_longer_than_the_time_since_the_label_before_is_noted(tmp_path):
    given = [20.0] * 60
    given[30] = 3600.0
    found = finding(read(tmp_path, minutes(60), given), "duration_over_gap")
    assert (found.count, found.examples[0].row) == (1, 32)


@pytest.mark.parametrize("size", [2, 5, 20])
def test_the_time_of_a_page_that_was_divided_by_its_labels_is_no_contradiction(size: int, tmp_path):
    pages = [(START + pd.Timedelta(minutes=10 * (i // (2 * size)))).isoformat() for i in range(8 * size)]
    divided = read(tmp_path, pages, [540.0 / size] * len(pages))
    assert finding(divided, "duration_over_gap") is None


def test_the_time_of_a_page_that_was_written_to_each_of_its_labels_is_noted_where_pages_come_before_and_after(tmp_path):
    pages = [(START + pd.Timedelta(minutes=10 * (i // 10))).isoformat() for i in range(40)]
    found = finding(read(tmp_path, pages, [540.0] * 40), "duration_over_gap")
    assert (found.count, found.examples[0].row) == (20, 12)
