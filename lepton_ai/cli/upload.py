"""`lepton upload`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lepton_ai.cli.reading import F, reading, reading_options
from lepton_ai.cli.shared import existing, json_option, name_argument, show
from lepton_ai.progress import say

if TYPE_CHECKING:
    from lepton_ai.dataset import Dataset


_OPTIONS = (
    name_argument,
    click.argument("file", type=click.Path(path_type=Path)),
    click.option(
        "--label",
        help="The column to predict (default: the one named label, target, y or class, else the last).",
    ),
    click.option(
        "--append",
        is_flag=True,
        help="Join the rows to the newest version; those that are there are not added.",
    ),
    click.option(
        "--held-out",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="A second file, as test.csv: no training sees its rows, and each version is measured on them.",
    ),
    reading_options,
    json_option,
)


def upload_options(function: F) -> F:
    """All that a command says of a file that is uploaded; but for the name, they are the arguments of `send`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@click.command()
@upload_options
def upload(name: str, **said: Any) -> None:
    """Upload FILE as the next version of the data of the model NAME.

    FILE is CSV (or TSV, or with other signs between cells), JSON or NDJSON, Parquet, Arrow or Feather, or Excel; it may
    be packed with gzip, bzip2, xz or zip. What it is, its content tells, and not its name.

    The file is checked first: what is wrong is named by row and column, and nothing is uploaded then. How it is to be
    read is found out; an option says it otherwise, for this file and those that come later. What was guessed and left
    out is said on stderr, then what seems wrong with the data; `lepton data report` says all of it.

    \b
    Example:
      lepton upload churn train.csv --label churned
      lepton upload churn train.csv --held-out test.csv
      lepton upload churn rows.ndjson
      lepton upload churn book.xlsx --sheet 2024
      lepton upload churn train.csv --kind zip=category --exclude customer_id --missing - --decimal ,
    """
    model = existing(name, as_json=said["as_json"])
    from lepton_ai.dataset import Dataset  # noqa: PLC0415  (help must not load numpy)

    send(Dataset(model.dataset), **said)


def send(
    dataset: "Dataset",
    *,
    file: Path,
    label: str | None,
    append: bool,
    held_out: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Read ``file``, and ``held_out`` beside it, upload them, and show what became of them."""
    from lepton_ai.data import Data  # noqa: PLC0415  (help must not load numpy)
    from lepton_ai.upload_notes import lines  # noqa: PLC0415

    data = Data.from_file(file, label=label, quiet=True, held_out=held_out, **reading(**options))
    done = dataset.upload(data, append=append, quiet=as_json)
    for line in [] if done.report is None else lines(done.report.report, dataset.name):
        say(line, quiet=as_json)
    result = {
        "dataset": done.dataset,
        "version": done.version,
        "rows": done.rows,
        "label": done.label,
        "held": done.held,
        **({"held_out": done.held_out} if done.held_out else {}),
        **({} if done.added is None else {"added": done.added, "repeated": done.repeated}),
        "report": None if done.report is None else done.report.report,
    }
    short = "" if done.report is None else done.report.short(commands=True)
    show(result, as_json=as_json, text="\n".join(filter(None, [str(done), short])))
