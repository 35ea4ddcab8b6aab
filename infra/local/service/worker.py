"""One of several processes that serve a model; `infra.local.service.workers` starts it, and tells it what on stdin.

It says on stdout what it serves, once it answers, and why it ended, if the model is served no more. When the process
that started it ends, however it ends, stdin is at its end, and this one stops.
"""

import os
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import closing

import msgspec

from functions.storage import posix
from infra.local.logs import log_to_stderr
from infra.local.service.keys import KEY_VARIABLE, guard
from infra.local.service.one import Stopping, opened, run, server_for, serving_of
from infra.local.service.options import Work, WorkerWord
from lepton_core.errors import LeptonError


def main() -> None:
    """Serve what the first line of stdin says."""
    log_to_stderr()
    work = msgspec.json.decode(sys.stdin.buffer.readline(), type=Work)
    stop = Stopping(work.options.drain_seconds, b"")
    try:
        with posix.on_stop(stop), closing(opened(work.options)) as source:
            host = work.options.host
            guarded = guard(source, host, os.environ.get(KEY_VARIABLE, ""))
            server = server_for(source, guarded, socket.socket(fileno=work.listener), host, stop.stage)
            threading.Thread(target=_until_alone, args=(server.stop,), name="alone", daemon=True).start()
            why = run(server, source, stop, lambda: _tell(WorkerWord(serving=serving_of(source, server.url))))
    except LeptonError as error:
        why = error
    if why is not None:
        _tell(WorkerWord(error=why.failure))


def _until_alone(stop: Callable[[], None]) -> None:
    # Not through `sys.stdin`, whose lock this thread would still hold when the interpreter ends.
    while os.read(sys.stdin.fileno(), 1):
        pass
    stop()


def _tell(told: WorkerWord) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
