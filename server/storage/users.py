"""Users, their territories and scopes. Grants and revokes are entries of the same feed as the data."""

from collections.abc import Iterable

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from crm_desktop.errors import InvalidInput
from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import confidential_fields
from crm_desktop.rules.permissions import SEE_COST, roles_with
from crm_desktop.rules.scope import user_scopes
from server.storage.commit import Commit
from server.storage.handing_on import hand_on, lies_with
from server.storage.records import entity_table
from server.storage.scope_sets import scopes_now
from server.storage.tables import commit as commit_table
from server.storage.tables import (
    row_meta,
    scope_member,
    user_account,
    user_log,
    user_scope,
    user_territory,
)

SEES_COST = roles_with(SEE_COST)


def scopes_at(connection: Connection, user_id: str, seq: int) -> frozenset[str]:
    """Scopes a user had when `seq` was the newest commit."""
    c = user_scope.c
    where = (c.user_id == user_id, c.since_seq <= seq, or_(c.until_seq.is_(None), c.until_seq > seq))
    return frozenset(connection.execute(select(c.scope).where(*where)).scalars())


def revoked_after(connection: Connection, user_id: str, scopes: Iterable[str], seq: int) -> int | None:
    """The first commit after `seq` that took one of the scopes from a user."""
    c = user_scope.c
    where = (c.user_id == user_id, c.scope.in_(sorted(scopes)), c.until_seq > seq)
    found: int | None = connection.scalar(select(func.min(c.until_seq)).where(*where))
    return found


def scopes_since(connection: Connection, user_id: str, seq: int) -> frozenset[str]:
    """Scopes a user has or had at any time after `seq`."""
    c = user_scope.c
    where = (c.user_id == user_id, or_(c.until_seq.is_(None), c.until_seq > seq))
    return frozenset(connection.execute(select(c.scope).where(*where)).scalars())


def find_login(connection: Connection, login: str) -> Row[tuple[str, str, str, str, bool]] | None:
    """The account of a login name."""
    return connection.execute(select(user_account).where(user_account.c.login == login)).one_or_none()


def name_of(connection: Connection, user_id: str) -> str:
    """The user's name as colleagues see it."""
    source = entity_table("user")
    return str(connection.scalar(select(source.c.name).where(source.c.id == user_id)) or "")


def add_account(commit: Commit, user_id: str, login: str, password_hash: str, role: str) -> None:
    """Sign-in data of a user whose record is written in the same commit."""
    if find_login(commit.connection, login) is not None:
        raise InvalidInput("login_taken", f"There is already a user {login!r}.", "Choose another login name.")
    commit.connection.execute(
        insert(user_account).values(user_id=user_id, login=login, password_hash=password_hash, role=role, active=True)
    )
    commit.people.add(user_id)
    _grant(commit, user_id, user_scopes(user_id, (), role))


def set_password(commit: Commit, user_id: str, password_hash: str) -> None:
    """Replace the password."""
    commit.people.add(user_id)
    c = user_account.c
    commit.connection.execute(update(user_account).where(c.user_id == user_id).values(password_hash=password_hash))


def set_active(commit: Commit, user_id: str, *, active: bool) -> None:
    """Lock or unlock a user."""
    commit.people.add(user_id)
    c = user_account.c
    commit.connection.execute(update(user_account).where(c.user_id == user_id).values(active=active))


def journal_entry(connection: Connection, user_id: str) -> dict[str, object]:
    """A user's sign-in, role and territories, as the journal keeps them."""
    c = user_account.c
    found = connection.execute(select(c.login, c.password_hash, c.role, c.active).where(c.user_id == user_id)).one()
    return {
        "user_id": user_id,
        "login": found.login,
        "password_hash": found.password_hash,
        "role": found.role,
        "active": bool(found.active),
        "territories": sorted(territories_of(connection, user_id)),
    }


