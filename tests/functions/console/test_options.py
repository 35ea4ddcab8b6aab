"""Each option of the SDK that reaches the API has its field on a screen that sends it, or it is said here why not."""

import inspect
import re
from functools import cache
from typing import Any

import pytest

import lepton_ai
from lepton_ai import Data, Dataset, Model
from lepton_core.models.listing import listing
from tests.functions.console.test_everything import DATA, METHODS, NOT_CALLED, called, public
from tests.functions.console.test_files import OWN

UPLOAD, VERSION = ("POST", f"{DATA}/upload"), f"{DATA}/versions/{{}}"

OF_DATA: dict[str, tuple[str, str] | str] = {
    "Data.columns": ("GET", VERSION),
    "Data.features": ("GET", f"{VERSION}/head"),
    "Data.following": ("POST", f"{VERSION}/lags/preview"),
    "Data.from_csv": UPLOAD,
    "Data.from_file": UPLOAD,
    "Data.held_out": ("GET", f"{DATA}/versions"),
    "Data.label": ("GET", VERSION),
    "Data.notes": ("GET", f"{VERSION}/report"),
    "Data.report": ("GET", f"{VERSION}/report"),
    "Data.said": ("GET", f"{VERSION}/describe"),
    "Data.set_aside": ("GET", f"{VERSION}/report"),
    "Data.summary": ("GET", f"{VERSION}/report"),
    "Data.table": ("GET", f"{VERSION}/head"),
    "Data.with_lags": ("POST", f"{VERSION}/lags"),
    "Data.body": "a program has the bytes, a browser the file",
    "Data.content": "a program has the bytes, a browser the file",
    "Data.content_type": "a browser sends a file as it is",
    "Data.from_arrays": "a program alone has arrays",
    "Data.from_pandas": "a program alone has frames",
    "Data.handed_over": "a browser is never in the process of the platform",
    "Data.is_no_text": "the platform sees what a file is",
    "Data.rows_to_predict": "a browser sends the file itself to be scored",
    "Data.wording": "the page says remedies in words of its own",
}
"""Of what a `Data` can do the route that the console calls for the same, or why it has none."""

FUNCTIONS = {
    "Model": ("POST", "/v1/models"),
    "algorithms": ("GET", "/v1/algorithms"),
    "datasets": ("GET", "/v1/datasets"),
}
"""The same of what is no method."""

VERSION_CHOSEN = ("data.js", "to(Number(event.target.value))")
OF_MODEL = ("evaluate.js", "<${VersionSelect}")
HYPERPARAMETERS = ("create.js", "settings=${chosen.hyperparameters}")
DAYS = ("monitor.js", "here({ hours: one })")

