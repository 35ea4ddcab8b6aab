"""`lepton retire`."""

import click

from lepton_ai.cli.shared import existing, json_option, name_argument, show


@click.command()
@name_argument
@json_option
def retire(name: str, as_json: bool) -> None:
    """Stop serving the model NAME for good.

    Its versions, their figures and what they were trained on stay readable.

    \b
    Example:
      lepton retire churn
    """
    model = existing(name, as_json=as_json)
    model.retire()
    show({"name": name, "state": "retired"}, as_json=as_json, text=f"{name} is retired")
