"""The bundled data is what its generator writes, and holds what examples/README.md promises."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import labelqa as lq
from labelqa.annotations.table import Annotations

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def tickets(tickets_file: Path) -> pd.DataFrame:
    return pd.read_csv(tickets_file, dtype=str)


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    return pd.read_csv(EXAMPLES / "support_tickets_truth.csv", dtype=str)


@pytest.fixture(scope="module")
def slips() -> pd.DataFrame:
    return pd.read_csv(EXAMPLES / "support_tickets_slips.csv", dtype=str)


def test_generator_writes_the_bundled_files_byte_for_byte(run_python: Run, tmp_path: Path, tickets_file: Path) -> None:
    done = run_python(str(EXAMPLES / "make_support_tickets.py"), str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / tickets_file.name).read_bytes() == tickets_file.read_bytes()
    for name in ("support_tickets_truth.csv", "support_tickets_slips.csv"):
        assert (tmp_path / name).read_bytes() == (EXAMPLES / name).read_bytes()


def test_predictions_are_those_of_their_generator_and_as_hard_as_promised(run_python: Run, tmp_path: Path) -> None:
    done = run_python(str(EXAMPLES / "make_predictions.py"), str(tmp_path / "predictions.csv"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "predictions.csv").read_bytes() == (EXAMPLES / "predictions.csv").read_bytes()
    data = pd.read_csv(EXAMPLES / "predictions.csv")
    wrong = data["label"] != data["predicted"]
    short = (data["channel"] == "chat") & (data["length"] < 40)
    calls = (data["channel"] == "phone") & (data["language"] == "de")
    assert len(data) == 900
    assert wrong[short].mean() == pytest.approx(0.45, abs=0.15)
    assert wrong[calls].mean() == pytest.approx(0.40, abs=0.15)
    assert wrong[~short & ~calls].mean() == pytest.approx(0.10, abs=0.03)


def test_tickets_are_small_enough_to_ship(tickets_file: Path) -> None:
    assert tickets_file.stat().st_size < 250_000


def test_rounds_hold_400_and_300_tickets_of_which_100_are_repeated(tickets: pd.DataFrame) -> None:
    first, second = (set(tickets.loc[tickets["round"] == r, "item"]) for r in ("1", "2"))
    assert (len(first), len(second), len(first & second)) == (400, 300, 100)
    assert tickets["item"].nunique() == 600


def test_each_ticket_has_two_to_four_labels_a_round_and_two_have_one(tickets: pd.DataFrame) -> None:
    sizes = tickets.groupby(["round", "item"]).size()
    assert set(sizes) == {1, 2, 3, 4}
    assert list(sizes[sizes == 1].index) == [("1", "T-0123"), ("2", "T-0457")]


def test_no_annotator_labels_a_ticket_twice_in_a_round(tickets: pd.DataFrame) -> None:
    assert not tickets.duplicated(["item", "annotator", "round"]).any()


def test_text_channel_and_language_belong_to_the_ticket(tickets: pd.DataFrame) -> None:
    assert tickets.groupby("item")[["text", "channel", "language"]].nunique().eq(1).all(axis=None)
    assert tickets.groupby("item")["text"].first().is_unique


def test_slips_are_listed_label_by_label(tickets: pd.DataFrame, slips: pd.DataFrame) -> None:
    joined = slips.merge(tickets, on=["item", "annotator", "round"], suffixes=("", "_given"))
    assert len(joined) == len(slips)
    assert (joined["label"] == joined["label_given"]).all()
    assert (joined["label"] != joined["true_class"]).all()


def test_careful_annotators_slip_on_2_percent_and_larch_on_20(tickets: pd.DataFrame, slips: pd.DataFrame) -> None:
    rate = slips.groupby("annotator").size() / tickets.groupby("annotator").size()
    assert rate["larch"] == pytest.approx(0.20, abs=0.03)
    assert rate.drop("larch").mean() == pytest.approx(0.02, abs=0.01)


def test_labels_that_are_not_planted_errors_are_true_or_the_planted_confusion(
    tickets: pd.DataFrame, truth: pd.DataFrame, slips: pd.DataFrame
) -> None:
    joined = tickets.merge(truth, on="item").merge(
        slips[["item", "annotator", "round", "planted"]],
        on=["item", "annotator", "round"],
        how="left",
        suffixes=("", "_error"),
    )
    rest = joined[joined["planted_error"].isna() & (joined["label"] != joined["true_class"])]
    assert set(rest["planted"]) == {"ambiguous"}
    assert set(rest["label"]) == {"billing"}


def test_ambiguous_tickets_are_split_in_round_1_and_hardly_in_round_2(
    tickets: pd.DataFrame, truth: pd.DataFrame
) -> None:
    ambiguous = tickets[tickets["item"].isin(truth.loc[truth["planted"] == "ambiguous", "item"])]
    billing = ambiguous["label"].eq("billing").groupby(ambiguous["round"]).mean()
    assert 0.35 < billing["1"] < 0.65
    assert billing["2"] < 0.15


def test_fleiss_table_gives_the_kappa_of_the_paper(fleiss_file: Path) -> None:
    annotations = Annotations.from_wide(pd.read_csv(fleiss_file), item="patient")
    assert lq.agreement(annotations, "fleiss_kappa").estimate == pytest.approx(0.430, abs=5e-4)  # printed to 3 places


def test_fleiss_table_has_the_margins_of_the_paper(fleiss_file: Path) -> None:
    counts = pd.read_csv(fleiss_file).set_index("patient").stack().value_counts()
    expected = {"depression": 26, "personality disorder": 26, "schizophrenia": 30, "neurosis": 55, "other": 43}
    assert counts.to_dict() == expected
