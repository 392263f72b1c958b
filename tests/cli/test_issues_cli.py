"""labelqa issues: what is written, what readers see, and what is refused."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from labelqa.cli.main import exit_code

N = 90
WRONG = (4, 31, 77)
TOPICS = {"sport": "goal match team", "music": "song choir tune", "food": "bread soup cheese"}


def frame() -> pd.DataFrame:
    """Return texts of three topics, whose label is wrong in three rows."""
    rng = np.random.default_rng(0)
    truth = [list(TOPICS)[i % 3] for i in range(N)]
    texts = [" ".join(rng.choice(TOPICS[t].split(), 4)) for t in truth]
    labels = [list(TOPICS)[(i + 1) % 3] if i in WRONG else t for i, t in enumerate(truth)]
    return pd.DataFrame({"id": [f"{i:03d}" for i in range(N)], "text": texts, "label": labels})


def probabilities(labels: pd.Series) -> pd.DataFrame:
    """Return probabilities of a good model, one column a class."""
    truth = [list(TOPICS)[i % 3] for i in range(len(labels))]
    return pd.DataFrame({c: [0.9 if t == c else 0.05 for t in truth] for c in sorted(TOPICS)})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = frame()
    data.to_csv("data.csv", index=False)
    probs = probabilities(data["label"])
    np.save("probs.npy", probs.to_numpy())
    probs.to_csv("probs.csv", index=False)
    return tmp_path


def run(capsys, *arguments):
    code = exit_code(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def plain(page: str) -> str:
    return " ".join(re.sub(r"(?s)<style>.*?</style>|<[^>]+>", " ", page).replace("\\", "").split())


def rows_of(path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(Path(path).read_text(encoding="utf-8").splitlines()))


@pytest.mark.usefixtures("folder")
def test_models_trained_on_texts_put_the_wrong_labels_first(capsys):
    code, _, err = run(capsys, "issues", "data.csv", "--label", "label", "--text", "text", "-o", "issues.csv")
    assert code == 0
    assert err.splitlines()[-1] == "wrote issues.csv"
    rows = rows_of("issues.csv")
    assert len(rows) == N
    assert {r["item"] for r in rows[:3]} == {f"{i:03d}" for i in WRONG}
    assert rows[0]["text"]
    assert "models say" in rows[0]["evidence"]


@pytest.mark.usefixtures("folder")
def test_a_second_call_takes_what_the_cache_holds(capsys):
    command = ["issues", "data.csv", "--text", "text", "--cache", "kept", "--repeats", "1", "-o"]
    run(capsys, *command, "a.csv")
    (kept,) = Path("kept").iterdir()
    before = kept.stat().st_mtime_ns
    run(capsys, *command, "b.csv")
    assert kept.stat().st_mtime_ns == before
    assert Path("a.csv").read_bytes() == Path("b.csv").read_bytes()


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("form", ["html", "markdown", "text"])
def test_every_page_says_how_many_which_why_and_what_to_do(capsys, form):
    code, out, _ = run(capsys, "issues", "data.csv", "--pred-probs", "probs.npy", "--format", form)
    assert code == 0
    text = plain(out)
    assert "of 90 labels are probably wrong" in text
    assert "the given probabilities alone say: check a sample to know" in text
    assert "The labels to look at first" in text
    assert "Wrong labels of each class" in text
    assert "review_sample(100)" in text
    assert "undefined" not in text
    assert "song" in text or "goal" in text


@pytest.mark.usefixtures("folder")
def test_probabilities_come_as_an_array_or_as_a_table_or_as_several(capsys):
    for i, files in enumerate((["probs.npy"], ["probs.csv"], ["probs.npy", "probs.csv"])):
        options = [part for name in files for part in ("--pred-probs", name)]
        assert run(capsys, "issues", "data.csv", *options, "-o", f"{i}.csv")[0] == 0
    first, second, both = (rows_of(f"{i}.csv") for i in range(3))
    assert first == second
    assert {r["item"] for r in both[:3]} == {f"{i:03d}" for i in WRONG}
    assert "2 of 2 models" in both[0]["evidence"]


@pytest.mark.usefixtures("folder")
def test_probabilities_that_name_their_rows_are_matched_by_name(capsys):
    data = frame()
    named = probabilities(data["label"]).assign(id=data["id"]).sample(frac=1, random_state=0)
    named.to_csv("named.csv", index=False)
    run(capsys, "issues", "data.csv", "--pred-probs", "named.csv", "-o", "named_out.csv")
    run(capsys, "issues", "data.csv", "--pred-probs", "probs.csv", "-o", "plain_out.csv")
    assert rows_of("named_out.csv") == rows_of("plain_out.csv")


@pytest.mark.usefixtures("folder")
def test_rows_without_a_label_are_counted_and_named(capsys):
    data = frame()
    data.loc[[2, 5], "label"] = [None, "  "]
    data.to_csv("gaps.csv", index=False)
    for name in ("probs.npy", "probs.csv"):  # the probabilities have all rows
        code, out, _ = run(capsys, "issues", "gaps.csv", "--pred-probs", name)
        assert code == 0
        assert "90 rows, 88 labels used" in plain(out)
        assert "set aside 2: empty cell in place of a label, rows 4, 7" in plain(out)


@pytest.mark.usefixtures("folder")
def test_rows_without_names_are_called_by_their_number_in_the_file(capsys):
    frame().drop(columns="id").to_csv("nameless.csv", index=False)
    run(capsys, "issues", "nameless.csv", "--pred-probs", "probs.npy", "-o", "out.csv")
    assert {r["item"] for r in rows_of("out.csv")[:3]} == {str(i + 2) for i in WRONG}  # row 1 is the header


@pytest.mark.usefixtures("folder")
def test_whole_numbers_are_columns_of_an_array(capsys):
    data = frame()
    data["label"] = data["label"].map({"sport": "0", "music": "1", "food": "3"})  # nobody uses class 2
    data.to_csv("numbers.csv", index=False)
    truth = np.array([(0, 1, 3)[i % 3] for i in range(N)])
    np.save("four.npy", np.where(np.arange(4) == truth[:, None], 0.94, 0.02))
    assert run(capsys, "issues", "numbers.csv", "--pred-probs", "four.npy", "-o", "out.csv")[0] == 0
    assert {r["item"] for r in rows_of("out.csv")[:3]} == {f"{i:03d}" for i in WRONG}


@pytest.mark.usefixtures("folder")
def test_annotators_are_further_evidence(capsys):
    data = frame()
    truth = [list(TOPICS)[i % 3] for i in range(N)]
    long = pd.concat([pd.DataFrame({"item": data["id"], "annotator": who, "label": truth}) for who in "abc"])
    long.to_csv("long.csv", index=False)
    code, out, _ = run(
        capsys, "issues", "data.csv", "--item", "id", "--annotators", "long.csv", "--pred-probs", "probs.npy"
    )
    assert code == 0
    assert "the given probabilities and the annotators" in plain(out)
    assert run(capsys, "issues", "data.csv", "--item", "id", "--annotators", "long.csv", "-o", "out.csv")[0] == 0
    worst = rows_of("out.csv")[:3]
    assert {r["item"] for r in worst} == {f"{i:03d}" for i in WRONG}
    assert "3 of 3 annotators say" in worst[0]["evidence"]


@pytest.mark.usefixtures("folder")
def test_json_has_every_label_and_the_record_of_the_run(capsys):
    code, out, _ = run(capsys, "issues", "data.csv", "--pred-probs", "probs.npy", "--format", "json")
    assert code == 0
    content = json.loads(out)
    assert content["type"] == "LabelIssues"
    assert len(content["issues"]) == N
    assert content["run"]["arguments"]["pred_probs"] == ["probs.npy"]
    assert content["read_log"]["n_labels_used"] == N


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("limit", "expected", "words"), [("0.5", 0, "gate met"), ("0.001", 1, "gate not met")])
def test_the_gate_looks_at_the_share_of_labels_that_are_expected_to_be_wrong(capsys, limit, expected, words):
    code, _, err = run(capsys, "issues", "data.csv", "--pred-probs", "probs.npy", "--fail-over", limit)
    assert code == expected
    assert words in err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--label", "lable"], "there is no column 'lable' (allowed: id, text, label; did you mean 'label'?)"),
        (["--text", "texts", "--groups", "doc"], "there is no column 'doc'"),
        (["--fail-over", "2"], "2 is not a share of labels"),
        (["--item", "text"], "column 'text' does not name each row once"),
        (["--pred-probs", "data.csv"], "data.csv: no column holds the probability of sport, music, food"),
        (["--pred-probs", "short.npy"], "there are 3 rows of probabilities, but 90 rows of data"),
        (["--pred-probs", "objects.npy"], "this is no array of numbers"),
        (["--pred-probs", "missing.npy"], "there is no such file"),
        (["--pred-probs", "probs.npy", "-o", "probs.npy"], "is the input file"),
    ],
)
def test_what_cannot_be_is_one_clear_message(capsys, arguments, words):
    np.save("short.npy", np.full((3, 3), 1 / 3))
    np.save("objects.npy", np.array([{"a": 1}, None]), allow_pickle=True)
    code, _, err = run(capsys, "issues", "data.csv", *arguments)
    assert code == 2
    assert words in err
    assert "Traceback" not in err


@pytest.mark.usefixtures("folder")
def test_annotators_need_the_names_of_the_rows(capsys):
    frame().drop(columns="id").to_csv("nameless.csv", index=False)
    code, _, err = run(capsys, "issues", "nameless.csv", "--annotators", "data.csv")
    assert code == 2
    assert "name their column with --item" in err


@pytest.mark.usefixtures("folder")
def test_ordered_classes_keep_the_order_that_was_named(capsys):
    code, out, _ = run(
        capsys, "issues", "data.csv", "--pred-probs", "probs.csv", "--classes", "food,music,sport",
        "--level", "ordinal", "--format", "json",
    )  # fmt: skip
    assert code == 0
    schema = json.loads(out)["schema"]
    assert schema["classes"] == ["food", "music", "sport"]
    assert schema["level"] == "ordinal"


@pytest.mark.usefixtures("folder")
def test_features_that_tell_nothing_end_in_words_and_fail_the_gate(capsys):
    rows = "\n".join(f"{'ab'[i % 2]},{(i * 7919) % 101}" for i in range(60))
    Path("noise.csv").write_text(f"label,z\n{rows}\n")
    code, out, err = run(capsys, "issues", "noise.csv", "--features", "z", "--fail-over", "0.05", "--repeats", "1")
    assert code == 1
    assert "cannot be said" in plain(out)
    assert "gate cannot be judged: the features do not predict the labels" in " ".join(err.split())
    assert run(capsys, "issues", "noise.csv", "--features", "z", "--repeats", "1", "-o", "noise.html")[0] == 0
    assert "do not predict" in Path("noise.html").read_text()


def two_clouds() -> pd.DataFrame:
    """Rows that a model can tell apart, one label wrong."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 80)
    labels = np.array(["no", "yes"])[truth]
    labels[3] = {"no": "yes", "yes": "no"}[labels[3]]
    return pd.DataFrame({"label": labels, "x": truth * 6 + rng.standard_normal(80), "y": rng.standard_normal(80)})


