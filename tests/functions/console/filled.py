"""A platform with something of everything: what the screens of the console are looked at with."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lepton_ai import Data, LeptonError, Model
from lepton_ai.content import Content
from lepton_ai.http import HttpTransport
from lepton_ai.transport import Transport
from tests.support.waiting import until

HOSTILE = (
    "<img src=x onerror=\"document.title='broken'\">",
    "<script>document.title='broken'</script>",
    "'\"></td></table><h1>broken</h1>",
    '=HYPERLINK("http://example.org","broken")',
    "\u202eright to left\u202c שלום مرحبا",
    "👩‍👩‍👧 🏳️‍🌈 e\u0301\u0301\u0301",
    "{{constructor.constructor('broken')()}} ${broken} %s %n",
    "long " + "x" * 10_000,
)
"""Texts that break a page which takes a text for anything else."""


@dataclass(frozen=True)
class Filled:
    """The names of what there is."""

    served: str = "churn"
    numbers: str = "bills"
    classes: str = "plans"
    retired: str = "old-churn"
    bare: str = "not-trained"
    strange: str = "strange"
    held: str = "held"
    paused: str = "paused"


NAMES = Filled()

LONG = 50_000
"""Iterations of a training that nobody sees end before it is cancelled; resumed, it takes seconds."""


def customers(rows: int = 400, *, seed: int = 0, later: float = 0.0) -> pd.DataFrame:
    """Customers of a telephone company; ``later`` moves what they call and pay."""
    rng = np.random.default_rng(seed)
    plan = rng.choice(["basic", "family", "business"], rows, p=[0.5, 0.3, 0.2])
    months = rng.integers(1, 72, rows)
    calls = rng.poisson(2 + later, rows)
    bill = np.round(20 + 10 * (plan == "family") + 40 * (plan == "business") + rng.normal(later, 5, rows), 2)
    odds = -1.2 + 0.9 * calls - 0.06 * months + 0.6 * (plan == "basic")
    left = np.where(rng.random(rows) < 1 / (1 + np.exp(-odds)), "yes", "no")
    frame = pd.DataFrame(
        {"plan": plan, "months": months, "calls to support": calls, "monthly bill": bill, "left": left}
    )
    frame["since"] = pd.Timestamp("2026-01-01") - pd.to_timedelta(months * 30, unit="D")
    frame.loc[rng.random(rows) < 0.04, "monthly bill"] = np.nan
    return frame


def strange(rows: int = 60) -> pd.DataFrame:
    """Columns, levels and classes with the texts of `HOSTILE`."""
    rng = np.random.default_rng(3)
    of = [text[:9000] for text in HOSTILE]
    frame = pd.DataFrame({text[:200]: rng.normal(size=rows) for text in HOSTILE[:4]})
    frame[HOSTILE[4]] = [of[at % len(of)] for at in range(rows)]
    frame["class"] = np.where(frame.iloc[:, 0] > 0, HOSTILE[0], HOSTILE[3])
    return frame


def fill(url: str, key: str) -> Filled:
    """Through the SDK, as a user would: models and runs in every state, held data, traffic and drift."""
    transport = HttpTransport(url, key)
    _served(transport)
    _others(transport)
    _held(transport)
    return NAMES


def _model(transport: Transport, name: str, algorithm: str, frame: pd.DataFrame, label: str) -> Model:
    model = Model(algorithm, name=name, quiet=True, transport=transport)
    model.upload_data(Data.from_pandas(frame, label=label, quiet=True))
    return model


def _served(transport: Transport) -> None:
    model = _model(transport, NAMES.served, "logistic_regression", customers(), "left")
    model.train()
    model.deploy()
    model.train(auto=True, seconds=2)
    asked = customers(120, seed=1, later=3.0).drop(columns="left")
    for begin in range(0, 120, 30):
        model.predict(asked.iloc[begin : begin + 30])
    with suppress(LeptonError):
        model.predict([{"months": "many"}])
    model.monitor()
    _scored(transport, NAMES.served, asked, "april.csv")


def _scored(transport: Transport, model: str, rows: pd.DataFrame, name: str) -> None:
    """Have a run score a file, and keep the result."""
    content = Content.of(rows.to_csv(index=False).encode())
    path = f"/v1/models/{model}/score"
    path += f"/{transport.call('POST', path, body={'file': name, 'size': content.size})['id']}"
    transport.call("PUT", path, body=content, content_type="application/octet-stream")
    until(lambda: transport.call("GET", path)["state"] == "succeeded", f"{name} is scored")


def _others(transport: Transport) -> None:
    paid = customers(seed=2).drop(columns="left").dropna()
    numbers = _model(transport, NAMES.numbers, "linear_regression", paid, "monthly bill")
    for _ in range(2):
        numbers.train(uncertainty=True)
    numbers.deploy(1)
    numbers.deploy(2, canary=0.01, bake_minutes=44_640, approval=True)
    classes = _model(transport, NAMES.classes, "gradient_boosting", customers(seed=4), "plan")
    classes.train(iterations=10)
    classes.deploy()
    retired = _model(transport, NAMES.retired, "logistic_regression", customers(100, seed=5), "left")
    retired.train(iterations=5)
    retired.deploy()
    cancel_a_run(transport, NAMES.retired)
    retired.retire()
    _model(transport, NAMES.bare, "logistic_regression", customers(100, seed=6), "left")
    odd = _model(transport, NAMES.strange, "logistic_regression", strange(), "class")
    odd.train(iterations=5)
    odd.deploy()
    _scored(transport, NAMES.strange, strange(5), HOSTILE[0])
    with suppress(LeptonError):
        numbers.train(learning_rate=1e6, iterations=500)
    _model(transport, NAMES.paused, "logistic_regression", customers(seed=9), "left")
    cancel_a_run(transport, NAMES.paused)
    until(lambda: _resumable(transport) == [NAMES.paused], "a run of a retired model is no more resumed")


def _held(transport: Transport) -> None:
    first = customers(seed=7)
    model = _model(transport, NAMES.held, "logistic_regression", first, "left")
    flipped = customers(seed=8)
    flipped["left"] = flipped["left"].map({"yes": "no", "no": "yes"})
    model.upload_data(Data.from_pandas(flipped, label="left", quiet=True))


def cancel_a_run(transport: Transport, model: str) -> None:
    """Begin a training of ``model``, and cancel it once it has come somewhere."""
    body = {"iterations": LONG, "learning_rate": 1e-3}
    run = transport.call("POST", f"/v1/models/{model}/train", body=body)["id"]
    until(lambda: transport.call("GET", f"/v1/runs/{run}")["iteration"], f"run {run} has begun")
    assert transport.call("POST", f"/v1/runs/{run}/cancel")["state"] == "cancelled"


def _resumable(transport: Transport) -> list[str]:
    """Of each run that can be resumed its model."""
    runs = transport.call("GET", "/v1/runs", query={"state": "cancelled"})["items"]
    return [one["model"] for one in runs if one["resumable_until"] is not None]
