"""A project to run commands on: made once, copied for each test."""

from __future__ import annotations

import os
import shutil

import pytest

from labelqa.cli.main import exit_code
from tests.cli.campaign import fill, revise, write_inputs


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return an empty folder with labels.csv and pool.csv, as the working folder of lea."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LABELQA_ACTOR", "lea")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    monkeypatch.delenv("LABELQA_DB", raising=False)
    write_inputs()
    return tmp_path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a folder with a project whose second round is open and exported, made once a module."""
    place = tmp_path_factory.mktemp("project")
    before, actor = os.getcwd(), os.environ.get("LABELQA_ACTOR")  # noqa: PTH109  # chdir takes it back
    os.chdir(place)
    os.environ.update({"LABELQA_ACTOR": "lea", "LABELQA_DB": "tickets.db"})
    try:
        write_inputs()
        steps = [
            ["project", "init", "tickets.db", "labels.csv", "--items", "pool.csv", "--target", "0.8"],
            ["guidelines", "export", "guideline.md"],
        ]
        assert [exit_code(s) for s in steps] == [0, 0]
        revise()
        steps = [
            ["guidelines", "import", "guideline.md", "--reason", "refund was unclear"],
            ["round", "design", "--annotators", "ana,bo", "--paired", "20", "--fresh", "30", "--control", "15",
             "--held-out", "15"],
            ["round", "export", "2", "out"],
        ]  # fmt: skip
        assert [exit_code(s) for s in steps] == [0, 0, 0]
        for who in ("ana", "bo"):
            fill(f"out/round-2-{who}.csv", who, f"{who}.csv")
    finally:
        os.chdir(before)
        os.environ.pop("LABELQA_DB")
        os.environ.pop("LABELQA_ACTOR")
        if actor is not None:
            os.environ["LABELQA_ACTOR"] = actor
    return place


@pytest.fixture
def campaign(made, tmp_path, monkeypatch):
    """Return a copy of the project as the working folder of lea, its lead."""
    target = tmp_path / "copy"
    shutil.copytree(made, target)
    monkeypatch.chdir(target)
    monkeypatch.setenv("LABELQA_ACTOR", "lea")
    monkeypatch.setenv("LABELQA_DB", "tickets.db")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    return target
