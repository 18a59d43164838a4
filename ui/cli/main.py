"""Runs one verb and turns what happened into an exit code."""

import argparse
import getpass
import logging
import os
import sys

from crm_desktop.errors import BugError, CrmError, InvalidInput, KnownError, NotFound, SessionError
from crm_desktop.paths import profile_folder
from crm_desktop.settings import FILE as SETTINGS_FILE
from crm_desktop.settings import load
from sync.ports import UNREACHED
from ui.cli.output import Output
from ui.cli.words import machine_language, told, word
from ui.compose import open_profile

OK, ERROR, USAGE, OFFLINE, NOT_FOUND, REFUSED = range(6)
_log = logging.getLogger("crm.ui")


def run(arguments: argparse.Namespace) -> int:
    """Open the profile, run the verb, close. A known error is one line on standard error, never a trace."""
    language = arguments.lang or machine_language(os.environ)
    try:
        folder = profile_folder(arguments.profile)
        if arguments.lang is None and (folder / SETTINGS_FILE).exists():
            language = load(folder).language

        def ask(new: bool) -> str:
            return _ask_passphrase(new, language)

        app = open_profile(folder, passphrase=ask, language="de" if language == "de" else "en")
        try:
            code: int = arguments.run(app, arguments, Output(arguments.json, language))
            return code
        except (KnownError, BrokenPipeError):
            raise
        except Exception as error:  # ours: the trace belongs to the log, which `close` ends
            _log.exception("verb %s ended by an error of ours", arguments.verb)
            raise BugError(f"{type(error).__name__}: {error}") from error
        finally:
            app.close()
    except CrmError as error:
        return report(error, language, as_json=arguments.json)
    except KeyboardInterrupt:
        return ERROR
    except BrokenPipeError:  # the reader of our output went away, as in `| head`
        sys.stderr.close()
        return ERROR


def report(error: CrmError, language: str, *, as_json: bool) -> int:
    """Tell an error and give its exit code."""
    code = exit_code(error)
    if as_json and getattr(error, "code", "") != "output_not_written":
        Output(True, language).say(
            {
                "error": getattr(error, "code", "internal"),
                "message": told(error, language),
                "exit_code": code,
            }
        )
    else:
        sys.stderr.write(told(error, language) + "\n")
    return code


def exit_code(error: CrmError) -> int:
    """Exit code of an error, stable for scripts."""
    if isinstance(error, NotFound):
        return NOT_FOUND
    if isinstance(error, SessionError):
        return OFFLINE if error.code in UNREACHED else REFUSED
    if isinstance(error, InvalidInput) and error.code in ("not_an_assignment", "not_a_filter"):
        return USAGE
    return ERROR


def _ask_passphrase(new: bool, language: str) -> str:
    if not sys.stdin.isatty():
        return ""
    first = getpass.getpass(word("passphrase_new" if new else "passphrase", language))
    if new and getpass.getpass(word("passphrase_new", language)) != first:
        raise InvalidInput("passphrases_differ", "The two passphrases differ.", "Enter the same one twice.")
    return first
