"""labelqa slices: what is written, what readers see, and what is refused."""

from __future__ import annotations

import csv
import html
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from labelqa.cli.main import exit_code

N = 600


def frame() -> pd.DataFrame:
    """Return predictions that are wrong in 50 % of chats in German, else in 8 %."""
    rng = np.random.default_rng(1)
    data = pd.DataFrame(
        {
            "id": [f"r{i}" for i in range(N)],
            "channel": rng.choice(["chat", "mail"], N),
            "language": rng.choice(["de", "en"], N),
            "length": rng.integers(5, 200, N),
            "label": rng.choice(["a", "b", "c"], N),
        }
    )
    planted = (data["channel"] == "chat") & (data["language"] == "de")
    wrong = rng.random(N) < np.where(planted, 0.5, 0.08)
    return data.assign(predicted=np.where(wrong, data["label"].map({"a": "b", "b": "c", "c": "a"}), data["label"]))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame().to_csv("data.csv", index=False)
    return tmp_path


def run(capsys, *arguments):
    code = exit_code(["slices", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def plain(page: str) -> str:
    shown = html.unescape(re.sub(r"(?s)<style>.*?</style>|<[^>]+>", " ", page))
    return " ".join(shown.replace("\\", "").split())


def rows_of(path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(Path(path).read_text(encoding="utf-8").splitlines()))


@pytest.mark.usefixtures("folder")
def test_the_planted_slice_is_found_and_nothing_else(capsys):
    code, _, err = run(capsys, "data.csv", "--label", "label", "--prediction", "predicted", "-o", "slices.csv")
    assert code == 0
    assert err == "wrote slices.csv\n"
    (row,) = rows_of("slices.csv")
    assert row["predicates"] == "channel = chat and language = de"
    assert float(row["low"]) > 0.2


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_every_page_says_what_was_searched_and_found(capsys, form):
    code, out, _ = run(capsys, "data.csv", "--format", form)
    assert code == 0
    text = plain(out)
    assert "1 kind of rows has more wrong predictions than the rest" in text
    assert "A prediction is wrong where 'predicted' differs from 'label'." in text
    assert "Searched: 'channel', 'language', 'length'." in text
    assert "Where channel = chat and language = de" in text
    assert "600 rows, 600 labels used" in text


@pytest.mark.usefixtures("folder")
def test_named_columns_give_the_plain_table(capsys):
    code, out, _ = run(capsys, "data.csv", "--by", "channel,language")
    assert code == 0
    assert "Lowest of 4 slices: channel = chat and language = de" in plain(out)
    assert run(capsys, "data.csv", "--by", "channel", "-o", "by.csv")[0] == 0
    rows = rows_of("by.csv")
    assert {r["metric"] for r in rows} == {"accuracy", "recall", "precision"}
    data = frame()
    chats = data[data["channel"] == "chat"]
    shown = next(r for r in rows if r["slice"] == "channel = chat" and r["metric"] == "accuracy")
    assert float(shown["estimate"]) == pytest.approx((chats["label"] == chats["predicted"]).mean())


@pytest.mark.usefixtures("folder")
def test_json_is_the_result_with_the_record_of_the_run(capsys):
    code, out, _ = run(capsys, "data.csv", "--features", "channel,language", "--alpha", "0.01", "--format", "json")
    assert code == 0
    content = json.loads(out)
    assert content["type"] == "SliceTable"
    assert content["run"]["arguments"] == {"alpha": 0.01, "features": ["channel", "language"], "paths": ["data.csv"]}
    assert content["read_log"]["mapping"]["prediction"] == "predicted"


@pytest.mark.usefixtures("folder")
def test_the_same_command_gives_the_same_bytes(capsys):
    assert run(capsys, "data.csv")[1] == run(capsys, "data.csv")[1]


@pytest.mark.usefixtures("folder")
def test_errors_of_ones_own_take_the_place_of_label_and_prediction(capsys):
    data = frame()
    wrong = (data["label"] != data["predicted"]).astype(int)
    rest = data.drop(columns=["label", "predicted"])
    rest.assign(loss=2.5 * wrong + 0.1).to_csv("loss.csv", index=False)
    rest.assign(miss=wrong.map({0: "False", 1: "true"})).to_csv("miss.csv", index=False)
    code, out, _ = run(capsys, "loss.csv", "--error", "loss")
    assert code == 0
    assert "1 kind of rows has a higher error than the rest" in plain(out)
    assert run(capsys, "miss.csv", "--error", "miss", "-o", "miss_out.csv")[0] == 0
    assert rows_of("miss_out.csv")[0]["predicates"] == "channel = chat and language = de"
    code, out, _ = run(capsys, "loss.csv", "--error", "loss", "--by", "channel")
    assert code == 0
    assert "Highest of 2 slices: channel = chat" in plain(out)


@pytest.mark.usefixtures("folder")
def test_numbers_with_decimals_are_compared_by_their_distance(capsys):
    data = frame()
    far = np.where((data["channel"] == "chat") & (data["language"] == "de"), 5.0, 1.0)
    numbers = np.arange(N) / 7
    data.assign(label=numbers, predicted=numbers + far).to_csv("numbers.csv", index=False)
    code, out, _ = run(capsys, "numbers.csv")
    assert code == 0
    assert "The error is the distance between the numbers 'predicted' and 'label'" in plain(out)
    assert "channel = chat and language = de: the mean error is 5" in plain(out)


@pytest.mark.usefixtures("folder")
def test_whole_numbers_are_classes_however_they_are_spelled(capsys):
    data = frame()
    coded = data.assign(label=data["label"].map({"a": 0, "b": 1, "c": 2}))
    coded["predicted"] = data["predicted"].map({"a": "0.0", "b": "1.0", "c": "2.0"})
    coded.to_csv("coded.csv", index=False)
    run(capsys, "coded.csv", "-o", "coded_out.csv")
    run(capsys, "data.csv", "-o", "out.csv")
    assert rows_of("coded_out.csv") == rows_of("out.csv")


@pytest.mark.usefixtures("folder")
def test_rows_that_cannot_be_judged_are_counted(capsys):
    data = frame()
    data.loc[[2, 5], "label"] = None
    data.loc[[7], "predicted"] = " "
    data.to_csv("gaps.csv", index=False)
    code, out, _ = run(capsys, "gaps.csv")
    assert code == 0
    assert "600 rows, 597 labels used" in plain(out)
    assert "set aside 3: no label or no prediction" in plain(out)


@pytest.mark.usefixtures("folder")
def test_a_column_that_says_whether_a_row_is_right_is_no_finding(capsys):
    data = frame()
    data.assign(correct=data["label"] == data["predicted"]).to_csv("flag.csv", index=False)
    code, out, _ = run(capsys, "flag.csv")
    assert code == 0
    assert "Left out, as it says whether a row is right: 'correct'." in plain(out)
    assert "Where channel = chat and language = de" in plain(out)


@pytest.mark.usefixtures("folder")
def test_rows_of_a_group_are_kept_together(capsys):
    few = frame().head(40)
    pd.concat([few.assign(document=few["id"], id=few["id"] + str(i)) for i in range(10)]).to_csv(
        "many.csv", index=False
    )
    code, out, _ = run(capsys, "many.csv", "--groups", "document")
    assert code == 0
    assert "Rows with the same 'document' were kept together." in plain(out)


@pytest.mark.usefixtures("folder")
def test_where_nothing_is_wrong_there_is_nothing_to_search(capsys):
    frame().assign(predicted=frame()["label"]).to_csv("right.csv", index=False)
    code, out, _ = run(capsys, "right.csv")
    assert code == 0
    assert "There is nothing to search: the error is 0 in all 600 rows." in plain(out)
    code, out, _ = run(capsys, "right.csv", "--by", "channel")
    assert code == 0
    assert "It is the same in all 2 slices." in plain(out)


@pytest.mark.usefixtures("folder")
def test_chance_alone_is_no_finding(capsys):
    rng = np.random.default_rng(3)
    data = frame()
    wrong = rng.random(N) < 0.1
    data["predicted"] = np.where(wrong, data["label"].map({"a": "b", "b": "c", "c": "a"}), data["label"])
    data.to_csv("chance.csv", index=False)
    code, out, _ = run(capsys, "chance.csv")
    assert code == 0
    assert "No kind of rows stands out" in plain(out)
    assert "Closest:" in plain(out)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["data.csv", "--label", "lable"],
            "data.csv: there is no column 'lable' (allowed: id, channel, language, length",
        ),
        (["data.csv", "--prediction", "predictd"], "did you mean 'predicted'?"),
        (["data.csv", "--by", "chanel"], "there is no column 'chanel'"),
        (["data.csv", "--by", "id"], "column 'id' makes no slices: an identifier"),
        (["data.csv", "--error", "channel"], "data.csv row 2: column 'channel' holds"),
        (["data.csv", "--prediction", "channel"], "no prediction is one of the labels: labels are 'a', 'b', 'c'"),
        (["data.csv", "--prediction", "label"], "column 'label' is taken as prediction and as label"),
        (["data.csv", "--by", "channel", "--features", "length"], "give one or the other"),
        (["data.csv", "--error", "length", "--label", "label"], "give one or the other"),
        (["data.csv", "--alpha", "5"], "5 is not between 0 and 1"),
        (["data.csv", "--max-predicates", "4"], "4 is not in the range"),
        (["data.csv", "-o", "data.csv"], "is the input file"),
        (["bare.csv"], "bare.csv: there is nothing to search: no column describes the rows"),
        (["empty.csv"], "empty.csv: no row has a label and a prediction"),
        (["two.csv"], "several columns may hold the predictions: 'prediction', 'pred'"),
        (["missing.csv"], "there is no such file"),
    ],
)
def test_what_cannot_be_is_one_clear_message(capsys, arguments, words):
    Path("bare.csv").write_text("label,predicted\na,a\nb,a\n")
    Path("empty.csv").write_text("label,predicted,x\na,,1\n,a,2\n")
    Path("two.csv").write_text("label,prediction,pred,x\na,a,b,1\nb,a,b,2\n")
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("content", ["item,annotator,label\n1,ann,a\n1,ben,b\n", "item,ann,ben\n1,a,a\n2,a,b\n"])
def test_annotations_without_predictions_are_sent_to_the_report(capsys, content):
    Path("people.csv").write_text(content)
    code, _, err = run(capsys, "people.csv")
    assert code == 2
    assert "no predictions to compare with labels" in err
    assert "`labelqa report FILE`" in err
    assert "disagreement_slices" in err
