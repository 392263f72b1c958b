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
    with pytest.raises(ParameterError, match=r"SOURCE_DATE_EPOCH='yesterday' is not a time. Set it to whole seconds"):
        make_run_info()


def test_no_folder_of_the_machine_gets_into_the_arguments():
    given = {
        "source": "/folder/of/me/secret/labels.csv",
        "output": Path("/folder/of/me/out.html"),
        "windows": "C:\\data\\me\\labels.csv",
        "many": ["/a/b.csv", "c.csv"],
        "nested": {"inner": "/a/b/c.csv"},
        "weights": "identity",
        "level": 0.95,
    }
    assert make_run_info(arguments=given).arguments == {
        "source": "labels.csv",
        "output": "out.html",
        "windows": "labels.csv",
        "many": ["b.csv", "c.csv"],
        "nested": {"inner": "c.csv"},
        "weights": "identity",
        "level": 0.95,
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
