"""`lepton backup`."""

from pathlib import Path

import click

from lepton_ai.cli.places import place_options
from lepton_ai.cli.shared import json_option, show


@click.command()
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    default="lepton-backup",
    show_default=True,
    help="The folder of the backup: a new one, or that of an earlier backup, which is brought up to date.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of the platform (default: .lepton).",
)
@place_options
@json_option
def backup(
    to: Path,
    data: Path | None,
    stack: str | None,
    bucket: str | None,
    table: str | None,
    region: str | None,
    as_json: bool,
) -> None:
    """Copy all that a platform holds, of all workspaces, while it is in use.

    The backup is a folder of plain files under their digests; what it has already is not copied again. Killed, it goes
    on when it is called again. It holds no secret of a key, and no session of a browser.

    \b
    Example:
      lepton backup --to backups/monday
      lepton verify backups/monday
      lepton restore backups/monday --into .lepton-again
      lepton backup --stack lepton --to backups/stack
    """
    from lepton_ai.keeping import back_up, place_of  # noqa: PLC0415  (help is quick)

    made = back_up(place_of(data, stack, bucket, table, region), to, quiet=as_json)
    show(made, as_json=as_json)
