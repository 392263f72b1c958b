"""Counting files: which are found, what they are called, what is refused, and what happens without enough memory."""

import gzip

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa.counts.engine import files
from labelqa.errors import ColumnError, EngineError, FileFormatError

ROLES = {"item": "item", "label": "label", "annotator": "annotator"}


def rows(n=6):
    return pd.DataFrame(
        {"item": np.arange(n) // 2, "annotator": ["a", "b"] * (n // 2), "label": ["x", "y", "x"] * (n // 3)}
    )


@pytest.fixture
def folder(tmp_path):
    """Three files, one of them hidden, and one that is no label file."""
    rows().iloc[:3].to_csv(tmp_path / "one.csv", index=False)
    rows().iloc[3:].to_csv(tmp_path / "two.csv", index=False)
    (tmp_path / ".hidden.csv").write_text("nothing")
    (tmp_path / "notes.md").write_text("nothing")
    return tmp_path


def test_a_folder_a_pattern_and_a_list_name_the_same_files(folder):
    one, two = folder / "one.csv", folder / "two.csv"
    for named in (folder, str(folder), folder / "*.csv", str(folder / "*.csv"), [one, str(two)], (str(folder), one)):
        assert files.matching_files(named) == [one, two]
        found = lq.count_patterns(named, **ROLES)
        assert (found.n_items, found.n_annotations) == (3, 6)
        assert [source.name for source in found.read_log.sources] == ["one.csv", "two.csv"]


def test_a_recursive_pattern_finds_files_in_folders(folder):
    deep = folder / "a" / "b"
    deep.mkdir(parents=True)
    (folder / "one.csv").rename(deep / "one.csv")
    assert files.matching_files(folder / "**" / "*.csv") == [deep / "one.csv", folder / "two.csv"]


def test_every_path_without_a_file_is_named(tmp_path):
    with pytest.raises(FileFormatError, match="no such file") as caught:
        lq.count_patterns([tmp_path / "gone.csv", str(tmp_path / "*.parquet")], **ROLES)
    assert len(caught.value.problems) == 2


def test_an_empty_folder_is_no_file(tmp_path):
    with pytest.raises(FileFormatError, match="no such file"):
        lq.count_patterns(tmp_path, **ROLES)


def test_files_of_two_kinds_are_refused(folder):
    rows().to_parquet(folder / "three.parquet")
    with pytest.raises(FileFormatError, match="not of the same kind") as caught:
        lq.count_patterns(folder, **ROLES)
    assert caught.value.problem.file == "three.parquet"


def test_a_file_of_another_kind_is_refused_with_the_way_out(folder):
    with pytest.raises(FileFormatError, match="read_annotations"):
        lq.count_patterns(folder / "notes.md", **ROLES)


def test_a_file_that_is_not_what_its_ending_says_is_refused(tmp_path):
    path = tmp_path / "labels.parquet"
    path.write_text("item,annotator,label\n")
    with pytest.raises(FileFormatError, match="cannot be read as parquet"):
        lq.count_patterns(path, **ROLES)


@pytest.mark.parametrize("name", ["it's [a] {name}*.csv", 'quo"te.csv', "sp ace;--.csv", "käse.csv", "?.csv"])
def test_names_of_files_may_hold_anything(name, tmp_path):
    rows().to_csv(tmp_path / name, index=False)
    (tmp_path / "x.csv").write_text("must not be read\n")
    for named in (tmp_path / name, [str(tmp_path / name)]):
        assert lq.count_patterns(named, **ROLES).n_annotations == 6


def test_packed_and_tab_separated_texts_are_read(tmp_path):
    with gzip.open(tmp_path / "labels.tsv.gz", "wt") as file:
        rows().to_csv(file, index=False, sep="\t")
    assert lq.count_patterns(tmp_path / "labels.tsv.gz", **ROLES).n_annotations == 6


def test_files_with_columns_in_another_order_are_one_table(folder):
    rows().iloc[3:][["label", "item", "annotator"]].assign(extra=1).to_csv(folder / "two.csv", index=False)
    whole = lq.count_patterns(folder, **ROLES)
    expected = lq.CountPatterns.from_annotations(lq.Annotations.from_frame(rows(), **ROLES))
    assert whole.patterns.tolist() == expected.patterns.tolist()


@pytest.mark.parametrize("change", [{"label": "labl"}, {"item": 'it"em'}])
def test_a_column_that_no_file_has_is_told_with_the_name_of_the_files(folder, change):
    with pytest.raises(ColumnError, match=r"one\.csv and 1 more files"):
        lq.count_patterns(folder, **(ROLES | change))


@pytest.mark.parametrize("keep", ["first", "last"])
def test_first_and_last_go_by_the_order_of_files_and_of_rows(tmp_path, keep):
    parts = [rows(), rows().assign(label="z"), rows().assign(label=["w", None] * 3)]
    for kind in ("parquet", "csv"):
        for i, part in enumerate(parts):
            (part.to_parquet if kind == "parquet" else part.to_csv)(tmp_path / f"{i}.{kind}", index=False)
        found = lq.count_patterns(tmp_path / f"*.{kind}", **ROLES, on_duplicate=keep)
        expected = lq.Annotations.from_frame(pd.concat(parts, ignore_index=True), **ROLES, on_duplicate=keep)
        counted = lq.CountPatterns.from_annotations(expected)
        assert found.schema.names == counted.schema.names
        assert found.patterns.tolist() == counted.patterns.tolist()
        assert found.read_log.n_rows_read == 18
        assert found.read_log.n_labels_used == 6


def test_first_and_last_hold_where_rows_are_many(tmp_path):
    """Several row groups are read side by side: the order of rows must not depend on which is done first."""
    n = 300_000
    rng = np.random.default_rng(0)
    data = pd.DataFrame(
        {"item": rng.integers(0, 1000, n), "annotator": rng.integers(0, 3, n), "label": np.arange(n) % 7}
    )
    data.to_parquet(tmp_path / "labels.parquet", row_group_size=10_000)
    for keep in ("first", "last"):
        found = lq.count_patterns(tmp_path / "labels.parquet", **ROLES, on_duplicate=keep)
        expected = lq.Annotations.from_frame(data, **ROLES, on_duplicate=keep)
        np.testing.assert_array_equal(found.patterns, lq.CountPatterns.from_annotations(expected).patterns)
        np.testing.assert_array_equal(found.margins, pd.crosstab(*_kept(data, keep)).to_numpy())


def _kept(data, keep):
    kept = data.drop_duplicates(["item", "annotator"], keep=keep)
    return kept["annotator"], kept["label"]


def many(n=400_000):
    """Items with long names: their group-by needs tens of megabytes."""
    item = np.arange(n) % (n // 2)
    return pd.DataFrame({
        "item": [f"an-item-with-a-long-name-{i:032d}" for i in item],
        "annotator": np.where(np.arange(n) < n // 2, "a", "b"),
        "label": np.where(np.arange(n) % 3 == 0, "x", "y"),
    })  # fmt: skip


def test_parts_by_item_share_no_item_and_lose_none(tmp_path):
    rows(60).to_parquet(tmp_path / "labels.parquet")
    with files.opened(tmp_path / "labels.parquet") as found:
        parts = [p.df() for p in files.parts_by_item(found.relation, "item", 4)]
    assert sum(map(len, parts)) == 60
    assert sum(part["item"].nunique() for part in parts) == 30


def test_progress_is_told_as_shares_and_ends_with_one(tmp_path, monkeypatch):
    many().to_parquet(tmp_path / "labels.parquet")
    monkeypatch.setattr(files, "LOOK_EVERY", 0.001)
    shares = []
    lq.count_patterns(tmp_path / "labels.parquet", **ROLES, progress=shares.append)
    assert all(0 <= share <= 1 for share in shares)
    assert shares[-1] == 1.0


def test_the_embedded_engine_leaves_no_file_behind(tmp_path, monkeypatch):
    import tempfile

    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    rows().to_csv(tmp_path / "labels.csv", index=False)
    lq.count_patterns(tmp_path / "labels.csv", **ROLES)
    with pytest.raises(ColumnError):
        lq.count_patterns(tmp_path / "labels.csv", item="no", label="label")
    assert list((tmp_path / "temporary").iterdir()) == []


def test_less_memory_than_the_items_take_gives_the_same_answer_or_a_clear_error(tmp_path, monkeypatch):
    data = many()
    path = tmp_path / "labels.parquet"
    data.to_parquet(path, row_group_size=20_000)
    expected = lq.count_patterns(data, **ROLES)
    monkeypatch.setattr(files, "MEMORY_LIMIT", "60MB")
    found = lq.count_patterns(path, **ROLES)
    np.testing.assert_array_equal(found.patterns, expected.patterns)
    np.testing.assert_array_equal(found.multiplicity, expected.multiplicity)
    np.testing.assert_array_equal(found.margins, expected.margins)
    monkeypatch.setattr(files, "MEMORY_LIMIT", "1MB")
    with pytest.raises((EngineError, FileFormatError)) as caught:
        lq.count_patterns(path, **ROLES)
    assert caught.value.__cause__ is not None
