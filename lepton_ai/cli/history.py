"""`lepton history`."""

import click

from lepton_ai.cli.shared import existing, json_option, name_argument, show


@click.command()
@name_argument
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many changes."
)
@json_option
def history(name: str, limit: int, as_json: bool) -> None:
    """Show what the model NAME served when, and by whose decision, the latest first.

    \b
    Example:
      lepton history churn
    """
    found = existing(name, as_json=as_json).history(limit)
    show(found, as_json=as_json, text="\n".join(map(str, found)) or f"{name} was never deployed")
