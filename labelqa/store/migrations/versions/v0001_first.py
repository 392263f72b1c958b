"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _text(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=null)


def _whole(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=null)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Double, nullable=True)


def _of(*columns: str, other: str, keys: tuple[str, ...]) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(list(columns), [f"{other}.{k}" for k in keys])


def _of_project() -> sa.ForeignKeyConstraint:
    return _of("project_id", other="projects", keys=("id",))


def _of_item() -> sa.ForeignKeyConstraint:
    return _of("project_id", "item", other="items", keys=("project_id", "item"))


def upgrade() -> None:
    """Make the tables of a project and its people, of guidelines, of rounds, and of what was said in them."""
    _projects()
    _guidelines()
    _rounds()
    _labels()
    _decisions()
    _events()


def _projects() -> None:
    project = ("id", "name", "classes", "level", "settings", "created_utc", "created_by")
    op.create_table(
        "projects",
        *(_text(n) for n in project),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", name="projects_name"),
    )
    op.create_table(
        "people",
        *(_text(n) for n in ("project_id", "name", "role", "added_utc", "added_by")),
        sa.PrimaryKeyConstraint("project_id", "name"),
        _of_project(),
    )
    op.create_table(
        "items",
        _text("project_id"),
        _text("item"),
        _whole("position"),
        _text("payload"),
        sa.Column("held_out", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "item"),
        _of_project(),
    )
    op.create_index("items_position", "items", ["project_id", "position"], unique=True)


def _guidelines() -> None:
    op.create_table(
        "guideline_versions",
        _text("project_id"),
        _whole("number"),
        *(_text(n) for n in ("content_hash", "content")),
        _whole("parent", null=True),
        *(_text(n) for n in ("author", "reason", "edit")),
        _whole("restored_from", null=True),
        *(_text(n) for n in ("evidence", "created_utc")),
        sa.PrimaryKeyConstraint("project_id", "number"),
        _of_project(),
    )
    op.create_table(
        "drafts",
        *(_text(n) for n in ("project_id", "author")),
        _whole("base_version", null=True),
        *(_text(n) for n in ("content", "updated_utc")),
        sa.PrimaryKeyConstraint("project_id", "author"),
        _of_project(),
    )


def _rounds() -> None:
    op.create_table(
        "rounds",
        _text("project_id"),
        _whole("number"),
        *(_text(n) for n in ("name", "purpose")),
        _whole("guideline_version", null=True),
        *(_text(n) for n in ("design", "manifest_hash", "state", "created_utc", "created_by")),
        sa.PrimaryKeyConstraint("project_id", "number"),
        _of_project(),
    )
    op.create_table(
        "assignments",
        _text("project_id"),
        _whole("round"),
        *(_text(n) for n in ("id", "annotator")),
        _whole("position"),
        *(_text(n) for n in ("item", "stratum")),
        _text("repeat_of", null=True),
        sa.PrimaryKeyConstraint("project_id", "round", "id"),
        _of("project_id", "round", other="rounds", keys=("project_id", "number")),
        _of_item(),
    )
    op.create_index("assignments_order", "assignments", ["project_id", "round", "annotator", "position"])


def _labels() -> None:
    op.create_table(
        "labels",
        _text("project_id"),
        _whole("seq"),
        *(_text(n) for n in ("uuid", "item", "annotator", "label")),
        _whole("round"),
        _text("assignment", null=True),
        _whole("guideline_version", null=True),
        _number("seconds"),
        _text("supersedes", null=True),
        _text("created_utc"),
        sa.PrimaryKeyConstraint("project_id", "seq"),
        sa.UniqueConstraint("project_id", "uuid", name="labels_uuid"),
        _of_item(),
        _of("project_id", "round", "assignment", other="assignments", keys=("project_id", "round", "id")),
    )
    given = sa.text("supersedes IS NOT NULL")
    op.create_index("labels_item", "labels", ["project_id", "item", "seq"])
    op.create_index("labels_assignment", "labels", ["project_id", "round", "assignment"])
    corrections = ["project_id", "round", "supersedes"]
    op.create_index("labels_supersedes", "labels", corrections, sqlite_where=given, postgresql_where=given)


def _decisions() -> None:
    op.create_table(
        "decisions",
        _text("project_id"),
        _whole("seq"),
        *(_text(n) for n in ("uuid", "item", "kind", "labels", "cause")),
        _text("rule_id", null=True),
        _number("confidence"),
        *(_text(n) for n in ("note", "actor")),
        _text("supersedes", null=True),
        _whole("guideline_version", null=True),
        _text("created_utc"),
        sa.PrimaryKeyConstraint("project_id", "seq"),
        sa.UniqueConstraint("project_id", "uuid", name="decisions_uuid"),
        _of_item(),
    )
    op.create_index("decisions_item", "decisions", ["project_id", "item", "seq"])


def _events() -> None:
    op.create_table(
        "events",
        _text("project_id"),
        _whole("seq"),
        *(_text(n) for n in ("uuid", "kind", "actor", "at_utc", "detail")),
        sa.PrimaryKeyConstraint("project_id", "seq"),
        sa.UniqueConstraint("project_id", "uuid", name="events_uuid"),
        _of_project(),
    )
