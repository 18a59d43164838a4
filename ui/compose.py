"""The composition root: builds store, services and sync of one profile. It knows no face, so no Qt."""

import gc
import logging
import platform
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from crm_desktop import credentials, logs, settings
from crm_desktop.clock import Clock, SystemClock
from crm_desktop.credentials import Ask, Credentials, Protection
from crm_desktop.errors import BugError, CrmError, KnownError, SessionError
from crm_desktop.paths import default_folder, profile_folder
from crm_desktop.rules.permissions import NONE, Permissions, permissions_of
from crm_desktop.sealed import Keys
from crm_desktop.services.attachments import AttachmentService
from crm_desktop.services.cases import CaseService
from crm_desktop.services.conflicts import ConflictService
from crm_desktop.services.contract_signature import ContractSignatures
from crm_desktop.services.day_plan import DayPlanService
from crm_desktop.services.duplicates import DuplicateService
from crm_desktop.services.handover import HandoverService
from crm_desktop.services.leads import LeadService
from crm_desktop.services.notes import NoteService
from crm_desktop.services.orders import OrderService
from crm_desktop.services.outbox import OutboxService
from crm_desktop.services.pipeline import PipelineService
from crm_desktop.services.quote_approvals import ApprovalService
from crm_desktop.services.quote_mails import QuoteMails
from crm_desktop.services.quote_outcome import QuoteOutcomes
from crm_desktop.services.quote_signature import QuoteSignatures
from crm_desktop.services.quote_staleness import PriceGuard
from crm_desktop.services.quotes import QuoteService
from crm_desktop.services.records import RecordService
from crm_desktop.services.refusals import RefusalService
from crm_desktop.services.support_bundle import SupportBundle
from crm_desktop.services.tasks import TaskService
from crm_desktop.settings import Language, Settings
from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.reader import Reader
from sync import courier
from sync.driver import run_session
from sync.effects import bad_answer
from sync.protocol.messages import EnrolAnswer
from sync.runner import SyncRunner
from sync.session_report import SessionReport
from sync.status import Counts, SyncStatus
from sync.transport import HttpTransport
from sync.transport_route import Route
from ui.file_sync import FileSync
from ui.presenters.status import all_waiting

__all__ = ["App", "SessionReport", "SyncStatus", "default_folder", "open_profile", "profile_folder"]

DATABASE = "crm.db"
COLLECT_AFTER = 20_000  # objects: Python's 700 make it look for cycles some hundred times in one page of a first sync
_log = logging.getLogger("crm.ui")


