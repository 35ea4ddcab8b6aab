"""`lepton data`: data sets and their versions."""

from typing import TYPE_CHECKING

import click

from lepton_ai.cli.shared import json_option, name_argument, show

if TYPE_CHECKING:
    from lepton_ai.dataset import Dataset


@click.group()
def data() -> None:
    """Show data sets and their reports, and release what is held.

    \b
    Example:
      lepton data list
      lepton data report churn
      lepton data release churn 3
    """


@data.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """Show all data sets."""
    from lepton_ai.dataset import datasets  # noqa: PLC0415  (help must not load numpy)

    found = datasets()
    show(found, as_json=as_json, text="\n".join(map(str, found)) or "no data yet")


@data.command("show")
@name_argument
@json_option
def versions(name: str, as_json: bool) -> None:
    """Show the versions of the data set NAME, and the models that learn from it."""
    found = _dataset(name)
    shown, models = found.versions(), found.models
    text = [*map(str, shown), f"models: {', '.join(models) or 'none'}"]
    show({"versions": shown, "models": models}, as_json=as_json, text="\n".join(text))


@data.command("report")
@name_argument
@click.argument("version", type=click.IntRange(min=1), required=False)
@json_option
def report(name: str, version: int | None, as_json: bool) -> None:
    """Show what is to know of VERSION (default: the newest) of the data set NAME."""
    found = _dataset(name).report(version)
    show(found, as_json=as_json, text=found.with_commands())


@data.command("head")
@name_argument
@click.argument("version", type=click.IntRange(min=1), required=False)
@click.option("--rows", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many rows.")
@json_option
def head(name: str, version: int | None, rows: int, as_json: bool) -> None:
    """Show the first rows of VERSION (default: the newest) of the data set NAME."""
    from lepton_ai.show import text_table  # noqa: PLC0415

    found = _dataset(name).head(rows, version)
    names = list(found[0])
    cells = [["" if row[name] is None else str(row[name]) for name in names] for row in found]
    show(found, as_json=as_json, text=text_table(names, cells))


@data.command("release")
@name_argument
@click.argument("version", type=click.IntRange(min=1))
@json_option
def release(name: str, version: int, as_json: bool) -> None:
    """Let models be trained by themselves on VERSION of the data set NAME, which is held."""
    _dataset(name).release(version)
    result = {"dataset": name, "version": version}
    show(result, as_json=as_json, text=f"data {name} version {version} is not held")


def _dataset(name: str) -> "Dataset":
    from lepton_ai.dataset import Dataset  # noqa: PLC0415

    return Dataset(name)