def set_role(commit: Commit, user_id: str, role: str) -> None:
    """Change a role. Records with confidential fields are listed again when their content changes for the user."""
    c = user_account.c
    before = commit.connection.scalar(select(c.role).where(c.user_id == user_id))
    commit.connection.execute(update(user_account).where(c.user_id == user_id).values(role=role))
    refresh_scopes(commit, user_id)
    if (before in SEES_COST) != (role in SEES_COST):
        m = row_meta.c
        for entity in (name for name in ENTITIES if confidential_fields(name)):
            where = (m.entity == entity, m.row_hash != m.public_hash, m.deleted.is_(False))
            ids = list(commit.connection.execute(select(m.id).where(*where)).scalars())
            commit.prefetch(entity, ids)
            for record_id in ids:
                commit.touch(entity, record_id)


def territories_of(connection: Connection, user_id: str) -> list[str]:
    """Ids of the territories granted to a user."""
    c = user_territory.c
    return list(connection.execute(select(c.territory_id).where(c.user_id == user_id)).scalars())


def change_territories(
    commit: Commit, user_id: str, grant: Iterable[str] = (), revoke: Iterable[str] = ()
) -> frozenset[str]:
    """Grant and revoke territories. Returns the user's scopes afterwards."""
    c = user_territory.c
    held = set(territories_of(commit.connection, user_id))
    for territory_id in sorted(set(grant) - held):
        commit.connection.execute(insert(user_territory).values(user_id=user_id, territory_id=territory_id))
    for territory_id in sorted(set(revoke)):
        commit.connection.execute(delete(user_territory).where(c.user_id == user_id, c.territory_id == territory_id))
    return refresh_scopes(commit, user_id)


def refresh_scopes(commit: Commit, user_id: str) -> frozenset[str]:
    """Bring a user's scopes in line with his role and territories."""
    commit.people.add(user_id)
    connection = commit.connection
    role = connection.scalar(select(user_account.c.role).where(user_account.c.user_id == user_id))
    wanted = user_scopes(user_id, territories_of(connection, user_id), str(role))
    before = scopes_now(connection, user_id)
    _grant(commit, user_id, wanted - before)
    c = user_scope.c
    for scope in sorted(before - wanted):
        connection.execute(
            update(user_scope)
            .where(c.user_id == user_id, c.scope == scope, c.until_seq.is_(None))
            .values(until_seq=commit.seq)
        )
    _list_rows(commit, user_id, wanted ^ before)
    if before - wanted:
        kept = [("conflict", entry) for entry in commit.where("conflict", "owner_id", user_id)]
        hand_on(commit, [*kept, *lies_with(commit, [user_id])], commit.seq)
    return wanted


def _grant(commit: Commit, user_id: str, scopes: Iterable[str]) -> None:
    for scope in sorted(scopes):
        commit.connection.execute(
            insert(user_scope).values(user_id=user_id, scope=scope, since_seq=commit.seq, until_seq=None)
        )


def _list_rows(commit: Commit, user_id: str, scopes: Iterable[str]) -> None:
    """Put every row of the scopes into the user's own feed, a bounded number a commit."""
    m, s = row_meta.c, scope_member.c
    rows = commit.connection.execute(
        select(m.entity, m.id)
        .where(m.scope_set.in_(select(s.set_id).where(s.scope.in_(sorted(scopes)))), m.deleted.is_(False))
        .order_by(m.row_ver.desc(), m.entity, m.id)
    ).all()
    for start in range(0, len(rows), commit.rows_per_commit):
        seq = commit.seq if start == 0 else commit.next_seq()
        commit.connection.execute(
            insert(user_log),
            [
                {"user_id": user_id, "seq": seq, "entity": entity, "id": record_id}
                for entity, record_id in rows[start : start + commit.rows_per_commit]
            ],
        )


def list_users(connection: Connection) -> list[dict[str, object]]:
    """All sign-ins with their role and territories, by login."""
    result: list[dict[str, object]] = []
    for found in connection.execute(select(user_account).order_by(user_account.c.login)):
        result.append(
            {
                "login": found.login,
                "user_id": found.user_id,
                "role": found.role,
                "active": bool(found.active),
                "territories": territories_of(connection, found.user_id),
            }
        )
    return result


def commit_time(connection: Connection, seq: int) -> str | None:
    """When a commit was made."""
    return connection.scalar(select(commit_table.c.at).where(commit_table.c.seq == seq))