class App:
    """One open profile. Services take the enrolled user; they are made anew when that changes."""

    sample = False
    """Whether this is the profile to look at, which never meets a server."""

    def __init__(
        self, folder: Path, store: ClientStore, secrets: Credentials, clock: Clock, language: Language = "en"
    ) -> None:
        self.folder = folder
        self.store = store
        self.clock = clock
        self.settings: Settings = settings.load(folder, Settings(language=language))
        self.runner: SyncRunner | None = None
        self._files = FileSync(store, self.connect, clock)
        self.support = SupportBundle(store, folder, clock)
        self._secrets = secrets
        self._log_handler = logs.start(folder)
        self._unsubscribe = store.on_change(self._after_change)
        self._build()

    def _build(self) -> None:
        user_id = self.store.sync_state().user_id or ""
        self.user_id: str = user_id
        self.records = RecordService(self.store, user_id)
        self.handover = HandoverService(self.store, user_id)
        self.notes = NoteService(self.store, self.clock, user_id)
        self.tasks = TaskService(self.store, self.clock, user_id)
        self.day_plan = DayPlanService(self.store, self.clock, user_id)
        self.conflicts = ConflictService(self.store)
        self.outbox = OutboxService(self.store)
        self.refusals = RefusalService(self.store, self.clock)
        self.quotes = QuoteService(self.store, self.clock, user_id)
        self.price_guard = PriceGuard(self.store, self.clock)
        self.approvals = ApprovalService(self.store, self.clock, user_id)
        self.mails = QuoteMails(self.store, self.clock, user_id)
        self.outcomes = QuoteOutcomes(self.store, self.clock, user_id)
        self.orders = OrderService(self.store, user_id)
        self.attachments = AttachmentService(self.store)
        self.signatures = QuoteSignatures(self.store, self.clock, self.attachments)
        self.contract_signatures = ContractSignatures(self.store, self.clock, self.attachments)
        self.duplicates = DuplicateService(self.store)
        self.leads = LeadService(self.store, self.clock, user_id)
        self.cases = CaseService(self.store, self.clock, user_id)
        self.pipeline = PipelineService(self.store)
        self.permissions: Permissions = self.store.read(self._permissions)

    def _permissions(self, reader: Reader) -> Permissions:
        user = reader.get("user", self.user_id) if self.user_id else None
        return permissions_of(user["role"]) if user is not None else NONE

    @property
    def enrolled(self) -> bool:
        """Whether this profile belongs to a user of a server."""
        return bool(self.user_id and self.settings.server_url)

    @property
    def key_protection(self) -> Protection:
        """What guards the database key: said plainly to the user."""
        return self._secrets.protection

    def change_settings(self, **changes: Any) -> Settings:
        """Set and save settings; InvalidInput for a value that is none."""
        before = self._route()
        self.settings = self.settings.changed(**changes)
        settings.save(self.folder, self.settings)
        if self.runner is not None and self._route() != before:
            self.runner.sync_now()  # the other way may lead to the server
        return self.settings

    def enrol(self, server_url: str, login: str, password: str, device_name: str = "") -> None:
        """Exchange login and password for a device token and make this profile the user's.

        KnownErrors: wrong_login, offline, other_protocol; other_user where the profile belongs to somebody else.
        """
        url = _clean_url(server_url)
        transport = HttpTransport(url, "", self.store.sync_state().schema_ver, route=self._route)
        try:
            keys = self._courier_keys()
            answer = EnrolAnswer.model_validate(
                transport.enrol(login, password, device_name or platform.node(), keys.public.text())
            )
        except ValidationError as error:
            raise bad_answer() from error
        finally:
            transport.close()
        if self.user_id and self.user_id != answer.user_id:
            raise KnownError(
                "other_user", "This profile belongs to another user.", "Take another profile folder (--profile)."
            )
        self._secrets.save_token(self.store, answer.token)
        self.store.set_setting(courier.SERVER_KEYS, answer.courier_keys)
        self.store.enrol(answer.device_id, answer.device_code, answer.user_id, answer.epoch)
        self.change_settings(server_url=url)
        self._build()

    def _courier_keys(self) -> Keys:
        """This profile's keys for courier files, made once."""
        known = self.store.get_setting(courier.OWN_KEYS)
        if known:
            return Keys.parse(known)
        made = Keys.make()
        self.store.set_setting(courier.OWN_KEYS, made.text())
        return made

    def connect(self) -> HttpTransport:
        """A connection to the profile's server; KnownError not_enrolled."""
        if not self.enrolled:
            raise KnownError("not_enrolled", "This profile knows no server yet.", "Enrol the laptop first.")
        return HttpTransport(
            self.settings.server_url,
            self._secrets.token(self.store),
            self.store.sync_state().schema_ver,
            route=self._route,
        )

    def _route(self) -> Route:
        return Route(self.settings.proxy, self.settings.ca_file)

    def sync_once(self, full_hello: bool = False) -> SessionReport:
        """One session, now; what went wrong stands in the report."""
        transport = self.connect()
        line = self._files.bytes_first(transport)
        try:
            report = run_session(self.store, line, now=self.clock.now, full_hello=full_hello)
            if report.error is None and self._move_files(transport):
                report = _together(report, run_session(self.store, line, now=self.clock.now))
            return report
        finally:
            transport.close()

    def _move_files(self, transport: HttpTransport) -> int:
        try:
            return self._files.once(transport)
        except SessionError as error:  # the records are synced; files wait for the next time
            _log.info("files rest: %s", error.code)
            return 0

    def start_sync(self, on_status: Callable[[SyncStatus], None]) -> SyncRunner:
        """Sync in the background from now on; `on_status` is called from its threads. Once per App."""
        if self.runner is None:
            self.connect().close()  # a profile without server fails here and not in a thread

            def told(status: SyncStatus) -> None:
                self._files.status(status)
                on_status(status)

            self.attachments.begin()
            self._files.start()
            self.runner = SyncRunner(self.store, lambda: self._files.bytes_first(self.connect()), self._counts, told)
            self.runner.start()
        return self.runner

    def close(self) -> None:
        """Stop the sync and close the store."""
        self._unsubscribe()
        self._files.stop()
        if self.runner is not None:
            self.runner.stop()
        self.attachments.end()
        self.store.close()
        logs.stop(self._log_handler)

    def _after_change(self, changes: ChangeSet) -> None:
        if changes.kinds & {"user", "everything"}:  # the role may be another one
            self.permissions = self.store.read(self._permissions)
        if self.runner is None:
            return
        if changes.kinds & {"files", "attachment", "everything"}:
            self._files.wake()
        if changes.source == "local":
            self.runner.wake()

    def _counts(self) -> Counts:
        counts = self.store.read(lambda reader: reader.counts())
        return Counts(all_waiting(counts), counts["quarantine"], counts["conflicts"])


def _together(first: SessionReport, later: SessionReport) -> SessionReport:
    """Two sessions, between which files moved, as one."""
    names = ("pushed", "pulled", "evicted", "deleted", "conflicts", "refused")
    counts: dict[str, Any] = {name: getattr(first, name) + getattr(later, name) for name in names}
    return replace(later, **counts, outcomes=dict(Counter(first.outcomes) + Counter(later.outcomes)))


def open_profile(
    folder: Path, *, passphrase: Ask | None = None, clock: Clock | None = None, language: Language = "en"
) -> App:
    """Open a profile, made where there is none; a new one speaks `language`.

    `passphrase` is asked where no keyring works: with True for a new one, with False for the known one.
    Errors: StoreError of the database, KnownError of its key.
    """
    profile_folder(str(folder))
    gc.set_threshold(COLLECT_AFTER)
    clock = clock or SystemClock()
    store = None
    opening = None
    try:
        opening = logs.start(folder)
        secrets = credentials.choose(folder, passphrase, has_data=(folder / DATABASE).exists())
        store = ClientStore.open(folder, secrets.database_key(), clock)
        return App(folder, store, secrets, clock, language)
    except CrmError as error:
        if isinstance(error, BugError):
            _log.exception("the profile cannot be opened")
        if store is not None:
            store.close()
        raise
    except OSError as error:
        if store is not None:
            store.close()
        raise KnownError(
            "profile_unwritable",
            f"The profile folder {folder} cannot be written ({error.strerror}).",
            "Free some space, or check that the folder is yours.",
            folder=folder,
        ) from error
    finally:
        if opening is not None:
            logs.stop(opening)


def _clean_url(given: str) -> str:
    url = given.strip().rstrip("/")
    if "://" not in url:
        url = f"https://{url}"
    if not url.startswith(("http://", "https://")) or len(url) < 10:
        raise KnownError(
            "bad_server_address",
            f"{given!r} is no server address.",
            "Enter it like https://crm.example.com.",
            given=given,
        )
    return url
