"""Whatever the API and the SDK can do can be done in the console, or it is said here why not."""

import inspect
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lepton_ai import Dataset, Model
from tests.functions.console.test_files import OWN

PATHS = json.loads((Path(__file__).parents[3] / "docs/openapi.json").read_text())["paths"]
ROUTES = {(way.upper(), re.sub(r"\{\w+\}", "{}", path)) for path, ways in PATHS.items() for way in ways}

NOT_CALLED = {
    ("GET", "/"): "it is the console",
    ("GET", "/console/{}/{}"): "these are the files of the console",
    ("GET", "/metrics"): "programs read it, and Monitor shows the same",
    ("GET", "/openapi.json"): "programs read it",
    ("GET", "/v1/models/{}/versions/{}/card"): "it is a page, and a link opens it",
    ("GET", "/v1/models/{}/score/{}/file"): "the answer of the route above it leads there",
    ("GET", "/v1/models/{}/versions/{}/export/file"): "the answer of `export` leads there",
    ("GET", "/v2"): "clients of Open Inference ask it, as the six below",
    ("GET", "/v2/health/live"): "see /v2",
    ("GET", "/v2/health/ready"): "see /v2",
    ("GET", "/v2/models/{}"): "see /v2",
    ("GET", "/v2/models/{}/ready"): "see /v2",
    ("GET", "/v2/models/{}/versions/{}"): "see /v2",
    ("GET", "/v2/models/{}/versions/{}/ready"): "see /v2",
    ("POST", "/v2/models/{}/infer"): "clients of Open Inference predict there",
    ("POST", "/v2/models/{}/versions/{}/infer"): "clients of Open Inference predict there",
    ("POST", "/endpoints/{}/invocations"): "clients of SageMaker predict there",
    ("POST", "/v1/keys/{}/aws"): "its secret is for those clients, and `lepton keys aws` prints it",
}
"""Routes that no module of the console calls: why."""

CALLERS = {
    "get": "GET",
    "post": "POST",
    "useLive": "GET",
    "useList": "GET",
    "all": "GET",
    "sent": "PUT",
    "rowsOf": "POST",
    "numbered": "GET",
    "usePreview": "POST",
}
"""What sends a request, and how; `call` is told how."""

BEHIND = {"numbered": "/versions"}
"""What a caller puts behind the path that it is given."""

MODEL, DATA = "/v1/models/{}", "/v1/datasets/{}"

GIVEN = {
    "api.js": "",
    "compare.js": f"{MODEL}/versions",
    "create.js Choices": f"{DATA}/versions/{{}}",
    "data-diff.js": DATA,
    "data-lags.js": DATA,
    "data-report.js": DATA,
    "data-rows.js": DATA,
    "data-use.js": DATA,
    "data-versions.js": DATA,
    "data.js": DATA,
    "data.js Held": f"{DATA}/versions/{{}}",
    "effect.js": f"{MODEL}/versions/{{}}",
    "sending.js": DATA,
    "steps.js": f"{DATA}/versions/{{}}/preview",
    "threshold.js": f"{MODEL}/versions/{{}}",
}
"""Where a module, or a function of it, is told that it is; the others are told the path of a model."""

_CALL = re.compile(rf"(?<![\w.])({'|'.join([*CALLERS, 'call'])})\(")
_FUNCTION = re.compile(r"\bfunction (\w+)\(")
_LITERAL = re.compile(r'`((?:/v1/|\$\{\w+\})[^`]*)`|"(/v1/[^"]*)"')
_TOKEN = re.compile(r"\$\{((?:[^{}]|\{[^{}]*\})*)\}|[^$]+|\$")
_NAMED = re.compile(r"(?<![\w.])(path|place|one)(?![\w.(])")
_METHOD = re.compile(r'"(GET|POST|PUT|DELETE)"')