@pytest.mark.usefixtures("folder")
def test_the_label_is_no_feature_of_itself_under_whatever_name(capsys):
    frame = two_clouds()
    frame["label_code"] = (frame["label"] == "yes").astype(int)
    frame.to_csv("coded.csv", index=False)
    code, out, _ = run(capsys, "issues", "coded.csv", "--repeats", "1")
    assert code == 0
    assert "About 1 of 80 labels is probably wrong" in " ".join(plain(out).split())
    code, _, err = run(capsys, "issues", "coded.csv", "--features", "label,x")
    assert code == 2
    assert "holds the labels" in err


@pytest.mark.usefixtures("folder")
def test_embeddings_in_a_parquet_column_are_features(capsys):
    frame = two_clouds()
    frame["vector"] = [np.array([a, b]) for a, b in zip(frame.pop("x"), frame.pop("y"), strict=True)]
    frame.to_parquet("vectors.parquet")
    code, out, err = run(capsys, "issues", "vectors.parquet", "--repeats", "1")
    assert code == 0, err
    assert "About 1 of 80 labels is probably wrong" in " ".join(plain(out).split())


def test_the_help_says_that_the_gate_is_not_met_where_nothing_can_be_said(capsys):
    code, out, _ = run(capsys, "issues", "--help")
    assert code == 0
    assert "or if nothing can be said of the labels" in " ".join(out.split())


@pytest.mark.usefixtures("folder")
def test_the_page_names_copies_of_the_labels_that_were_not_trained_on(capsys):
    frame = two_clouds()
    frame.assign(category_id=frame["label"].map({"no": 1, "yes": 2})).to_csv("copy.csv", index=False)
    code, out, _ = run(capsys, "issues", "copy.csv", "--repeats", "1")
    assert code == 0
    assert "Models were trained on 'x', 'y' (not trained on" in plain(out)
    assert "copies of the labels: 'category_id')" in plain(out)


@pytest.mark.usefixtures("folder")
def test_embeddings_are_no_groups(capsys):
    pd.DataFrame({"label": ["a", "b"], "x": [1.0, 2.0], "vector": [[1.0], [2.0]]}).to_parquet("vectors.parquet")
    code, _, err = run(capsys, "issues", "vectors.parquet", "--features", "x", "--groups", "vector")
    assert code == 2
    assert "column 'vector' holds arrays" in err
