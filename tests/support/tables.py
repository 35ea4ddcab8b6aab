"""The tables of the documentation that are made from the code. ``python -m tests.support.tables`` writes them.

In a page a table stands between ``<!-- table: NAME -->`` and ``<!-- end -->``.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from configparser import ConfigParser
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

from app import app
from functions import edge
from functions.records import imported, names, restores, scorings, sessions
from functions.records import kinds as kept
from functions.runs import record
from functions.settings import Settings
from functions.storage import RecordKind
from infra.local.stack import SETTINGS
from infra.structure import table
from lepton_ai.estimators import ESTIMATORS
from lepton_core.errors import LeptonError
from lepton_core.models import ALGORITHMS
from lepton_core.models.listing import Setting, listed, listing
from lepton_core.preprocess import TRANSFORMERS, default_preprocessor
from lepton_core.table import Categories, ColumnSchema, Numbers, Table, Texts
from lepton_core.table.kinds import KINDS
from lepton_core.table.spelling.booleans import _FAMILIES, boolean_of
from lepton_core.table.spelling.durations import _UNITS
from tests.support.transitions import costs_of_slices

ROOT = Path(__file__).parent.parent.parent
_MARKED = re.compile(r"(<!-- table: (\w+) -->\n\n?)(.*?)(\n?<!-- end -->)", re.DOTALL)
_KIND = re.compile(r"^([A-Z_]+) = RecordKind\(.*  # (.*)$", re.MULTILINE)
_HOST_CODE = re.compile(r'(?:refusal\(|\b)(\d{3})(?:, |: )"([a-z_]+)"')
_HOST_CODES = {
    "method_not_allowed": "The path exists and takes another method; the message names which.",
    "unsupported_media_type": "The `Content-Type` is not one that this call takes; the message names which.",
    "misdirected": "The request was sent to a name that is not the platform's; the message says how to give it one.",
    "timeout": "The body of the request did not arrive in time.",
}
"""What the hosts refuse before a handler is asked, besides errors of the tree."""

assert app.routes, "importing the app registers the routes"


def hyperparameters(name: str) -> str:
    """Name, type, default, range and help of each hyperparameter of an algorithm."""
    rows = []
    for one in listed(name).hyperparameters:
        default = "left out" if one.default is None else f"`{one.default}`"
        rows.append([f"`{one.name}`", one.type, default, _range(one), one.help])
    return _table(["name", "type", "default", "range", "meaning"], rows)


def _range(one: Setting) -> str:
    if one.choices is not None:
        return ", ".join(f"`{choice}`" for choice in one.choices)
    bounds = {"≥": one.low, ">": one.above, "≤": one.high, "<": one.below}
    shown = [f"{sign} {bound:,}" for sign, bound in bounds.items() if bound is not None]
    return ", ".join(shown + ([] if one.most is None else [f"at most {one.most} of them"]))


def words() -> str:
    """Of iterations, learning_rate and batch_size whether each algorithm takes them, or which word it has instead."""
    rows = []
    for name, one in ALGORITHMS.items():
        cells = [f"`{name}`"]
        for word in ("iterations", "learning_rate", "batch_size"):
            other = one.defaults.elsewhere.get(word)
            cells.append(
                "taken" if other is None else "none" if other.word is None else f"say `{other.word}`"
            )
        rows.append(cells)
    return _table(["algorithm", "`iterations`", "`learning_rate`", "`batch_size`"], rows)


def algorithms() -> str:
    """Name, with a link to its page, tasks and kind of each algorithm."""
    rows = [
        [f"[`{one.name}`](algorithms/{one.name}.md)", ", ".join(one.tasks), one.help] for one in listing()
    ]
    return _table(["name", "task", "what it is"], rows)


def estimators() -> str:
    """The classes of `lepton_ai.estimators`: algorithm and task of each."""
    rows = [[f"`{one.__name__}`", f"`{name}`", task] for (name, task), one in ESTIMATORS.items()]
    return _table(["class", "algorithm", "task"], rows)


def ranges() -> str:
    """The settings that automatic training draws, with the ranges from which it does."""
    found = [
        [f"`{name}`", f"`{one.name}`", str(one.metadata["search"])]
        for name, algorithm in ALGORITHMS.items()
        for one in fields(algorithm.defaults)
        if one.metadata.get("search") is not None
    ]
    return _table(["algorithm", "setting", "drawn from"], found)


def transformers() -> str:
    """Each transformer with what it learns from a column."""
    rows = [
        [f"`{name}`", ", ".join(f"`{statistic}`" for statistic in one.statistics), _first_line(type(one))]
        for name, one in TRANSFORMERS.items()
    ]
    return _table(["transformer", "learns", "what it does"], rows)


def errors() -> str:
    """Code, status, class and meaning of every error that the API answers."""
    rows = [
        [f"`{kind.code}`", str(kind.status), f"`{kind.__name__}`", _first_paragraph(kind)]
        for kind in _tree(LeptonError)
        if kind is not LeptonError
    ]
    known = {kind.code for kind in _tree(LeptonError)}
    hosts = [ROOT / "functions" / "edge" / "app.py", *sorted((ROOT / "infra" / "local").glob("*.py"))]
    found = {pair for path in hosts for pair in _HOST_CODE.findall(path.read_text()) if pair[1] not in known}
    rows += [[f"`{code}`", status, "`LeptonError`", _HOST_CODES[code]] for status, code in sorted(found)]
    internal = "Our fault. The message holds an id under which the log has the rest."
    rows.append([f"`{LeptonError.code}`", str(LeptonError.status), "`LeptonError`", internal])
    return _table(["code", "status", "in Python", "meaning"], rows)


def routes() -> str:
    """Every route: method and path, scope, status, summary."""
    order = {path: i for i, path in enumerate(app.routes)}
    rows = []
    for one in sorted(edge.ROUTES, key=lambda one: order[one.path]):
        statuses = ", ".join(map(str, (one.status, *one.also)))
        rows.append([f"`{one.method} {one.path}`", one.scope or "none", statuses, _first_line(one.handler)])
    return _table(["call", "scope", "status", "what it does"], rows)


def kinds() -> str:
    """The kinds of record that six files of `functions/records`, and `functions/runs/record.py`, define."""
    rows = []
    for room in (kept, imported, names, sessions, record, scorings, restores):
        source = inspect.getsource(room)
        said: dict[str, str] = dict(_KIND.findall(source))
        for name, kind in vars(room).items():
            if isinstance(kind, RecordKind) and f"\n{name} = " in source:
                keys, _, holds = said[name].partition(": ")
                where = "the platform" if "(in SYSTEM)" in keys else "tenant"
                about = f"{holds[0].upper()}{holds[1:]}." if holds else _first_line(kind.type)
                keys = keys.replace("(in SYSTEM)", "").strip()
                cells = [f"`{kind.name}`", f"`{kind.type.__name__}`", str(kind.format), keys, where, about]
                rows.append(cells)
    return _table(["kind", "holds a", "format", "key", "workspace", "what it is"], rows)


def settings() -> str:
    """The platform's times and limits, as they are and on one machine."""
    general = Settings()
    rows = [
        [f"`{one.name}`", f"{getattr(general, one.name):,}", f"{getattr(SETTINGS, one.name):,}"]
        for one in fields(Settings)
    ]
    return _table(["setting", "default", "on one machine"], rows)