FIELDS: dict[str, tuple[str, str]] = {
    "Model algorithm": ("create.js", 'type="radio" name="algorithm"'),
    "Model name": ("create.js", '<input id="name"'),
    "Model task": ("create.js", '<select id="task"'),
    "Model dataset": ("create.js", "change({ data:"),
    "Model.cancel run": ("run.js", "act=${cancel}"),
    "Model.card version": ("versions.js", "/card`"),
    "Model.compare version": ("compare.js", "<${VersionSelect}"),
    "Model.compare earlier": ("compare.js", "<${VersionSelect}"),
    "Model.deploy version": ("versions.js", "deploy(one.version"),
    "Model.deploy canary": ("rollout.js", '{ name: "canary", type: "float"'),
    "Model.deploy bake_minutes": ("rollout.js", '{ name: "bake_minutes", type: "float"'),
    "Model.deploy approval": ("rollout.js", '{ name: "approval", type: "bool"'),
    "Model.deploy served_at": ("rollout.js", '<input id="served-at"'),
    "Model.drift hours": DAYS,
    "Model.deploy target": ("service-start.js", 'aria-label=${t("serve.where")}'),
    "Model.deploy service": ("service-start.js", '{ name: "service", type: "str"'),
    "Model.deploy port": ("service-start.js", '{ name: "port", type: "int"'),
    "Model.effect column": ("effect.js", "<select"),
    "Model.effect version": OF_MODEL,
    "Model.evaluate folds": ("evaluate.js", '{ name: "folds", type: "int"'),
    "Model.evaluate version": OF_MODEL,
    "Model.evaluate seed": ("evaluate.js", '{ name: "seed", type: "int"'),
    "Model.export version": ("versions.js", "exported(path, one.version)"),
    "Model.follow run": ("run.js", "`/v1/runs/${"),
    "Model.import_ path": ("start.js", 'import("./import.js")'),
    "Model.import_ name": ("import.js", "await modelOf(file)"),
    "Model.history limit": ("rollout.js", "to({ history: page.next })"),
    "Model.monitor hours": DAYS,
    "Model.predict rows": ("try.js", "<${Field}"),
    "Model.predict explain": ("how.js", 'choice("explain"'),
    "Model.predict coverage": ("certainty.js", '<input id="coverage"'),
    "Model.predict sheet": ("reading.js", 'sheet: { type: "str" }'),
    "Model.resume run": ("run.js", "act=${resume}"),
    "Model.runs limit": ("runs.js", "change({ show: most * 2 })"),
    "Model.set_policy update": ("update.js", "value=${form.update}"),
    "Model.set_policy tolerance": ("update.js", "value=${form.tolerance}"),
    "Model.set_policy least_interval": ("update.js", "value=${form.wait}"),
    "Model.set_policy held": ("update.js", "value=${form.held}"),
    "Model.set_policy margin": ("update.js", "value=${form.margin}"),
    "Model.set_policy canary": ("update.js", "value=${form.canary}"),
    "Model.set_policy bake_minutes": ("update.js", "value=${form.bake}"),
    "Model.set_policy approval": ("update.js", "value=${form.approval}"),
    "Model.set_threshold threshold": ("threshold.js", 'type="range"'),
    "Model.set_threshold recall": ("threshold.js", "  recall: {"),
    "Model.set_threshold precision": ("threshold.js", "  precision: {"),
    "Model.set_threshold costs": ("threshold.js", '${costs("missed", missed)}'),
    "Model.set_threshold label": ("threshold.js", "label: found.label"),
    "Model.set_threshold version": OF_MODEL,
    "Model.traffic hours": DAYS,
    "Model.train iterations": HYPERPARAMETERS,
    "Model.train learning_rate": HYPERPARAMETERS,
    **{
        f"Model.train {one}": ("training.js", f'field("{one}", ')
        for one in (
            "dataset_version",
            "warm_start",
            "weight",
            "class_weight",
            "split",
            "seed",
            "trials",
            "members",
            "megabytes",
            "milliseconds",
            "refit",
            "calibrate",
            "uncertainty",
            "deploy",
        )
    },
    "Model.train auto": ("create.js", 'title=${t("create.auto")}'),
    "Model.train seconds": ("create.js", '<${Seconds} id="seconds"'),
    "Model.predict_file path": ("score.js", 'type="file"'),
    "Model.predict_file version": ("score.js", "versions/${model.champion}"),
    "Model.update iterations": ("update.js", 'TOLD = ["iterations", "learning_rate"]'),
    "Model.update learning_rate": ("update.js", 'TOLD = ["iterations", "learning_rate"]'),
    "Model.upload_data data": ("data-versions.js", 'type="file"'),
    "Model.upload_data append": ("data-versions.js", 'type="radio" name="mode"'),
    "Model.upload_preprocessor preprocessor": ("create.js", "<${Steps} steps"),
    "Dataset.delete version": ("data-versions.js", "remove(go, one.version)"),
    "Dataset.delete force": ("data-use.js", "remove(go, true)"),
    "Dataset.describe version": VERSION_CHOSEN,
    "Dataset.diff since": ("data-diff.js", 'aria-label=${t("diff.since")}'),
    "Dataset.diff version": VERSION_CHOSEN,
    "Dataset.head rows": ("data-rows.js", "where({ page: page + 1 })"),
    "Dataset.head version": VERSION_CHOSEN,
    "Dataset.read_again version": VERSION_CHOSEN,
    "Dataset.release version": ("data.js", "act=${release}"),
    "Dataset.rename name": ("data-use.js", '<input id="set-name"'),
    "Dataset.report version": VERSION_CHOSEN,
    "Dataset.said_if_held version": VERSION_CHOSEN,
    "Dataset.upload data": ("data-versions.js", 'type="file"'),
    "Dataset.upload append": ("data-versions.js", 'type="radio" name="mode"'),
    "Data.from_file path": ("data-versions.js", 'type="file"'),
    "Data.from_file label": ("data-columns.js", "<option value=${PREDICT}>"),
    "Data.from_file held_out": ("data-versions.js", 't("add.second")'),
    "Data.from_file kinds": ("data-columns.js", "KINDS.filter((one) => one !== of.kind)"),
    "Data.from_file exclude": ("data-columns.js", "<option value=${LEAVE_OUT}>"),
    **{
        f"Data.from_file {one}": ("reading.js", f"  {one}: {{ type:")
        for one in (
            "missing",
            "decimal",
            "day_first",
            "encoding",
            "delimiter",
            "quote",
            "header",
            "names",
            "bad_rows",
            "sheet",
        )
    },
    "Data.with_lags lags": ("data-lags.js", '<${Settings} prefix="lag"'),
    "Data.with_lags by": ("data-lags.js", '<select id="lags-by"'),
    "Data.with_lags group": ("data-lags.js", '<select id="lags-group"'),
    "Data.with_lags known": ("data-lags.js", "of.setKnown(name, event.target.checked)"),
    "datasets tag": ("data.js", 'addressed(["data"], { tag: one })'),
    "datasets search": ("data.js", 'aria-label=${t("data.search")}'),
}
"""The module with the field of each option, or with what chooses it, and the piece of it that shows it."""

