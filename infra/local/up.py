"""`lepton up`: the whole platform on one machine, until it is told to stop."""

import json
import os
import stat
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from uuid import uuid4

from functions.context import log
from functions.storage import posix
from functions.storage.disk_errors import typed_errors
from functions.storage.disk_folder import API_KEY
from functions.system.sessions import new_link
from infra.local.gateway import call
from infra.local.hosts import VARIABLE, listed
from infra.local.listening import Server
from infra.local.logs import log_to_stderr
from infra.local.server import listen
from infra.local.stack import OWNER, WORKSPACE, Stack, open_server
from lepton_core.errors import Conflict, Failure, Unavailable, error_from
from lepton_core.models.learners.one_thread import one_thread

_STOPPING = b"stopping; runs under way go on at the next start\n"


def print_variables(url: str, key: str, link: str) -> None:
    """``LEPTON_URL=...``, ``LEPTON_API_KEY=...`` and ``LEPTON_CONSOLE=...`` on lines of their own."""
    sys.stdout.write(f"LEPTON_URL={url}\nLEPTON_API_KEY={key}\nLEPTON_CONSOLE={link}\n")
    sys.stdout.flush()


def serve(
    port: int,
    data: Path,
    workers: int,
    host: str = "127.0.0.1",
    ready: Callable[[str, str, str], None] = print_variables,
) -> None:
    """Keep the platform of ``data`` up on ``host``:``port`` (0: a free one) until SIGINT or SIGTERM.

    Calls ``ready`` with its address, an API key and a link that signs in to the console, once it answers. The key
    has every scope in the workspace ``default`` and stays the same from one start to the next; it is kept in
    ``data/api_key``, readable by its owner only. Raises `Conflict` if the port is taken.

    Events are logged to stderr, a line each.

    Several processes may keep the same folder up, each on a port of its own, as several Lambda functions
    share one bucket: leases and conditional writes give every run, schedule and file to one of them. The later one
    says so.

    A stop takes at most 5 s, whatever is under way. It is what was asked for, so the process ends with status 0, also
    after Ctrl-C, and says one line; further signals change nothing.
    """
    data = data.absolute()
    log_to_stderr()
    stop = _Stop()
    with one_thread(), posix.on_stop(stop), closing(open_server(data, workers=workers)) as stack:
        if stack.shared:
            log.warning(
                "another process keeps %s up as well; each run, schedule and file goes to one of them", data
            )
        key = admin_key(stack, data / API_KEY)
        names = listed(os.environ.get(VARIABLE, ""))
        server = listen(stack.app, stack.platform, host=host, port=port, names=names)
        stop.on(server)
        server.run(lambda: ready(server.url, key, _link(stack, server.url, key)))


def admin_key(stack: Stack, path: Path) -> str:
    """The API key in ``path`` if it is still valid, else a new one, written there with mode 0600.

    Raises `Conflict` if what is there is no file, and `Unavailable` if the store cannot say whether it is valid.
    """
    found = _kept_key(path)
    if found is not None:
        headers = {"authorization": f"Bearer {found}"}
        status = call(stack.app, stack.platform, "GET", "/v1/keys", headers=headers).status
        if status == 200:
            return found
        if status not in (401, 403):
            raise Unavailable(f"the key in {path} could not be checked; try again")
        path.unlink(missing_ok=True)
    made = _new_key(stack)
    whole = path.with_name(f".{path.name}.{uuid4().hex}")
    with typed_errors():
        try:
            with posix.new_private_file(whole) as file:
                file.write(f"{made}\n".encode())
                posix.sync_file(file)
            posix.publish(whole, path)
        except FileExistsError:
            # Another process was faster: its key is the folder's key, ours stays unused.
            return admin_key(stack, path)
        finally:
            whole.unlink(missing_ok=True)
    return made


def _link(stack: Stack, url: str, key: str) -> str:
    platform = stack.platform
    made = new_link(platform.system, workspace=WORKSPACE, key=key.split("_")[1], now=platform.clock())
    return f"{url}/#/sign-in/{made}"


def _kept_key(path: Path) -> str | None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if path.is_symlink():
            raise Conflict(f"{path} is a link that leads nowhere; remove it") from None
        return None
    if not stat.S_ISREG(mode):
        raise Conflict(f"{path} is not a file; remove it")
    if mode & 0o077:
        path.chmod(0o600)
    return path.read_text(errors="replace").strip()


def _new_key(stack: Stack) -> str:
    owned = replace(stack.platform, owner=OWNER)
    wanted = {"scopes": sorted(OWNER.scopes), "name": "lepton up"}
    headers = {"content-type": "application/json"}
    response = call(stack.app, owned, "POST", "/v1/keys", headers=headers, body=json.dumps(wanted).encode())
    answer = json.loads(response.body)
    if response.status != 201:
        raise error_from(Failure(**answer["error"]))
    secret: str = answer["secret"]
    return secret


@dataclass
class _Stop:
    """SIGINT and SIGTERM, the first time: before there is a server they end the process, then they stop the server."""

    server: Server | None = None
    asked: bool = False

    def on(self, server: Server) -> None:
        self.server = server
        if self.asked:
            server.stop()

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            return
        self.asked = True
        with suppress(OSError):
            os.write(2, _STOPPING)  # no logger: this may have interrupted one
        if self.server is None:
            raise SystemExit(0)
        self.server.stop()
