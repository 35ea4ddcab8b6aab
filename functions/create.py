"""Create: a model is a name, an algorithm and a policy; taking up one that exists is no error."""

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Literal, cast

import msgspec
from chalice.app import Blueprint
from msgspec.structs import replace

from functions.edge import PAGING, SEARCH, Call, Choice, Reply, route
from functions.edge.shapes import ModelView, Name, Page, Request, model_view, named_view
from functions.records import find
from functions.records.change import change_model, until_written
from functions.records.intents import decide_anew, pointed_at
from functions.records.kinds import (
    ALARMED,
    LONGEST_INTERVAL,
    MODELS,
    LearningTask,
    Model,
    Policy,
)
from functions.records.names import all_names, name_of, named, waited_for
from functions.storage import RecordKind
from lepton_core.errors import Conflict, InvalidInput
from lepton_core.models import algorithm
from lepton_core.target import check_task


class CreateModel(Request, frozen=True):
    """Create a model, or take up the one of that name if its algorithm is the same.

    ``task`` says what it learns where its algorithm can do both; left out, the label of its first version does.
    """

    name: Name
    algorithm: str
    task: LearningTask | None = None
    dataset: Name | None = None
    policy: Policy | None = None


bp = Blueprint(__name__)


@route(bp, "POST", "/v1/models", scope="write", body=CreateModel, returns=ModelView, status=201, also=(200,))
def create(call: Call[CreateModel]) -> Reply[ModelView] | ModelView:
    """Create a model, or take up the one of this name if its algorithm is the same."""
    wanted = call.body
    if wanted.policy is not None:
        check_policy(wanted.policy, "policy.")
    return until_written(wanted.name, partial(_create, call))


def _create(call: Call[CreateModel]) -> Reply[ModelView] | ModelView:
    wanted = call.body
    found = call.store.get(MODELS, wanted.name)
    if found is not None:
        called = name_of(call.store, found.value.dataset)
        return Reply(named_view(taken_up(found.value, wanted, called), called), 200)
    dataset = named(call.store, wanted.dataset or wanted.name)
    model = new_model(wanted, dataset.key, call)
    call.store.write(
        call.store.put(MODELS, model.name, value=model, expect=0),
        *waited_for(call.store, dataset.key, model.created),
    )
    return named_view(model, dataset.name)


def check_policy(policy: Policy, where: str = "") -> None:
    """Raise `InvalidInput` for a least interval that is too long, and an approval of nothing.

    It names the field behind ``where``.
    """
    if policy.least_interval > LONGEST_INTERVAL:
        raise InvalidInput(f"must be at most {LONGEST_INTERVAL:.0f}", field=f"{where}least_interval")
    if policy.approval and policy.canary is None:
        raise InvalidInput("only a canary waits for one; say `canary` too", field=f"{where}approval")


def new_model(wanted: CreateModel, dataset: str, call: Call[CreateModel]) -> Model:
    """The model as first stored, whose data set has that key.

    Raises `InvalidInput` for an unknown algorithm, or one that cannot learn this task.
    """
    chosen = algorithm(wanted.algorithm)
    if wanted.task is not None:
        check_task(wanted.task, chosen.tasks)
    return Model(
        name=wanted.name,
        algorithm=chosen.name,
        task=wanted.task or only(chosen.tasks),
        dataset=dataset,
        policy=wanted.policy or Policy(),
        created=call.platform.clock(),
    )


def only(tasks: frozenset[str]) -> LearningTask | None:
    """The one task of an algorithm that has one only."""
    return cast(LearningTask, next(iter(tasks))) if len(tasks) == 1 else None


def taken_up(model: Model, wanted: CreateModel, dataset: str) -> Model:
    """The stored model, whose data set is called ``dataset``, if it is the one that the caller means."""
    if model.algorithm != wanted.algorithm:
        raise Conflict(
            f"model {model.name!r} exists with algorithm {model.algorithm!r}, not {wanted.algorithm!r}; "
            "use another name",
            field="algorithm",
        )
    if wanted.task not in (None, model.task):
        learns = model.task or "whatever its first label is"
        raise Conflict(
            f"model {model.name!r} exists with task {learns}, not {wanted.task}; use another name",
            field="task",
        )
    if wanted.dataset not in (None, dataset):
        raise Conflict(
            f"model {model.name!r} learns from dataset {dataset!r}; use another name", field="dataset"
        )
    if wanted.policy not in (None, model.policy):
        path = f"/v1/models/{model.name}/policy"
        raise Conflict(f"model {model.name!r} has another policy; PUT the new one to {path}", field="policy")
    return model


@route(bp, "PUT", "/v1/models/{model}/policy", scope="write", body=Policy, returns=ModelView)
def policy(call: Call[Policy], model: str) -> ModelView:
    """Say when the model is updated by itself, how much worse a challenger may be, and how it is deployed."""
    check_policy(call.body)
    pending = partial(decide_anew, call.platform.system, call.store.name, model)
    changed = change_model(call.store, model, lambda found: replace(found, policy=call.body), pending)
    call.platform.wake()  # an update that the earlier policy put off may begin now
    return model_view(call.store, changed)


class _Head(msgspec.Struct, frozen=True):
    """Of a model, what it is looked for by."""

    name: str
    state: Literal["active", "retired"]


MOST_MODELS = 10_000
"""Models that one search looks at."""

ALARM = "alarmed"
"""In place of a state: active, with an open alert."""

_HEADS = RecordKind(MODELS.name, _Head, MODELS.format, MODELS.upgrades)


@route(
    bp,
    "GET",
    "/v1/models",
    scope="read",
    returns=Page[ModelView],
    query={
        **PAGING,
        "search": SEARCH,
        "state": Choice(
            "Only models in this state; alarmed: active, with an alert that is open.",
            ("active", "retired", ALARM),
        ),
    },
)
def models(call: Call[None]) -> Page[ModelView]:
    """All models of the workspace, by name.

    Where few have what was searched for, a page may hold fewer than its limit, or none, and name a next one.
    """
    wanted, state = call.query.get("search", "").lower(), call.choice("state")

    def fits(model: _Head | Model) -> bool:
        called = wanted in model.name.lower()
        return called and (state is None or model.state == ("active" if state == ALARM else state))

    if state == ALARM:
        some = list(islice(filter(fits, _alarmed(call)), call.limit + 1))
        found, behind = some[: call.limit], some[call.limit - 1].name if len(some) > call.limit else None
    else:
        stored, behind = call.store.search(
            MODELS, _HEADS, fits, after=call.after, limit=call.limit, most=MOST_MODELS
        )
        found = [one.value for _, one in stored]
    names = all_names(call.store)
    return Page([named_view(one, names.get(one.dataset, one.dataset)) for one in found], behind)


def _alarmed(call: Call[None]) -> Iterator[Model]:
    """The models behind the call's cursor that have an open alert, by name: each has a pointer."""
    for name in pointed_at(call.platform.system, ALARMED, call.store.name):
        if name <= call.after or next(find.open_alerts(call.store, name), None) is None:
            continue
        if model := call.store.get(MODELS, name):
            yield model.value


@route(bp, "GET", "/v1/models/{model}", scope="read", returns=ModelView)
def model(call: Call[None], model: str) -> ModelView:
    """One model: its algorithm, its preprocessor, its policy, its newest version and its champion."""
    return model_view(call.store, find.model(call.store, model).value)
