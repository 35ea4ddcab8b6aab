"""A real browser prints the card of a version on one sheet, with all that is told of a model of twenty columns."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from sklearn import datasets

from lepton_ai import Data, Model
from tests.functions.console.conftest import Here

pytestmark = pytest.mark.slow

COLUMNS = 20


def tumours() -> Data:
    bunch: Any = datasets.load_breast_cancer()
    names = ["benign" if one else "malignant" for one in bunch.target]
    columns = bunch.feature_names[:COLUMNS].tolist()
    return Data.from_arrays(bunch.data[:, :COLUMNS], names, columns=columns, label="tumour")


def diabetes() -> Data:
    bunch: Any = datasets.load_diabetes()
    return Data.from_arrays(bunch.data, bunch.target, columns=bunch.feature_names, label="progression")


def sheets(page: Page, card: Path) -> int:
    """On how many sheets of the size that its style asks for a card is printed."""
    page.goto(card.as_uri())
    printed = page.pdf(prefer_css_page_size=True)
    assert b"/MediaBox [0 0 594.95996 841.91998]" in printed, "A4"
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", printed))


@pytest.mark.parametrize(
    ("algorithm", "data", "calibrate"),
    [("logistic_regression", tumours, True), ("linear_regression", diabetes, None)],
)
def test_a_card_is_printed_on_one_sheet(
    here: Here,
    page: Page,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    algorithm: str,
    data: Any,
    calibrate: bool | None,
) -> None:
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    model = Model(algorithm, name="m", quiet=True)
    model.upload_data(data())
    version = model.train(calibrate=calibrate, uncertainty=True)
    model.evaluate(folds=3)
    version.card(tmp_path / "card.html")
    assert sheets(page, tmp_path / "card.html") == 1
    told = [one.inner_text() for one in page.get_by_role("heading", level=2).all()]
    assert {"Is it good enough?", "What it answers", "Which columns matter", "Columns"} <= {*told}
