"""`lepton promote`."""

import click

from lepton_ai.cli.shared import existing, json_option, name_argument, show


@click.command()
@name_argument
@json_option
def promote(name: str, as_json: bool) -> None:
    """Give the canary of the model NAME all of the calls: it becomes the champion.

    \b
    Example:
      lepton promote churn
    """
    show(existing(name, as_json=as_json).promote(), as_json=as_json)
