"""`lepton retire`."""

import sys

import click

from lepton_ai.cli.shared import existing, json_option, name_argument, show
from lepton_ai.progress import say


@click.command()
@name_argument
@click.option("--yes", is_flag=True, help="Do not ask; needed where nobody can answer.")
@json_option
def retire(name: str, yes: bool, as_json: bool) -> None:
    """Stop serving the model NAME for good.

    Its versions, their figures and what they were trained on stay readable, and the name stays taken. Nothing brings
    it back, so a terminal is asked first; elsewhere, and with --json, --yes is needed.

    \b
    Example:
      lepton retire churn
    """
    from lepton_ai.results import retired  # noqa: PLC0415  (help must not load it)

    model = existing(name, as_json=as_json)
    if model.state != "retired" and not yes:
        if as_json or not sys.stdin.isatty():
            raise click.UsageError(
                f"to retire {name} is final and keeps the name taken; add --yes if it is meant"
            )
        if not click.confirm(
            f"Retire {name} for good? It serves no more, and the name stays taken.", err=True
        ):
            say(f"{name} stays as it is")
            sys.exit(1)
    model.retire()
    show({"name": name, "state": "retired"}, as_json=as_json, text=retired(name))
