"""`lepton train`."""

from typing import Any

import click
import msgspec

from lepton_ai.cli.shared import existing, json_option, name_argument, show


@click.command()
@name_argument
@click.option("--iterations", type=click.IntRange(min=1), help="How many steps (default: the algorithm's).")
@click.option("--learning-rate", type=float, help="The length of a step (default: chosen from the data).")
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="Another hyperparameter; may be repeated."
)
@click.option(
    "--data-version", type=click.IntRange(min=1), help="The data to train on (default: the newest)."
)
@click.option("--warm-start", is_flag=True, help="Begin at the weights of the champion.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="What decides everything random.")
@json_option
def train(
    name: str,
    iterations: int | None,
    learning_rate: float | None,
    settings: tuple[str, ...],
    data_version: int | None,
    warm_start: bool,
    seed: int,
    as_json: bool,
) -> None:
    """Train a new version of the model NAME and show how good it is on held-out rows.

    An interrupt (Ctrl-C) ends the watching, not the run: it goes on under the id that is shown.

    \b
    Example:
      lepton train churn --iterations 500 --set l2=0.01 --set optimizer=momentum
    """
    model = existing(name, as_json=as_json)
    version = model.train(
        iterations,
        learning_rate,
        dataset_version=data_version,
        warm_start=warm_start,
        seed=seed,
        **hyperparameters(settings),
    )
    show(version, as_json=as_json)


def hyperparameters(settings: tuple[str, ...]) -> dict[str, Any]:
    """The hyperparameters that ``--set`` gives: JSON where it is JSON, text elsewhere.

    >>> hyperparameters(("l2=0.01", "optimizer=momentum", "batch_size=null"))
    {'l2': 0.01, 'optimizer': 'momentum', 'batch_size': None}
    """
    taken = {"iterations": "--iterations", "learning_rate": "--learning-rate"}
    others = {"dataset_version": "--data-version", "warm_start": "--warm-start", "seed": "--seed"}
    found: dict[str, Any] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        key = key.strip()
        if not equals or not key:
            raise click.BadParameter(f"{setting!r} is not KEY=VALUE", param_hint="--set")
        if key in taken | others:
            raise click.BadParameter(f"use {(taken | others)[key]} instead of {key}", param_hint="--set")
        if key in found:
            raise click.BadParameter(f"{key} is there twice", param_hint="--set")
        try:
            found[key] = msgspec.json.decode(text.strip())
        except msgspec.DecodeError:
            found[key] = text.strip()
    return found
