"""`lepton upload`."""

from pathlib import Path

import click

from lepton_ai.cli.shared import existing, json_option, name_argument, show
from lepton_ai.progress import say


@click.command()
@name_argument
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--label",
    help="The column to predict (default: the one named label, target, y or class, else the last).",
)
@json_option
def upload(name: str, file: Path, label: str | None, as_json: bool) -> None:
    """Upload the CSV FILE as the next version of the data of the model NAME.

    The file is checked first: what is wrong is named by row and column, and nothing is uploaded then.

    \b
    Example:
      lepton upload churn train.csv --label churned
    """
    from lepton_ai.data import Data  # noqa: PLC0415  (help must not load numpy)

    model = existing(name, as_json=as_json)
    data = Data.from_csv(file, label=label, quiet=True)
    if label is None:
        why = "the last column" if data.label == data.columns[-1] else "by its name"
        say(f"label: {data.label} ({why}; choose another with --label COLUMN)", quiet=as_json)
    done = model.upload_data(data)
    result = {"dataset": done.dataset, "version": done.version, "rows": done.rows, "label": done.label}
    show(result, as_json=as_json, text=str(done))
