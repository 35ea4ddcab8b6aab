"""What the documentation shows of the clients of other systems runs as it stands, against real processes."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lepton_ai import Data, Model
from lepton_ai.http import HttpTransport
from lepton_ai.keys import aws_pair
from tests.infra.local.service.test_run import serving
from tests.infra.local.test_up import ROOT, up
from tests.support import clients
from tests.support.pages import blocks
from tests.support.waiting import BACKSTOP

pytestmark = pytest.mark.slow

DOCS = ROOT / "docs"
PROGRAMS = {
    client: [
        one.code
        for page in ("protocols.md", "serving.md")
        for one in blocks(DOCS / page)
        if one.language == "py" and client in one.code
    ]
    for client in ("tritonclient", "boto3", "mlflow")
}
ROWS = [{"age": 25.0, "income": 61000.0}, {"age": 60.0, "income": None}]


@dataclass
class Here:
    """The platform at the ``url`` that a page has, with the model of the page."""

    folder: Path
    url: str
    key: str
    model: Model


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    folder = tmp_path_factory.mktemp("pages") / "data"
    with up(folder) as running:
        transport = HttpTransport(running.url, running.key)
        model = Model("logistic_regression", name="my_model", quiet=True, transport=transport)
        model.upload_data(Data.from_csv(DOCS / "train_data.csv", quiet=True))
        model.train()
        model.deploy()
        yield Here(folder, running.url, running.key, model)


def printed(python: Path, program: str, before: str = "", **environment: str) -> str:
    """What the program of a page prints, behind the lines ``before`` it that the page speaks of."""
    done = subprocess.run(
        [str(python), "-c", f"{before}\n{program}"], env={"PATH": os.environ["PATH"], **environment},
        capture_output=True, text=True, check=False, timeout=BACKSTOP,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def elsewhere(program: str, said: str, place: str) -> str:
    """The program with another address than it has."""
    assert program.count(said) == 1
    return program.replace(said, place)


def test_each_client_has_one_program_and_all_programs_of_these_pages_are_run() -> None:
    assert [len(found) for found in PROGRAMS.values()] == [1, 1, 1]
    all_of_them = [
        one.code
        for page in ("protocols.md", "serving.md")
        for one in blocks(DOCS / page)
        if one.language == "py"
    ]
    assert sorted(all_of_them) == sorted(one for found in PROGRAMS.values() for one in found)


def test_the_client_of_triton_as_the_page_has_it(here: Here) -> None:
    [program] = PROGRAMS["tritonclient"]
    program = elsewhere(program, "127.0.0.1:8642", here.url.removeprefix("http://"))
    said = printed(clients.interpreter(), program, f"key = {here.key!r}")
    answers = here.model.predict(ROWS)
    assert re.findall(r"b?'(\w+)'", said) == [one.label for one in answers]
    shares = [share for one in answers for share in (one.probabilities or {}).values()]
    assert [float(one) for one in re.findall(r"\d+\.\d*(?:e-?\d+)?", said)] == pytest.approx(shares, abs=1e-6)


def test_boto3_as_the_page_has_it(here: Here) -> None:
    [program] = PROGRAMS["boto3"]
    pair = aws_pair(here.key, transport=here.model._transport)
    said = printed(
        Path(sys.executable),
        elsewhere(program, "http://127.0.0.1:8642", here.url),
        AWS_ACCESS_KEY_ID=pair.access_key_id,
        AWS_SECRET_ACCESS_KEY=pair.secret_access_key,
    )
    [answer] = here.model.predict(ROWS[:1])
    assert ast.literal_eval(said) == [{"label": answer.label, "probabilities": answer.probabilities}]


def test_the_client_of_mlflow_as_the_page_has_it(here: Here) -> None:
    [program] = PROGRAMS["mlflow"]
    with serving("my_model", "--data", str(here.folder), "--port", "0", folder=here.folder.parent) as server:
        assert server.serving is not None
        host, _, port = server.serving.url.removeprefix("http://").partition(":")
        program = elsewhere(program, '"127.0.0.1", 8090', f'"{host}", {port}')
        before = f"import pandas\nframe = pandas.DataFrame({ROWS!r})"
        said = printed(clients.interpreter(), program, before)
    assert ast.literal_eval(said) == [
        {"label": one.label, "probabilities": one.probabilities} for one in here.model.predict(ROWS)
    ]
