"""`lepton policy`."""

from typing import Any

import click

from lepton_ai.cli.shared import existing, json_option, name_argument, show

_SETTINGS = (
    "update",
    "margin",
    "tolerance",
    "least-interval",
    "held",
    "canary",
    "bake-minutes",
    "approval",
)
_OF_ROLLOUT = ("canary", "bake-minutes", "approval")


@click.command()
@name_argument
@click.option("--update", type=click.Choice(["auto", "manual"]), help="Whether updates come by themselves.")
@click.option(
    "--margin", type=click.FloatRange(min=0), metavar="SHARE", help="Of its loss: may be so much worse."
)
@click.option("--tolerance", type=click.FloatRange(min=0), help="May be so much worse.")
@click.option(
    "--least-interval", type=click.FloatRange(min=0), metavar="SECONDS", help="Between two versions at least."
)
@click.option("--held", type=click.Choice(["wait", "train"]), help="What is done about data that is held.")
@click.option(
    "--canary",
    type=click.FloatRange(0, 1, True, True),
    metavar="SHARE",
    help="Give a winner this share of the calls first.",
)
@click.option("--at-once", is_flag=True, help="Give a winner all calls at once, as is usual.")
@click.option("--bake-minutes", type=click.FloatRange(min=0), help="How long a winner is watched.")
@click.option("--approval/--no-approval", default=None, help="Wait for lepton promote then.")
@click.option(
    "--default",
    "defaults",
    type=click.Choice(_SETTINGS),
    multiple=True,
    metavar="SETTING",
    help=f"Give a setting its default again: {', '.join(_SETTINGS)}; may be repeated.",
)
@json_option
def policy(name: str, at_once: bool, defaults: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Show when the model NAME is updated by itself, and how; with options, change these and leave the others.

    \b
    Example:
      lepton policy churn
      lepton policy churn --update manual
      lepton policy churn --canary 0.1 --bake-minutes 120 --approval
      lepton policy churn --at-once
      lepton policy churn --default bake-minutes
    """
    changes = {option: value for option, value in options.items() if value is not None}
    if at_once and changes.keys() & {"canary", "approval"}:
        raise click.UsageError("--at-once goes without --canary and --approval")
    for setting in defaults:
        if _field(setting) in changes:
            raise click.UsageError(f"--{setting} and --default {setting} exclude each other")
    model = existing(name, as_json=as_json)
    dropped = set(map(_field, (*defaults, *(_OF_ROLLOUT if at_once else ()))))
    if dropped or changes:
        # What `set_policy` is not told gets its default.
        kept = {field: value for field, value in model.policy.items() if field not in dropped}
        model.set_policy(**{**kept, **changes})
    found = model.policy
    show(found, as_json=as_json, text="\n".join(f"{one}: {_said(value)}" for one, value in found.items()))


def _said(value: Any) -> str:
    return "default" if value is None else str(value).lower()


def _field(setting: str) -> str:
    return setting.replace("-", "_")
