"""`lepton import`."""

from pathlib import Path

import click

from lepton_ai.cli.shared import json_option, show


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--name", help="Call the model so (default: as the file calls it).")
@click.option("--dataset", help="The data set that a new model learns from (default: one of its own name).")
@json_option
def import_(file: Path, name: str | None, dataset: str | None, as_json: bool) -> None:
    """Take in the version in FILE, which `lepton export` wrote, as a version of its model.

    A model that does not exist is created. One that has the version stays as it is.

    \b
    Example:
      lepton import churn.lepton --name churn_of_berlin
      lepton deploy churn_of_berlin
    """
    from lepton_ai.connect import connect  # noqa: PLC0415  (help is quick)
    from lepton_ai.importing import take_in  # noqa: PLC0415

    done, head = take_in(connect(), file, name, dataset, quiet=as_json)
    result = {"model": done.model, "version": done.version, "made": done.made}
    show(result, as_json=as_json, text=done.said(head))
