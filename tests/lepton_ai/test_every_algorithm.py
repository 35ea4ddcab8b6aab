"""Every algorithm in every task it has, through its whole life with the SDK, over both stores."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest

from app import app
from functions.context import Platform
from functions.datasets.ingest import landed
from infra.local.stack import Stack
from lepton_ai import Conflict, Data, InvalidInput, Model, algorithms
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.transport import encode
from lepton_core.models import ALGORITHMS
from tests.support.algorithms import quick
from tests.support.stores import Store
from tests.support.world import world

KINDS = {"svm": [{}, {"kernel": "rbf"}, {"kernel": "poly"}]}
"""Settings that make another model of an algorithm, instead of the quick ones."""

CASES = [
    pytest.param(name, task, kind, id="-".join([name, task, *kind.values()]))
    for name, one in sorted(ALGORITHMS.items())
    for task in sorted(one.tasks)
    for kind in KINDS.get(name, [{}])
]


class Direct:
    """The transport to a platform over either store: a file that is PUT to S3's own address lands there at once."""

    address = "here"
    url = None

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._inside = EmbeddedTransport(Path("nowhere"), lambda _: Stack(app, platform, lambda: None))

    def call(self, method: str, path: str, *, body: Any = None, **more: Any) -> Any:
        if not path.startswith("https://"):
            return self._inside.call(method, path, body=body, **more)
        from tests.infra.aws.function import moto

        data = encode(body)
        assert moto(method, path, {"Content-Length": str(len(data))}, data)[0] == 200
        landed(self._platform, unquote(urlsplit(path).path).lstrip("/"))
        return None


@pytest.fixture
def transport(store: Store) -> Direct:
    return Direct(world(store).platform)


def table(path: Path, task: str, seed: int, rows: int = 80) -> Data:
    """Two numbers that decide the label, noisily, and a colour that says nothing; cells are missing; weights."""
    rng = np.random.default_rng(seed)
    a, b, weight = rng.normal(size=rows), rng.normal(size=rows), rng.integers(1, 4, rows)
    score = a + b + 0.3 * rng.normal(size=rows)
    label = np.where(score > 0, "yes", "no") if task == "classification" else score.round(3).astype(str)
    colour = rng.choice(["red", "green", "blue"], rows)
    lines = ["a,b,colour,weight,label"]
    lines += [
        ",".join(map(str, row)) for row in zip(a.round(3), b.round(3), colour, weight, label, strict=True)
    ]
    lines[3] = lines[3][lines[3].index(",") :]
    path.write_text("\n".join(lines) + "\n")
    return Data.from_csv(path, quiet=True)


@pytest.mark.sampled(5)
@pytest.mark.parametrize(("name", "task", "kind"), CASES)
def test_the_whole_life(
    transport: Direct, tmp_path: Path, name: str, task: str, kind: dict[str, str]
) -> None:
    csv = tmp_path / "data.csv"
    model = Model(name, "m", task=task, quiet=True, transport=transport)
    assert model.task == task
    model.upload_data(table(csv, task, 1))
    settings = kind or quick(ALGORITHMS[name])
    weighed = {"class_weight": {"yes": 2.0}} if task == "classification" else {}
    version = model.train(weight="weight", **weighed, **settings)
    assert (version.version, version.task, version.algorithm, version.weight) == (1, task, name, "weight")
    assert settings.items() <= version.hyperparameters.items()
    assert all(value is None or np.isfinite(value) for value in version.metrics.values())

    validated = model.evaluate(folds=2)
    assert len(validated.folds) == 2 and np.isfinite(validated.loss)

    model.deploy()
    rows = [{"a": 2.0, "b": 2.0, "colour": "red"}, {"a": -2.0, "b": -2.0, "colour": "violet"}]
    first, second = model.predict(rows)
    if task == "classification":
        assert (first.label, second.label) == ("yes", "no")
        for one in (first, second):
            assert sum((one.probabilities or {}).values()) == pytest.approx(1.0, abs=1e-12)
    else:
        assert first.value is not None and second.value is not None and first.value > second.value
    assert model.monitor().rows == 2

    model.upload_data(table(csv, task, 2, rows=120))
    updated = model.update()
    assert updated.version == 2 and updated.champion is not None and updated.challenger is not None
    challenger = model.versions()[-1]
    assert (challenger.task, challenger.weight, challenger.dataset_version) == (task, "weight", 2)
    assert challenger.class_weight == weighed.get("class_weight")
    of = ALGORITHMS[name]
    assert challenger.warm_from == (1 if of.warm_starts(of.configure(settings)) else None)
    predicted = model.predict(rows)
    assert predicted.version == (2 if updated.promoted else 1)
    assert len(predicted) == 2

    again = Model(name=model.name, quiet=True, transport=transport)
    assert (again.algorithm, again.task, again.champion) == (name, task, predicted.version)


def test_a_model_is_not_taken_up_with_another_task(transport: Direct) -> None:
    both = next(name for name, one in ALGORITHMS.items() if len(one.tasks) == 2)
    Model(both, "m", task="classification", transport=transport)
    with pytest.raises(Conflict, match="exists with task classification, not regression; use another name"):
        Model(both, "m", task="regression", transport=transport)
    with pytest.raises(InvalidInput) as refused:
        Model("linear_regression", "n", task="classification", transport=transport)
    assert refused.value.field == "task"
    with pytest.raises(InvalidInput, match="goes with an algorithm"):
        Model(name="m", task="classification", transport=transport)


def test_the_algorithms_of_a_platform_are_listed(transport: Direct) -> None:
    found = algorithms(transport)
    assert [one.name for one in found] == sorted(ALGORITHMS)
    logistic = next(one for one in found if one.name == "logistic_regression")
    assert repr(logistic) == "<Algorithm logistic_regression: classification>"
    l1 = next(one for one in logistic.hyperparameters if one.name == "l1")
    assert (l1.type, l1.default, l1.low, l1.range) == ("float", 0.0, 0.0, ">= 0")
