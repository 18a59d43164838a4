"""`crm-server`: set up, serve and administer the central server.

Exit codes: 0 done, 1 refused (the message says why), 2 wrong use, 3 the check found something.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from crm_desktop import standard_output
from crm_desktop.errors import KnownError
from server import cli_data, cli_files, cli_people, cli_trust
from server.storage.database import Busy
from server.storage.storage import Storage

DONE, REFUSED, FOUND = 0, 1, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code."""
    asked = parser().parse_args(arguments)
    try:
        code = int(asked.run(asked))
        sys.stdout.flush()  # what could not be written (a full disk, a closed pipe) is an error here, not at exit
        return code
    except KnownError as error:
        sys.stderr.write(f"{error.message}\n")
    except Busy:
        sys.stderr.write("The database is busy. Try again in a moment.\n")
    except BrokenPipeError:
        sys.stderr.write("The output was not taken to its end.\n")
        standard_output.abandon()
    except (SQLAlchemyError, OSError) as error:
        sys.stderr.write(f"The database cannot be used: {_first_line(error)}\n")
        standard_output.abandon()
    return REFUSED


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return (str(cause).strip() or type(cause).__name__).splitlines()[0]


def parser() -> argparse.ArgumentParser:
    """The grammar; every command sets `run`, a function of the parsed words returning the exit code."""
    parser = argparse.ArgumentParser(prog="crm-server", description="The central server of the CRM.")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--database", required=True, metavar="PLACE", help="path of an SQLite file or a postgresql:// address"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    init = commands.add_parser("init", parents=[common], help="make the database, or bring an older one up to date")
    init.add_argument("--company", default="", metavar="NAME", help="name on the letterhead")
    init.set_defaults(run=_init)

    serve = commands.add_parser("serve", parents=[common], help="answer the laptops")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8765, help="0: any free port, told on standard output")
    serve.add_argument(
        "--files", type=Path, metavar="FOLDER", help="where the bytes of files lie (default: beside an SQLite file)"
    )
    serve.set_defaults(run=_serve)

    check = commands.add_parser("check", parents=[common], help="verify the commit sequence and the scope sums")
    check.set_defaults(run=_check)

    cli_people.add_commands(commands, common)
    cli_trust.add_commands(commands, common)
    cli_data.add_commands(commands, common)
    cli_files.add_commands(commands, common)
    return parser


def _init(asked: argparse.Namespace) -> int:
    storage = Storage.create(asked.database, asked.company)
    _, seq = storage.state()
    storage.close()
    sys.stdout.write(f"The database is ready (commit {seq}).\n")
    return DONE


def _serve(asked: argparse.Namespace) -> int:
    from server.serve import serve  # the web framework is slow to import and only needed here

    return serve(asked.database, asked.host, asked.port, asked.files)


def _check(asked: argparse.Namespace) -> int:
    from server.storage.check import problems

    storage = Storage.open(asked.database)
    with storage.read() as connection:
        found = [*problems(connection), *storage.blobs.problems(connection)]
    storage.close()
    for problem in found:
        sys.stdout.write(f"{problem}\n")
    if not found:
        sys.stdout.write("Everything holds.\n")
    return FOUND if found else DONE


if __name__ == "__main__":
    sys.exit(main())
