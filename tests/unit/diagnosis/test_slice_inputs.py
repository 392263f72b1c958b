"""What a model is refitted on, labels matched by name, and how many rows to audit, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import labelqa as lq
from labelqa.diagnosis.slice_decisions import Decision
from labelqa.diagnosis.slice_words import reason_of
from labelqa.errors import ParameterError

N = 300


def rows() -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    label = rng.choice(["spam", "ham"], N)
    words = np.where(label == "spam", "win a prize now", "see you at lunch")
    frame = pd.DataFrame({"text": [f"{w} {i}" for i, w in enumerate(words)], "size": rng.normal(size=N)})
    return frame, label, np.where(rng.random(N) < 0.1, "ham", label)


CHAT = np.arange(N) < 100


def test_columns_of_texts_are_encoded_for_the_model_and_that_is_said():
    frame, label, predicted = rows()
    found = lq.diagnose_slices({"chat": CHAT}, label, predicted, model=LogisticRegression(), features=frame)
    assert "column 'text' of features was encoded for the model" in found.notes
    assert found.frame["data"].notna().all()


def test_a_pipeline_that_encodes_its_columns_gets_them_as_they_are():
    frame, label, predicted = rows()
    kinds = frame.assign(kind=np.where(CHAT, "a", "b"))[["kind", "size"]]
    encoder = make_column_transformer((OneHotEncoder(), ["kind"]), remainder="passthrough")
    model = make_pipeline(encoder, LogisticRegression())
    found = lq.diagnose_slices({"chat": CHAT}, label, predicted, model=model, features=kinds)
    assert not any("encoded" in note for note in found.notes)


def test_what_no_model_can_take_is_one_message_that_names_the_column():
    class Stubborn(LogisticRegression):
        def fit(self, x, y):
            raise ValueError("not these")

    frame, label, predicted = rows()
    with pytest.raises(ParameterError, match=r"on features \(column 'text'\): not these. Pass numbers"):
        lq.diagnose_slices({"chat": CHAT}, label, predicted, model=Stubborn(), features=frame)
    gaps = np.full((N, 2), np.nan)
    with pytest.raises(ParameterError, match="cannot be fitted on features: Input X contains NaN"):
        lq.diagnose_slices({"chat": CHAT}, label, predicted, model=LogisticRegression(), features=gaps)


def test_labels_predictions_masks_and_groups_are_matched_by_name():
    frame, label, predicted = rows()
    names = [f"r{i}" for i in range(N)]
    named = {k: pd.Series(v, index=names) for k, v in (("l", label), ("p", predicted), ("m", CHAT))}
    turned = {k: v.sample(frac=1, random_state=i) for i, (k, v) in enumerate(named.items())}
    plain = lq.diagnose_slices({"chat": named["m"]}, named["l"], named["p"])
    other = lq.diagnose_slices({"chat": turned["m"]}, named["l"], turned["p"], groups=pd.Series(names, index=names))
    assert other.frame["error"].tolist() == plain.frame["error"].tolist()
    with pytest.raises(ParameterError, match="the indexes of predictions and labels differ"):
        lq.diagnose_slices({"chat": CHAT}, named["l"], pd.Series(predicted))
    wrong = pd.Series((label != predicted).astype(int), index=names)
    slices = lq.find_slices(frame.set_axis(names), wrong, slices={"chat": CHAT})
    again = lq.diagnose_slices(slices, turned["l"], named["p"])
    assert again.frame["error"].tolist() == lq.diagnose_slices(slices, named["l"], named["p"]).frame["error"].tolist()


def test_few_rows_are_called_too_few():
    found = lq.diagnose_slices({"s": np.arange(6) < 3}, list("xyxyxy"), list("xyyyxy"))
    assert found.notes[0].startswith("6 rows are too few")


@pytest.mark.parametrize(
    ("because", "n_more", "n_new", "said"),
    [
        ("unknown", 104, 29, "have all 75 rows inside the slice not audited yet, and 29 new ones, labeled by two"),
        ("unknown", 50, 0, "have 50 rows inside the slice labeled by two"),
        ("overlap", 12, 12, "have 12 new rows of the slice labeled by two"),
        ("overlap_rows", 40, 40, "add 40 new rows of the slice"),
        ("excess", 40, 40, "collect and check 40 new rows of the slice"),
    ],
)
def test_rows_that_exist_and_new_ones_are_told_apart(because, n_more, n_new, said):
    decision = Decision(
        remedy="audit_more",
        part="noise",
        sureness=0.5,
        n_more=n_more,
        n_new=n_new,
        gain=0.1,
        because=because,
        missing=(),
    )
    assert said in reason_of(decision, 0.3, 0.1, None)


def test_no_more_rows_are_audited_than_there_are():
    rng = np.random.default_rng(0)
    label = rng.choice(["a", "b"], 600)
    small = np.arange(600) < 40
    predicted = np.where(rng.random(600) < np.where(small, 0.35, 0.1), "a", label)
    row = lq.diagnose_slices({"small": small}, label, predicted).frame.iloc[0]
    assert row["remedy"] == "audit_more"
    assert row["n_more"] - row["n_new"] <= row["size"]
