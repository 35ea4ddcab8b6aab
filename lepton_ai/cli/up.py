"""`lepton up`."""

import os
import sys
from pathlib import Path

import click

from lepton_ai.cli.shared import json_option, write_json

_PORT = 8642


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=_PORT, show_default=True, help="0: a free one."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of its state (default: .lepton).",
)
@click.option(
    "--workers", type=click.IntRange(min=1), help="Processes that train (default: one a core, at most 4)."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--no-browser", is_flag=True, help="Open no browser.")
@json_option
def up(port: int, data: Path | None, workers: int | None, host: str, no_browser: bool, as_json: bool) -> None:
    """Start the platform on this machine and keep it up: API, scheduler, runs in worker processes.

    Prints LEPTON_URL=... and LEPTON_API_KEY=... once it answers; set both, and the SDK and this command use it.
    LEPTON_CONSOLE=... is a link that opens the console and signs in, once within ten minutes. From a terminal on a
    desktop it is opened in the browser.
    With --json it is one line: url, api_key, data (its folder), console (a link that signs in once). Ctrl-C
    stops it; runs under way go on when it is started again.

    \b
    Example:
      lepton up --port 8642 --data .lepton
    """
    from lepton_ai.desktop import is_desktop, visit  # noqa: PLC0415
    from lepton_ai.embedded import serve  # noqa: PLC0415  (loads the whole platform)
    from lepton_ai.transport import data_folder  # noqa: PLC0415

    folder = data_folder() if data is None else data

    def write(url: str, key: str, link: str) -> None:
        write_json({"url": url, "api_key": key, "data": str(folder.absolute()), "console": link})
        sys.stdout.flush()

    opens = not (no_browser or as_json) and is_desktop(os.environ, terminal=_in_terminal())
    processes = workers or min(4, os.cpu_count() or 1)
    serve(port, folder, processes, host, write if as_json else None, visit if opens else None)


def _in_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
