"""`lepton evaluate`."""

import click

from lepton_ai.cli.shared import as_options, existing, json_option, name_argument, show


@click.command()
@name_argument
@click.option(
    "--folds", type=click.IntRange(2, 50), default=5, show_default=True, help="K of cross-validation."
)
@click.option("--version", type=click.IntRange(min=1), help="The version to evaluate (default: the newest).")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, help="What decides which row is in which fold."
)
@json_option
def evaluate(name: str, folds: int, version: int | None, seed: int, as_json: bool) -> None:
    """Cross-validate the model NAME, and evaluate one version on its held-out rows.

    The cross-validation loss is the mean of the losses of the folds, each on the rows that were held out.
    The importance of a column is by how much the held-out loss grows when its values are dealt to other rows.
    With --json the whole report is there: confusion matrix, ROC curve, calibration, every column.

    \b
    Example:
      lepton evaluate churn --folds 10
    """
    model = existing(name, as_json=as_json)
    found = model.evaluate(folds, version, seed=seed)
    show(found, as_json=as_json, text=as_options(str(found), found.on_held_out.remedies(name)))
