"""`lepton train`."""

from typing import Any, Literal, cast

import click
import msgspec

from lepton_ai.cli.shared import existing, json_option, name_argument, numbers, show_with_leaderboard
from lepton_ai.split import Split

_AS_THEY_ARE = ("seed", "weight", "trials", "seconds", "members", "megabytes", "milliseconds")
"""Options with the name of their argument, and its value."""


@click.command()
@name_argument
@click.option("--iterations", type=click.IntRange(min=1), help="How many steps (default: the algorithm's).")
@click.option("--learning-rate", type=float, help="The length of a step (default: chosen from the data).")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Another hyperparameter of the algorithm (`lepton algorithms ALGORITHM` lists them); may be repeated.",
)
@click.option(
    "--monotone",
    "signs",
    multiple=True,
    metavar="COLUMN=1|-1",
    help="Predictions only rise (1) or fall (-1) with this column; may be repeated.",
)
@click.option(
    "--interactions",
    "groups",
    multiple=True,
    metavar="COLUMN,COLUMN",
    help="Columns that may act together; may be repeated for more groups.",
)
@click.option(
    "--data-version", type=click.IntRange(min=1), help="The data to train on (default: the newest)."
)
@click.option("--warm-start", is_flag=True, help="Begin at the weights of the champion.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="What decides everything random.")
@click.option("--weight", metavar="COLUMN", help="The column that says how much each row counts.")
@click.option(
    "--class-weight",
    "class_weights",
    multiple=True,
    metavar="balanced|CLASS=NUMBER",
    help="How much each class counts; may be repeated for more classes.",
)
@click.option(
    "--split",
    "by",
    metavar="rows|near_copies|BY:COLUMN",
    help="Which rows are held out: group:COLUMN, time:COLUMN or column:COLUMN; near_copies keeps those of a row "
    "together (default: rows, dealt out evenly).",
)
@click.option("--fraction", type=float, help="The share of the rows that is held out (default: 0.2).")
@click.option(
    "--auto",
    is_flag=True,
    help="Search all algorithms for the task, and blend the best, by cross-validation.",
)
@click.option("--algorithms", is_flag=True, help="With --auto: the best one alone, no blend.")
@click.option(
    "--own", is_flag=True, help="With --auto: search the settings of the model's own algorithm only."
)
@click.option(
    "--members", type=click.IntRange(0, 20), help="With --auto: most models of a blend (default: 5; 0: none)."
)
@click.option("--megabytes", type=float, help="With --auto: most megabytes of the artifact, about.")
@click.option(
    "--milliseconds", type=float, help="With --auto: most milliseconds of a prediction of one row, about."
)
@click.option("--trials", type=click.IntRange(1, 200), help="How many candidates to search (default: 20).")
@click.option("--seconds", type=float, help="How long to search, instead or at most.")
@click.option(
    "--refit/--no-refit",
    default=None,
    help="Fit what serves a second time, on all rows (default: of at most 100,000).",
)
@click.option(
    "--calibrate/--no-calibrate",
    default=None,
    help="Calibrate probabilities, where rows out of fold show that it helps (default: with --auto).",
)
@click.option(
    "--uncertainty/--no-uncertainty",
    default=None,
    help="Learn intervals and sets of classes for predictions (default: with --auto).",
)
@click.option("--deploy", is_flag=True, help="Serve the new version as soon as it is there.")
@json_option
def train(
    name: str,
    iterations: int | None,
    learning_rate: float | None,
    settings: tuple[str, ...],
    signs: tuple[str, ...],
    groups: tuple[str, ...],
    data_version: int | None,
    warm_start: bool,
    seed: int,
    weight: str | None,
    class_weights: tuple[str, ...],
    by: str | None,
    fraction: float | None,
    auto: bool,
    algorithms: bool,
    own: bool,
    members: int | None,
    megabytes: float | None,
    milliseconds: float | None,
    trials: int | None,
    seconds: float | None,
    refit: bool | None,
    calibrate: bool | None,
    uncertainty: bool | None,
    deploy: bool,
    as_json: bool,
) -> None:
    """Train a new version of the model NAME and show how good it is on held-out rows.

    An interrupt (Ctrl-C) ends the watching, not the run: it goes on under the id that is shown.

    \b
    Example:
      lepton train churn --iterations 500 --set l2=0.01 --set optimizer=momentum
      lepton train churn --auto --seconds 60
      lepton train churn --monotone age=1 --monotone income=-1 --interactions age,income
      lepton train churn --split time:signed_up --fraction 0.3
      lepton train churn --calibrate --uncertainty
      lepton train churn --deploy
    """
    limits = (members, megabytes, milliseconds, trials, seconds)
    if not auto and (algorithms or own or any(one is not None for one in limits)):
        raise click.UsageError(
            "--algorithms, --own, --members, --megabytes, --milliseconds, --trials and --seconds go with --auto only"
        )
    if algorithms and own:
        raise click.UsageError("--algorithms and --own exclude each other")
    model = existing(name, as_json=as_json)
    version = model.train(
        iterations,
        learning_rate,
        dataset_version=data_version,
        warm_start=warm_start,
        seed=seed,
        weight=weight,
        class_weight=class_weight(class_weights),
        split=split(by, fraction),
        auto="hyperparameters" if own else "algorithm" if algorithms else auto,
        members=members,
        megabytes=megabytes,
        milliseconds=milliseconds,
        trials=trials,
        seconds=seconds,
        refit=refit,
        calibrate=calibrate,
        uncertainty=uncertainty,
        deploy=deploy,
        **_once(hyperparameters(settings), constraints(signs, groups)),
    )
    show_with_leaderboard(version, as_json=as_json)


def split(by: str | None, fraction: float | None) -> Split | None:
    """The split that ``--split`` and ``--fraction`` give.

    >>> split("group:patient", 0.3), split("rows", None), split(None, None)
    (Split(by='group', column='patient', fraction=0.3), Split(by='rows', column=None, fraction=None), None)
    >>> split("near_copies", None)
    Split(by='near_copies', column=None, fraction=None)
    """
    if by is None:
        return None if fraction is None else Split(fraction=fraction)
    kind, _, column = by.partition(":")
    known = kind in ("group", "time", "column") if column else kind in ("rows", "near_copies")
    if not known:
        raise click.BadParameter(
            f"{by!r} is neither 'rows' nor 'near_copies', group:COLUMN, time:COLUMN or column:COLUMN",
            param_hint="--split",
        )
    return Split(
        cast(Literal["rows", "group", "near_copies", "time", "column"], kind), column or None, fraction
    )


def class_weight(given: tuple[str, ...]) -> dict[str, float] | str | None:
    """The class weights that ``--class-weight`` gives.

    >>> class_weight(("yes=5", "no=0.5")), class_weight(("balanced",)), class_weight(())
    ({'yes': 5.0, 'no': 0.5}, 'balanced', None)
    """
    if given in ((), ("balanced",)):
        return given[0] if given else None
    return numbers(given, "--class-weight", "'balanced' alone nor ")


def constraints(signs: tuple[str, ...], groups: tuple[str, ...]) -> dict[str, Any]:
    """The hyperparameters that ``--monotone`` and ``--interactions`` give.

    >>> constraints(("age=1", "income=-1"), ("age,income", "zip"))
    {'monotone': {'age': 1, 'income': -1}, 'interactions': [['age', 'income'], ['zip']]}
    """
    found: dict[str, Any] = {}
    by_column: dict[str, int] = {}
    for text in signs:
        column, _, sign = text.rpartition("=")
        if not column or sign not in ("1", "+1", "-1", "0") or column in by_column:
            raise click.BadParameter(
                f"{text!r} is not COLUMN=1 or COLUMN=-1, each column once", param_hint="--monotone"
            )
        by_column[column] = int(sign)
    if by_column:
        found["monotone"] = by_column
    if groups:
        found["interactions"] = [text.split(",") for text in groups]
    return found


def _once(settings: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    for name in settings.keys() & others.keys():
        raise click.BadParameter(f"{name} is there twice", param_hint="--set")
    return settings | others


def hyperparameters(settings: tuple[str, ...]) -> dict[str, Any]:
    """The hyperparameters that ``--set`` gives: JSON where it is JSON, text elsewhere.

    >>> hyperparameters(("l2=0.01", "optimizer=momentum", "batch_size=null"))
    {'l2': 0.01, 'optimizer': 'momentum', 'batch_size': None}
    """
    taken = {"iterations": "--iterations", "learning_rate": "--learning-rate"}
    taken |= {"monotone": "--monotone"}
    others = {
        "dataset_version": "--data-version",
        "warm_start": "--warm-start",
        "class_weight": "--class-weight",
        "refit": "--refit or --no-refit",
        "calibrate": "--calibrate or --no-calibrate",
        "uncertainty": "--uncertainty or --no-uncertainty",
    }
    others |= {name: f"--{name}" for name in (*_AS_THEY_ARE, "split", "auto", "deploy")}
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
