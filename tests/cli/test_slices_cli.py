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
from sklearn.linear_model import LogisticRegression

from labelqa.cli.main import exit_code
from labelqa.cli.slice_remedies import _error

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
    assert "set aside 2: no label" in plain(out)
    assert "set aside 1: no prediction" in plain(out)


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


@pytest.fixture
def batches(folder):
    """Write people's labels, probabilities, and a later batch in which mails are worse and French is new."""
    rng = np.random.default_rng(4)
    data = frame()
    planted = ((data["channel"] == "chat") & (data["language"] == "de")).to_numpy()
    two = [data["label"].where(~(planted & (rng.random(N) < 0.5)), "b") for _ in range(2)]
    pd.DataFrame({"item": data["id"], "ann": two[0], "ben": two[1]}).to_csv("people.csv", index=False)
    data.assign(confidence=0.9).to_csv("sure.csv", index=False)
    after = data.copy()
    worse = (after["channel"] == "mail") & (rng.random(N) < 0.4)
    after["predicted"] = after["predicted"].where(~worse, after["label"].map({"a": "b", "b": "c", "c": "a"}))
    after["language"] = after["language"].where((after["language"] == "de") | (rng.random(N) < 0.4), "fr")
    after.to_csv("after.csv", index=False)
    after.drop(columns=["label", "predicted"]).to_csv("unlabeled.csv", index=False)
    return folder


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_every_page_says_whether_the_combination_matters(capsys, form):
    text = plain(run(capsys, "data.csv", "--format", form)[1])
    assert "Is it the combination, or one condition alone?" in text
    assert "Where channel = chat and language = de: the combination matters" in text


@pytest.mark.usefixtures("folder")
def test_the_page_shows_ranked_intervals_heat_map_and_detail(capsys):
    page = run(capsys, "data.csv", "--format", "html")[1]
    assert page.count("<svg") == 3
    assert "The numbers of channel by language" in plain(page)


@pytest.mark.usefixtures("batches")
@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_with_predictions_alone_it_says_what_is_not_known_and_what_to_provide(capsys, form):
    code, out, _ = run(capsys, "data.csv", "--diagnose", "--format", form)
    text = plain(out)
    assert code == 0
    assert "What to do about each slice?" in text
    assert "find out more first" in text
    assert "Only labels and predictions are known: they tell where errors are, but not why." in text
    assert "--annotations FILE" in text
    assert "--model linear or trees" in text
    assert "annotations=" not in text


@pytest.mark.usefixtures("batches")
def test_with_annotators_an_unclear_definition_is_told(capsys):
    code, out, _ = run(capsys, "data.csv", "--diagnose", "--annotations", "people.csv", "--format", "json")
    content = json.loads(out)
    (row,) = content["diagnosis"]["frame"]
    assert code == 0
    assert content["slices"]["frame"][0]["predicates"] == row["slice"]
    assert row["n_audited"] > 0
    assert row["definition"] > 0.1
    assert content["run"]["arguments"] == {"annotations": "people.csv", "diagnose": True, "paths": ["data.csv"]}
    assert len(content["read_log"]) == 2
    text = plain(run(capsys, "data.csv", "--diagnose", "--annotations", "people.csv")[1])
    assert "2 people labeled 600 of these rows." in text


@pytest.mark.usefixtures("batches")
def test_a_model_that_is_far_worse_than_the_predictions_does_not_stand_in(capsys):
    text = plain(run(capsys, "data.csv", "--diagnose", "--model", "linear")[1])
    assert "it cannot stand in for your model" in text
    assert "too little data" in text


@pytest.mark.usefixtures("batches")
@pytest.mark.parametrize("model", ["linear", "trees"])
def test_a_model_as_good_as_the_predictions_is_refitted(capsys, model):
    data = frame()
    data.assign(hint=data["label"].map({"a": "one", "b": "two", "c": "three"})).to_csv("hint.csv", index=False)
    code, out, _ = run(capsys, "hint.csv", "--diagnose", "--model", model)
    assert code == 0
    assert "stands in for your model" in plain(out)
    assert "Too little" in out


