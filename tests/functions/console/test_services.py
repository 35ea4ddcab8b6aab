"""Services in a real browser: seen, ended and forgotten; and the commands that start one run as they are copied."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3
from playwright.sync_api import Page, Route, expect

from lepton_ai import Model
from lepton_ai.embedded import services, start_service
from tests.functions.console.conftest import FOLDER, Here, table
from tests.functions.console.places import part, place
from tests.functions.console.test_try import run
from tests.infra.local.service.kit import forsaken
from tests.support.waiting import BACKSTOP, until
from tests.support.world import two_classes

pytestmark = pytest.mark.slow

ROW = {"a": 0.3, "b": 0.4}


@pytest.fixture
def model(up: Here, tmp_path: Path) -> Model:
    """Version 1 serves, and version 2 is there."""
    made = Model("logistic_regression", name="M.x", quiet=True)
    made.upload_data(table(tmp_path, two_classes(80)))
    for iterations in (5, 6):
        made.train(iterations=iterations, refit=False)
    made.deploy(1)
    return made


def signed_in(here: Here, page: Page, address: str) -> None:
    page.goto(here.address())
    expect(place(page, "Keys")).to_be_visible()
    page.goto(f"{here.url}/{address}")


def asked(url: str, row: dict[str, float]) -> dict[str, float]:
    """The probabilities that a server tells of a row; it needs no key on its own machine."""
    with urllib3.PoolManager(retries=False, timeout=BACKSTOP) as http:
        answer = http.request("POST", f"{url}/v1/models/M.x/predict", json={"rows": [row]})
    found: dict[str, float] = answer.json()["predictions"][0]["probabilities"]
    return found


def test_a_service_is_seen_with_what_it_answers_and_is_stopped(
    up: Here, page: Page, model: Model, tmp_path: Path
) -> None:
    signed_in(up, page, "")
    place(page, "Services").click()
    expect(page.get_by_role("heading", name="No service runs")).to_be_visible()
    url = start_service(tmp_path / FOLDER, "M.x", "front", 0).url
    [known] = services(tmp_path / FOLDER)
    row = page.get_by_role("row").filter(has_text="front")
    expect(row).to_contain_text("running")
    for text in (url, "M.x", "Version 1", str(known.process)):
        expect(row).to_contain_text(text)
    model.deploy(2)
    expect(row).to_contain_text("Version 2")
    row.get_by_role("button", name="Stop").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(
        f"Stop the service front? It answers what is under way and then ends; {url}"
    )
    dialog.get_by_role("button", name="Leave it").click()
    assert services(tmp_path / FOLDER)[0].state == "running"
    row.get_by_role("button", name="Stop").click()
    dialog.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("front has stopped.")).to_be_visible()
    expect(row).to_have_count(0)
    expect(page.get_by_role("heading", name="No service runs")).to_be_visible()
    assert services(tmp_path / FOLDER) == []
    assert model.champion == 2


def test_one_that_takes_long_to_end_is_said_to_be_stopping(
    up: Here, page: Page, model: Model, tmp_path: Path
) -> None:
    command = ["lepton", "serve", "M.x", "--port", "0", "--drain", "8", "--workers", "2", "--data", FOLDER]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert "M.x" in server.stdout.readline()
        signed_in(up, page, "#/models/M.x/versions")
        own = page.locator("section").filter(has=page.get_by_role("heading", name="A server of its own"))
        row = own.get_by_role("row").filter(has_text="127.0.0.1")
        expect(row).to_contain_text("with 2 workers")
        row.get_by_role("button", name="Stop").click()
        page.get_by_role("dialog").get_by_role("button", name="Stop").click()
        expect(row).to_contain_text("stopping")
        expect(own).to_contain_text("M.x still answers what is under way, and ends then.")
        expect(row.get_by_role("button", name="Stop")).to_have_count(0)
        expect(own).to_contain_text("M.x has stopped.")
        assert server.wait() == 0


def test_one_that_is_lost_is_told_and_forgotten(up: Here, page: Page, model: Model, tmp_path: Path) -> None:
    forsaken(tmp_path / FOLDER, "old", "M.x")
    signed_in(up, page, "#/services")
    row = page.get_by_role("row").filter(has_text="old")
    expect(row).to_contain_text("lost")
    expect(page.get_by_text("The process of old has ended without a word.")).to_be_visible()
    row.get_by_role("button", name="Forget").click()
    page.get_by_role("dialog").get_by_role("button", name="Forget").click()
    expect(page.get_by_text("old is forgotten.")).to_be_visible()
    assert services(tmp_path / FOLDER) == []


@contextmanager
def started(text: str, here: Here, folder: Path) -> Iterator[str]:
    """The address at which the last command of a text serves, after the others have run; it ends with the block."""
    *before, serve = text.splitlines()
    run(["bash", "-c", "\n".join(["set -e", *before])], here, folder)
    words = [*serve.split(), "--json"]
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())["url"]
        server.terminate()


def test_the_command_beside_the_platform_runs_as_it_is_copied(
    up: Here, page: Page, model: Model, tmp_path: Path
) -> None:
    signed_in(up, page, "#/services")
    command = page.get_by_label("The command")
    expect(command).to_have_text("lepton serve M.x --port 8090 --data .lepton")
    page.get_by_label("Name service").fill("not one")
    page.get_by_label("Name service").blur()
    expect(page.get_by_role("alert")).to_contain_text("1 to 63 letters")
    expect(command).to_have_count(0)
    page.get_by_label("Name service").fill("front")
    page.get_by_label("Port port").fill("0")
    page.get_by_label("Processes workers").fill("2")
    page.get_by_label("Processes workers").blur()
    expect(page).to_have_url(f"{up.url}/#/services?service=front&port=0&workers=2")
    expect(command).to_have_text("lepton serve M.x --service front --port 0 --workers 2 --data .lepton")
    page.reload()
    expect(command).to_have_text("lepton serve M.x --service front --port 0 --workers 2 --data .lepton")
    with started(command.inner_text(), up, tmp_path) as url:
        assert asked(url, ROW) == model.predict(ROW).probabilities
        row = page.get_by_role("row").filter(has_text="front")
        expect(row).to_contain_text(url)
        expect(row).to_contain_text("with 2 workers")
    until(lambda: not services(tmp_path / FOLDER), "the server has ended")


def test_the_commands_for_another_machine_and_for_a_container_take_the_version_that_serves(
    up: Here, page: Page, model: Model, tmp_path: Path
) -> None:
    signed_in(up, page, "#/models/M.x")
    part(page, "Versions").click()
    page.get_by_role("button", name="On another machine").click()
    command = page.get_by_label("The command")
    expect(page).to_have_url(f"{up.url}/#/models/M.x/versions?on=file")
    expect(page.get_by_text("The server has version 1 and no other")).to_be_visible()
    with started(command.inner_text().replace("8090", "0"), up, tmp_path) as url:
        assert asked(url, ROW) == model.predict(ROW).probabilities
    page.get_by_role("button", name="In a container").click()
    page.get_by_label("Port port").fill("80")
    page.get_by_label("Port port").blur()
    expect(command).to_contain_text("-p 80:8090 m-x:1")
    export, build, docker, docker_run = command.inner_text().splitlines()
    said = run(["bash", "-c", f"{export}; {build}"], up, tmp_path)
    assert said.strip() == f"m-x-1 written; {docker}"
    assert "8090" in (tmp_path / "m-x-1" / "Dockerfile").read_text()
    assert docker_run == "docker run --read-only -e LEPTON_API_KEY -p 80:8090 m-x:1"


def test_where_the_platform_has_no_machine_a_sentence_says_so(up: Here, page: Page, model: Model) -> None:
    def without(route: Route) -> None:
        route.fulfill(status=200, content_type="application/json", body='{"here": false, "items": []}')

    page.route("**/v1/services", without)
    signed_in(up, page, "#/services")
    expect(page.get_by_text("Services run on your own machines")).to_be_visible()
    expect(page.get_by_role("button", name="Beside the platform")).to_have_count(0)
    expect(page.get_by_label("The command")).to_contain_text("lepton serve --file M.x.lepton --port 8090")
    expect(page.get_by_role("heading", name="No service runs")).to_have_count(0)


def test_who_may_not_know_of_services_still_learns_how_one_is_started(
    up: Here, page: Page, model: Model, expected: list[str]
) -> None:
    expected.append("status of 403")
    made = urllib3.request(
        "POST", f"{up.url}/v1/keys", headers={"authorization": f"Bearer {up.key}"},
        json={"scopes": ["read", "predict"]},
    ).json()  # fmt: skip
    signed_in(replace_key(up, made["secret"]), page, "#/models/M.x/versions")
    expect(page.get_by_label("The command")).to_have_text("lepton serve M.x --port 8090 --data .lepton")
    assert page.get_by_role("alert").count() == 0
    place(page, "Services").click()
    expect(page.get_by_role("alert")).to_contain_text("admin")
    expect(page.get_by_label("The command")).to_have_text("lepton serve M.x --port 8090 --data .lepton")


def replace_key(here: Here, key: str) -> Here:
    return Here(here.url, key, here.platform)
