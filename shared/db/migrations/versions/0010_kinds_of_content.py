"""Content of several kinds: videos, scripts, links and posters with a place for the code; wider audiences; an archive"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('poster', 'picture', 'video', 'copy', 'script', 'link')"
_AUDIENCES = "audience IN ('all', 'province', 'city', 'dealer', 'store', 'campaign')"
_PULLS = "kind IN ('copy', 'poster', 'picture', 'video')"
_JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.add_column("assets", sa.Column("kind", sa.Text(), nullable=True))
    op.add_column("assets", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE assets a SET kind = CASE WHEN EXISTS (SELECT 1 FROM asset_versions v WHERE v.asset_id = a.asset_id"
        " AND v.picture_key IS NOT NULL) THEN 'poster' ELSE 'copy' END"
    )
    op.alter_column("assets", "kind", nullable=False)
    op.create_check_constraint(op.f("ck_assets_kind_known"), "assets", _KINDS)

    for column in (
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("picture_width", sa.Integer(), nullable=True),
        sa.Column("picture_height", sa.Integer(), nullable=True),
        sa.Column("video_key", sa.Text(), nullable=True),
        sa.Column("video_seconds", sa.Integer(), nullable=True),
        sa.Column("places", _JSON, nullable=True),
    ):
        op.add_column("asset_versions", column)
    op.execute("UPDATE asset_versions v SET title = a.title FROM assets a WHERE a.asset_id = v.asset_id")
    op.alter_column("asset_versions", "title", nullable=False)

    op.drop_constraint(op.f("ck_publications_audience_known"), "publications")
    op.create_check_constraint(op.f("ck_publications_audience_known"), "publications", _AUDIENCES)
    op.add_column("publications", sa.Column("changed_by", sa.Text(), nullable=True))
    op.add_column("publications", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("publications", sa.Column("changed_from", _JSON, nullable=True))
    op.create_index("ix_publications_asset", "publications", ["asset_id"], unique=False)

    op.add_column("shelf", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))

    op.drop_index("ix_pulls_due", table_name="pulls")
    for name in ("file_key", "rendered_at", "problem", "aside_at"):
        op.drop_column("pulls", name)
    op.drop_constraint(op.f("ck_pulls_kind_known"), "pulls")
    op.create_check_constraint(op.f("ck_pulls_kind_known"), "pulls", _PULLS)

    op.create_table(
        "staged_files",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("use IN ('picture', 'video')", name=op.f("ck_staged_files_use_known")),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_staged_files")),
    )
    op.create_index("ix_staged_files_at", "staged_files", ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("staged_files")
    op.execute("DELETE FROM pulls WHERE kind NOT IN ('copy', 'poster')")
    op.drop_constraint(op.f("ck_pulls_kind_known"), "pulls")
    op.create_check_constraint(op.f("ck_pulls_kind_known"), "pulls", "kind IN ('copy', 'poster')")
    for column in (
        sa.Column("file_key", sa.Text(), nullable=True),
        sa.Column("rendered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", _JSON, nullable=True),
        sa.Column("aside_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("pulls", column)
    due = sa.text("kind = 'poster' AND rendered_at IS NULL AND aside_at IS NULL")
    op.create_index("ix_pulls_due", "pulls", ["at"], unique=False, postgresql_where=due)
    op.drop_column("shelf", "removed_at")
    for name in ("changed_by", "changed_at", "changed_from"):
        op.drop_column("publications", name)
    op.drop_index("ix_publications_asset", table_name="publications")
    op.drop_constraint(op.f("ck_publications_audience_known"), "publications")
    op.execute(
        "DELETE FROM pulls WHERE publication_id IN (SELECT publication_id FROM publications"
        " WHERE audience NOT IN ('all', 'province', 'dealer'))"
    )
    op.execute(
        "DELETE FROM shelf WHERE publication_id IN (SELECT publication_id FROM publications"
        " WHERE audience NOT IN ('all', 'province', 'dealer'))"
    )
    op.execute("DELETE FROM publications WHERE audience NOT IN ('all', 'province', 'dealer')")
    op.create_check_constraint(
        op.f("ck_publications_audience_known"), "publications", "audience IN ('all', 'province', 'dealer')"
    )
    for name in ("title", "link", "picture_width", "picture_height", "video_key", "video_seconds", "places"):
        op.drop_column("asset_versions", name)
    op.drop_constraint(op.f("ck_assets_kind_known"), "assets")
    op.drop_column("assets", "archived_at")
    op.drop_column("assets", "kind")