_READERS = ("logistic_regression", "decision_tree", "gradient_boosting")
_KEPT = {Numbers: "float64", Categories: "codes of levels", Texts: "octets"}
_SAMPLES = {
    "boolean": ("yes", "no"),
    "date": ("2024-01-01", "2024-02-01"),
    "duration": ("1 h", "2 h"),
    "empty": ("",),
}


def column_kinds() -> str:
    """Each kind of column, how its cells are kept, and the steps that models get for it."""
    rows = []
    for kind in KINDS:
        reader = kind.reader(ColumnSchema("x", kind.name))
        reader.take(_SAMPLES.get(kind.name, ("1", "2")))
        column = reader.column()
        chains = [default_preprocessor(Table((column,)), **vars(ALGORITHMS[of].inputs)) for of in _READERS]
        steps = [", ".join(f"`{step.transformer}`" for step in chain.steps) for chain in chains]
        shown = [one.replace("`Drop`", "left out") or "as they are" for one in steps]
        rows.append([f"[`{kind.name}`]({kind.name}.md)", _KEPT[type(column)], *shown])
    return _table(["kind", "cells are kept as", "linear and deep models", "trees", "gradient boosting"], rows)


def truth_values() -> str:
    """The spellings of no and yes, each pair with those that may stand beside it."""
    said = [
        [f"`{text}`" for text in family if boolean_of(text) is of]
        for family in map(sorted, _FAMILIES)
        for of in (False, True)
    ]
    rows = [[", ".join(no), ", ".join(yes)] for no, yes in zip(said[::2], said[1::2], strict=True)]
    return _table(["no", "yes"], rows)


def duration_units() -> str:
    """The words for units of time, with their length in seconds."""
    words: dict[int, list[str]] = {}
    for word, length in _UNITS.items():
        words.setdefault(length, []).append(f"`{word}`")
    rows = [
        [f"{length / 10**6:f}".rstrip("0").rstrip("."), ", ".join(said)]
        for length, said in sorted(words.items())
    ]
    return _table(["seconds", "words"], rows)


def imports() -> str:
    """The import rules that `make check` keeps."""
    rules = ConfigParser()
    rules.read(ROOT / ".importlinter")
    sections = [rules[name] for name in rules.sections() if name.startswith("importlinter:contract:")]
    return "\n".join(f"- {section['name']}." for section in sections)


def structure() -> str:
    """The folders of the code, the arrows between what lies in each, and the circles."""
    return table()


def transitions() -> str:
    """What an hour of a fit costs as executions of a state machine, by the length of its slices."""
    head, rows = costs_of_slices()
    return _table(head, rows)


TABLES: dict[str, Callable[[], str]] = {
    made.__name__: made
    for made in (
        algorithms,
        words,
        estimators,
        ranges,
        transformers,
        errors,
        routes,
        kinds,
        column_kinds,
        truth_values,
        duration_units,
        settings,
        imports,
        structure,
        transitions,
    )
} | {f"hyperparameters_{name}": partial(hyperparameters, name) for name in ALGORITHMS}


def tables_of(text: str) -> Iterator[tuple[str, str]]:
    """The marked tables of a page: name and content."""
    for found in _MARKED.finditer(text):
        yield found[2], found[3].strip()


def written(text: str) -> str:
    """The page with its tables made anew."""
    return _MARKED.sub(
        lambda found: f"<!-- table: {found[2]} -->\n\n{TABLES[found[2]]()}\n\n<!-- end -->", text
    )


def _tree(kind: type[LeptonError]) -> list[type[LeptonError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in _tree(child))]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _first_line(documented: Any) -> str:
    return str(documented.__doc__).strip().partition("\n")[0].replace("``", "`")


def _first_paragraph(documented: Any) -> str:
    return " ".join(str(documented.__doc__).strip().partition("\n\n")[0].split()).replace("``", "`")


if __name__ == "__main__":
    for page in sorted((ROOT / "docs").rglob("*.md")):
        before = page.read_text()
        if (after := written(before)) != before:
            page.write_text(after)
