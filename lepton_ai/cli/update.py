"""`lepton update`."""

import click

from lepton_ai.cli.shared import existing, json_option, name_argument, show


@click.command()
@name_argument
@click.option("--iterations", type=click.IntRange(min=1), help="How many steps (default: as the champion).")
@click.option("--learning-rate", type=float, help="The length of a step (default: as the champion).")
@json_option
def update(name: str, iterations: int | None, learning_rate: float | None, as_json: bool) -> None:
    """Train a challenger of the model NAME from the champion's weights.

    It is deployed if it is not worse than the champion on held-out rows; otherwise the champion stays.

    \b
    Example:
      lepton upload churn this_month.csv
      lepton update churn
    """
    model = existing(name, as_json=as_json)
    show(model.update(iterations, learning_rate), as_json=as_json)
