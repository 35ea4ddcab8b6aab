"""`lepton services`."""

from pathlib import Path

import click

from lepton_ai.cli.shared import json_option, show


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of the platform (default: .lepton).",
)
@json_option
def services(data: Path | None, as_json: bool) -> None:
    """Show the servers of single models that run over the platform's folder on this machine.

    One is 'lost' if its process ended without a word, as when the machine was started anew: serve the model again, or
    stop it to forget it.

    \b
    Example:
      lepton services
    """
    from lepton_ai.embedded import services as known  # noqa: PLC0415  (help is quick)
    from lepton_ai.transport import data_folder  # noqa: PLC0415

    found = known(data_folder() if data is None else data)
    lines = [
        f"{one.name}: {one.state}, {one.serving.model} at {one.serving.url}, process {one.process} "
        f"since {one.started:%Y-%m-%d %H:%M}"
        for one in found
    ]
    show(found, as_json=as_json, text="\n".join(lines) or "no services")
