"""Make a small database file of a given revision, with one row a table; run once a revision, and the file is kept."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from labelqa.store.connect import make_engine, place_of, writing
from labelqa.store.migrate import upgrade

T = "2026-01-02T03:04:05.000006+00:00"
ROWS = {
    "projects": {
        "id": "p1",
        "name": "tickets",
        "classes": '["bug","ask"]',
        "level": "nominal",
        "settings": '{"seed":1}',
        "created_utc": T,
        "created_by": "Ann",
    },
    "people": {"project_id": "p1", "name": "Ann", "role": "lead", "added_utc": T, "added_by": "Ann"},
    "items": {"project_id": "p1", "item": "t1", "position": 0, "payload": '{"text":"Tür klemmt"}', "held_out": 0},
    "guideline_versions": {
        "project_id": "p1",
        "number": 1,
        "content_hash": "h",
        "content": '{"rules":[]}',
        "author": "Ann",
        "reason": "first",
        "edit": "semantic",
        "evidence": "[]",
        "created_utc": T,
    },
    "drafts": {"project_id": "p1", "author": "Ann", "base_version": 1, "content": '{"rules":[1]}', "updated_utc": T},
    "rounds": {
        "project_id": "p1",
        "number": 1,
        "name": "first",
        "purpose": "measure",
        "guideline_version": 1,
        "design": "{}",
        "manifest_hash": "m",
        "state": "open",
        "created_utc": T,
        "created_by": "Ann",
    },
    "assignments": {
        "project_id": "p1",
        "round": 1,
        "id": "a1",
        "annotator": "Ben",
        "position": 0,
        "item": "t1",
        "stratum": "fresh",
    },
    "labels": {
        "project_id": "p1",
        "seq": 1,
        "uuid": "u1",
        "item": "t1",
        "annotator": "Ben",
        "label": "bug",
        "round": 1,
        "assignment": "a1",
        "guideline_version": 1,
        "seconds": 2.5,
        "created_utc": T,
    },
    "decisions": {
        "project_id": "p1",
        "seq": 1,
        "uuid": "d1",
        "item": "t1",
        "kind": "decide",
        "labels": '["bug"]',
        "cause": "slip",
        "note": "",
        "actor": "Ann",
        "created_utc": T,
    },
    "events": {
        "project_id": "p1",
        "seq": 1,
        "uuid": "e1",
        "kind": "decide",
        "actor": "Ann",
        "at_utc": T,
        "detail": '{"item":"t1"}',
    },
}


def make(file: Path, revision: str) -> None:
    """Make the file; later revisions fill the columns they add by their own rules."""
    place = place_of(file)
    engine = make_engine(place)
    with writing(engine, place) as connection:
        upgrade(connection, revision)
        for table, row in ROWS.items():
            names = ", ".join(row)
            marks = ", ".join("?" for _ in row)
            connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))
    engine.dispose()
    with closing(sqlite3.connect(file)) as plain:
        plain.execute("VACUUM").close()


if __name__ == "__main__":
    make(Path(sys.argv[2]), sys.argv[1])
