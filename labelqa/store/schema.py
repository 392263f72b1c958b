"""The tables as queries see them; what makes them is in the migrations (a test holds the two together)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from labelqa.store.records import (
    AssignmentRecord,
    DecisionRecord,
    DraftRecord,
    EventRecord,
    ItemRecord,
    LabelRecord,
    PersonRecord,
    ProjectRecord,
    RoundRecord,
    VersionRecord,
)
from labelqa.store.values import canonical_json, parsed_json

METADATA = MetaData()
KEYS = {"id", "project_id", "item", "annotator", "author", "uuid", "assignment", "repeat_of", "supersedes"}


def plain_text() -> TypeEngine[str]:
    """Return the type of every text: compared byte by byte on every database, whatever its locale."""
    return Text().with_variant(Text(collation="C"), "postgresql")


class JsonText(TypeDecorator[Any]):
    """Canonical JSON kept as text."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the text type of the database."""
        return dialect.type_descriptor(Text(collation="C" if dialect.name == "postgresql" else None))

    def process_bind_param(self, value: object, dialect: Dialect) -> str:  # noqa: ARG002  # SQLAlchemy's signature
        """Return the JSON that stands for `value`."""
        return canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:  # noqa: ARG002  # as above
        """Return the value that the JSON stands for."""
        return None if value is None else parsed_json(value)


class JsonTexts(JsonText):
    """A tuple of texts kept as a JSON list."""

    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:  # noqa: ARG002  # as above
        """Return the tuple."""
        return tuple(parsed_json(value or "[]"))  # type: ignore[arg-type]  # a list was stored


def _text(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, plain_text(), nullable=null)


def _whole(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, Integer, nullable=null)


def _number(name: str) -> Column[Any]:
    return Column(name, Double, nullable=True)


def _json(name: str) -> Column[Any]:
    return Column(name, JsonText, nullable=False)


def _table(name: str, *columns: Column[Any], key: tuple[str, ...], refers: Mapping[str, tuple[str, ...]]) -> Table:
    links = [
        ForeignKeyConstraint(mine, [f"{other}.{c}" for c in theirs])
        for other, mine, theirs in ((o, list(c), _KEY_OF[o]) for o, c in refers.items())
    ]
    return Table(name, METADATA, *columns, PrimaryKeyConstraint(*key), *links)


_KEY_OF = {
    "projects": ("id",),
    "items": ("project_id", "item"),
    "rounds": ("project_id", "number"),
    "assignments": ("project_id", "round", "id"),
}
_PROJECT = {"projects": ("project_id",)}
_ITEM = {"items": ("project_id", "item")}

projects = _table(
    "projects",
    _text("id"),
    _text("name"),
    Column("classes", JsonTexts, nullable=False),
    _text("level"),
    _json("settings"),
    _text("created_utc"),
    _text("created_by"),
    key=("id",),
    refers={},
)
people = _table(
    "people",
    _text("project_id"),
    _text("name"),
    _text("role"),
    _text("added_utc"),
    _text("added_by"),
    key=("project_id", "name"),
    refers=_PROJECT,
)
items = _table(
    "items",
    _text("project_id"),
    _text("item"),
    _whole("position"),
    _json("payload"),
    Column("held_out", Boolean, nullable=False),
    key=("project_id", "item"),
    refers=_PROJECT,
)
guideline_versions = _table(
    "guideline_versions",
    _text("project_id"),
    _whole("number"),
    _text("content_hash"),
    _json("content"),
    _whole("parent", null=True),
    _text("author"),
    _text("reason"),
    _text("edit"),
    _whole("restored_from", null=True),
    _json("evidence"),
    _text("created_utc"),
    key=("project_id", "number"),
    refers=_PROJECT,
)
drafts = _table(
    "drafts",
    _text("project_id"),
    _text("author"),
    _whole("base_version", null=True),
    _json("content"),
    _text("updated_utc"),
    key=("project_id", "author"),
    refers=_PROJECT,
)
rounds = _table(
    "rounds",
    _text("project_id"),
    _whole("number"),
    _text("name"),
    _text("purpose"),
    _whole("guideline_version", null=True),
    _json("design"),
    _text("manifest_hash"),
    _text("state"),
    _text("created_utc"),
    _text("created_by"),
    key=("project_id", "number"),
    refers=_PROJECT,
)
assignments = _table(
    "assignments",
    _text("project_id"),
    _whole("round"),
    _text("id"),
    _text("annotator"),
    _whole("position"),
    _text("item"),
    _text("stratum"),
    _text("repeat_of", null=True),
    _number("probability"),
    key=("project_id", "round", "id"),
    refers={"rounds": ("project_id", "round"), **_ITEM},
)
labels = _table(
    "labels",
    _text("project_id"),
    _whole("seq"),
    _text("uuid"),
    _text("item"),
    _text("annotator"),
    _text("label"),
    _whole("round"),
    _text("assignment", null=True),
    _whole("guideline_version", null=True),
    _number("seconds"),
    _text("supersedes", null=True),
    _text("created_utc"),
    key=("project_id", "seq"),
    refers={**_ITEM, "assignments": ("project_id", "round", "assignment")},
)
decisions = _table(
    "decisions",
    _text("project_id"),
    _whole("seq"),
    _text("uuid"),
    _text("item"),
    _text("kind"),
    Column("labels", JsonTexts, nullable=False),
    _text("cause"),
    _text("rule_id", null=True),
    _number("confidence"),
    _text("note"),
    _text("actor"),
    _text("supersedes", null=True),
    _whole("guideline_version", null=True),
    _text("created_utc"),
    key=("project_id", "seq"),
    refers=_ITEM,
)
events = _table(
    "events",
    _text("project_id"),
    _whole("seq"),
    _text("uuid"),
    _text("kind"),
    _text("actor"),
    _text("at_utc"),
    _json("detail"),
    key=("project_id", "seq"),
    refers=_PROJECT,
)

projects.append_constraint(UniqueConstraint("name", name="projects_name"))
for _each in (labels, decisions, events):
    _each.append_constraint(UniqueConstraint("project_id", "uuid", name=f"{_each.name}_uuid"))
Index("items_position", items.c.project_id, items.c.position, unique=True)
Index("assignments_order", *(assignments.c[n] for n in ("project_id", "round", "annotator", "position")))
Index("labels_item", labels.c.project_id, labels.c.item, labels.c.seq)
Index("labels_assignment", labels.c.project_id, labels.c.round, labels.c.assignment)
Index("labels_round", labels.c.project_id, labels.c.round, labels.c.seq)
_given = text("supersedes IS NOT NULL")
_corrections = (labels.c[n] for n in ("project_id", "round", "supersedes"))
Index("labels_supersedes", *_corrections, sqlite_where=_given, postgresql_where=_given)
Index("decisions_item", decisions.c.project_id, decisions.c.item, decisions.c.seq)

# In the order in which rows can be stored: what is referred to comes first.
RECORDS: dict[type[Any], Table] = {
    ProjectRecord: projects,
    PersonRecord: people,
    ItemRecord: items,
    VersionRecord: guideline_versions,
    DraftRecord: drafts,
    RoundRecord: rounds,
    AssignmentRecord: assignments,
    LabelRecord: labels,
    DecisionRecord: decisions,
    EventRecord: events,
}
TABLES: tuple[Table, ...] = tuple(RECORDS.values())
