"""Login and password once, an opaque device token from then on."""

from dataclasses import dataclass

from crm_desktop.clock import stamp
from crm_desktop.ids import new_id
from crm_desktop.sealed import PublicKeys
from server.identity.passwords import check_password
from server.identity.throttle import Throttle
from server.storage import courier_keys, devices, users
from server.storage.devices import Device
from server.storage.storage import Storage
from sync.protocol import EnrolAnswer, EnrolRequest


@dataclass
class Denied(Exception):
    """Not let in. `reason`: wrong_login, throttled (`wait_s`), unknown_token, revoked."""

    reason: str
    wait_s: float = 0.0


class Identity:
    """Who speaks: by password at enrolment, by token ever after."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._throttle = Throttle(storage.settings.login_failures, storage.settings.login_pause_s)

    def enrol(self, request: EnrolRequest) -> EnrolAnswer:
        """Register a device. Denied for a wrong login, a locked user or too many attempts."""
        login = request.login.strip()
        wait_s = self._throttle.wait_s(login)
        if wait_s > 0:
            raise Denied("throttled", wait_s)
        with self._storage.read() as connection:
            account = users.find_login(connection, login)
        fits = check_password(account.password_hash if account else None, request.password)
        if account is None or not fits:
            self._throttle.failed(login)
            raise Denied("wrong_login")
        if not account.active:
            raise Denied("revoked")
        self._throttle.succeeded(login)
        device_id = new_id()
        keys = _public_keys(request.courier_keys)
        with self._storage.plain_write() as connection:
            token, code = devices.enrol_device(
                connection, account.user_id, request.device_name, device_id, stamp(self._storage.clock)
            )
            if keys is not None:
                courier_keys.remember(connection, devices.token_hash(token), keys)
            own = courier_keys.server_keys(connection).public
        epoch, _ = self._storage.state()
        with self._storage.read() as connection:
            name = users.name_of(connection, account.user_id)
        return EnrolAnswer(
            token=token,
            device_id=device_id,
            device_code=code,
            user_id=account.user_id,
            user_name=name,
            epoch=epoch,
            courier_keys=own.text(),
        )

    def device(self, token: str, device_id: str) -> Device:
        """The device that speaks; looked up on every request, so that a revocation holds at once.

        A device id not seen before under a good token is a cloned laptop that took a new identity.
        """
        hashed = devices.token_hash(token)
        with self._storage.read() as connection:
            found = devices.find_device(connection, hashed, device_id)
            owner = None if found else devices.owner_of_token(connection, hashed)
        if found is None and owner is not None and not owner[1] and device_id:
            found = self._register_fork(hashed, owner[0], device_id)
        if found is None:
            raise Denied("revoked" if owner is not None and owner[1] else "unknown_token")
        if found.revoked:
            raise Denied("revoked")
        return found

    def _register_fork(self, hashed: str, user_id: str, device_id: str) -> Device | None:
        with self._storage.plain_write() as connection:
            if devices.devices_of_token(connection, hashed) >= self._storage.settings.devices_per_token:
                return None
            if devices.exists(connection, device_id):
                return None
            devices.add_device(connection, hashed, user_id, "", device_id, stamp(self._storage.clock))
            return devices.find_device(connection, hashed, device_id)


def _public_keys(text: str) -> PublicKeys | None:
    try:
        return PublicKeys.parse(text) if text else None
    except ValueError:
        return None  # a laptop without them can do everything but courier sync
