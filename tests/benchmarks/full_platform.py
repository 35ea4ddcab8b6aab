"""A platform with as much in it as a busy team leaves behind, made in seconds: what was once trained, many times over.

One model is trained and served by the platform's own handlers, over 100,000 iterations. The records that this left are
then written again under other names: they are as the platform writes them, and their files are shared.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from msgspec.structs import replace

from functions.context import Ids
from functions.records.kinds import (
    DATASET_VERSIONS,
    DATASETS,
    DEPLOYMENTS,
    DUE_MODELS,
    MODELS,
    VERSIONS,
    Due,
    number,
)
from functions.runs.record import RUNS
from functions.storage import MAX_WRITES, Put, Workspace
from functions.storage.disk_folder import open_folder
from functions.storage.disk_records import DiskRecords
from infra.local.stack import WORKSPACE
from lepton_ai.data import Data
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.model import Model
from tests.support.world import two_classes

NAME = "churn"
"""The model that was really trained."""

ITERATIONS = 100_000
SERVED = 10
"""One in so many models serves."""


@dataclass(frozen=True)
class Amount:
    """How much there is in all."""

    models: int = 2_000
    runs: int = 10_000
    datasets: int = 200
    iterations: int = ITERATIONS


def fill(state: Path, amount: Amount) -> str:
    """Fill the folder of a platform; the id of the run that was really made."""
    with closing(EmbeddedTransport(state)) as transport:
        model = Model("logistic_regression", name=NAME, quiet=True, transport=transport)
        table = state.parent / "table.csv"
        table.write_bytes(two_classes(300))
        model.upload_data(Data.from_csv(str(table)))
        model.train(iterations=amount.iterations, tolerance=0)
        model.deploy()
        run = model.runs(1)[0].id
    opened = open_folder(state)
    records = opened.records
    assert isinstance(records, DiskRecords)
    with closing(records):
        store = Workspace(WORKSPACE, records, opened.blobs)
        for some in _some(_again(store, run, amount)):
            records.write(some)
    return run


def _some(puts: Iterator[Put]) -> Iterator[list[Put]]:
    while some := list(islice(puts, MAX_WRITES)):
        yield some


def _again(store: Workspace, run_id: str, amount: Amount) -> Iterator[Put]:
    model, data = store.get(MODELS, NAME), store.get(DATASETS, NAME)
    table, run = store.get(DATASET_VERSIONS, NAME, number(1)), store.get(RUNS, run_id)
    version, served = store.get(VERSIONS, NAME, number(1)), store.get(DEPLOYMENTS, NAME)
    assert model and data and table and run and version and served
    names = [f"{NAME}-{at:05d}" for at in range(amount.models - 1)]
    datasets = [f"{NAME}-{at:03d}" for at in range(amount.datasets - 1)]
    for name in datasets:
        yield store.put(DATASETS, name, value=replace(data.value, name=name), expect=0)
        yield store.put(DATASET_VERSIONS, name, number(1), value=replace(table.value, dataset=name), expect=0)
    system = store.of("_system")
    for at, name in enumerate(names):
        champion = 1 if at % SERVED == 0 else None
        made = replace(model.value, name=name, dataset=datasets[at % len(datasets)], champion=champion)
        yield store.put(MODELS, name, value=made, expect=0)
        yield store.put(VERSIONS, name, number(1), value=replace(version.value, model=name), expect=0)
        if champion:
            due = Due(WORKSPACE, name, model.value.created)
            yield store.put(DEPLOYMENTS, name, value=replace(served.value, model=name), expect=0)
            yield system.put(DUE_MODELS, f"{WORKSPACE}:{name}", value=due, expect=0)
    for at in range(amount.runs - 1):
        then = run.value.created - timedelta(seconds=amount.runs - at)
        one = replace(run.value, id=_id(then), model=names[at % len(names)], created=then)
        yield store.put(RUNS, one.id, value=replace(one, updated=then), expect=0)


def _id(then: datetime) -> str:
    return Ids(lambda: then)("run")
