"""Clients that ask a server for a while, each over one connection: ``PORT PATH CLIENTS SECONDS``, the body on stdin.

They say on stdout the median time of an answer in milliseconds, and how many a second there were. They stand by
themselves, so that they begin at once.
"""

import asyncio
import json
import sys
import time
from statistics import median
from typing import Any


class _Client(asyncio.Protocol):
    """Asks again and again over one connection, until ``end``."""

    def __init__(self, asked: bytes, end: float, times: list[float], done: "asyncio.Future[None]") -> None:
        self.asked, self.end, self.times, self.done = asked, end, times, done
        self.came = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self.came += data
        head, found, body = self.came.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if not found or len(body) < int(length):
            return
        assert head.startswith(b"HTTP/1.1 200"), self.came
        now = time.perf_counter()
        self.times.append(now - self.began)
        self.came = b""
        if now < self.end:
            self._ask()
        else:
            self.transport.close()
            self.done.set_result(None)

    def _ask(self) -> None:
        self.began = time.perf_counter()
        self.transport.write(self.asked)


async def ask(port: int, path: str, body: bytes, clients: int, seconds: float) -> tuple[float, float]:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    asked = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    loop, times = asyncio.get_running_loop(), list[float]()
    began = time.perf_counter()
    waiting = [loop.create_future() for _ in range(clients)]
    for done in waiting:
        await loop.create_connection(
            lambda done=done: _Client(asked, began + seconds, times, done),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
    await asyncio.gather(*waiting)
    return median(times) * 1e3, len(times) / (time.perf_counter() - began)


if __name__ == "__main__":
    at, where, count, lasting = sys.argv[1:]
    found = asyncio.run(ask(int(at), where, sys.stdin.buffer.read(), int(count), float(lasting)))
    sys.stdout.write(json.dumps(found))
