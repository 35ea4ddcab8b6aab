"""`lepton export`."""

from pathlib import Path

import click

from lepton_ai.cli.shared import existing, name_argument, show


@click.command()
@name_argument
@click.option("--version", type=click.IntRange(min=1), help="The version to take out (default: the newest).")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    metavar="FILE",
    help="Write into FILE (default: NAME.lepton).",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Write the name and the size of the file as JSON, and nothing else.",
)
def export(name: str, version: int | None, output: Path | None, as_json: bool) -> None:
    """Write a version of the model NAME into one file, which predicts without a platform.

    It holds what answers, its preprocessor and its card, and no code. `lepton predict --file` and `lepton_ai.load` read
    it. A FILE that ends in .onnx is written for other programs that read ONNX.

    \b
    Example:
      lepton export churn -o churn.lepton
      lepton predict --file churn.lepton new_customers.csv
    """
    from lepton_ai.exporting import size_of  # noqa: PLC0415  (help is quick)

    target = Path(f"{name}.lepton") if output is None else output
    if not target.absolute().parent.is_dir():
        raise click.UsageError(f"no such folder: {target.parent}")
    written = existing(name, as_json=as_json).export(target, version)
    size = written.stat().st_size
    text = f"{name} written to {written}: {size_of(size)}"
    show({"file": str(written), "bytes": size}, as_json=as_json, text=text)
