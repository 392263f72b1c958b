"""What can be wrong with a place, said clearly; nothing there is changed."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from labelqa.errors import LabelqaError, ParameterError, StoreError
from labelqa.review.projects import create_project
from labelqa.store.connect import place_of
from labelqa.store.database import Store, import_store, open_store
from labelqa.store.failures import failure
from labelqa.store.records import EventRecord, ItemRecord, LabelRecord, ProjectRecord

P = "p"
NOBODY = 65534


def start(file: Path) -> Store:
    store = open_store(file)
    with store.write() as writer:
        writer.add_project(ProjectRecord(id=P, name="tickets"))
        writer.add_items([ItemRecord(project_id=P, item="i0")])
        writer.add_labels([label("u0")])
    return store


def label(uuid: str) -> LabelRecord:
    return LabelRecord(project_id=P, uuid=uuid, item="i0", annotator="Ann", label="bug", round=1)


def write_much(store: Store, n: int = 20_000) -> None:
    with store.write() as writer:
        for k in range(n):
            writer.add_event(EventRecord(project_id=P, kind="k" * 5000, actor="Ann", detail={"k": k}))


def n_labels(store: Store) -> int:
    with store.read() as reader:
        return len(reader.labels(P, superseded=True))


@contextmanager
def as_a_user_without_rights() -> Iterator[None]:
    """Root may write everywhere; nobody may not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can enter; pytest's own cannot be."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


class TestPlaces:
    @pytest.mark.parametrize("url", ["project.db", "sqlite:///project.db", Path("project.db")])
    def test_paths_and_sqlite_urls_name_files(self, url) -> None:
        assert place_of(url).file == Path("project.db")

    @pytest.mark.parametrize("url", ["memory:", ":memory:", "sqlite://", "sqlite:///:memory:"])
    def test_memory_has_no_file(self, url: str) -> None:
        assert (place_of(url).kind, place_of(url).file) == ("memory", None)

    @pytest.mark.parametrize("scheme", ["postgresql+psycopg", "postgresql", "postgres"])
    def test_postgresql_is_reached_by_psycopg(self, scheme: str) -> None:
        assert place_of(f"{scheme}://u:p@h/d").url.drivername == "postgresql+psycopg"

    @pytest.mark.parametrize(
        "url",
        ["mysql://u:secret@h/d", "postgresql://u:secret@h:port/d", "sqlite:///x.db?mode=ro", "", "a\0b", "oracle://"],
    )
    def test_other_places_are_refused_without_repeating_a_password(self, url: str) -> None:
        with pytest.raises(ParameterError, match="postgresql") as caught:
            open_store(url)
        assert "secret" not in str(caught.value)

    def test_a_folder_is_not_a_file(self, tmp_path: Path) -> None:
        with pytest.raises(ParameterError, match="not the name of a file"):
            open_store(tmp_path)


