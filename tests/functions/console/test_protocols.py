"""The call beside a row, under each protocol: what is copied runs as it is, and gets the answer of the platform."""

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from lepton_ai import Data, Model
from lepton_ai.embedded import services, start_service, stop_service
from tests.functions.console.conftest import FOLDER, Here
from tests.functions.console.places import part, place
from tests.functions.console.test_try import DATA, HOSTILE, run
from tests.support import clients

pytestmark = pytest.mark.slow

ROW = {"size": 95, "quarter": HOSTILE[1], "garden": None, "kept": "2024-03-04", "note": HOSTILE[0]}

NAMES = ["it's", 'a "name"', "$HOME", "__proto__", "two\nlines", "None", "\\", "😀"]


@pytest.fixture
def model(up: Here, tmp_path: Path) -> Model:
    (tmp_path / "table.csv").write_text(DATA)
    made = Model("logistic_regression", name="homes", quiet=True)
    kinds = {"note": "text", "kept": "date"}
    made.upload_data(Data.from_csv(tmp_path / "table.csv", kinds=kinds, quiet=True))
    made.train(iterations=30, refit=False, uncertainty=True)
    made.deploy()
    return made


@pytest.fixture
def service(model: Model, tmp_path: Path) -> Iterator[str]:
    """The address of a server of the model."""
    yield start_service(tmp_path / FOLDER, "homes", "front", 0).url
    stop_service(tmp_path / FOLDER, "front")


def opened(up: Here, page: Page, query: str = "") -> None:
    """The row of `ROW` beside its calls."""
    page.goto(up.address())
    expect(place(page, "Keys")).to_be_visible()
    page.goto(f"{up.url}/#/models/homes/try{query}")
    page.get_by_label("size", exact=True).fill("95")
    page.get_by_label("quarter").select_option("other")
    page.get_by_label("quarter, another value").fill(HOSTILE[1])
    page.get_by_label("garden").select_option("missing")
    page.get_by_label("kept").fill("2024-03-04")
    page.get_by_label("note").fill(HOSTILE[0])


def chosen(page: Page, protocol: str, kind: str) -> Locator:
    """The texts to be copied, in their order, of which the call is the last one."""
    for name in (protocol, kind):
        page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_label(f"The call with {kind}")).to_be_visible()
    return page.locator(".copied code")


def shell(text: str, here: Here, folder: Path) -> str:
    return run(["bash", "-c", text], here, folder)


def python(text: str, here: Here, folder: Path, interpreter: Path = Path(sys.executable)) -> str:
    return run([str(interpreter), "-c", text], here, folder)


def test_each_call_with_curl_gets_the_answer_of_the_platform(
    up: Here, page: Page, model: Model, service: str, tmp_path: Path
) -> None:
    opened(up, page)
    answer = model.predict(ROW)
    whole = {"label": answer.label, "probabilities": answer.probabilities}

    said = json.loads(shell(chosen(page, "Lepton", "curl").last.inner_text(), up, tmp_path))
    assert said["predictions"][0]["probabilities"] == answer.probabilities

    texts = chosen(page, "Open Inference v2", "curl")
    expect(texts).to_have_count(1)
    outputs = json.loads(shell(texts.last.inner_text(), up, tmp_path))["outputs"]
    assert {one["name"]: one["data"] for one in outputs} == {
        "label": [answer.label],
        "probabilities": list(answer.probabilities.values()),
    }

    texts = chosen(page, "SageMaker runtime", "curl")
    expect(texts).to_have_count(1)
    assert json.loads(shell(texts.last.inner_text(), up, tmp_path))["predictions"] == [whole]

    texts = chosen(page, "MLflow", "curl")
    expect(page.get_by_text(f"The service front answers at {service}.")).to_be_visible()
    expect(texts).to_have_count(1)
    assert f"'{service}/invocations'" in texts.last.inner_text()
    assert json.loads(shell(texts.last.inner_text(), up, tmp_path))["predictions"] == [whole]
    assert not (tmp_path / "pwned").exists()


def test_boto3_and_the_sdk_get_it_too_as_they_are_copied(
    up: Here, page: Page, model: Model, tmp_path: Path
) -> None:
    opened(up, page)
    answer = model.predict(ROW)
    assert python(chosen(page, "Lepton", "Python").last.inner_text(), up, tmp_path).strip() == str(answer)

    texts = chosen(page, "SageMaker runtime", "Python")
    expect(texts).to_have_count(2)
    expect(page.get_by_text("A client of AWS sends no key, it signs.")).to_be_visible()
    pair, call = texts.all_inner_texts()
    (tmp_path / "call.py").write_text(call, encoding="utf-8", newline="")
    said = shell(f"{pair}\n{sys.executable} call.py", up, tmp_path)
    assert ast.literal_eval(said) == {"label": answer.label, "probabilities": answer.probabilities}
    assert not (tmp_path / "pwned").exists()


