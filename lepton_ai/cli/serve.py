"""`lepton serve`."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from lepton_ai.cli.shared import json_option, maybe_name_argument, write_json

_PORT = 8090
_UNWATCHED = "nobody watches it: what is asked is not counted, and drift is not seen"


@click.command()
@maybe_name_argument
@click.option(
    "--file",
    "exported",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Serve the version in FILE, which `lepton export` wrote, without a platform.",
)
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=_PORT, show_default=True, help="0: a free one."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that share the port; one that dies is started again.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of the platform (default: .lepton).",
)
@click.option(
    "--drain",
    type=click.FloatRange(0, 600),
    default=1.0,
    show_default=True,
    help="Seconds for which it takes requests after SIGTERM, not ready any more.",
)
@click.option("--service", help="The name under which it is found (default: NAME).")
@click.option("--systemd", is_flag=True, help="Write the unit that runs it under systemd, and start nothing.")
@json_option
def serve(
    name: str | None,
    exported: Path | None,
    port: int,
    host: str,
    workers: int,
    data: Path | None,
    drain: float,
    service: str | None,
    systemd: bool,
    as_json: bool,
) -> None:
    """Serve the deployed version of the model NAME, or the version in a FILE, until Ctrl-C or SIGTERM.

    It follows the deployment of the model, and counts what is asked, as the platform does; it ends when the model is
    retired. On this machine no key is needed. On an address that others reach, each request needs a key of the
    platform with the scope 'predict'; for a FILE, the key that LEPTON_API_KEY names.
    GET /v1/health/live and /v1/health/ready tell whether it lives and takes requests.

    \b
    Example:
      lepton serve churn --port 8090
      lepton serve --file churn.lepton --port 8090
      lepton serve churn --systemd
    """
    from lepton_ai.embedded import serve_model  # noqa: PLC0415  (help is quick)
    from lepton_ai.installed import demand_one  # noqa: PLC0415
    from lepton_ai.transport import checked_name, data_folder  # noqa: PLC0415

    demand_one()
    if name is None and exported is None:
        raise click.UsageError("name the model, or a file with --file")
    if os.environ.get("LEPTON_URL", "").strip() and exported is None and data is None:
        raise click.UsageError("LEPTON_URL names a platform elsewhere; serve a file of it with --file")

    def ready(serving: Any) -> None:
        if as_json:
            write_json(serving)
        else:
            noted = "" if serving.watched else f"; {_UNWATCHED}"
            sys.stdout.write(f"version {serving.version} of {serving.model} at {serving.predict}{noted}\n")
        sys.stdout.flush()

    if service is not None and exported is not None:
        raise click.UsageError("--service goes with a platform; a FILE has none")
    folder = data_folder() if data is None else data
    called = None if service is None else checked_name(service, "service")
    given = {"host": host, "port": port, "workers": workers, "drain_seconds": drain, "service": called}
    if systemd:
        sys.stdout.write(_unit(name, exported, folder, given))
        return
    why = serve_model(name, exported, folder, ready, **given)
    if why is not None:
        sys.stderr.write(f"{why}\n")


def _unit(name: str | None, exported: Path | None, folder: Path, given: dict[str, Any]) -> str:
    from lepton_ai.embedded import unit_of  # noqa: PLC0415

    of_file = [] if exported is None else ["--file", str(exported.absolute())]
    over = ["--data", str(folder.absolute())] if exported is None else []
    options = {
        "host": given["host"],
        "port": given["port"],
        "workers": given["workers"],
        "drain": given["drain_seconds"],
    }
    said = [word for option, value in options.items() for word in (f"--{option}", str(value))]
    called = [] if given["service"] is None else ["--service", given["service"]]
    arguments = [*([] if name is None else [name]), *of_file, *over, *said, *called]
    where = folder if exported is None else exported.absolute().parent
    return unit_of(name or str(exported), arguments, where, given["drain_seconds"])
