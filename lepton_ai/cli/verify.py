"""`lepton verify`."""

from pathlib import Path

import click

from lepton_ai.cli.shared import json_option, show


@click.command()
@click.argument("backup", type=click.Path(path_type=Path, file_okay=False))
@json_option
def verify(backup: Path, as_json: bool) -> None:
    """Check every byte of the BACKUP in a folder; no platform is needed.

    What is damaged is named, and the status is 1.

    \b
    Example:
      lepton verify backups/monday
    """
    from lepton_ai import keeping  # noqa: PLC0415  (help is quick)

    found = keeping.verify(backup, quiet=as_json)
    show(found, as_json=as_json, text=f"{found}\nevery byte is what it was")
