"""`lepton stop`."""

from pathlib import Path

import click

from lepton_ai.cli.shared import json_option, show


@click.command()
@click.argument("service")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of the platform (default: .lepton).",
)
@json_option
def stop(service: str, data: Path | None, as_json: bool) -> None:
    """End the SERVICE that serves a single model, once it has answered what is under way.

    The model stays deployed on its platform.

    \b
    Example:
      lepton stop churn
    """
    from lepton_ai.embedded import stop_service  # noqa: PLC0415  (help is quick)
    from lepton_ai.transport import checked_name, data_folder  # noqa: PLC0415

    found = stop_service(data_folder() if data is None else data, checked_name(service, "service"))
    done = "stopped" if found.state == "running" else "was lost, and is forgotten"
    show(found, as_json=as_json, text=f"{found.name} {done}")
