"""The network between a laptop and the server: what it loses, repeats, cuts, delays and mixes up."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from crm_desktop.errors import SessionError
from tests.simulation.central import Answer, Central, Request, ServerKilled
from tests.simulation.chance import Chance, Trace, Violation

Heard = Callable[[Request, Answer], None]
FAULTS = ("drop", "lose", "late", "twice", "truncate", "stale", "flip", "server_dies", "lose_and_restart")
PATIENCE = 5000  # effects of sessions in one history; the longest that came to an end took 800
_STATEMENTS = 60  # a request of the simulated size makes about so many


@dataclass
class Weather:
    """How bad the network is: probability of each fault for one request. Empty: calm."""

    rates: dict[str, float] = field(default_factory=dict)
    push_blocked: str = ""  # the code with which every push is refused


def offline(why: str) -> SessionError:
    """What the transport makes of everything that is not an honest answer."""
    return SessionError("offline", "The server cannot be reached.", "", why=why)


class Net:
    """Carries requests. `heard` is told of every request the server answered, also where the answer got lost."""

    def __init__(self, central: Central, chance: Chance, trace: Trace, heard: Heard) -> None:
        self._central = central
        self._chance = chance
        self._trace = trace
        self._heard = heard
        self.weather = Weather()
        self.late: deque[Request] = deque(maxlen=8)
        self._earlier: dict[tuple[str, str], list[Answer]] = {}
        self.faults: Counter[str] = Counter()
        self._flipped: list[dict[str, Any]] = []
        self._patience = PATIENCE

    def spend(self, who: str, effect: Any) -> None:
        """One more step of a session, of all that a history may take: L1 asks for an end."""
        self._patience -= 1
        if self._patience < 0:
            raise Violation("L1", f"{who} is at {type(effect).__name__}: {PATIENCE} steps of sessions and no rest")

    def call(self, who: str, request: Request, before_send: Callable[[], None] = lambda: None) -> dict[str, Any]:
        """The JSON answer, or SessionError as the transport would raise it.

        `before_send` is called once the connection stands; where none can be made it is not.
        """
        if self.weather.push_blocked and request.path == "push":
            self.faults["push_blocked"] += 1
            before_send()
            raise SessionError(self.weather.push_blocked, "The server is busy.", "", after=5)
        fault = self._fault()
        if fault:
            self.faults[fault] += 1
            self._trace.say("net", f"{fault} ({who} {request.path})")
        if fault != "drop" or self._chance.happens(0.5):
            before_send()
        return self._judge(self._answer(request, fault))

    def deliver_late(self) -> bool:
        """A request given up long ago reaches the server after all; nobody waits for its answer."""
        if not self.late:
            return False
        at = self._chance.rng.randrange(len(self.late))
        request = self.late[at]
        del self.late[at]
        self._trace.say("net", f"late {request.path} arrives")
        self._serve(request, None)
        return True

    def _fault(self) -> str:
        throw = self._chance.rng.random()
        for name, rate in self.weather.rates.items():
            throw -= rate
            if throw < 0:
                return name
        return ""

    def _answer(self, request: Request, fault: str) -> Answer:
        rng = self._chance.rng
        if fault == "drop":
            raise offline("dropped")
        if fault == "late":
            self.late.append(request)
            raise offline("late")
        if fault == "stale":
            earlier = self._earlier.get((request.path, request.device_id))
            if earlier and request.path == "pull":
                return rng.choice(earlier)
        answer = self._serve(request, rng.randrange(_STATEMENTS) if fault == "server_dies" else None)
        if fault == "lose":
            raise offline("answer lost")
        if fault == "lose_and_restart":
            self._central.restart()
            raise offline("server died after its commit")
        if fault == "twice":
            return self._serve(request, None)
        if fault == "truncate":
            return Answer(answer.status, answer.body[: rng.randrange(len(answer.body))])
        if fault == "flip" and request.path == "pull":
            return self._flip(answer)
        kept = self._earlier.setdefault((request.path, request.device_id), [])
        kept.append(answer)
        del kept[:-4]
        return answer

    def _serve(self, request: Request, fuse: int | None) -> Answer:
        try:
            answer = self._central.handle(request, fuse)
        except ServerKilled:
            raise offline("server died") from None
        self._heard(request, answer)
        return answer

    def _flip(self, answer: Answer) -> Answer:
        """One character of one value changes on the way, in JSON that still reads well."""
        page = orjson.loads(answer.body)
        places = [
            (row, at)
            for commit in page.get("commits", ())
            for table in commit["put"]
            for row in table["rows"]
            for at, name in enumerate(table["cols"], 3)
            if name in ("name", "subject", "note", "street") and row[at]
        ]
        if not places:
            return answer
        row, at = self._chance.rng.choice(places)
        row[at] = ("x" if row[at][0] != "x" else "y") + row[at][1:]
        self._flipped.append(page)
        return Answer(answer.status, orjson.dumps(page))

    def was_flipped(self, page: dict[str, Any]) -> bool:
        """Whether this page was changed on its way."""
        return page in self._flipped

    @staticmethod
    def _judge(answer: Answer) -> dict[str, Any]:
        try:
            body = orjson.loads(answer.body)
        except orjson.JSONDecodeError as error:
            raise offline("broken answer") from error
        if not isinstance(body, dict):
            raise offline("broken answer")
        if answer.status == 200:
            return body
        details = body.get("details") or {}
        kept = {name: value for name, value in details.items() if name not in ("code", "title", "advice", "self")}
        raise SessionError(str(body["code"]), str(body.get("message", "")), str(body.get("advice", "")), **kept)
