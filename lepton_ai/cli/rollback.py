"""`lepton rollback`."""

import click

from lepton_ai.cli.shared import existing, json_option, name_argument, show


@click.command()
@name_argument
@json_option
def rollback(name: str, as_json: bool) -> None:
    """Serve what the model NAME served before: without a canary, the version before this one.

    \b
    Example:
      lepton rollback churn
    """
    show(existing(name, as_json=as_json).rollback(), as_json=as_json)