PRINTS = "it is about what a program prints"

ITS_OWN = "the page talks to the platform that it came from"

NO_FIELD = {
    "Model announce": PRINTS,
    "Model quiet": PRINTS,
    "Model transport": ITS_OWN,
    "algorithms transport": ITS_OWN,
    "Model.card path": "a link opens it, and the browser asks where to keep it",
    "Model.export path": "the browser asks where to keep it",
    **dict.fromkeys(
        (f"Model.predict_file {one}" for one in ("out", "overwrite")),
        "the browser asks where to keep it",
    ),
    "Model.import_ dataset": "a dropped file has a data set of its own; the command names another one",
    "Model.import_ announce": PRINTS,
    "Model.import_ quiet": PRINTS,
    "Model.import_ transport": ITS_OWN,
    "Model.deploy wait": "the screen goes on telling of it, whoever looks",
    "Model.predict entity": "the console asks for one row at a time, and for nobody",
    "Dataset.upload quiet": PRINTS,
    "Data.from_file quiet": PRINTS,
}
"""Options that no screen has: why."""

OF_A_PROGRAM = {name for name, route in OF_DATA.items() if isinstance(route, str)}


def options(name: str, of: Any) -> list[str]:
    """The options of a method, each behind the method's name."""
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    given = inspect.signature(of).parameters.values() if callable(of) else ()
    return [f"{name} {one.name}" for one in given if one.name != "self" and one.kind not in kinds]


def every() -> list[str]:
    """The options of everything public that reaches the API; two names of one method are one."""
    of = public(Model) | public(Dataset) | {name: getattr(lepton_ai, name) for name in FUNCTIONS}
    of |= {name: one for name, one in public(Data).items() if name not in OF_A_PROGRAM | {"Data.from_csv"}}
    return [one for name, it in of.items() for one in options(name, it)]


@cache
def code(module: str) -> str:
    """A module without its comments."""
    return re.sub(r"(?m)^\s*//.*$|\s// .*$", "", OWN[module])


@cache
def reached(module: str) -> frozenset[str]:
    """The modules that stand on the screens of one: those that it imports at once or later, and these as well."""
    seen, waiting = set[str](), [module]
    while waiting:
        one = waiting.pop()
        if one in OWN and one not in seen:
            seen.add(one)
            waiting += re.findall(r'(?:from |import\()"\./([\w.-]+)"', OWN[one])
    return frozenset(seen)


def route_of(option: str) -> tuple[str, str]:
    """The route to which an option goes."""
    method = option.split(maxsplit=1)[0]
    found = {**METHODS, **OF_DATA, **FUNCTIONS}[method]
    assert not isinstance(found, str), method
    return found


def test_what_data_can_do_can_be_done_here() -> None:
    assert OF_DATA.keys() == public(Data).keys()
    assert {one for one in OF_DATA.values() if not isinstance(one, str)} | set(FUNCTIONS.values()) <= called()


def test_each_option_has_a_field_or_a_reason_and_none_has_both_or_is_gone() -> None:
    wanted = every()
    assert len(wanted) > 90
    assert sorted(wanted) == sorted([*FIELDS, *NO_FIELD])
    assert not FIELDS.keys() & NO_FIELD.keys()


@pytest.mark.parametrize("option", FIELDS)
def test_the_field_of_an_option_stands_on_a_screen_that_sends_it(option: str) -> None:
    module, piece = FIELDS[option]
    assert piece in code(module)
    route = route_of(option)
    if route in NOT_CALLED:
        return  # the browser itself goes there
    senders = {one for one in OWN if route in called((one,))}
    assert senders, route
    screens = [one for one in OWN if one != "app.js" and module in reached(one)]
    assert any(senders & reached(screen) for screen in screens), f"{module} stands on no screen of {senders}"


def test_what_is_no_field_is_none() -> None:
    """A reason that is not needed any more would hide the next option of that name."""
    for option in NO_FIELD:
        name = option.split()[1]
        fields = re.compile(rf'\bid="{name}"|\bname="{name}"|\bname: "{name}"|field\("{name}"')
        assert not [one for one in OWN if fields.search(code(one))], option


def test_iterations_and_learning_rate_are_among_the_settings_of_algorithms() -> None:
    settings = {one.name for algorithm in listing() for one in algorithm.hyperparameters}
    assert {"iterations", "learning_rate"} <= settings
