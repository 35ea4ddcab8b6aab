"""`lepton card`."""

from pathlib import Path

import click

from lepton_ai.cli.shared import existing, name_argument, show


@click.command()
@name_argument
@click.option("--version", type=click.IntRange(min=1), help="The version to tell of (default: the newest).")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    metavar="FILE",
    help="Write the page into FILE (default: NAME-card.html).",
)
@click.option("--json", "as_json", is_flag=True, help="Write the name of the file as JSON, and nothing else.")
def card(name: str, version: int | None, output: Path | None, as_json: bool) -> None:
    """Write the card of a version of the model NAME: one page of HTML that can be printed.

    It says what the version is made of, how good it is on rows held out, whether that is good enough, and where it is
    wrong. Columns matter by what `lepton evaluate` found; evaluate first to have that on the card.

    \b
    Example:
      lepton card churn --version 3 -o churn-3.html
    """
    target = Path(f"{name}-card.html") if output is None else output
    if not target.absolute().parent.is_dir():
        raise click.UsageError(f"no such folder: {target.parent}")
    model = existing(name, as_json=as_json)
    written = model.card(target, version)
    show({"file": str(written)}, as_json=as_json, text=f"card of {name} written to {written}")
