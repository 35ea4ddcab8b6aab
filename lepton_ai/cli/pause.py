"""`lepton pause`."""

import click

from lepton_ai.cli.shared import existing, json_option, name_argument, show


@click.command()
@name_argument
@json_option
def pause(name: str, as_json: bool) -> None:
    """Leave the canary of the model NAME its share until lepton unpause, or lepton promote.

    \b
    Example:
      lepton pause churn
    """
    show(existing(name, as_json=as_json).pause(), as_json=as_json)
