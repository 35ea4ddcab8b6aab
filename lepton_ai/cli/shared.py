"""The common part of the commands: the model argument, --json, and how results are written."""

import json
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from shlex import quote
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
import msgspec

from lepton_ai.embedded import loading
from lepton_core.errors import LeptonError, NotFound
from lepton_core.remedy import Remedy

if TYPE_CHECKING:
    from lepton_ai.handle import Handle
    from lepton_ai.model import Model
    from lepton_ai.results import Run, Version
    from lepton_ai.served import Deployment

F = TypeVar("F", bound=Callable[..., Any])
H = TypeVar("H", bound="Handle")


def json_option(function: F) -> F:
    """``--json``: the result as one JSON value on stdout, and nothing else there."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Write the result as JSON on stdout, and nothing else."
    )(function)


def name_argument(function: F) -> F:
    """``NAME``: the model, or of `lepton data` the data set. What an error offers for a model at hand is for that."""
    return click.argument("name")(_of_name_at_hand(function))


def maybe_name_argument(function: F) -> F:
    """The same, where a command may do without the platform's model."""
    return click.argument("name", required=False)(_of_name_at_hand(function))


def _of_name_at_hand(function: F) -> F:

    @wraps(function)
    def of_name(*given: Any, name: str | None, **options: Any) -> Any:
        try:
            return function(*given, name=name, **options)
        except LeptonError as error:
            group = click.get_current_context().parent
            of_data = group is not None and group.info_name == "data"
            if name is None or options.get("exported") is not None:
                raise
            if isinstance(error, NotFound) and error.field == "version":
                error.add_note(f"'lepton status {quote(name)}' lists what there is")
            if not of_data:
                error.remedies = tuple(one.at_hand(name) for one in error.remedies)
            raise

    return cast(F, of_name)


def existing(name: str, *, as_json: bool) -> "Model":
    """The model called ``name``; `NotFound` says how to create it."""
    with loading():
        from lepton_ai.model import Model  # noqa: PLC0415  (help must not load numpy)

    return _of_name(Model, name, as_json=as_json)


def looked_at(name: str, *, as_json: bool) -> "Handle":
    """As `existing`, for a command that only looks at the model: it loads half as much."""
    with loading():
        from lepton_ai.handle import Handle  # noqa: PLC0415

    return _of_name(Handle, name, as_json=as_json)


def _of_name(kind: "type[H]", name: str, *, as_json: bool) -> "H":
    try:
        return kind(name=name, quiet=as_json, announce=False)
    except NotFound:
        raise NotFound(
            f"no model {name!r}; create it first: lepton create {name} --algorithm ALGORITHM"
        ) from None


def show(result: Any, *, as_json: bool, text: str | None = None) -> None:
    """Write ``result``: as JSON, or as ``text`` (default: how it prints)."""
    if as_json:
        write_json(result)
    else:
        shown = str(result) if text is None else text
        sys.stdout.write(shown.encode(_encoding(), "backslashreplace").decode(_encoding()) + "\n")


def show_with_leaderboard(result: "Version | Run", *, as_json: bool) -> None:
    """Write a trained version or a run, and below it what its search tried, if it searched."""
    from lepton_ai.results import Version  # noqa: PLC0415
    from lepton_ai.trial import leaderboard_table  # noqa: PLC0415

    trials = result.leaderboard
    text = result.summary() if isinstance(result, Version) else str(result)
    if isinstance(result, Version) and result.held_out is not None:
        text = as_options(text, result.held_out.remedies(result.model))
    if trials:
        text += f"\n{leaderboard_table(trials)}"
    show(result, as_json=as_json, text=text)


NOT_SERVED = 3
"""The exit status if a version that was waited for does not serve in the end."""


def show_deployed(result: "Deployment", *, as_json: bool) -> None:
    """Write a deployment, and end with `NOT_SERVED` if one that was waited for came to nothing."""
    show(result, as_json=as_json)
    if result.ended is not None and not result.ended.serves:
        sys.exit(NOT_SERVED)


def as_options(text: str, remedies: Sequence[Remedy]) -> str:
    """``text``, in which each of its ``remedies`` is a command, or the options of one.

    >>> from lepton_core.remedy import argument
    >>> way = argument("create", algorithm="svm")
    >>> as_options(f"create a model with {way}", [way])
    'create a model with --algorithm svm'
    """
    from lepton_ai.remedies import with_options  # noqa: PLC0415  (help must not load numpy)

    return with_options(text, remedies)


def write_json(value: Any) -> None:
    """A line of JSON on stdout, in ASCII if its encoding lacks a character."""
    text = msgspec.json.encode(value).decode()
    try:
        text.encode(_encoding())
    except UnicodeEncodeError:
        text = json.dumps(json.loads(text))
    sys.stdout.write(text + "\n")


def _encoding() -> str:
    return sys.stdout.encoding or "utf-8"


def numbers(given: tuple[str, ...], option: str, other: str = "") -> dict[str, float]:
    """The numbers by class that an ``option`` gives, each as CLASS=NUMBER; ``other`` is what it takes besides.

    >>> numbers(("yes=5", "a=b=0.5"), "--cost")
    {'yes': 5.0, 'a=b': 0.5}
    """
    found: dict[str, float] = {}
    for text in given:
        name, equals, number = text.rpartition("=")
        try:
            factor = float(number)
        except ValueError:
            equals = ""
        if not equals or name in found:
            is_not = f"neither {other}" if other else "not "
            raise click.BadParameter(f"{text!r} is {is_not}CLASS=NUMBER, each class once", param_hint=option)
        found[name] = factor
    return found