@pytest.mark.usefixtures("batches")
def test_remedies_as_a_table(capsys):
    assert run(capsys, "data.csv", "--diagnose", "-o", "why.csv")[0] == 0
    (row,) = rows_of("why.csv")
    assert row["slice"] == "channel = chat and language = de"
    assert row["remedy"] == "audit_more"


@pytest.mark.usefixtures("folder")
def test_without_slices_there_is_nothing_to_diagnose(capsys):
    frame().assign(predicted=frame()["label"]).to_csv("right.csv", index=False)
    code, out, _ = run(capsys, "right.csv", "--diagnose", "--model", "linear")
    assert code == 0
    assert "There is nothing to search" in plain(out)
    assert "What to do about each slice?" not in out


@pytest.mark.usefixtures("batches")
def test_calibration_and_agreement_are_measured_where_there_is_something_to_measure(capsys):
    code, _, _ = run(capsys, "sure.csv", "--by", "channel", "--annotations", "people.csv", "-o", "by.csv")
    rows = rows_of("by.csv")
    assert code == 0
    assert {r["metric"] for r in rows} == {"accuracy", "recall", "precision", "calibration", "agreement"}
    shown = next(r for r in rows if (r["slice"], r["metric"]) == ("all rows", "calibration"))
    data = frame()
    assert float(shown["estimate"]) == pytest.approx((data["label"] == data["predicted"]).mean() - 0.9)
    text = plain(run(capsys, "sure.csv", "--by", "channel", "--annotations", "people.csv")[1])
    assert "below 0 is overconfident" in text
    assert "Agreement: of 2 people, who labeled 600 of these rows." in text


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_missing_combinations_are_counted_with_bounds(capsys, form):
    code, out, _ = run(
        capsys, "data.csv", "--important", "channel=chat,fax", "--important", "language=de", "--format", form
    )
    text = plain(out)
    assert code == 0
    assert "Of 2 combinations, 1 is missing and 0 are thin." in text
    assert "Thinnest: channel = fax and language = de with no row" in text
    assert "No row has channel = fax: is it spelled so? channel holds 'chat', 'mail'." in text


@pytest.mark.usefixtures("folder")
def test_coverage_needs_no_labels_and_counts_numbers_as_they_are_typed(capsys):
    Path("bare.csv").write_text("size,kind\n" + "1,a\n2,b\n" * 40)
    assert run(capsys, "bare.csv", "--important", "size=1,3", "--least", "50", "-o", "cover.csv")[0] == 0
    rows = {r["combination"]: r for r in rows_of("cover.csv")}
    assert (rows["size = 3"]["status"], rows["size = 1"]["status"]) == ("missing", "thin")
    assert rows["size = 1"]["n_more"] == "10"
    assert float(rows["size = 3"]["share_high"]) == pytest.approx(3 / 80, rel=0.05)
    content = json.loads(run(capsys, "bare.csv", "--important", "size=1,3", "--format", "json")[1])
    assert content["type"] == "SliceCoverage"
    assert content["run"]["arguments"] == {"important": {"size": ["1", "3"]}, "paths": ["bare.csv"]}


@pytest.mark.usefixtures("batches")
@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_what_changed_between_batches_is_shown(capsys, form):
    code, out, _ = run(capsys, "data.csv", "--compare", "after.csv", "--format", form)
    text = plain(out)
    assert code == 0
    assert "channel = mail: error rose" in text
    assert "language = fr" in text
    assert "Before: data.csv. After: after.csv." in text


@pytest.mark.usefixtures("batches")
def test_a_batch_without_labels_is_compared_by_its_shares(capsys):
    code, out, _ = run(capsys, "data.csv", "--compare", "unlabeled.csv")
    text = plain(out)
    assert code == 0
    assert "Errors were not compared: unlabeled.csv has no predictions." in text
    assert "language = fr" in text
    assert "error rose" not in text


