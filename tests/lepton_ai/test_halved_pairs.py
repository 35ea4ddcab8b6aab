"""Half a surrogate pair, which no request can hold: what is asked is refused by name, whatever asks it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from lepton_ai import Data, InvalidInput, Model
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.http import HttpTransport
from lepton_ai.transport import encode

HALF = "\ud800"


@pytest.fixture
def transport(tmp_path: Path) -> Iterator[EmbeddedTransport]:
    made = EmbeddedTransport(tmp_path / "embedded")
    yield made
    made.close()


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        (lambda model: model.train(weight=HALF), "weight"),
        (lambda model: model.train(class_weight={HALF: 2}), "class_weight"),
        (lambda model: model.train(kernel=HALF), "hyperparameters"),
        (lambda model: model.set_policy(HALF), "update"),
    ],
)
def test_what_is_asked_of_a_model_is_refused_by_its_field(
    transport: EmbeddedTransport, ask: Callable[[Model], object], field: str
) -> None:
    model = Model("svm", name="m", quiet=True, transport=transport)
    with pytest.raises(InvalidInput, match=f"{field} holds half a surrogate pair") as refused:
        ask(model)
    assert refused.value.field == field
    assert model.runs() == []


def test_over_http_it_is_refused_before_anything_is_sent() -> None:
    nobody = HttpTransport("http://127.0.0.1:9", "key")
    with pytest.raises(InvalidInput, match="rows holds half a surrogate pair"):
        nobody.call("POST", "/v1/models/m/predict", body={"rows": [{"a": HALF}]})
    with pytest.raises(InvalidInput, match="the body holds half"):
        encode([HALF])


def test_a_row_is_named_where_rows_are_predicted(transport: EmbeddedTransport) -> None:
    model = Model("naive_bayes", name="m", quiet=True, transport=transport)
    rows = [{"a": at % 3, "w": "uv"[at % 2], "y": "pq"[at % 2]} for at in range(40)]
    model.upload_data(Data.from_pandas(pd.DataFrame(rows), label="y", quiet=True))
    model.train(refit=False)
    model.deploy()
    with pytest.raises(InvalidInput, match=r"row 2, column 'w': .* holds half a surrogate pair"):
        model.predict([{"a": 1, "w": "u"}, {"a": 1, "w": HALF}])
