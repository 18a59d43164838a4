"""The members of a group of companies are found by an index over the parent account; tables stay as they are."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Indexes follow the declarations after every migration; see `schema.migrate_entities`."""
