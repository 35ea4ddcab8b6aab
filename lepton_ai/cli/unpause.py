"""`lepton unpause`."""

import click

from lepton_ai.cli.shared import existing, json_option, name_argument, show


@click.command()
@name_argument
@json_option
def unpause(name: str, as_json: bool) -> None:
    """Watch the canary of the model NAME for as long as was left when it was paused.

    \b
    Example:
      lepton unpause churn
    """
    show(existing(name, as_json=as_json).unpause(), as_json=as_json)
