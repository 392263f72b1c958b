"""A batch against an earlier one: equal batches give nothing, and what is not compared is told."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import labelqa as lq

RUNS = 80
ALPHA = 0.05
MOST = ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / RUNS)  # three standard errors above the level
WORDS = [f"w{i}" for i in range(500)]


def batch(n: int, start: int = 0, people: str = "abc", **columns: object) -> lq.Annotations:
    """Return n items that all `people` labeled, classes in turn, with these item columns."""
    rows = [(f"i{start + i}", who, "xy"[i % 2]) for i in range(n) for who in people]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    repeated = {name: pd.Series(values).repeat(len(people)).reset_index(drop=True) for name, values in columns.items()}
    return lq.Annotations.from_frame(frame.assign(**repeated), item="item", annotator="annotator", label="label")


def differing(found: lq.Annotations, reference: lq.Annotations) -> list[str]:
    """Return the codes of the tests that found a difference."""
    checked = lq.validate_annotations(found, reference=reference)
    return [f.code for f in checked.findings if f.code.startswith("share_of_")]


def file_of(tmp_path, name: str, **columns: object) -> lq.Annotations:
    """Return a batch as it is read back from a file of this name, CSV or Parquet."""
    path = tmp_path / name
    n = len(next(iter(columns.values())))
    frame = pd.DataFrame({"item": [f"{path.stem}{i}" for i in range(n)], **columns})
    frame = pd.concat([frame.assign(annotator=who, label="x") for who in "ab"], ignore_index=True)
    frame.to_parquet(path) if name.endswith("parquet") else frame.to_csv(path, index=False)
    return lq.read_annotations(path)


@pytest.mark.parametrize("people", ["abc", "abcdef", "abcdefg"])
def test_crossed_batches_of_the_same_people_differ_in_nothing_at_any_size(people: str):
    reference = batch(120, start=10_000, people=people)
    assert [differing(batch(n, people=people), reference) for n in range(30, 131, 10)] == [[]] * 11


def _random(rng: np.random.Generator, n: int, start: int) -> lq.Annotations:
    """Return items of three of five people, two thirds labeled as the item is, with columns of all kinds."""
    rows = [
        (f"i{start + i}", who, kind if rng.random() < 2 / 3 else rng.choice(list("xyz")))
        for i, kind in enumerate(rng.choice(list("xyz"), n, p=[0.5, 0.3, 0.2]).tolist())
        for who in rng.choice(list("abcde"), 3, replace=False).tolist()
    ]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    columns = pd.DataFrame({
        "text": [" ".join(WORDS[: rng.integers(6, 12)]) + f" {start + i:06}" for i in range(n)],
        "source": np.where(rng.random(n) < 0.2, None, rng.choice(["web", "app", "mail"], n)),
        "score": rng.normal(size=n).round(4).astype(str),
    })  # fmt: skip
    frame = frame.join(columns.loc[columns.index.repeat(3)].reset_index(drop=True))
    return lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label")


def test_random_batches_of_one_source_differ_no_more_often_than_stated():
    rng = np.random.default_rng(4)
    false = [bool(differing(_random(rng, 40, 0), _random(rng, 60, 10_000))) for _ in range(RUNS)]
    assert np.mean(false) <= MOST


def test_crossed_batches_in_which_few_items_lack_a_label_keep_the_level():
    rng = np.random.default_rng(5)

    def with_gaps(start: int) -> lq.Annotations:
        whole = batch(100, start=start)
        return whole.where(mask=rng.random(len(whole)) >= 0.02)

    false = [bool(differing(with_gaps(0), with_gaps(1000))) for _ in range(RUNS)]
    assert np.mean(false) <= MOST


def test_texts_of_small_batches_are_no_categories_and_that_is_told():
    rng = np.random.default_rng(0)
    old, new = ([" ".join(rng.choice(WORDS, 2)) for _ in range(40)] for _ in range(2))
    checked = lq.validate_annotations(batch(40, key=new), reference=batch(40, start=100, key=old))
    assert not checked.warnings
    assert "changes in column 'key': most texts occur once, as ids do" in checked.not_checked


def test_texts_that_are_the_same_in_both_batches_are_still_no_categories():
    keys = [f"k{i}" for i in range(40)]
    checked = lq.validate_annotations(batch(40, key=keys), reference=batch(40, key=keys))
    assert "changes in column 'key': most texts occur once, as ids do" in checked.not_checked


def test_ids_that_are_whole_numbers_are_not_compared_and_that_is_told():
    checked = lq.validate_annotations(batch(50, row=range(50)), reference=batch(50, start=100, row=range(100, 150)))
    assert not checked.warnings
    assert "changes in column 'row': every whole number occurs once, as ids do" in checked.not_checked


@pytest.mark.parametrize("before", ["before.csv", "before.parquet"])
def test_numbers_of_text_files_are_compared_as_numbers(tmp_path, before: str):
    rng = np.random.default_rng(0)
    reference = file_of(tmp_path, before, score=rng.normal(0, 1, 200).round(4).tolist())
    moved = lq.validate_annotations(
        file_of(tmp_path, "now.csv", score=rng.normal(1, 1, 200).tolist()), reference=reference
    )
    assert [f.code for f in moved.warnings] == ["share_of_column"]
    assert "median" in moved.warnings[0].what
    assert differing(file_of(tmp_path, "same.csv", score=rng.normal(0, 1, 200).tolist()), reference) == []


@pytest.mark.parametrize(
    "values", [[True, False] * 30, [1, 2, 3] * 20, pd.date_range("2026-01-01", periods=60).tolist()]
)
def test_a_column_is_of_the_same_type_in_text_and_binary_files(tmp_path, values: list[object]):
    checked = lq.validate_annotations(
        file_of(tmp_path, "now.csv", kind=values), reference=file_of(tmp_path, "before.parquet", kind=values)
    )
    assert not [f for f in checked.findings if f.code in ("changed_type", "share_of_column")]


def test_days_are_not_compared_as_categories_and_that_is_told(tmp_path):
    days = [[f"2026-0{month}-{1 + i % 9:02}" for i in range(60)] for month in (1, 2)]
    before, now = file_of(tmp_path, "before.csv", day=days[0]), file_of(tmp_path, "now.csv", day=days[1])
    checked = lq.validate_annotations(now, reference=before)
    assert not checked.warnings
    assert "changes in column 'day': times are not compared" in checked.not_checked


def test_a_column_that_is_filled_less_often_is_found_with_both_shares():
    full = ["web", "app"] * 100
    now = [value if i < 20 else None for i, value in enumerate(full)]
    checked = lq.validate_annotations(batch(200, source=now), reference=batch(200, start=1000, source=full))
    (found,) = checked.warnings
    assert found.code == "share_of_missing"
    assert found.what.startswith(
        "The shares of missing cells of column 'source' differ from the reference: 'missing' 0% before, 90% now"
    )


def test_a_column_that_became_empty_is_found():
    checked = lq.validate_annotations(batch(60, source=[""] * 60), reference=batch(60, start=100, source=["web"] * 60))
    assert [f.code for f in checked.warnings] == ["share_of_missing"]


def test_columns_of_another_type_are_told_as_not_compared():
    old, new = [0.25 * i for i in range(60)], ["high", "low"] * 30
    checked = lq.validate_annotations(batch(60, score=new), reference=batch(60, start=100, score=old))
    assert [f.code for f in checked.warnings] == ["changed_type"]
    assert "changes in column 'score': number before, text now" in checked.not_checked


def test_one_number_that_is_none_changes_the_type_of_a_text_column_which_is_compared_as_text():
    old, new = ["1", "2", "3"] * 40, ["1", "2", "3", "4a"] * 30
    checked = lq.validate_annotations(batch(120, chapter=new), reference=batch(120, start=200, chapter=old))
    assert [f.code for f in checked.warnings] == ["changed_type", "share_of_column"]


def test_many_rare_values_of_one_source_are_no_difference_whichever_batch_they_come_from():
    old, new = [f"v{i // 2:03}" for i in range(200)], [f"u{i // 2:03}" for i in range(200)]
    assert differing(batch(200, tag=new), batch(200, start=1000, tag=old)) == []
