"""Commands about people: users, devices, territories."""

import argparse
import getpass
import sys
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from crm_desktop.clock import stamp
from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.ids import new_id
from crm_desktop.model.people import ROLES
from server.identity.passwords import hash_password
from server.storage import devices, territories, users
from server.storage.record_writing import write_chunk
from server.storage.storage import Storage

SHORTEST_PASSWORD = 8


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Put the commands about people into the parser."""
    _user_commands(commands, common)
    _device_commands(commands, common)
    _territory_commands(commands, common)


def _user_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    user = commands.add_parser("user", help="users and their passwords").add_subparsers(required=True, metavar="VERB")
    add = user.add_parser("add", parents=[common], help="add a user; asks for the password")
    add.add_argument("login")
    add.add_argument("--name", default="", help="name as colleagues see it (default: the login)")
    add.add_argument("--role", choices=[value for value, _, _ in ROLES], default="rep")
    add.add_argument("--title", default="", help="job title")
    add.add_argument("--email", default="")
    add.add_argument("--territory", action="append", default=[], metavar="CODE", help="grant at once; may be repeated")
    add.add_argument("--user-id", default="", help="id of a user record that exists already")
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    add.set_defaults(run=_user_add)
    password = user.add_parser("password", parents=[common], help="set a new password")
    password.add_argument("login")
    password.add_argument("--password-stdin", action="store_true")
    password.set_defaults(run=_user_password)
    role = user.add_parser("role", parents=[common], help="change what a user may do")
    role.add_argument("login")
    role.add_argument("role", choices=[value for value, _, _ in ROLES])
    role.set_defaults(run=_user_role)
    for verb, active, text in (("deactivate", False, "lock a user out"), ("activate", True, "let a user in again")):
        lock = user.add_parser(verb, parents=[common], help=text)
        lock.add_argument("login")
        lock.set_defaults(run=_user_active, active=active)
    listing = user.add_parser("list", parents=[common], help="all users")
    listing.set_defaults(run=_user_list)


def _device_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    device = commands.add_parser("device", help="enrolled laptops").add_subparsers(required=True, metavar="VERB")
    listing = device.add_parser("list", parents=[common], help="all devices")
    listing.set_defaults(run=_device_list)
    revoke = device.add_parser("revoke", parents=[common], help="shut a device out at once")
    revoke.add_argument("device", help="device code or id")
    revoke.set_defaults(run=_device_revoke)


def _territory_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    territory = commands.add_parser("territory", help="sales territories").add_subparsers(required=True, metavar="VERB")
    add = territory.add_parser("add", parents=[common], help="add a territory")
    add.add_argument("code")
    add.add_argument("--name", default="")
    add.add_argument("--parent", default="", metavar="CODE", help="the territory it lies in")
    add.set_defaults(run=_territory_add)
    for verb, text in (("grant", "let a user have a territory and all inside it"), ("revoke", "take it back")):
        change = territory.add_parser(verb, parents=[common], help=text)
        change.add_argument("code")
        change.add_argument("login")
        change.set_defaults(run=_territory_change, verb=verb)
    listing = territory.add_parser("list", parents=[common], help="all territories")
    listing.set_defaults(run=_territory_list)


def _password(asked: argparse.Namespace) -> str:
    if asked.password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Again: "):
            raise InvalidInput("password_differs", "The two passwords differ.", "Try again.")
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput(
            "password_short", "The password is too short.", f"Use at least {SHORTEST_PASSWORD} characters."
        )
    return password


def _user_add(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    password_hash = hash_password(_password(asked))
    user_id = asked.user_id or new_id()
    with storage.write(actor="admin") as commit:
        if asked.user_id and commit.live("user", user_id) is None:
            raise NotFound("no_user", f"There is no user record {user_id}.", "Leave --user-id away.")
        given = {"name": asked.name or asked.login, "login": asked.login, "role": asked.role}
        given |= {name: getattr(asked, name) for name in ("title", "email") if getattr(asked, name)}
        if asked.user_id and not asked.name:
            del given["name"]
        write_chunk(commit, [("user", user_id, given)])
        users.add_account(commit, user_id, asked.login, password_hash, asked.role)
        wanted = territories.with_inner(commit.connection, _territories(commit.connection, asked.territory))
        if wanted:
            users.change_territories(commit, user_id, grant=wanted)
    storage.close()
    sys.stdout.write(f"Added {asked.role} {asked.login} ({user_id}).\n")
    return 0


def _user_password(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    password_hash = hash_password(_password(asked))
    with storage.write(actor="admin") as commit:
        users.set_password(commit, _user_id(commit.connection, asked.login), password_hash)
    storage.close()
    sys.stdout.write(f"{asked.login} has a new password.\n")
    return 0


def _user_role(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    with storage.write(actor="admin") as commit:
        user_id = _user_id(commit.connection, asked.login)
        users.set_role(commit, user_id, asked.role)
        write_chunk(commit, [("user", user_id, {"role": asked.role})])
    storage.close()
    sys.stdout.write(f"{asked.login} is now {asked.role}.\n")
    return 0


def _user_active(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    with storage.write(actor="admin") as commit:
        users.set_active(commit, _user_id(commit.connection, asked.login), active=asked.active)
    storage.close()
    sys.stdout.write(f"{asked.login} {'may connect again' if asked.active else 'is locked out'}.\n")
    return 0


def _user_list(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    with storage.read() as connection:
        names = {str(t["id"]): str(t["code"]) for t in territories.list_territories(connection)}
        for user in users.list_users(connection):
            held: Any = user["territories"]
            codes = ", ".join(sorted(names.get(t, t) for t in held)) or "-"
            state = "active" if user["active"] else "locked"
            sys.stdout.write(f"{user['login']}\t{user['role']}\t{state}\t{codes}\t{user['user_id']}\n")
    storage.close()
    return 0


def _device_list(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    with storage.read() as connection:
        for found in devices.list_devices(connection):
            state = "revoked" if found["revoked_at"] else "active"
            sys.stdout.write(
                f"{found['code']}\t{found['login']}\t{state}\t{found['last_seen']}\t{found['name']}"
                f"\t{found['device_id']}\n"
            )
    storage.close()
    return 0


def _device_revoke(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    with storage.read() as connection:
        matches = [d for d in devices.list_devices(connection) if asked.device in (d["code"], d["device_id"])]
    if not matches:
        raise NotFound("no_device", f"There is no device {asked.device!r}.", "See `crm-server device list`.")
    device_id = str(matches[0]["device_id"])
    with storage.write(actor="admin") as commit:
        devices.revoke(commit.connection, device_id, stamp(storage.clock))
        commit.notes["revoked"] = [device_id]
    storage.close()
    sys.stdout.write(f"Device {matches[0]['code']} is shut out.\n")
    return 0


def _territory_add(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    territory_id = new_id()
    with storage.write(actor="admin") as commit:
        if territories.find(commit.connection, asked.code) is not None:
            raise InvalidInput("territory_taken", f"There is a territory {asked.code!r}.", "Choose another code.")
        values: dict[str, Any] = {"code": asked.code, "name": asked.name or asked.code}
        if asked.parent:
            values["parent_id"] = _territories(commit.connection, [asked.parent])[0]
        write_chunk(commit, [("territory", territory_id, values)])
    storage.close()
    sys.stdout.write(f"Added territory {asked.code} ({territory_id}).\n")
    return 0


def _territory_change(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    with storage.write(actor="admin") as commit:
        user_id = _user_id(commit.connection, asked.login)
        inside = territories.with_inner(commit.connection, _territories(commit.connection, [asked.code]))
        if asked.verb == "grant":
            users.change_territories(commit, user_id, grant=inside)
        else:
            users.change_territories(commit, user_id, revoke=inside)
    storage.close()
    word = "now has" if asked.verb == "grant" else "no longer has"
    sys.stdout.write(f"{asked.login} {word} {asked.code}.\n")
    return 0


def _territory_list(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    with storage.read() as connection:
        for found in territories.list_territories(connection):
            sys.stdout.write(f"{found['code']}\t{found['name']}\t{found['id']}\n")
    storage.close()
    return 0


def _territories(connection: Connection, codes: Sequence[str]) -> list[str]:
    result = []
    for code in codes:
        found = territories.find(connection, code)
        if found is None:
            raise NotFound("no_territory", f"There is no territory {code!r}.", "See `crm-server territory list`.")
        result.append(found)
    return result


def _user_id(connection: Connection, login: str) -> str:
    account = users.find_login(connection, login)
    if account is None:
        raise _no_login(login)
    return str(account.user_id)


def _no_login(login: str) -> NotFound:
    return NotFound("no_login", f"There is no user {login!r}.", "See `crm-server user list`.")
