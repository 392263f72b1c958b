"""Assignments know with which probability their item was drawn; the labels of a round are found by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column (unknown in older rounds) and the index."""
    op.add_column("assignments", sa.Column("probability", sa.Double, nullable=True))
    op.create_index("labels_round", "labels", ["project_id", "round", "seq"])
