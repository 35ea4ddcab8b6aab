"""`lepton monitor`."""

import click

from lepton_ai.cli.shared import existing, json_option, name_argument, show


@click.command()
@name_argument
@click.option(
    "--hours", type=click.IntRange(min=1), default=24, show_default=True, help="How far back to look."
)
@json_option
def monitor(name: str, hours: int, as_json: bool) -> None:
    """Show the traffic of the model NAME, its latency, its drift and its alerts.

    A feature has drifted when its population stability index (psi) against the training data is beyond the
    line "alarm at", which is higher while there are few rows.

    \b
    Example:
      lepton monitor churn --hours 1
    """
    model = existing(name, as_json=as_json)
    show(model.monitor(hours), as_json=as_json)
