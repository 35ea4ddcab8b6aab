"""`lepton deploy`."""

import click

from lepton_ai.cli.shared import existing, json_option, name_argument, show


@click.command()
@name_argument
@click.option("--version", type=click.IntRange(min=1), help="The version to serve (default: the newest).")
@json_option
def deploy(name: str, version: int | None, as_json: bool) -> None:
    """Serve a version of the model NAME.

    Calls are never without an answer while one version takes the place of another.

    \b
    Example:
      lepton deploy churn --version 2
    """
    model = existing(name, as_json=as_json)
    show(model.deploy(version), as_json=as_json)
