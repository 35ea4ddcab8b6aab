"""`lepton predict`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from lepton_ai.cli.reading import reading, written_options
from lepton_ai.cli.shared import existing, json_option, maybe_name_argument, show
from lepton_ai.progress import say

if TYPE_CHECKING:
    from lepton_ai.exported import ExportedModel
    from lepton_ai.model import Model
    from lepton_ai.predictions import Predictions
    from lepton_core.table import ReadingOptions

_SOME_EMPTY = 3
"""The exit status if a row has no prediction: the others are written all the same."""


@click.command()
@maybe_name_argument
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), required=False)
@click.option(
    "--file",
    "exported",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="EXPORTED",
    help="Predict with the version in this file, which lepton export wrote, without a platform; NAME is left out.",
)
@click.option(
    "--row", "row", multiple=True, metavar="A=1,B=2", help="A row as COLUMN=VALUE pairs; may be repeated."
)
@click.option("--explain", is_flag=True, help="Say what each column adds to each prediction.")
@click.option(
    "--coverage",
    type=float,
    metavar="SHARE",
    help="Give each the interval, or the plausible classes, that hold the truth of so many rows (0.5 to 0.99).",
)
@click.option("--entity", help="For whom: of versions that share the calls one entity has always the same.")
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV on stdout: label and P(class), or value.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    metavar="FILE",
    help="Write the rows of FILE with their predictions beside; of other rows, or with a coverage, as --csv.",
)
@written_options
@click.option("--spreadsheet", is_flag=True, help="Let no cell of --csv or -o be read as a formula.")
@click.option(
    "--sheet", help="The sheet of an Excel file (default: that of the data set, else the first with cells)."
)
@json_option
def predict(
    name: str | None,
    file: Path | None,
    exported: Path | None,
    sheet: str | None,
    row: tuple[str, ...],
    explain: bool,
    coverage: float | None,
    entity: str | None,
    as_csv: bool,
    output: Path | None,
    spreadsheet: bool,
    as_json: bool,
    **written: Any,
) -> None:
    """Predict with the deployed version of the model NAME, or with a version in a file of its own.

    Rows come from FILE, of any form that lepton upload takes (CSV, JSON, Parquet, Arrow, Excel ...), from stdin (FILE
    is - or left out), or from --row. A label column is ignored. One line a row: its number, the label and the
    probability of each class (of more than 10, of the label), or the value. --csv and -o have all classes and every
    digit, in the order of the rows. With --explain another line: the base, and what the columns that matter most add to
    it (--json has them all). With --coverage each has an interval or a set of classes, if the version was trained with
    --uncertainty.

    -o with a FILE has the platform score it whole: the result has the columns of FILE, and the predictions beside them,
    in the form of FILE. What else is asked for, as --coverage, --spreadsheet or how FILE is written, makes it --csv.

    A row of FILE that cannot be read keeps its line, with empty cells and an error; the others are predicted, and the
    exit status is 3. A --row that cannot be read is refused, with status 1.

    Cells are read as those of the training data. Where FILE is written otherwise, an option says how, as --decimal.

    \b
    Example:
      lepton predict churn new_customers.csv
      lepton predict churn --row 'age=31,plan=basic'
      cat new_customers.csv | lepton predict churn --json
      lepton predict churn --row 'age=31,plan=basic' --explain
      lepton predict churn new_customers.csv -o risks.csv
      lepton predict churn new_customers.csv --coverage 0.9
      lepton predict --file churn.lepton new_customers.csv
      lepton predict churn excel_export.csv --decimal , --missing -999
    """
    file = _file_of_rows(name, file, exported)
    if row and file is not None:
        raise click.UsageError("give a FILE or --row, not both")
    if (as_csv or output) and (explain or as_json):
        raise click.UsageError("--csv and -o go with neither --explain nor --json")
    if spreadsheet and not (as_csv or output):
        raise click.UsageError("--spreadsheet goes with --csv or -o")
    if as_csv and output:
        raise click.UsageError("give --csv or -o, not both")
    if output is not None and not output.absolute().parent.is_dir():
        raise click.UsageError(f"no such folder: {output.parent}")
    if exported is not None and entity is not None:
        raise click.UsageError("--entity goes with the NAME of a model: a file has one version")
    model, kept = _model(name, exported, as_json=as_json)
    otherwise = exported or entity or coverage or sheet or spreadsheet or _said(written).said
    if output is not None and file is not None and str(file) != "-" and not otherwise:
        _score(cast("Model", model), file, output)
        return
    rows, of = _rows(row, file, kept, sheet, written), {} if entity is None else {"entity": entity}
    found = model.predict(rows, explain=explain, coverage=coverage, **of)
    if found.rule is not None:
        click.echo(found.said_of_labels(), err=True)
    if found.notes:
        click.echo(str(found.notes), err=True)
    if as_csv or output:
        _write_csv(found, output, spreadsheet=spreadsheet)
    else:
        _write(found, explain=explain, as_json=as_json)
    if found.errors:
        click.echo(found.empty(), err=True)
        sys.exit(_SOME_EMPTY)


def _score(model: "Model", file: Path, output: Path) -> None:
    found = model.predict_file(file, output, overwrite=True)
    say(str(found))
    if found.refused:
        have = "has" if found.refused == 1 else "have"
        say(f"{found.refused} of {found.rows} rows {have} no prediction: see the column error")
        sys.exit(_SOME_EMPTY)


def _file_of_rows(name: str | None, file: Path | None, exported: Path | None) -> Path | None:
    """The FILE, which is the only argument beside an exported version."""
    if exported is not None and file is not None:
        raise click.UsageError("--file is the model: give the FILE of rows alone, without NAME")
    if exported is None and name is None:
        raise click.UsageError("give the NAME of a model, or --file")
    return file if exported is None or name is None else Path(name)


def _model(
    name: str | None, exported: Path | None, *, as_json: bool
) -> "tuple[Model | ExportedModel, Callable[[], ReadingOptions]]":
    """What predicts, and what was said of how files are read."""
    if exported is not None:
        from lepton_ai.exported import load  # noqa: PLC0415  (help must not load numpy)

        alone = load(exported, quiet=True)
        return alone, alone.kept_reading
    model = existing(name or "", as_json=as_json)
    return model, model.kept_reading


def _write_csv(found: "Predictions", output: Path | None, *, spreadsheet: bool) -> None:
    text = found.to_csv(spreadsheet=spreadsheet)
    if output is None:
        show(None, as_json=False, text=text.removesuffix("\n"))
        return
    output.write_text(text, encoding="utf-8")
    say(f"{len(found)} predictions by {found.model} version {found.version} written to {output}")


def _write(found: "Predictions", *, explain: bool, as_json: bool) -> None:
    result = {
        "model": found.model,
        "version": found.version,
        "predictions": list(found),
        "notes": found.notes,
        **({} if found.rule is None else {"rule": found.rule}),
    }
    text = f"{found.table()}\n\n{found.explained()}" if explain else found.table()
    show(result, as_json=as_json, text=text)


def _rows(
    row: tuple[str, ...],
    file: Path | None,
    kept: "Callable[[], ReadingOptions]",
    sheet: str | None,
    written: dict[str, Any],
) -> Any:
    from lepton_ai.content import file_content  # noqa: PLC0415  (help must not load numpy)
    from lepton_ai.file_rows import rows_from_file  # noqa: PLC0415
    from lepton_ai.rows import row_from_text  # noqa: PLC0415
    from lepton_core.table.file_rows import reading_to_predict  # noqa: PLC0415

    if row and sheet is not None:
        raise click.UsageError("--sheet is for a FILE of Excel")
    said = _said(written)
    if row and said.said:
        raise click.UsageError(
            "the options of reading are for a FILE: a --row is read as the training data were"
        )
    if row:
        return [row_from_text(text) for text in row]
    if file is None or str(file) == "-":
        if file is None and sys.stdin.isatty():
            raise click.UsageError("give a FILE, --row, or rows on stdin")
        given = sys.stdin.buffer.read()
        if not given.strip():
            raise click.UsageError("nothing came on stdin; give a FILE, --row, or rows on stdin")
    else:
        given = file_content(file)
    return rows_from_file(given, reading_to_predict(given, kept, sheet, said))


def _said(written: dict[str, Any]) -> "ReadingOptions":
    from lepton_ai.data_content import listed, missing_words  # noqa: PLC0415  (help must not load numpy)
    from lepton_core.table import ReadingOptions  # noqa: PLC0415

    given = reading((), (), **written)
    missing, names = missing_words(given.pop("missing")), listed(given.pop("names"), "names")
    return ReadingOptions(**given, missing=missing, names=names)
