"""`lepton migrate`."""

from pathlib import Path

import click

from lepton_ai.cli.places import place_options
from lepton_ai.cli.shared import json_option, show


@click.command()
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of the platform on this machine (default: .lepton).",
)
@place_options
@click.option(
    "--by",
    type=click.Path(path_type=Path, file_okay=False),
    default="lepton-migration",
    show_default=True,
    help="The folder of the backup by which it goes. It stays.",
)
@json_option
def migrate(
    source: Path | None,
    stack: str | None,
    bucket: str | None,
    table: str | None,
    region: str | None,
    by: Path,
    as_json: bool,
) -> None:
    """Move the platform of one machine to a stack on AWS that was just made. Stop `lepton up` before.

    It takes a backup, puts it into the stack, and reads it back. Killed, it goes on when it is called again. The folder
    on this machine stays as it is.

    \b
    Example:
      lepton migrate --from .lepton --stack lepton
    """
    from lepton_ai import keeping  # noqa: PLC0415  (help is quick)
    from lepton_ai.transport import data_folder  # noqa: PLC0415

    into = keeping.Place(None, stack, bucket, table, region)
    if not into.is_on_aws:
        raise click.UsageError("name the stack: --stack NAME, or --bucket BUCKET and --table TABLE")
    folder = data_folder() if source is None else source
    moved = keeping.migrate(folder, into, by, quiet=as_json)
    text = f"{moved}\n{folder} is in {into}, and every byte is what it was; {keeping.next_step(into)}"
    show(moved, as_json=as_json, text=text)
