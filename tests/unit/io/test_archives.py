"""Archives: what unpacks to absurdly much is refused, every member is read and hashed once, and zips are named."""

from __future__ import annotations

import gzip
import hashlib
import io
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from labelqa.errors import FileFormatError
from labelqa.io import streams
from labelqa.io.read import read_annotations
from tests.unit.io.writers import LONG, data, text, workbook, zip_of

MANY = "item,annotator,label\n" + "".join(f"{i},{who},yes\n" for i in range(20_000) for who in ("ana", "ben"))
STEP = "A table of labels does not pack so well: unpack it yourself and read the result, if you trust the file."


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse what unpacks to more than 100 KB and four times its packed size."""
    monkeypatch.setattr(streams, "MAX_UNPACKED", 100 << 10)
    monkeypatch.setattr(streams, "MAX_RATIO", 4)


def _zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def _parquet() -> bytes:
    out = io.BytesIO()
    table = pd.DataFrame({"item": range(20_000), "annotator": "ana", "label": [f"{i % 7}" * 40 for i in range(20_000)]})
    table.to_parquet(out, compression="none", use_dictionary=False)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("labels.csv.gz", gzip.compress(MANY.encode())),
        ("labels.csv.gz.gz", gzip.compress(gzip.compress(MANY.encode()))),
        ("labels.parquet.gz", gzip.compress(_parquet())),
        ("labels.zip", _zipped("ana.csv", MANY.encode())),
    ],
)
@pytest.mark.usefixtures("small_limits")
def test_what_unpacks_to_absurdly_much_is_refused(name: str, content: bytes, tmp_path: Path):
    with pytest.raises(FileFormatError) as caught:
        read_annotations(data(content, name)(tmp_path))
    assert str(caught.value).startswith(f"{name}: ")
    assert " KB unpack to more than " in str(caught.value)
    assert str(caught.value).endswith(STEP)


@pytest.mark.usefixtures("small_limits")
def test_a_workbook_that_unpacks_to_absurdly_much_is_refused(tmp_path: Path):
    with pytest.raises(FileFormatError, match="unpack to more than"):
        read_annotations(workbook({"Sheet1": MANY})(tmp_path))


@pytest.mark.usefixtures("small_limits")
def test_a_parquet_file_whose_pages_unpack_to_absurdly_much_is_refused(tmp_path: Path):
    table = pd.DataFrame({"item": range(200), "annotator": "ana", "label": ["x" * 4000] * 200})
    table.to_parquet(tmp_path / "labels.parquet", compression="zstd", use_dictionary=False)
    with pytest.raises(FileFormatError, match=r"labels\.parquet: .* unpack to more than"):
        read_annotations(tmp_path / "labels.parquet")


@pytest.mark.usefixtures("small_limits")
def test_a_zip_whose_members_are_too_much_only_together_is_refused(tmp_path: Path):
    part = MANY[: 90 << 10].rpartition("\n")[0]
    with zipfile.ZipFile(tmp_path / "labels.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for who in ("a", "b", "c"):
            archive.writestr(f"{who}.csv", part)
    with pytest.raises(FileFormatError, match=r"^labels\.zip: .* unpack to more than"):
        read_annotations(tmp_path / "labels.zip")


def test_a_small_file_may_pack_as_well_as_it_likes_and_a_large_one_as_labels_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    packed = data(gzip.compress(MANY.encode()), "labels.csv.gz")(tmp_path)
    monkeypatch.setattr(streams, "MAX_RATIO", 4)
    assert len(read_annotations(packed)) == 40_000
    monkeypatch.setattr(streams, "MAX_UNPACKED", 100 << 10)
    monkeypatch.setattr(streams, "MAX_RATIO", 100)
    assert len(read_annotations(packed)) == 40_000


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the limit is set from what Linux says is in use")
@pytest.mark.parametrize("megabytes", [50, 150])
def test_running_out_of_memory_is_one_clear_message(megabytes: int, tmp_path: Path):
    rows = b"".join(b"%d,ana,yes\n" % i for i in range(2000)) * 4000
    path = data(gzip.compress(b"item,annotator,label\n" + rows, 1), "labels.csv.gz")(tmp_path)
    code = (
        "import resource, sys\nfrom pathlib import Path\nfrom labelqa.io.read import read_annotations\n"
        "read_annotations(sys.argv[2])\n"  # starts the threads, which cannot start without memory
        "used = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()\n"
        "most = used + (int(sys.argv[3]) << 20)\nresource.setrlimit(resource.RLIMIT_AS, (most, most))\n"
        "try:\n    read_annotations(sys.argv[1])\nexcept Exception as error:\n    print(type(error).__name__, error)"
    )
    command = [sys.executable, "-c", code, path, text(LONG, "small.csv")(tmp_path), str(megabytes)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == (
        "FileFormatError labels.csv.gz: there is not enough memory to read this file. Keep only the columns of item, "
        "annotator and label, or read it where there is more memory."
    ), done.stderr


def test_a_thread_that_finds_no_memory_is_told_from_other_failures():
    with pytest.raises(FileFormatError, match="not enough memory"), streams.enough_memory("labels.csv"):
        raise RuntimeError("can't start new thread")
    with pytest.raises(RuntimeError, match="something else"), streams.enough_memory("labels.csv"):
        raise RuntimeError("something else")


def test_running_out_of_memory_over_a_frame_is_a_clear_message_too():
    class TooLarge:
        def to_pandas(self) -> pd.DataFrame:
            return pd.DataFrame({"item": pa.allocate_buffer(1 << 60)})

    with pytest.raises(FileFormatError, match="there is not enough memory to read these labels"):
        read_annotations(TooLarge())


@pytest.mark.parametrize("pack", [lambda raw: gzip.compress(raw), lambda raw: _zipped("inner.zip.dat", raw)])
def test_a_zip_inside_another_archive_is_called_what_it_is(pack: object, tmp_path: Path):
    inner = _zipped("ana.csv", LONG.encode())
    path = data(pack(inner), "labels.bin")(tmp_path)  # type: ignore[operator]  # one of the functions above
    with pytest.raises(FileFormatError, match=r"this is a zip archive inside another archive or folder.*Unpack it"):
        read_annotations(path)


def test_a_workbook_may_be_gzipped(tmp_path: Path):
    path = Path(workbook({"Sheet1": LONG})(tmp_path))
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert read_annotations(path).read_log.sources[0].format == "xlsx"


def test_members_of_one_name_are_each_read_and_hashed(tmp_path: Path):
    contents = ["item,label\n1,yes\n2,no\n", "item,label\n1,no\n2,no\n"]
    with zipfile.ZipFile(tmp_path / "labels.zip", "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a name occurs twice is the point
        for content in contents:
            archive.writestr("ana.csv", content)
    found = read_annotations(tmp_path / "labels.zip")
    assert [s.sha256 for s in found.read_log.sources] == [hashlib.sha256(c.encode()).hexdigest() for c in contents]
    assert found.to_frame()["label"].tolist().count("yes") == 1


@pytest.mark.parametrize("name", ["labels.csv", "labels.csv.gz", "labels.parquet", "labels.xlsx"])
def test_the_hash_is_that_of_the_whole_file_and_of_one_reading(name: str, tmp_path: Path):
    path = tmp_path / name
    if name.endswith("parquet"):
        path.write_bytes(_parquet())
    elif name.endswith("xlsx"):
        workbook({"Sheet1": LONG})(tmp_path)
    else:
        path.write_bytes(gzip.compress(MANY.encode()) if name.endswith("gz") else MANY.encode())
    (source,) = read_annotations(path).read_log.sources
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


class _Counting(io.BytesIO):
    """A file that counts the bytes read from it."""

    n_read = 0

    def read(self, size: int | None = -1) -> bytes:
        out = super().read(size)
        self.n_read += len(out)
        return out


def test_hashing_reads_no_byte_again_that_has_been_read_in_order():
    content = bytes(range(256)) * 1000
    inner = _Counting(content)
    stream = streams.Hashed(inner)
    assert stream.read(1000) + stream.read() == content
    assert stream.sha256() == hashlib.sha256(content).hexdigest()
    assert inner.n_read == len(content)


def test_hashing_is_not_misled_by_jumps():
    content = bytes(range(256)) * 1000
    stream = streams.Hashed(io.BytesIO(content))
    for at, size in ((0, 100), (0, 50), (200_000, 10), (60, 500), (5, 3)):
        stream.seek(at)
        stream.read(size)
    assert stream.sha256() == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("name", "stem"), [("ana.csv", "ana"), ("ana.smith.csv", "ana.smith"), ("ana.smith.csv.gz", "ana.smith")]
)
def test_the_read_log_knows_the_stem_of_every_file(name: str, stem: str, tmp_path: Path):
    content = gzip.compress(LONG.encode()) if name.endswith("gz") else LONG.encode()
    assert read_annotations(data(content, name)(tmp_path)).read_log.sources[0].stem == stem


def test_every_reader_fills_in_the_stem(tmp_path: Path):
    pd.DataFrame({"item": [1, 2], "annotator": "ana", "label": "x"}).to_parquet(tmp_path / "p.parquet")
    paths = [tmp_path / "p.parquet", workbook({"S": LONG})(tmp_path), text(LONG, "t.csv")(tmp_path)]
    assert [read_annotations(p).read_log.sources[0].stem for p in paths] == ["p", "labels", "t"]


def test_anonymising_renames_the_files_of_annotators_in_a_zip_and_with_dots(tmp_path: Path):
    files = {"x/ana.smith.csv": "item,label\n1,yes\n2,no\n", "x/ben.csv": "item,label\n1,no\n2,no\n"}
    log = read_annotations(zip_of(files)(tmp_path)).anonymise().read_log
    assert [s.name for s in log.sources] == ["labels.zip/x/A.csv", "labels.zip/x/B.csv"]
    assert "ana" not in str(log)
    assert "smith" not in str(log)
