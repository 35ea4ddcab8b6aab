"""`lepton resume`."""

import click

from lepton_ai.cli.shared import existing, json_option, name_argument, show_with_leaderboard


@click.command()
@name_argument
@click.option("--run", "run_id", metavar="RUN", help="The run to go on with (default: the newest that can).")
@json_option
def resume(name: str, run_id: str | None, as_json: bool) -> None:
    """Let a cancelled run of the model NAME go on with all that it has done, and wait until it ends.

    It ends as if it had never been cancelled. What it has done is kept for a week, unless the platform says otherwise.

    \b
    Example:
      lepton resume churn
    """
    show_with_leaderboard(existing(name, as_json=as_json).resume(run_id), as_json=as_json)
