"""Run metadata."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from labelqa._version import __version__
from labelqa.errors import ParameterError
from labelqa.runinfo import InputFile, make_run_info


def test_versions_are_those_that_run():
    info = make_run_info()
    assert info.labelqa == __version__
    assert info.numpy == np.__version__


def test_source_date_epoch_fixes_the_time(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert make_run_info().created_utc == "1970-01-02T00:00:00Z"


def test_bad_source_date_epoch_is_named_with_the_next_step(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    expected = r"SOURCE_DATE_EPOCH='yesterday' is not a time \(allowed: 0 to 253402300799\). Set it to whole seconds"
    with pytest.raises(ParameterError, match=expected):
        make_run_info()


@pytest.mark.parametrize("bad", ["abc", "1.5", "-1", "1_000", "253402300800", "9" * 30, "9" * 5000, "\u0661"])
def test_every_source_date_epoch_that_is_no_time_is_refused_with_what_is_allowed(monkeypatch, bad):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", bad)
    with pytest.raises(ParameterError, match=r"allowed: 0 to 253402300799") as caught:
        make_run_info()
    assert caught.value.problems[0].parameter == "SOURCE_DATE_EPOCH"
    assert caught.value.problems[0].value == bad
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_source_date_epoch_counts_as_unset(monkeypatch, empty):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", empty)
    assert make_run_info().created_utc > "2024"


def test_the_last_second_that_can_be_written_is_allowed(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "253402300799")
    assert make_run_info().created_utc == "9999-12-31T23:59:59Z"


def test_no_folder_of_the_machine_gets_into_the_arguments():
    given = {
        "source": "/folder/of/me/secret/labels.csv",
        "paths": ("sub/deep/labels.csv", "./b.csv", "C:\\data\\me\\c.csv", "folder/", "."),
        "output": "../out/report.html",
        "anything": Path("/folder/of/me/out.html"),
        "nested": {"paths": ["/a/b/c.csv"]},
    }
    assert make_run_info(arguments=given).arguments == {
        "source": "labels.csv",
        "paths": ["labels.csv", "b.csv", "c.csv", "folder", "."],
        "output": "report.html",
        "anything": "out.html",
        "nested": {"paths": ["c.csv"]},
    }


def test_arguments_that_are_no_paths_stay_as_they_are():
    given = {
        "label": "/answer/text",
        "classes": ["/a/b", "and/or"],
        "level": 0.95,
        "round": None,
        "map": {"/x/y": "/z"},
    }
    assert make_run_info(arguments=given).arguments == given


def test_sets_are_listed_in_order_whatever_is_in_them():
    given = {"classes": {"b", "a", "c"}, "mixed": frozenset({2, "1", 10}), "paths": {"y/b.csv", "x/a.csv"}}
    assert make_run_info(arguments=given).arguments == {
        "classes": ["a", "b", "c"],
        "mixed": ["1", 10, 2],
        "paths": ["a.csv", "b.csv"],
    }


def test_to_dict_holds_every_field():
    info = make_run_info(
        seed=3, inputs=[InputFile(name="a.csv", sha256="00", rows=2)], mapping={"annotators": ("a", "b")}
    )
    found = info.to_dict()
    assert found["seed"] == 3
    assert found["inputs"] == [{"name": "a.csv", "sha256": "00", "rows": 2}]
    assert found["mapping"] == {"annotators": ["a", "b"]}
    assert set(found) == set(type(info).__slots__)
