"""labelqa agreement on files that are counted instead of read: the same answer, the same errors, a bar, a stop."""

import json
from pathlib import Path

import pandas as pd
import pytest

from labelqa.cli import progress
from labelqa.cli.main import _message, exit_code
from labelqa.errors import EngineError, Problem
from labelqa.io import large
from tests.cli.test_compare_cli import frame


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    whole = frame(0.4, 1)
    whole.to_parquet("labels.parquet")
    whole.to_csv("labels.csv", index=False)
    whole[:90].to_parquet("part-1.parquet")
    whole[90:].to_parquet("part-2.parquet")
    whole.pivot(index="item", columns="annotator", values="label").to_csv("wide.csv")
    pd.concat([whole.assign(round=1), whole.assign(round=2)]).to_csv("rounds.csv", index=False)
    return whole


def run(capsys, *arguments):
    code = exit_code(["agreement", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def counts_anything(monkeypatch):
    monkeypatch.setattr(large, "LARGE_BYTES", {"parquet": 1, "csv": 1})


def rows_of(out):
    names = ("coefficient", "estimate", "low", "high", "n_items", "n_annotators", "n_annotations")
    return [[c[name] for name in names] for c in json.loads(out)["coefficients"]]


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("path", ["labels.parquet", "labels.csv", "part-*.parquet"])
def test_a_large_file_gives_the_numbers_of_a_small_one(capsys, monkeypatch, path):
    read = run(capsys, path, "--format", "json")[1]
    counts_anything(monkeypatch)
    code, counted, err = run(capsys, path, "--format", "json")
    assert (code, err) == (0, "")
    assert large.COUNTED in json.loads(counted)["read_log"]["notes"]
    for one, other in zip(rows_of(read), rows_of(counted), strict=True):
        assert one == pytest.approx(other, abs=1e-12)


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_every_form_is_written_from_counts(capsys, monkeypatch, form):
    counts_anything(monkeypatch)
    code, out, _ = run(capsys, "labels.parquet", "--format", form)
    assert code == 0
    assert "the files are large" in out


@pytest.mark.usefixtures("files")
def test_what_only_reading_can_do_is_read(capsys, monkeypatch):
    counts_anything(monkeypatch)
    for options in (["--merge-classes", "d=a,b"], ["--map-labels", "a=b"], ["--normalise-labels"]):
        code, out, _ = run(capsys, "labels.csv", *options)
        assert code == 0
        assert "the files are large" not in out
    assert run(capsys, "rounds.csv", "--only-round", "2")[0] == 0


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["wide.csv"], "labelqa: wide.csv: is too large to be read whole, and holds one column an annotator"),
        (["rounds.csv"], "labelqa: rounds.csv: is too large to be read whole, and holds several rounds"),
        (["labels.csv", "--label", "lable"], "did you mean 'label'?"),
        (["none-*.parquet"], "no such file"),
    ],
)
def test_large_files_that_cannot_be_counted_say_why(capsys, monkeypatch, arguments, message):
    counts_anything(monkeypatch)
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
    assert len(err.splitlines()) == 1


@pytest.mark.usefixtures("files")
def test_repeated_labels_in_a_large_file_name_nobody_where_people_are_hidden(capsys, monkeypatch):
    counts_anything(monkeypatch)
    whole = pd.read_csv("labels.csv")
    pd.concat([whole, whole.head(3)]).to_csv("repeated.csv", index=False)
    code, _, err = run(capsys, "repeated.csv", "--anonymise")
    assert code == 2
    assert not any(name in err for name in ("ana", "ben", "cem"))


@pytest.mark.usefixtures("files")
def test_a_damaged_large_file_is_one_message(capsys, monkeypatch):
    counts_anything(monkeypatch)
    content = Path("labels.parquet").read_bytes()
    Path("half.parquet").write_bytes(content[: len(content) // 2])
    code, out, err = run(capsys, "half.parquet")
    assert (code, out) == (2, "")
    assert err.startswith("labelqa: half.parquet")


@pytest.mark.parametrize("kind", ["InterruptException", "RuntimeError"])  # DuckDB raises the one or the other
def test_ctrl_c_while_an_engine_counts_says_stopped(kind):
    import duckdb

    raised = RuntimeError("Query interrupted") if kind == "RuntimeError" else duckdb.InterruptException("INTERRUPT")
    error = EngineError(Problem(what="duckdb failed while counting: Query interrupted"))
    error.__cause__ = raised
    assert _message(error) == "labelqa: stopped"
    assert _message(KeyboardInterrupt()) == "labelqa: stopped"
    assert _message(EngineError(Problem(what="duckdb failed"))) == "labelqa: duckdb failed"


def test_no_bar_is_drawn_where_nobody_would_see_it(monkeypatch):
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: False, raising=False)
    with progress.progress_bar("counting") as report:
        assert report is None


def test_a_bar_that_starts_again_counts_steps(monkeypatch, capsys):
    from rich.progress import Progress

    with Progress(disable=True) as bar:
        steps = progress.Steps(bar, bar.add_task("counting", total=1.0), "counting")
        seen = []
        for share in (0.2, 0.9, 0.85, 0.0, 1.0, 0.1):
            steps(share)
            seen.append(bar.tasks[0].description)
    assert seen == ["counting"] * 3 + ["counting, step 2"] * 2 + ["counting, step 3"]