def arguments(text: str, begin: int) -> list[str]:
    """The arguments of the call whose parenthesis opens before ``begin``."""
    found, depth, first = list[str](), 0, begin
    for at in range(begin, len(text)):
        one = text[at]
        if depth == 0 and one in ",)":
            found.append(text[first:at].strip())
            first = at + 1
            if one == ")":
                return found
        depth += (one in "([{") - (one in ")]}")
    raise AssertionError(f"nothing ends {text[begin : begin + 80]!r}")


def path_of(module: str, above: str, literal: str) -> str:
    """The path of a text with values in it, without its query; ``above`` is what stands above it in its module."""
    path = ""
    for token in _TOKEN.finditer(literal):
        if token[1] is not None:
            if path and not path.endswith("/"):
                return path
            path += "{}" if path else known(module, above, token[1])
        else:
            path += token[0].partition("?")[0]
            if "?" in token[0]:
                return path
    return path


def known(module: str, above: str, name: str) -> str:
    """The path that a variable stands for: what was written into it last, or what the function is given."""
    written = list(re.finditer(rf"\bconst {name} = ([^;]*/[^;]*);", above))
    function = list(_FUNCTION.finditer(above))[-1:]
    inside = function[0].start() if function else 0
    told = function and re.search(rf"\b{name}\b", " ".join(arguments(above, function[0].end())))
    if written and not (told and written[-1].start() < inside):
        literal = _LITERAL.search(written[-1][1])
        if literal:
            return path_of(module, above[: written[-1].start()], literal[1] or literal[2])
    where = f"{module} {function[0][1]}" if function else module
    return GIVEN.get(where, GIVEN.get(module, MODEL))


def called(modules: Iterable[str] = OWN) -> set[tuple[str, str]]:
    """Each call that ``modules`` of the console send."""
    found = set()
    for module in modules:
        text = OWN[module]
        for one in _CALL.finditer(text):
            above, given = text[: one.start()], arguments(text, one.end())
            if above.endswith("function ") or not given:
                continue
            ways = {CALLERS.get(one[1], "")}
            if one[1] == "call":
                ways = set(_METHOD.findall(given.pop(0)) or _METHOD.findall(text))
            if one[1] == "sent" and '"POST"' in given:
                ways = {"POST"}
            paths = {path_of(module, above, this[1] or this[2]) for this in _LITERAL.finditer(given[0])}
            bare = re.sub(r"`[^`]*`", "", given[0])
            paths |= {known(module, above, this[1]) for this in _NAMED.finditer(bare)}
            found |= {(way, path + BEHIND.get(one[1], "")) for way in ways for path in paths if path}
    return found


def test_each_route_is_called_by_the_console_or_it_is_said_why_not() -> None:
    sent = called()
    assert ROUTES - sent - NOT_CALLED.keys() == set(), "give the console a way to it, or say why not"
    assert NOT_CALLED.keys() <= ROUTES, "the route is gone"
    assert not NOT_CALLED.keys() & sent, "it is called"


def test_no_call_is_taken_for_one_of_a_route_that_is_not_there() -> None:
    """Were a path read wrongly, it could hide a route that nothing calls."""
    assert called() - ROUTES == set()


