"""`lepton cancel`."""

import click

from lepton_ai.cli.shared import existing, json_option, name_argument, show


@click.command()
@name_argument
@click.option("--run", "run_id", metavar="RUN", help="The run to end (default: the one that is under way).")
@json_option
def cancel(name: str, run_id: str | None, as_json: bool) -> None:
    """End the run of the model NAME that is under way; no version comes of it.

    \b
    Example:
      lepton cancel churn
    """
    run = existing(name, as_json=as_json).cancel(run_id)
    show(run, as_json=as_json, text=f"no run of {name} is under way" if run is None else f"{run.id}: {run}")
