"""Files of older programs open, are backed up first, and keep everything."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from labelqa.errors import StoreError
from labelqa.store.database import open_store
from labelqa.store.migrate import HEAD, REVISIONS, VERSION_TABLE

DATABASES = Path(__file__).resolve().parents[2] / "contracts" / "databases"


@pytest.fixture
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return Path(shutil.copy(DATABASES / f"v{request.param}.db", tmp_path / "project.db"))


def revision_of(file: Path) -> str:
    with closing(sqlite3.connect(file)) as plain, closing(plain.execute(f"SELECT * FROM {VERSION_TABLE}")) as rows:
        return str(rows.fetchone()[0])


def test_revisions_are_those_of_the_scripts() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "labelqa.store:migrations")
    scripts = ScriptDirectory.from_config(config)
    assert tuple(s.revision for s in reversed(list(scripts.walk_revisions()))) == REVISIONS
    assert scripts.get_current_head() == HEAD


def test_a_file_of_every_revision_is_kept() -> None:
    assert {f.stem for f in DATABASES.glob("*.db")} == {f"v{r}" for r in REVISIONS}


@pytest.mark.parametrize("old", REVISIONS, indirect=True)
def test_a_database_of_every_revision_opens_and_reads(old: Path) -> None:
    with open_store(old, create=False) as store, store.read() as reader:
        (project,) = reader.projects()
        assert (project.name, project.classes, project.settings) == ("tickets", ("bug", "ask"), {"seed": 1})
        assert reader.item("p1", "t1").payload == {"text": "Tür klemmt"}
        assert [p.role for p in reader.people("p1")] == ["lead"]
        assert reader.latest_version("p1").content == {"rules": []}
        assert reader.draft("p1", "Ann").content == {"rules": [1]}
        assert reader.round("p1", 1).state == "open"
        assert [(a.id, a.probability) for a in reader.assignments("p1", 1)] == [("a1", None)]
        assert [(x.uuid, x.seconds) for x in reader.labels("p1")] == [("u1", 2.5)]
        assert [d.labels for d in reader.decisions("p1")] == [("bug",)]
        assert [e.detail for e in reader.events("p1")] == [{"item": "t1"}]
    assert revision_of(old) == HEAD


@pytest.mark.parametrize("old", ["0001"], indirect=True)
def test_an_older_file_is_copied_before_it_is_changed(old: Path) -> None:
    open_store(old).close()
    backup = old.with_name(f"project.db.before-{HEAD}.bak")
    assert (revision_of(old), revision_of(backup)) == (HEAD, "0001")
    shutil.copy(backup, old)
    open_store(old).close()  # again: the first copy is kept
    assert revision_of(old.with_name(f"project.db.before-{HEAD}.2.bak")) == "0001"
    assert revision_of(backup) == "0001"


@pytest.mark.parametrize("old", [HEAD], indirect=True)
def test_a_file_of_today_is_not_copied(old: Path) -> None:
    open_store(old).close()
    assert [f.name for f in old.parent.iterdir()] == ["project.db"]


@pytest.mark.parametrize("old", ["0001"], indirect=True)
def test_a_migration_that_fails_changes_nothing(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(old)) as plain:
        plain.execute("CREATE INDEX labels_round ON labels (label)").close()  # in the way of the second step
    with pytest.raises(StoreError, match="labels_round"):
        open_store(old)
    assert revision_of(old) == "0001"
    with closing(sqlite3.connect(old)) as plain, closing(plain.execute("PRAGMA table_info(assignments)")) as rows:
        assert "probability" not in [row[1] for row in rows]
