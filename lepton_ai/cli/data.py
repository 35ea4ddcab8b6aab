"""`lepton data`: data sets and their versions."""

from typing import TYPE_CHECKING, Any

import click

from lepton_ai.cli.shared import as_options, json_option, name_argument, show
from lepton_ai.cli.upload import send, upload_options

if TYPE_CHECKING:
    from lepton_ai.dataset import Dataset


@click.group()
def data() -> None:
    """Show data sets and their versions, add to them, tag, rename and delete them.

    \b
    Example:
      lepton data list --tag eu
      lepton data upload churn june.csv --append
      lepton data diff churn 1 2
      lepton data release churn 3
    """


@data.command("list")
@click.option("--tag", help="Only those that have this tag.")
@json_option
def list_all(tag: str | None, as_json: bool) -> None:
    """Show all data sets."""
    from lepton_ai.dataset import datasets  # noqa: PLC0415  (help must not load numpy)

    found = datasets(tag)
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


@data.command("rejected")
@name_argument
@json_option
def rejected(name: str, as_json: bool) -> None:
    """Show the files for the data set NAME that became no version, and why."""
    found = _dataset(name).rejected()
    text = "\n".join(as_options(str(one), one.error.remedies) for one in found)
    show(found, as_json=as_json, text=text or "no file was rejected")


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
    from lepton_ai.show import PRINTED_ACROSS, and_more, text_table  # noqa: PLC0415

    found = _dataset(name).head(rows, version)
    names = list(found[0])[:PRINTED_ACROSS]
    more = and_more(len(found[0]) - PRINTED_ACROSS, "columns", "see --json")
    cells = [["" if row[name] is None else str(row[name]) for name in names] for row in found]
    show(found, as_json=as_json, text="\n".join([text_table(names, cells), *more]))


@data.command("release")
@name_argument
@click.argument("version", type=click.IntRange(min=1))
@json_option
def release(name: str, version: int, as_json: bool) -> None:
    """Let models be trained by themselves on VERSION of the data set NAME, which is held."""
    _dataset(name).release(version)
    result = {"dataset": name, "version": version}
    show(result, as_json=as_json, text=f"data {name} version {version} is not held")


@data.command("upload")
@upload_options
def upload(name: str, **said: Any) -> None:
    """Upload FILE as the next version of the data set NAME, which needs no model.

    FILE is CSV (or TSV, or with other signs between cells), JSON or NDJSON, Parquet, Arrow or Feather, or Excel; it may
    be packed with gzip, bzip2, xz or zip. What it is, its content tells, and not its name.

    \b
    Example:
      lepton data upload churn june.csv --append
    """
    send(_dataset(name), **said)


@data.command("describe")
@name_argument
@click.argument("version", type=click.IntRange(min=1), required=False)
@json_option
def describe(name: str, version: int | None, as_json: bool) -> None:
    """Show everything that is kept of VERSION (default: the newest) of the data set NAME."""
    show(_dataset(name).describe(version), as_json=as_json)


@data.command("diff")
@name_argument
@click.argument("since", type=click.IntRange(min=1))
@click.argument("version", type=click.IntRange(min=1), required=False)
@json_option
def diff(name: str, since: int, version: int | None, as_json: bool) -> None:
    """Show what changed from version SINCE to VERSION (default: the newest) of the data set NAME."""
    found = _dataset(name).diff(since, version)
    show(found.difference, as_json=as_json, text=str(found))


@data.command("tag")
@name_argument
@click.argument("tags", nargs=-1)
@json_option
def tag(name: str, tags: tuple[str, ...], as_json: bool) -> None:
    """Give the data set NAME the TAGS, words or key=value, in place of those that it has.

    \b
    Example:
      lepton data tag churn eu owner=anna
    """
    _dataset(name).tag(*tags)
    text = f"data {name}: tags {' '.join(tags) or 'none'}"
    show({"dataset": name, "tags": list(tags)}, as_json=as_json, text=text)


@data.command("rename")
@name_argument
@click.argument("new")
@json_option
def rename(name: str, new: str, as_json: bool) -> None:
    """Rename the data set NAME to NEW. Models that learn from it go on to do so, and NAME is free for another one.

    \b
    Example:
      lepton data rename churn customers
    """
    _dataset(name).rename(new)
    show({"dataset": new, "before": name}, as_json=as_json, text=f"data {name} is called {new} now")


@data.command("delete")
@name_argument
@click.argument("version", type=click.IntRange(min=1), required=False)
@click.option("--all", "every", is_flag=True, help="The whole data set, with all versions.")
@click.option("--force", is_flag=True, help="Also if models were trained on it, or learn from it.")
@json_option
def delete(name: str, version: int | None, every: bool, force: bool, as_json: bool) -> None:
    """Delete VERSION of the data set NAME, or all of it. It is refused as long as somebody uses it.

    Models that were trained on it keep serving. A number is never given again.

    \b
    Example:
      lepton data delete churn 2
      lepton data delete churn --all
    """
    if every == (version is not None):
        raise click.UsageError("name a VERSION, or say --all")
    _dataset(name).delete(version, force=force)
    which = f"data {name}" if version is None else f"data {name} version {version}"
    show({"dataset": name, "version": version}, as_json=as_json, text=f"{which} is deleted")


def _dataset(name: str) -> "Dataset":
    from lepton_ai.dataset import Dataset  # noqa: PLC0415

    return Dataset(name)
