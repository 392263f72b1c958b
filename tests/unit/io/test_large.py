"""Files too large to be read whole, with a threshold of nothing: the numbers of reading them, and what is refused."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa.annotations.classes import BuildOptions
from labelqa.errors import DuplicateError, FileFormatError, LabelError, ParameterError
from labelqa.io import large
from labelqa.io.columns import Asked
from labelqa.io.read import read_annotations

PEOPLE = ("ana", "ben", "cem")


@pytest.fixture(autouse=True)
def small_threshold(monkeypatch):
    monkeypatch.setattr(large, "LARGE_BYTES", {"parquet": 1, "csv": 1})


def labels(n=80, seed=1, names=("item", "annotator", "label")):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    rows = [
        (f"{i:03d}", who, "xyz"[truth[i] if rng.random() < 0.6 else rng.integers(0, 3)])
        for i in range(n)
        for who in PEOPLE
        if rng.random() < 0.9
    ]
    return pd.DataFrame(rows, columns=list(names))


def count(path, *, asked=None, **options):
    return large.count_large([str(path)], asked or Asked(), BuildOptions(**options))


def estimates(data):
    return lq.agreement_table(data).to_frame()[["estimate", "low", "high"]].to_numpy(float)


def written(frame, path):
    frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("names", [("item", "annotator", "label"), ("text_id", "worker", "category")])
def test_counted_files_give_the_numbers_of_files_read_whole(tmp_path, ending, names):
    path = written(labels(names=names), tmp_path / f"labels.{ending}")
    found = count(path)
    np.testing.assert_allclose(estimates(found), estimates(read_annotations(path)), rtol=0, atol=1e-12)
    assert found.read_log.mapping == {"item": names[0], "annotator": names[1], "label": names[2]}


def test_columns_are_recognised_on_the_first_rows_only(tmp_path, monkeypatch):
    monkeypatch.setattr(large, "ROWS_LOOKED_AT", 30)
    path = written(labels(n=300), tmp_path / "labels.parquet")
    found = count(path)
    assert found.n_annotations == len(read_annotations(path))
    assert large.COUNTED in found.read_log.notes


def test_columns_that_were_named_are_taken(tmp_path):
    frame = labels().assign(second=lambda f: f["label"].str.upper())
    path = written(frame, tmp_path / "labels.csv")
    found = count(path, asked=Asked(item="item", annotator="annotator", label="second"))
    assert found.read_log.mapping["label"] == "second"
    assert found.schema.classes == ("X", "Y", "Z")


def test_ids_like_007_stay_text(tmp_path):
    frame = pd.DataFrame({"item": ["7", "7", "007", "007"], "annotator": list("abab"), "label": list("xyxx")})
    assert count(written(frame, tmp_path / "labels.csv")).n_items == 2


def test_the_file_is_recorded_with_its_hash_and_rows(tmp_path):
    frame = labels()
    path = written(frame, tmp_path / "labels.csv")
    (source,) = count(path).read_log.sources
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (source.name, source.rows) == ("labels.csv", len(frame))


def test_several_rounds_are_refused_with_what_to_do(tmp_path):
    path = written(pd.concat([labels().assign(round=r) for r in (1, 2)]), tmp_path / "rounds.csv")
    with pytest.raises(ParameterError, match=r"rounds\.csv: .*several rounds \(column 'round'\).*a file of its own"):
        count(path)


def test_one_round_is_counted(tmp_path):
    path = written(labels().assign(round=1), tmp_path / "round.parquet")
    np.testing.assert_allclose(estimates(count(path)), estimates(read_annotations(path)), rtol=0, atol=1e-12)


def test_one_column_an_annotator_is_refused_with_what_to_do(tmp_path):
    wide = labels().pivot(index="item", columns="annotator", values="label").reset_index()
    with pytest.raises(ParameterError, match=r"wide\.csv: .*one column an annotator.*Write one row a label"):
        count(written(wide, tmp_path / "wide.csv"))


def test_repeated_labels_are_an_error_and_the_first_or_last_can_count(tmp_path):
    frame = labels()
    path = written(pd.concat([frame, frame.head(9).assign(label="x")]), tmp_path / "labels.parquet")
    with pytest.raises(DuplicateError):
        count(path)
    for keep in ("first", "last"):
        whole = read_annotations(path, on_duplicate=keep)
        np.testing.assert_allclose(estimates(count(path, on_duplicate=keep)), estimates(whole), rtol=0, atol=1e-12)


def test_labels_that_are_no_class_are_an_error(tmp_path):
    with pytest.raises(LabelError, match="x"):
        count(written(labels(), tmp_path / "labels.csv"), classes=["y", "z"])


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_progress_is_reported_up_to_the_end(tmp_path, ending):
    shares = []
    path = written(labels(), tmp_path / f"labels.{ending}")
    large.count_large([str(path)], Asked(), BuildOptions(), progress=shares.append)
    assert shares[-1] == 1.0
    assert all(0 <= share <= 1 for share in shares)


def test_only_files_of_one_kind_above_the_threshold_are_large(tmp_path, monkeypatch):
    text, packed = (written(labels(), tmp_path / f"labels.{ending}") for ending in ("csv", "parquet"))
    assert large.are_large([str(text)])
    assert large.are_large([str(packed)])
    assert not large.are_large([str(text), str(packed)])
    monkeypatch.setattr(large, "LARGE_BYTES", {"parquet": 50_000_000, "csv": 500_000_000})
    assert not large.are_large([str(text)])


def test_sizes_of_all_files_of_a_pattern_or_folder_add_up(tmp_path, monkeypatch):
    for name in ("a", "b"):
        written(labels(), tmp_path / f"{name}.csv")
    monkeypatch.setattr(large, "LARGE_BYTES", {"csv": (tmp_path / "a.csv").stat().st_size + 1})
    assert not large.are_large([str(tmp_path / "a.csv")])
    assert large.are_large([str(tmp_path / "*.csv")])
    assert large.are_large([str(tmp_path)])


def test_what_cannot_be_opened_or_is_something_else_is_left_to_reading(tmp_path):
    packed = written(labels(), tmp_path / "labels.parquet")
    posing = tmp_path / "posing.csv"
    posing.write_bytes(b"PK\x03\x04\0\0")
    named = tmp_path / "text.parquet"
    named.write_text("item,annotator,label\n1,a,x\n", encoding="utf-8")
    assert not large.are_large([str(posing)])
    assert not large.are_large([str(named)])
    assert not large.are_large([str(tmp_path / "none.csv")])
    assert large.are_large([str(packed)])


def test_a_file_without_read_permission_is_left_to_reading(tmp_path, monkeypatch):
    path = written(labels(), tmp_path / "labels.csv")
    open_path = Path.open

    def refused(self, *args, **kwargs):
        if self.name == "labels.csv":
            raise PermissionError(13, "Permission denied", str(self))
        return open_path(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refused)
    assert not large.are_large([str(path)])


def test_integer_columns_called_item_annotator_and_label_hold_just_that_in_any_order_of_rows(tmp_path):
    rng = np.random.default_rng(3)
    n, m = 400, 6
    codes = rng.integers(0, 5, n)
    rows = [(i, g, int(codes[i] if rng.random() < 0.7 else rng.integers(0, 5))) for i in range(n) for g in range(m)]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label"]).sample(frac=1, random_state=1)
    path = written(frame, tmp_path / "shuffled.parquet")
    whole = read_annotations(path)
    wanted = {"item": "item", "annotator": "annotator", "label": "label"}
    assert whole.read_log.mapping == wanted
    assert (whole.n_items, whole.n_annotators, whole.schema.k) == (n, m, 5)
    counted = count(path)
    assert counted.read_log.mapping == wanted
    np.testing.assert_allclose(estimates(counted), estimates(whole), rtol=0, atol=1e-12)


def parts(folder):
    frame = labels()
    (folder / "deep").mkdir()
    written(frame[:100], folder / "part-1.csv")
    written(frame[100:], folder / "part-2.csv")
    written(frame[:50], folder / "deep" / "part-3.csv")
    (folder / "notes.md").write_text("# notes", encoding="utf-8")
    return frame


def test_a_pattern_reads_the_files_that_match_it(tmp_path):
    frame = parts(tmp_path)
    found = read_annotations(tmp_path / "part-*.csv")
    assert len(found) == len(frame)
    assert [s.name for s in found.read_log.sources] == ["part-1.csv", "part-2.csv"]
    assert len(read_annotations([str(tmp_path / "part-[1].csv"), str(tmp_path / "part-2.csv")])) == len(frame)


def test_two_stars_look_in_folders_too(tmp_path):
    parts(tmp_path)
    assert len(read_annotations(tmp_path / "**" / "part-3.csv")) == 50


def test_a_pattern_that_matches_nothing_is_an_error(tmp_path):
    parts(tmp_path)
    with pytest.raises(FileFormatError, match="no such file"):
        read_annotations(tmp_path / "other-*.csv")
    with pytest.raises(FileFormatError, match="no such file"):
        read_annotations([tmp_path / "part-1.csv", tmp_path / "other-*.csv"])


def test_a_file_whose_name_looks_like_a_pattern_is_itself(tmp_path):
    frame = labels()
    written(frame, tmp_path / "labels[1].csv")
    written(frame[:10], tmp_path / "labels1.csv")
    assert len(read_annotations(tmp_path / "labels[1].csv")) == len(frame)
