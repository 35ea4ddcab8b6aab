"""Each algorithm has its page, and the examples of the page about new ones pass what every algorithm must."""

import inspect
import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from lepton_core.models import ALGORITHMS
from tests.lepton_core.models import test_contract, test_gradient_contract, test_settings
from tests.support.algorithms import Case
from tests.support.pages import Session, blocks
from tests.support.tables import tables_of

DOCS = Path(__file__).parents[3] / "docs"
ASPECTS = ("missing values", "categories", "scales", "weights", "a warm start", "explanations")


@pytest.mark.parametrize("name", ALGORITHMS)
def test_an_algorithm_has_a_page(name: str) -> None:
    page = DOCS / "algorithms" / f"{name}.md"
    assert page.exists(), f"docs/algorithms/{name}.md is missing; docs/new-algorithm.md says what it holds"
    text = page.read_text()
    assert f"hyperparameters_{name}" in dict(tables_of(text))
    for part in ("The model", "Hyperparameters", "When to use it", "What it does with", "An example"):
        assert f"\n## {part}\n" in text, part
    for aspect in ASPECTS:
        assert f"\n| {aspect} |" in text, aspect
    assert "**Limits.**" in text


@pytest.mark.parametrize("name", ALGORITHMS)
def test_its_page_trains_it_and_predicts(name: str) -> None:
    code = [one.code for one in blocks(DOCS / "algorithms" / f"{name}.md") if one.language == "python"]
    whole = "\n".join(code)
    assert f'Model("{name}"' in whole
    for step in (".upload_data(", ".train(", ".deploy(", ".predict(", "from sklearn.datasets import load_"):
        assert step in whole, step


@pytest.mark.parametrize("name", ALGORITHMS)
def test_its_page_is_found_from_the_overview_and_from_the_readme(name: str) -> None:
    assert f"](algorithms/{name}.md)" in (DOCS / "algorithms.md").read_text()
    assert f"](docs/algorithms/{name}.md)" in (DOCS.parent / "README.md").read_text()


def test_every_page_is_of_an_algorithm() -> None:
    assert {page.stem for page in (DOCS / "algorithms").glob("*.md")} == set(ALGORITHMS)


def test_what_the_pages_say_of_interruptions_covers_all() -> None:
    rows = re.findall(r"^\| (`.*) \| (?:yes|no) \| (?:yes|no) \|", (DOCS / "algorithms.md").read_text(), re.M)
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == set(ALGORITHMS)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the code of the page about new algorithms defines."""
    session = Session(shell=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("reader"))
        session.follow(DOCS / "new-algorithm.md")
    return session.namespace


def calls(module: Any) -> Iterator[Any]:
    """Each test of one algorithm in ``module``, with each of its parameters besides."""
    for name, test in vars(module).items():
        asked = inspect.signature(test).parameters if name.startswith("test_") else {}
        if not {"case", "of"} & set(asked):
            continue
        others = [
            mark.args
            for mark in test.pytestmark
            if mark.name == "parametrize" and mark.args[0] not in ("case", "of")
        ]
        for values in product(*(given for _, given in others)):
            named = dict(zip((key for key, _ in others), values, strict=True))
            yield pytest.param(test, named, id="-".join([name, *map(str, values)]))


def passes(test: Callable[..., None], of: Any, named: dict[str, Any]) -> None:
    first = {"case": Case(of, 0)} if "case" in inspect.signature(test).parameters else {"of": of}
    test(**first, **named)


@pytest.mark.parametrize(("test", "named"), [*calls(test_settings), *calls(test_contract)])
def test_the_example_of_a_new_algorithm_keeps_the_contract(
    examples: dict[str, Any], test: Callable[..., None], named: dict[str, Any]
) -> None:
    passes(test, examples["ALGORITHM"], named)


@pytest.mark.parametrize(
    ("test", "named"), [*calls(test_settings), *calls(test_contract), *calls(test_gradient_contract)]
)
def test_the_example_of_a_loss_keeps_the_contract(
    examples: dict[str, Any], test: Callable[..., None], named: dict[str, Any]
) -> None:
    passes(test, examples["LOG_COSH"], named)