def test_tritonclient_and_the_client_of_mlflow_get_it_too(
    up: Here, page: Page, model: Model, service: str, tmp_path: Path
) -> None:
    theirs = clients.interpreter()
    opened(up, page)
    answer = model.predict(ROW)
    text = chosen(page, "Open Inference v2", "Python").last.inner_text()
    label, probabilities = python(text, up, tmp_path, theirs).splitlines()
    assert ast.literal_eval(probabilities) == [list(answer.probabilities.values())]
    [told] = ast.literal_eval(label)
    assert (told.decode() if isinstance(told, bytes) else told) == answer.label

    texts = chosen(page, "MLflow", "Python")
    expect(texts).to_have_count(1)
    host, _, port = service.removeprefix("http://").partition(":")
    expect(texts).to_contain_text(f'ScoringServerClient("{host}", {port})')
    said = python(texts.last.inner_text(), up, tmp_path, theirs)
    assert ast.literal_eval(said) == {"label": answer.label, "probabilities": answer.probabilities}


def test_what_mlflow_asks_is_started_as_the_page_says(
    up: Here, page: Page, model: Model, tmp_path: Path
) -> None:
    opened(up, page, "?protocol=mlflow")
    texts = page.locator(".copied code")
    expect(texts).to_have_count(2)
    expect(page.get_by_text("MLflow's client knows a host and a port")).to_be_visible()
    command, call = texts.all_inner_texts()
    assert command == "lepton serve homes --port 8090 --data .lepton"
    assert "'http://127.0.0.1:8090/invocations'" in call
    # Somebody else may have that port here.
    free = command.replace("8090", "0").split()
    with subprocess.Popen(
        [shutil.which(free[0]) or free[0], *free[1:]], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert "homes" in server.stdout.readline()
        [told] = services(tmp_path / FOLDER)
        url = told.serving.url
        try:
            expect(page.get_by_text(f"The service homes answers at {url}.")).to_be_visible()
            expect(texts).to_have_count(1)
            assert f"'{url}/invocations'" in texts.inner_text()
        finally:
            stop_service(tmp_path / FOLDER, "homes")
            assert server.wait() == 0


def test_the_choice_stands_in_the_address_beside_the_row(up: Here, page: Page, model: Model) -> None:
    opened(up, page)
    chosen(page, "SageMaker runtime", "Python")
    expect(page).to_have_url(re.compile("protocol=sagemaker&call=Python$"))
    page.reload()
    expect(page.get_by_label("The call with Python")).to_contain_text("invoke_endpoint")
    expect(page.get_by_label("quarter, another value")).to_have_value(HOSTILE[1])
    expect(page.get_by_text("Only Lepton's own protocol asks for a certainty.")).to_have_count(0)
    page.get_by_label("Certainty", exact=True).fill("80")
    expect(page.get_by_text("Only Lepton's own protocol asks for a certainty.")).to_be_visible()
    part(page, "Overview").click()
    page.go_back()
    expect(page.get_by_label("The call with Python")).to_contain_text("invoke_endpoint")
    page.goto(f"{up.url}/#/models/homes/try?protocol=gopher&call=Fortran")
    expect(page.get_by_label("The call with curl")).to_contain_text("/v1/models/homes/predict")


MADE = """async (texts) => {
  const folder = document.querySelector("script").src.replace(/[^/]*$/, "");
  const { PROTOCOLS } = await import(folder + "calls.js");
  const at = { platform: "http://x", model: "m", task: "regression", server: "http://y:1" };
  const rows = texts.map((text) => JSON.parse(text));
  const every = Object.entries(PROTOCOLS);
  return rows.map((row) => every.map(([name, one]) => [name, one.curl({ ...at, row }), one.Python({ ...at, row })]));
}"""


def test_any_row_comes_out_of_every_call_as_it_went_in(up: Here, page: Page, tmp_path: Path) -> None:
    page.goto(up.address())
    expect(place(page, "Keys")).to_be_visible()
    cells = [*HOSTILE, None, 0, -1.5, 12345678901234.5]
    rows = [
        {name: cells[(at + turn) % len(cells)] for at, name in enumerate(NAMES)} for turn in range(len(cells))
    ]
    made = page.evaluate(MADE, [json.dumps(row) for row in rows])
    # `curl` is a function that writes its last word, which is the body.
    calls = "\n".join(curl for of_row in made for _, curl, _ in of_row)
    (tmp_path / "calls.sh").write_text(
        "curl() { printf '%s\\0' \"${@: -1}\"; }\n" + calls, encoding="utf-8", newline=""
    )
    bodies = iter(shell("source calls.sh", up, tmp_path).split("\0")[:-1])
    for row, of_row in zip(rows, made, strict=True):
        sent = {name: json.loads(next(bodies)) for name, _, _ in of_row}
        assert sent == {
            "lepton": {"rows": [row]},
            "open_inference": {"inputs": [tensor(name, cell) for name, cell in row.items()]},
            "sagemaker": {"instances": [row]},
            "mlflow": {"dataframe_records": [row]},
        }
        for _, _, text in of_row:
            assert written(text) == row


def tensor(name: str, cell: Any) -> dict[str, Any]:
    datatype = {int: "INT64", float: "FP64"}.get(type(cell), "BYTES")
    return {"name": name, "shape": [1], "datatype": datatype, "data": [cell]}


def written(text: str) -> Any:
    """The row that a program has in its text."""
    for one in ast.parse(text).body:
        if (
            isinstance(one, ast.Assign)
            and isinstance(one.targets[0], ast.Name)
            and one.targets[0].id == "row"
        ):
            return ast.literal_eval(one.value)
    raise AssertionError(text)
