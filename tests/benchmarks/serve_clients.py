"""Clients that ask a server for a while, each over one connection: ``PORT PATH CLIENTS SECONDS [TYPE [KEY]]``.

The body is on stdin. They say on stdout, as JSON, the 50th and the 99th percentile of the time of an answer in
milliseconds, how many a second there were, and which share of the time the clients themselves had the processor. They
are one loop over bare sockets that sends what was made once: whatever a client costs is taken from what is measured.
"""

import json
import select
import socket
import sys
import time

_MOST_BYTES = 1 << 18


class _Client:
    """One connection: what came of the answer so far, how long it will be, and when it was asked for."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began, self.size, self.length = 0.0, 0, 0

    def ask(self, asked: bytes) -> None:
        self.size, self.length = 0, 0
        self.began = time.perf_counter()
        self.socket.sendall(asked)

    def answered(self) -> bool:
        """Take in what came; whether the answer is whole."""
        came = self.socket.recv(_MOST_BYTES)
        if not self.size:
            head, found, _ = came.partition(b"\r\n\r\n")
            if not found or not came.startswith(b"HTTP/1.1 200"):
                raise OSError(f"answered with {came[:500]!r}")
            self.length = len(head) + 4 + _length(head)
        self.size += len(came)
        return bool(came) and self.size == self.length


def _length(head: bytes) -> int:
    at = head.find(b"ontent-length:")
    at = at if at >= 0 else head.find(b"ontent-Length:")
    return int(head[at + 14 :].partition(b"\r\n")[0])


def ask(asked: bytes, port: int, clients: int, seconds: float) -> tuple[float, float, float, float]:
    """What is said on stdout, of ``clients`` that send ``asked`` again and again."""
    poll, by_number, times = select.epoll(), dict[int, _Client](), list[float]()
    for _ in range(clients):
        one = _Client(port)
        by_number[one.socket.fileno()] = one
        poll.register(one.socket, select.EPOLLIN)
    began, busy = time.perf_counter(), time.process_time()
    for one in by_number.values():
        one.ask(asked)
    while (now := time.perf_counter()) < began + seconds or not times:
        for number, _ in poll.poll(30):
            one = by_number[number]
            if one.answered():
                times.append(time.perf_counter() - one.began)
                one.ask(asked)
    took, busy = now - began, time.process_time() - busy
    times.sort()
    half, most = (times[int(len(times) * share)] * 1e3 for share in (0.5, 0.99))
    return half, most, len(times) / took, busy / took


def request(port: int, path: str, body: bytes, media: str = "application/json", key: str = "") -> bytes:
    """The bytes of a request."""
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Content-Type: {media}"]
    lines += [f"Authorization: Bearer {key}"] if key else []
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


if __name__ == "__main__":
    at, where, count, lasting, *more = sys.argv[1:]
    found = ask(request(int(at), where, sys.stdin.buffer.read(), *more), int(at), int(count), float(lasting))
    sys.stdout.write(json.dumps(found))
