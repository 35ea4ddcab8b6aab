"""`lepton restore`."""

from pathlib import Path

import click

from lepton_ai.cli.places import place_options
from lepton_ai.cli.shared import json_option, show


@click.command()
@click.argument("backup", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="The new folder of the platform (default: .lepton).",
)
@place_options
@json_option
def restore(
    backup: Path,
    into: Path | None,
    stack: str | None,
    bucket: str | None,
    table: str | None,
    region: str | None,
    as_json: bool,
) -> None:
    """Put the BACKUP in a folder into an empty place: a new folder, or a stack that was just made.

    The backup is checked first, and what was put there is read back. Killed, it goes on when it is called again.
    A backup of one machine can be put into a stack, and the reverse.

    \b
    Example:
      lepton restore backups/monday --into .lepton-again
      lepton restore backups/monday --stack lepton
    """
    from lepton_ai import keeping  # noqa: PLC0415  (help is quick)

    place = keeping.place_of(into, stack, bucket, table, region, option="--into")
    put = keeping.restore(backup, place, quiet=as_json)
    show(
        put,
        as_json=as_json,
        text=f"{put}\nit is in {place}, and every byte is what it was; {keeping.next_step(place)}",
    )
