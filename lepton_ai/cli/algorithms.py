"""`lepton algorithms`."""

from textwrap import fill, indent
from typing import TYPE_CHECKING

import click

from lepton_ai.cli.shared import json_option, show

if TYPE_CHECKING:
    from lepton_ai.catalog import Algorithm, Hyperparameter

_WIDTH = 100


@click.command()
@click.argument("name", required=False)
@json_option
def algorithms(name: str | None, as_json: bool) -> None:
    """Show all algorithms, or the hyperparameters of the algorithm NAME.

    Hyperparameters are given to `lepton train`: iterations and learning_rate as options of their own, the others
    with --set.

    \b
    Example:
      lepton algorithms
      lepton algorithms logistic_regression
    """
    from lepton_ai import catalog  # noqa: PLC0415  (help must not load the client)
    from lepton_ai.show import text_table  # noqa: PLC0415

    found = catalog.algorithms()
    if name is None:
        rows = [[one.name, ", ".join(one.tasks), one.help] for one in found]
        show(found, as_json=as_json, text=text_table(["algorithm", "learns", "what it is"], rows, left=3))
        return
    one = _named(found, name)
    show(one, as_json=as_json, text="\n\n".join([_head(one), *map(_about, one.hyperparameters)]))


def _named(found: "list[Algorithm]", name: str) -> "Algorithm":
    from lepton_core.errors import InvalidInput  # noqa: PLC0415

    known = {one.name: one for one in found}
    if name not in known:
        raise InvalidInput(f"no algorithm {name!r}; there are: {', '.join(known)}", field="algorithm")
    return known[name]


def _head(one: "Algorithm") -> str:
    takes = [what for what, taken in one.inputs.items() if taken and what in ("missing", "categories")]
    more = f"; takes {' and '.join(takes)} as they are" if takes else ""
    return f"{one.name} ({', '.join(one.tasks)}){more}\n{one.help}"


def _about(one: "Hyperparameter") -> str:
    default = "" if one.default is None else f"default {one.default}"
    head = "  ".join(filter(None, [one.name, one.type, default, one.range]))
    return "\n".join([head, indent(fill(one.help, _WIDTH), "    ")])
