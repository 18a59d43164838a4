"""What stands between us and the server may be anything: every case is a real TCP peer."""

import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import orjson
import pytest
import zstandard

from crm_desktop.errors import SessionError, StoreError
from sync.protocol.messages import Limits
from sync.transport import HttpTransport

Peer = Callable[[socket.socket], None]


@contextmanager
def listening(peer: Peer) -> Iterator[str]:
    """A TCP server that hands each connection to `peer`; gives its URL."""
    server = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []
    connections: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            connections.append(connection)
            thread = threading.Thread(target=guarded, args=(connection,))
            threads.append(thread)
            thread.start()

    def guarded(connection: socket.socket) -> None:
        try:
            peer(connection)
        except OSError:
            return
        finally:
            connection.close()

    accepting = threading.Thread(target=serve)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        for connection in connections:
            connection.close()
        accepting.join()
        for thread in threads:
            thread.join()


def read_request(connection: socket.socket) -> bytes:
    """One whole request."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def saying(status: str, headers: str, body: bytes) -> Peer:
    """A peer that answers every request alike."""

    def peer(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    return peer


def nothing() -> None:
    """Nothing to note before sending."""


def transport(url: str, **options: float) -> HttpTransport:
    line = HttpTransport(url, "token", 1, **options)  # type: ignore[arg-type]
    line.identify("device")
    return line


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        ("200 OK", "Content-Type: text/html\r\n", b"<html>Please sign in</html>"),
        ("302 Found", "Location: http://portal.invalid/\r\nX-Proto: 1\r\n", b"{}"),
        ("511 Network Authentication Required", "", b"{}"),
        ("200 OK", "", b'{"results": []}'),
        ("200 OK", "X-Proto: 1\r\n", b"<html>"),
        ("200 OK", "X-Proto: 1\r\n", b"[]"),
        ("200 OK", "X-Proto: 1\r\nContent-Encoding: zstd\r\n", b"not zstd"),
        ("500 Internal Server Error", "X-Proto: 1\r\n", b"{}"),
        ("408 Request Timeout", "X-Proto: 1\r\n", b"{}"),
    ],
)
def test_whatever_is_not_our_server_counts_as_offline(status: str, headers: str, body: bytes) -> None:
    with listening(saying(status, headers, body)) as url:
        line = transport(url)
        with pytest.raises(SessionError) as caught:
            line.push({"epoch": "e", "txns": []}, nothing)
        line.close()
    assert caught.value.code == "offline"


def test_nobody_listens() -> None:
    with listening(saying("200 OK", "", b"")) as url:
        pass
    line = transport(url)
    noted: list[str] = []
    with pytest.raises(SessionError) as caught:
        line.pull({})
    assert caught.value.code == "offline"
    with pytest.raises(SessionError) as caught:
        line.push({}, lambda: noted.append("sent"))
    line.close()
    assert (caught.value.code, noted) == ("offline", [])


def test_what_has_to_be_noted_is_noted_once_when_the_connection_stands() -> None:
    order: list[str] = []

    def peer(connection: socket.socket) -> None:
        order.append("accepted")
        request = read_request(connection)
        order.append("got it" if request else "nothing came")
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Proto: 1\r\nContent-Length: 2\r\n\r\n{}")

    with listening(peer) as url:
        line = transport(url)
        line.push({"text": "x" * 5000}, lambda: order.append("noted"))
        line.close()
    assert sorted(order) == ["accepted", "got it", "noted"]
    assert order.index("noted") < order.index("got it")


def test_nothing_leaves_where_it_could_not_be_noted() -> None:
    got: queue.Queue[bytes] = queue.Queue()

    def fail() -> None:
        raise StoreError("disk_full", "The disk is full.", "Make room.")

    with listening(lambda connection: got.put(read_request(connection))) as url:
        line = transport(url)
        with pytest.raises(StoreError):
            line.push({"text": "x" * 5000}, fail)
        line.close()
        assert got.get(timeout=30) == b""


def test_a_line_that_broke_unseen_is_made_anew_and_noted_once() -> None:
    """The kept connection is closed by the server after its answer: the next request goes on a new one."""
    noted: list[int] = []
    peers: list[int] = []

    def once(connection: socket.socket) -> None:
        peers.append(1)
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Proto: 1\r\nContent-Length: 2\r\n\r\n{}")

    with listening(once) as url:
        line = transport(url)
        line.push({}, lambda: noted.append(1))
        line.push({}, lambda: noted.append(2))
        line.close()
    assert (len(peers), noted) == (2, [1, 2])


def test_refusal_carries_code_words_and_details() -> None:
    body = orjson.dumps({"code": "seq_gap", "message": "Gap.", "advice": "Send it.", "details": {"expected": 7}})
    with listening(saying("409 Conflict", "X-Proto: 1\r\n", body)) as url:
        line = transport(url)
        with pytest.raises(SessionError) as caught:
            line.push({}, nothing)
        line.close()
    error = caught.value
    assert (error.code, error.title, error.advice, error.values) == ("seq_gap", "Gap.", "Send it.", {"expected": 7})


def test_another_protocol_is_named() -> None:
    with listening(saying("200 OK", "X-Proto: 9\r\n", b"{}")) as url:
        line = transport(url)
        with pytest.raises(SessionError) as caught:
            line.pull({})
        line.close()
    assert caught.value.code == "other_protocol"
    assert "9" in caught.value.title


def trickle_headers(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Proto: 1\r\n")
    while True:
        connection.sendall(b"X-Slow: 1\r\n")
        time.sleep(0.02)


def trickle_body(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Proto: 1\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.02)


def trickle_reading(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    while connection.recv(64):
        time.sleep(0.02)


def silent(connection: socket.socket) -> None:
    read_request(connection)
    connection.recv(1)


@pytest.mark.parametrize("peer", [trickle_headers, trickle_body, trickle_reading, silent])
def test_a_total_deadline_ends_a_slow_loris(peer: Peer) -> None:
    with listening(peer) as url:
        line = transport(url, deadline_s=0.4)
        big = {"random": "".join(chr(33 + (index * 7919) % 90) for index in range(3_000_000))}
        with pytest.raises(SessionError) as caught:
            line.push(big if peer is trickle_reading else {}, nothing)
        line.close()
    assert (caught.value.code, caught.value.values["why"]) == ("offline", "deadline")


def test_close_ends_a_request_under_way() -> None:
    arrived = threading.Event()

    def peer(connection: socket.socket) -> None:
        read_request(connection)
        arrived.set()
        connection.recv(1)

    caught: list[str] = []
    with listening(peer) as url:
        line = transport(url)

        def ask() -> None:
            try:
                line.pull({"wait": 25})
            except SessionError as error:
                caught.append(error.code)

        asking = threading.Thread(target=ask)
        asking.start()
        assert arrived.wait(10)
        line.close()
        asking.join(10)
        assert not asking.is_alive()
    assert caught == ["stopped"]


def test_an_answer_is_bounded_before_and_after_inflating() -> None:
    bomb = zstandard.ZstdCompressor().compress(b'{"a":"' + b"x" * 300_000 + b'"}')
    assert len(bomb) < 1000
    limits = Limits(inflated_bytes=100_000, body_bytes=1000)
    for headers, body in (("Content-Encoding: zstd\r\n", bomb), ("", b" " * 3000)):
        with listening(saying("200 OK", "X-Proto: 1\r\n" + headers, body)) as url:
            line = HttpTransport(url, "", 1, limits=limits)
            with pytest.raises(SessionError) as caught:
                line.pull({})
            line.close()
        assert caught.value.values["why"] == "answer too large"


def test_large_bodies_travel_compressed_and_traffic_is_counted() -> None:
    seen: list[bytes] = []
    sent: list[int] = []
    answer = zstandard.ZstdCompressor().compress(b'{"ok":true}')

    def peer(connection: socket.socket) -> None:
        while request := read_request(connection):
            seen.append(request)
            head = f"HTTP/1.1 200 OK\r\nX-Proto: 1\r\nContent-Encoding: zstd\r\nContent-Length: {len(answer)}\r\n\r\n"
            sent.append(len(head) + len(answer))
            connection.sendall(head.encode() + answer)

    with listening(peer) as url:
        line = transport(url)
        assert line.push({"text": "x" * 5000}, nothing) == {"ok": True}
        assert line.pull({}) == {"ok": True}
        traffic = line.traffic()
        line.close()
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert b"Content-Encoding: zstd" in head
    assert orjson.loads(zstandard.decompress(body)) == {"text": "x" * 5000}
    assert b"Authorization: Bearer token" in head
    assert b"X-Device: device" in head
    assert b"Content-Encoding" not in seen[1].partition(b"\r\n\r\n")[0]
    assert traffic.requests == 2
    assert traffic.bytes_out == sum(len(request) for request in seen)
    assert traffic.bytes_in == sum(sent)


def test_a_kept_connection_that_died_is_opened_anew() -> None:
    served: list[int] = []

    def peer(connection: socket.socket) -> None:
        if read_request(connection):
            served.append(1)
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Proto: 1\r\nContent-Length: 2\r\n\r\n{}")

    with listening(peer) as url:
        line = transport(url)
        for _ in range(3):
            assert line.pull({}) == {}
        line.close()
    assert len(served) == 3


def test_a_line_that_is_given_up_ends_the_request_under_way_which_goes_on_over_another() -> None:
    """After a sleep the old connection says nothing any more, and nobody tells that it is dead."""
    arrived = threading.Event()

    def peer(connection: socket.socket) -> None:
        read_request(connection)
        if not arrived.is_set():
            arrived.set()
            connection.recv(1)
            return
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Proto: 1\r\nContent-Length: 2\r\n\r\n{}")

    answers: list[object] = []
    with listening(peer) as url, closing(transport(url)) as line:
        asking = threading.Thread(target=lambda: answers.append(line.pull({"wait": 25})))
        asking.start()
        assert arrived.wait(10)
        line.break_line()
        asking.join(10)
        assert not asking.is_alive()
    assert answers == [{}]


@pytest.mark.parametrize(
    ("status", "place"),
    [("206 Partial Content", "Content-Range: bytes 0-9/20\r\n"), ("200 OK", ""), ("206 Partial Content", "")],
)
def test_other_bytes_than_those_asked_for_are_not_taken(status: str, place: str) -> None:
    """What lies between may know no ranges and give a file from its beginning."""
    taken: list[bytes] = []
    peer = saying(status, f"X-Proto: 1\r\n{place}", b"0123456789")
    with listening(peer) as url, closing(transport(url)) as line:
        with pytest.raises(SessionError) as caught:
            line.get_blob("a" * 64, 10, 10, taken.append)
        line.get_blob("a" * 64, 0, 10, taken.append)  # where it begins it is right
    assert (caught.value.code, taken) == ("offline", [b"0123456789"])