@pytest.mark.usefixtures("batches")
def test_the_same_batch_has_not_changed(capsys):
    code, _, _ = run(capsys, "data.csv", "--compare", "data.csv", "-o", "drift.csv")
    assert (code, rows_of("drift.csv")) == (0, [])
    assert "No change beyond chance." in plain(run(capsys, "data.csv", "--compare", "data.csv")[1])


@pytest.mark.usefixtures("batches")
def test_changes_as_json(capsys):
    content = json.loads(run(capsys, "data.csv", "--compare", "after.csv", "--format", "json")[1])
    assert content["type"] == "SliceDrift"
    assert len(content["read_log"]) == 2
    assert content["run"]["arguments"] == {"compare": "after.csv", "paths": ["data.csv"]}


@pytest.mark.usefixtures("batches")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["data.csv", "--diagnose", "--by", "channel"], "--by and --diagnose are different questions"),
        (["data.csv", "--diagnose", "--error", "length"], "a column of errors does not tell them"),
        (["data.csv", "--annotations", "people.csv"], "--annotations is for --diagnose and --by"),
        (["data.csv", "--model", "linear"], "--model is for --diagnose"),
        (["data.csv", "--diagnose", "--model", "forest"], "is not one of 'linear', 'trees'"),
        (["data.csv", "--diagnose", "--annotations", "gone.csv"], "gone.csv: there is no such file"),
        (["data.csv", "--diagnose", "--annotations", "others.csv"], "no item of others.csv ('zz') is a row of"),
        (["data.csv", "--diagnose", "--annotations", "twice.csv"], "twice.csv holds 2 rounds"),
        (["numbers.csv", "--diagnose"], "these are numbers with decimals"),
        (["data.csv", "--important", "channel"], "'channel' is not of the form COLUMN=VALUE,VALUE"),
        (["data.csv", "--important", "chanel=chat"], "did you mean 'channel'?"),
        (["data.csv", "--important", "channel=chat", "--label", "label"], "--label has no meaning with --important"),
        (["data.csv", "--least", "5"], "--least is for --important"),
        (["data.csv", "--probability", "length"], "--probability is for --by"),
        (["data.csv", "--by", "channel", "--probability", "language"], "column 'language' holds what is no number"),
        (["data.csv", "--by", "channel", "--probability", "length"], "which is no probability"),
        (["data.csv", "--compare", "gone.csv"], "gone.csv: there is no such file"),
        (["data.csv", "--compare", "numbers.csv"], "classes in one, numbers in the other"),
        (["data.csv", "--compare", "other.csv"], "the batches share no column"),
        (["data.csv", "--compare", "after.csv", "--groups", "id"], "--compare cannot keep --groups together"),
        (["data.csv", "--compare", "after.csv", "-o", "after.csv"], "is the input file"),
        (["double.csv"], "column name 'a' occurs 2 times"),
        (["double.csv", "--important", "a=1"], "column name 'a' occurs 2 times"),
    ],
)
def test_what_cannot_be_diagnosed_or_compared_is_one_clear_message(capsys, arguments, words):
    Path("others.csv").write_text("item,annotator,label\nzz,ann,a\nzz,ben,b\n")
    Path("twice.csv").write_text("item,annotator,label,round\nr1,ann,a,1\nr1,ann,b,2\n")
    Path("double.csv").write_text("a,a,label,predicted\n1,2,x,x\n1,3,y,x\n")
    Path("other.csv").write_text("u,v\n1,2\n3,4\n")
    numbers = frame().assign(label=np.arange(N) / 7, predicted=np.arange(N) / 8)
    numbers.to_csv("numbers.csv", index=False)
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err


def test_a_stand_in_is_judged_on_groups_it_did_not_see():
    """Each group has one class at random and a feature that names it: only leaks between folds tell the class."""
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(40), 10)
    labels = pd.Series(rng.choice(["a", "b"], 40)[group])
    matrix = np.eye(40)[group]
    assert _error(LogisticRegression(), matrix, labels, None, 0) < 0.05
    assert _error(LogisticRegression(), matrix, labels, pd.Series(group), 0) > 0.3