METHODS: dict[str, tuple[str, str] | str] = {
    "Model.algorithm": ("GET", MODEL),
    "Model.card": ("GET", f"{MODEL}/versions/{{}}/card"),
    "Model.cancel": ("POST", "/v1/runs/{}/cancel"),
    "Model.champion": ("GET", MODEL),
    "Model.compare": ("GET", f"{MODEL}/versions/{{}}/compare/{{}}"),
    "Model.dataset": ("GET", MODEL),
    "Model.deploy": ("POST", f"{MODEL}/deploy"),
    "Model.deployment": ("GET", f"{MODEL}/deployment"),
    "Model.history": ("GET", f"{MODEL}/deployment/history"),
    "Model.pause": ("POST", f"{MODEL}/deployment/pause"),
    "Model.promote": ("POST", f"{MODEL}/deployment/promote"),
    "Model.rollback": ("POST", f"{MODEL}/deployment/rollback"),
    "Model.unpause": ("POST", f"{MODEL}/deployment/resume"),
    "Model.drift": ("GET", f"{MODEL}/monitor/features"),
    "Model.effect": ("GET", f"{MODEL}/versions/{{}}/effect"),
    "Model.evaluate": ("POST", f"{MODEL}/evaluate"),
    "Model.predict_file": ("POST", f"{MODEL}/score"),
    "Model.export": ("GET", f"{MODEL}/versions/{{}}/export"),
    "Model.import_": ("POST", f"{MODEL}/import"),
    "Model.follow": ("GET", "/v1/runs/{}"),
    "Model.follow_deployment": ("GET", f"{MODEL}/deployment"),
    "Model.monitor": ("POST", f"{MODEL}/monitor"),
    "Model.kept_reading": ("GET", f"{DATA}/versions/{{}}"),
    "Model.name": ("GET", MODEL),
    "Model.policy": ("GET", MODEL),
    "Model.predict": ("POST", f"{MODEL}/predict"),
    "Model.resume": ("POST", "/v1/runs/{}/resume"),
    "Model.retire": ("POST", f"{MODEL}/retire"),
    "Model.runs": ("GET", "/v1/runs"),
    "Model.set_policy": ("PUT", f"{MODEL}/policy"),
    "Model.set_threshold": ("PUT", f"{MODEL}/versions/{{}}/threshold"),
    "Model.state": ("GET", MODEL),
    "Model.task": ("GET", MODEL),
    "Model.traffic": ("GET", f"{MODEL}/monitor/traffic"),
    "Model.train": ("POST", f"{MODEL}/train"),
    "Model.update": ("POST", f"{MODEL}/update"),
    "Model.upload_data": ("POST", f"{DATA}/upload"),
    "Model.upload_preprocessor": ("PUT", f"{MODEL}/preprocessor"),
    "Model.versions": ("GET", f"{MODEL}/versions"),
    "Dataset.delete": ("DELETE", DATA),
    "Dataset.describe": ("GET", f"{DATA}/versions/{{}}/describe"),
    "Dataset.diff": ("GET", f"{DATA}/versions/{{}}/diff/{{}}"),
    "Dataset.head": ("GET", f"{DATA}/versions/{{}}/head"),
    "Dataset.kept_reading": ("GET", f"{DATA}/versions/{{}}"),
    "Dataset.latest": ("GET", DATA),
    "Dataset.models": ("GET", DATA),
    "Dataset.name": ("GET", DATA),
    "Dataset.read_again": ("POST", f"{DATA}/versions/{{}}/read"),
    "Dataset.rejected": ("GET", f"{DATA}/uploads"),
    "Dataset.release": ("POST", f"{DATA}/versions/{{}}/release"),
    "Dataset.rename": ("PUT", f"{DATA}/name"),
    "Dataset.report": ("GET", f"{DATA}/versions/{{}}/report"),
    "Dataset.said_if_held": ("GET", f"{DATA}/versions/{{}}/report"),
    "Dataset.tag": ("PUT", f"{DATA}/tags"),
    "Dataset.tags": ("GET", DATA),
    "Dataset.upload": ("POST", f"{DATA}/upload"),
    "Dataset.versions": ("GET", f"{DATA}/versions"),
}
"""Of each method of a model and of a data set the route that the console calls for the same."""


def public(of: type) -> dict[str, Any]:
    """The methods and properties of a class that anybody may use."""
    return {f"{of.__name__}.{name}": one for name, one in inspect.getmembers(of) if not name.startswith("_")}


EVERY = public(Model) | public(Dataset)


def test_what_a_model_and_a_data_set_can_do_can_be_done_here() -> None:
    assert METHODS.keys() == EVERY.keys()
    assert set(METHODS.values()) <= called() | NOT_CALLED.keys()
