"""The plain table of metrics: each number against its definition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from labelqa.annotations.table import Annotations
from labelqa.errors import ColumnError, LabelqaError, ParameterError
from labelqa.reliability.estimate import agreement
from labelqa.slices.metrics import Roles, slice_metrics


def predictions(n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    label = rng.choice(["a", "b"], n)
    right = rng.random(n) < 0.8
    return pd.DataFrame(
        {
            "channel": rng.choice(["chat", "mail"], n),
            "age": rng.normal(40, 10, n),
            "label": label,
            "predicted": np.where(right, label, np.where(label == "a", "b", "a")),
            "confidence": rng.uniform(0.5, 1, n),
            "loss": rng.gamma(1, size=n),
            "ana": label,
            "ben": np.where(rng.random(n) < 0.9, label, "b"),
        }
    )


def test_accuracy_recall_and_precision_are_shares_with_wilson_intervals() -> None:
    frame = predictions()
    table = slice_metrics(frame, by="channel", metrics=["accuracy", "recall", "precision"]).to_frame()
    chat = frame[frame["channel"] == "chat"]
    right = chat["label"] == chat["predicted"]
    rows = table[table["slice"] == "channel = chat"].set_index(["metric", "class"], drop=False)
    assert rows.loc[("recall", "a"), "estimate"] == pytest.approx(right[chat["label"] == "a"].mean())
    assert rows.loc[("precision", "b"), "estimate"] == pytest.approx(right[chat["predicted"] == "b"].mean())
    accuracy = table[(table["metric"] == "accuracy") & (table["slice"] == "channel = chat")].iloc[0]
    assert accuracy["estimate"] == pytest.approx(right.mean())
    assert accuracy["low"] < accuracy["estimate"] < accuracy["high"]
    assert table["slice"].iloc[0] == "all rows"
    assert table["n"].iloc[0] == 300


def test_calibration_agreement_and_means() -> None:
    frame = predictions()
    table = slice_metrics(
        frame, by="channel", metrics=["calibration", "agreement", "loss"], roles=Roles(annotators=["ana", "ben"])
    ).to_frame()
    mail = frame[frame["channel"] == "mail"]
    rows = table[table["slice"] == "channel = mail"].set_index("metric")
    expected = (mail["label"] == mail["predicted"]).mean() - mail["confidence"].mean()
    assert rows.loc["calibration", "estimate"] == pytest.approx(expected)
    assert rows.loc["loss", "estimate"] == pytest.approx(mail["loss"].mean())
    alpha = agreement(Annotations.from_wide(mail[["ana", "ben"]]))
    assert rows.loc["agreement", "estimate"] == pytest.approx(alpha.estimate)


def test_several_columns_are_crossed_and_numbers_cut() -> None:
    table = slice_metrics(predictions(), by=["channel", "age"]).to_frame()
    assert "channel = chat and age < 30" in table["slice"].tolist()
    assert table["n"][1:].sum() == table["n"][0] == 300


def test_a_constant_column_gives_all_rows_only() -> None:
    frame = predictions().assign(same="x")
    assert slice_metrics(frame, by="same").to_frame()["slice"].tolist() == ["all rows"]


def test_slices_without_rows_that_count_say_why() -> None:
    frame = predictions()
    frame.loc[frame["channel"] == "chat", ["label", "ana", "ben"]] = None
    table = slice_metrics(
        frame, by="channel", metrics=["accuracy", "agreement"], roles=Roles(annotators=["ana", "ben"])
    ).to_frame()
    chat = table[table["slice"] == "channel = chat"]
    assert chat["estimate"].isna().all()
    assert chat["reason"].tolist() == ["there are no such rows", "there are no labels"]


def test_the_result_reads_and_draws() -> None:
    found = slice_metrics(predictions(), by="channel", metrics=["recall"])
    assert repr(found).startswith("recall by channel, lowest first")
    assert 3 <= len(repr(found).splitlines()) <= 6
    assert found.plot().to_dict()["layer"]


def test_missing_columns_are_all_named_at_once() -> None:
    with pytest.raises(ColumnError) as caught:
        slice_metrics(predictions(), by="chanel", metrics=["accuracy", "los"])
    text = str(caught.value)
    assert "there is no column 'chanel'" in text
    assert "did you mean 'channel'?" in text
    assert "there is no column 'los'" in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metrics": []}, "metrics=[] is not a list of metrics"),
        ({"metrics": "accuracy"}, "metrics='accuracy' is not a list of metrics"),
        ({"metrics": ["channel"]}, "column 'channel' holds what is no number"),
        ({"by": "id"}, "column 'id' makes no slices: an identifier"),
        ({"level": 2}, "confidence level 2 is not a share"),
    ],
)
def test_wrong_input_gives_one_clear_message(options: dict[str, object], message: str) -> None:
    frame = predictions().assign(id=[f"u{i}" for i in range(300)])
    with pytest.raises(ParameterError) as caught:
        slice_metrics(frame, **{"by": "channel", **options})  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("change", "arguments", "words"),
    [
        (lambda d: d.to_numpy(), {"by": "channel"}, "frame is a ndarray, not a table"),
        (lambda d: d, {"by": []}, "by names no column"),
        (lambda d: pd.concat([d, d[["label"]]], axis=1), {"by": "channel"}, "several columns are called 'label'"),
        (lambda d: d.assign(loss=np.inf), {"by": "channel", "metrics": ["loss"]}, "column 'loss' is infinite in"),
        (lambda d: d.assign(label=[["x"]] * len(d)), {"by": "channel", "metrics": ["recall"]}, "'label' holds values"),
        (
            lambda d: d.assign(confidence="high"),
            {"by": "channel", "metrics": ["calibration"]},
            "holds what is no number",
        ),
        (
            lambda d: d.assign(confidence=85.0),
            {"by": "channel", "metrics": ["calibration"]},
            "85, which is no probability",
        ),
    ],
)
def test_input_that_cannot_be_measured_is_one_clear_message(change, arguments, words) -> None:
    with pytest.raises(LabelqaError, match=words):
        slice_metrics(change(predictions()), **arguments)


@pytest.mark.parametrize("dtype", [object, "string", "category"])
def test_rows_without_a_label_count_nowhere_and_without_a_prediction_are_wrong(dtype) -> None:
    label = pd.Series(["a", "b", None, "a", "b", None], dtype=dtype)
    predicted = pd.Series(["a", "a", "a", None, "b", "c"], dtype=dtype)
    frame = pd.DataFrame({"half": ["x", "y"] * 3, "label": label, "predicted": predicted})
    table = slice_metrics(frame, by="half", metrics=["accuracy", "precision", "recall"]).to_frame()
    whole = table[table["slice"] == "all rows"]
    assert whole[["metric", "class", "n", "estimate"]].values.tolist() == [
        ["accuracy", None, 4, 0.5],
        ["precision", "a", 2, 0.5],
        ["precision", "b", 1, 1.0],
        ["recall", "a", 2, 0.5],
        ["recall", "b", 2, 0.5],
    ]


def test_classes_that_are_numbers_stay_whole() -> None:
    frame = pd.DataFrame({"half": ["x", "y"] * 4, "label": [1, 1, 2, 2] * 2, "predicted": [1, 1, 2, 1] * 2})
    table = slice_metrics(frame, by="half", metrics=["accuracy", "recall"]).to_frame()
    assert {str(c) for c in table["class"]} == {"None", "1", "2"}


def test_agreement_counts_rows_with_two_labels() -> None:
    frame = predictions()
    frame.loc[50:, "ben"] = None
    frame.loc[100:, "ana"] = None
    table = slice_metrics(frame, by="channel", metrics=["agreement"], roles=Roles(annotators=["ana", "ben"])).to_frame()
    assert table["n"].iloc[0] == 50 == table["n"].iloc[1:].sum()


@pytest.mark.parametrize("annotators", [(), "ana"])
def test_agreement_without_a_list_of_annotators_says_what_to_pass(annotators) -> None:
    with pytest.raises(ParameterError, match="roles names no columns of annotators") as caught:
        slice_metrics(predictions(), by="channel", metrics=["agreement"], roles=Roles(annotators=annotators))
    assert "Roles(annotators=" in str(caught.value)


def test_long_values_that_begin_alike_are_slices_of_their_own_names() -> None:
    frame = predictions().assign(url=["https://example.com/a/path/longer/than/a/cell/1", "x", "y"] * 100)
    frame.loc[frame.index % 6 == 0, "url"] = "https://example.com/a/path/longer/than/a/cell/2"
    names = slice_metrics(frame, by="url").to_frame()["slice"]
    assert names.is_unique
    assert "url = https://example.com/a/path/longer/than/a/cell/2" in names.tolist()