class TestFiles:
    def test_a_missing_folder_or_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="folder does not exist"):
            open_store(tmp_path / "no" / "project.db")
        with pytest.raises(StoreError, match="no such file"):
            open_store(tmp_path / "project.db", create=False)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("content", [b"item,annotator,label\n" * 100, bytes(range(256)) * 20])
    def test_a_file_that_is_no_database_is_refused_and_not_changed(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "labels.csv").write_bytes(content)
        with pytest.raises(StoreError, match="not a SQLite database"):
            open_store(tmp_path / "labels.csv")
        assert (tmp_path / "labels.csv").read_bytes() == content

    @pytest.mark.parametrize("table", ["bookmarks", "labels"])
    def test_a_database_of_another_program_is_refused_and_not_changed(self, tmp_path: Path, table: str) -> None:
        with closing(sqlite3.connect(tmp_path / "other.db")) as other:
            other.execute(f"CREATE TABLE {table} (x)").close()
        before = (tmp_path / "other.db").read_bytes()
        with pytest.raises(StoreError, match=f"belongs to another program .*'{table}'"):
            open_store(tmp_path / "other.db")
        assert (tmp_path / "other.db").read_bytes() == before

    def test_a_read_only_file_is_refused_and_not_changed(self, open_folder: Path) -> None:
        start(open_folder / "p.db").close()
        (open_folder / "p.db").chmod(0o444)
        before = (open_folder / "p.db").read_bytes()
        with as_a_user_without_rights(), pytest.raises(StoreError, match=r"read-only|cannot be opened") as caught:
            start(open_folder / "p.db")
        assert str(open_folder / "p.db") in str(caught.value)
        assert (open_folder / "p.db").read_bytes() == before

    def test_a_read_only_folder_is_refused(self, open_folder: Path) -> None:
        open_folder.chmod(0o555)
        with as_a_user_without_rights(), pytest.raises(StoreError, match=r"read-only|cannot be opened"):
            open_store(open_folder / "p.db")
        assert list(open_folder.iterdir()) == []

    def test_opening_what_is_read_only_says_so(self, open_folder: Path) -> None:
        file = open_folder / "project.db"
        start(file).close()
        file.chmod(0o444)
        open_folder.chmod(0o555)
        with as_a_user_without_rights(), pytest.raises(StoreError, match="read-only") as caught:
            open_store(file, create=False)
        assert "copy the file to where you may write" in str(caught.value)

    @pytest.mark.parametrize("move", ["move", "delete", "replace"])
    def test_nothing_is_written_to_a_file_that_was_moved_or_deleted(self, tmp_path: Path, move: str) -> None:
        file, other = tmp_path / "project.db", tmp_path / "other.db"
        with start(file) as store:
            file.rename(other)
            if move == "delete":
                other.unlink()
            if move == "replace":
                file.write_bytes(b"")
            happened = "replaced by another one" if move == "replace" else "moved or deleted"
            for use in (store.write, store.read):
                with pytest.raises(StoreError, match=f"{happened} while it was open") as caught, use():
                    pass
                assert "Put the file back under this name" in str(caught.value)
        assert file.exists() == (move == "replace")

    def test_a_file_that_was_put_back_is_written_again(self, tmp_path: Path) -> None:
        file = tmp_path / "project.db"
        with start(file) as store:
            file.rename(tmp_path / "other.db")
            with pytest.raises(StoreError), store.write():
                pass
            (tmp_path / "other.db").rename(file)
            with store.write() as writer:
                writer.add_labels([label("u1")])
            assert n_labels(store) == 2

    def test_a_new_project_is_whole_without_its_log(self, tmp_path: Path) -> None:
        file = tmp_path / "project.db"
        with create_project(str(file), "tickets", actor="lea", classes=["a", "b"]):
            copy = tmp_path / "copy.db"
            subprocess.run(["cp", str(file), str(copy)], check=True)  # not by this process: it would drop its locks
        with open_store(copy, create=False) as store, store.read() as reader:
            assert [p.name for p in reader.projects()] == ["tickets"]

    def test_a_log_left_behind_is_mentioned(self, tmp_path: Path) -> None:
        (tmp_path / "old.db-wal").write_bytes(b"log")
        (tmp_path / "new.db").write_bytes(b"")
        with pytest.raises(StoreError, match=r"Beside it lies old\.db-wal: .* the name old\.db again"):
            open_store(tmp_path / "new.db", create=False)
        (tmp_path / "old.db").write_bytes(b"")
        with pytest.raises(StoreError) as caught:
            open_store(tmp_path / "new.db", create=False)
        assert "old.db" not in str(caught.value)

    def test_a_full_disk_keeps_what_was_there(self, tmp_path: Path) -> None:
        start(tmp_path / "p.db").close()
        with open_store(tmp_path / "p.db") as store:
            event.listen(store._engine, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count = 300").close())
            store._engine.dispose()
            with pytest.raises(StoreError, match=r"the disk is full.*Nothing of this write was stored"):
                write_much(store)
            assert n_labels(store) == 1
            with store.write() as writer:
                assert writer.add_labels([label("u1")]) == 1
            assert n_labels(store) == 2

    def test_a_disk_that_is_really_full_keeps_what_was_there(self, tmp_path: Path) -> None:
        disk = tmp_path / "disk"
        disk.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, check=False
        )
        if mounted.returncode:
            pytest.skip("only root can mount a small disk")
        try:
            with start(disk / "p.db") as store:
                with pytest.raises(StoreError, match="the disk is full"):
                    write_much(store)
                fill_up(disk)
                with pytest.raises(StoreError, match="the export cannot be written"):
                    store.export(disk / "out")
                with pytest.raises(StoreError):
                    store.backup(disk / "copy.db")
                assert n_labels(store) == 1
            (disk / "filler").unlink(missing_ok=True)
            with open_store(disk / "p.db") as again:
                assert n_labels(again) == 1
            assert {f.name.split("-")[0] for f in disk.iterdir()} == {"p.db"}
        finally:
            subprocess.run(["umount", str(disk)], check=True)

    def test_another_writer_that_does_not_end_is_reported(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("labelqa.store.connect.WAIT_SECONDS", 0)
        with start(tmp_path / "p.db") as store, closing(sqlite3.connect(tmp_path / "p.db")) as other:
            store._engine.dispose()
            other.execute("BEGIN IMMEDIATE").close()
            with pytest.raises(StoreError, match="another program has been writing"), store.write():
                pass
            other.execute("ROLLBACK").close()
            with store.write() as writer:
                assert writer.add_labels([label("u1")]) == 1

    def test_writes_are_made_to_survive_a_crash(self, tmp_path: Path) -> None:
        with start(tmp_path / "p.db") as store, store.read() as reader:
            values = {
                name: reader._connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
        assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}

    def test_no_files_are_left_open(self, tmp_path: Path) -> None:
        start(tmp_path / "p.db").close()
        assert sorted(f.name for f in tmp_path.iterdir()) == ["p.db"]


class TestServers:
    def test_an_unreachable_server_is_one_message_without_the_password(self) -> None:
        with pytest.raises(StoreError, match="cannot be reached") as caught:
            open_store("postgresql+psycopg://ann:hunter2@127.0.0.1:1/labels?application_name=hunter2")
        shown = f"{caught.value} {caught.value!r} {caught.value.__cause__}"
        assert "hunter2" not in shown
        assert "127.0.0.1:1/labels" in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1

    def test_a_driver_that_repeats_the_password_is_not_quoted(self) -> None:
        told = failure(sqlite3.OperationalError("password hunter2 is wrong"), "db", "hunter2")
        assert "hunter2" not in str(told)


class TestBackup:
    def test_a_backup_while_others_write_is_consistent(self, tmp_path: Path) -> None:
        stop = threading.Event()
        failures: list[BaseException] = []

        def run() -> None:
            n = 0
            try:
                while not stop.is_set():
                    with store.write() as writer:  # a label and its event are always together
                        n += 1
                        writer.add_labels([label(f"u{n}")])
                        writer.add_event(EventRecord(project_id=P, kind="label", actor="Ann"))
            except BaseException as error:
                failures.append(error)

        with start(tmp_path / "p.db") as store:
            thread = threading.Thread(target=run)
            thread.start()
            try:
                for k in range(5):
                    copy = store.backup(tmp_path / f"copy{k}.db")
                    with open_store(copy, create=False) as copied, copied.read() as reader:
                        assert len(reader.labels(P, superseded=True)) == len(reader.events(P)) + 1
                        assert reader._connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            finally:
                stop.set()
                thread.join()
        assert failures == []

    def test_a_backup_never_overwrites(self, tmp_path: Path) -> None:
        (tmp_path / "mine").write_text("keep me")
        with start(tmp_path / "p.db") as store:
            with pytest.raises(StoreError, match="such a file already"):
                store.backup(tmp_path / "mine")
            with pytest.raises(StoreError, match="folder does not exist"):
                store.backup(tmp_path / "no" / "copy.db")
        assert (tmp_path / "mine").read_text() == "keep me"


class TestImport:
    @pytest.fixture(params=["jsonl", "parquet"])
    def exported(self, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
        with start(tmp_path / "p.db") as store:
            return store.export(tmp_path / "out", format=request.param)

    def refused(self, folder: Path, tmp_path: Path, match: str) -> None:
        with pytest.raises(StoreError, match=match):
            import_store(folder, tmp_path / "new.db")
        if (tmp_path / "new.db").exists():
            with open_store(tmp_path / "new.db") as store, store.read() as reader:
                assert reader.projects() == []

    def test_a_changed_file_is_refused(self, exported: Path, tmp_path: Path) -> None:
        file = next(exported.glob("labels.*"))
        file.write_bytes(file.read_bytes().replace(b"bug", b"ask"))
        self.refused(exported, tmp_path, "changed after the export")

    def test_every_missing_file_is_named(self, exported: Path, tmp_path: Path) -> None:
        for name in ("labels", "items"):
            next(exported.glob(f"{name}.*")).unlink()
        self.refused(exported, tmp_path, r"(?s)items\.\w+: the file is missing.*labels\.\w+: the file is missing")

    @pytest.mark.parametrize(
        ("old", "new", "match"),
        [
            ('"revision": "0002"', '"revision": "9999"', "newer labelqa"),
            ('"rows": 1', '"rows": 7', "rows, not 7"),
            ('"labelqa store"', '"other"', "not one of labelqa"),
            ('"labels"', '"labelz"', "does not list labels"),
            ("{", "[", "not JSON"),
        ],
    )
    def test_a_manifest_that_does_not_fit_is_refused(
        self, exported: Path, tmp_path: Path, old: str, new: str, match: str
    ) -> None:
        file = exported / "manifest.json"
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new, 1))
        self.refused(exported, tmp_path, match)

    def test_a_folder_that_is_no_export_is_refused(self, tmp_path: Path) -> None:
        self.refused(tmp_path, tmp_path, "not a readable export")
        assert not (tmp_path / "new.db").exists()


def test_errors_of_the_store_survive_worker_processes() -> None:
    import pickle

    error = failure(sqlite3.OperationalError("x"), "p.db")
    assert isinstance(error, LabelqaError)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_importing_labelqa_loads_no_database() -> None:
    heavy = "('sqlalchemy', 'alembic', 'labelqa.store')"
    code = f"import sys, labelqa; sys.exit(any(m.startswith({heavy}) for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def fill_up(disk: Path) -> None:
    with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(b"x" * 4096)
