"""Lists that are longer than an answer of the API: a screen reads on, or offers the way to what comes next."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page, expect

from functions.context import Ids
from functions.records.kinds import (
    ALARMED,
    ALERTS,
    DATASET_VERSIONS,
    DATASETS,
    DUE_RUNS,
    KEYS,
    LAST_FAILED,
    MODELS,
    UPLOADS,
    VERSIONS,
    Due,
    number,
)
from functions.runs.job import TrainJob, UpdateJob
from functions.runs.record import RUNS
from functions.storage import MAX_WRITES, Put, RecordKind, Workspace
from functions.storage.workspace import MOST_LOOKED, SYSTEM
from infra.local.stack import WORKSPACE
from lepton_ai import Model
from lepton_ai.http import HttpTransport
from lepton_core.errors import Failure
from lepton_core.monitor import Alert
from tests.functions.console.conftest import Here, serving, table
from tests.functions.console.places import place
from tests.functions.console.test_files import OWN
from tests.support.world import two_classes

A_PAGE = 1000
"""The most items that one answer holds."""

MANY = A_PAGE + 50

ALARM, FAILED = f"n{MANY - 1:04}", f"n{MANY - 2:04}"
"""The models behind all others, by name: one has an open alert, a run of the other failed."""

ROOT = Path(__file__).parents[3]
_PATHS = json.loads((ROOT / "docs/openapi.json").read_text())["paths"]
LISTS = {
    path.rpartition("/")[2]
    for path, ways in _PATHS.items()
    if any(one.get("name") == "after" for one in ways.get("get", {}).get("parameters", ()))
}
"""How the path of each route ends whose answer may name a next page."""

_ASKED = re.compile(rf'["`](?:/v1/|\$\{{path\}}/)[^"`\n]*?(?<=/)({"|".join(sorted(LISTS))})\?')
_READER = re.compile(r"(\w+)\([^()]*$")

READ_ON = {"useList", "all"}
"""What reads a list to its end, or until there is enough of it."""

PAGED = {
    ("data.js", "datasets"): "page.next",
    ("monitor.js", "features"): "page.next",
    ("numbered.js", "versions"): "before",
    ("rollout.js", "history"): "page.next",
}
"""Lists of which one page is shown, and what in the module leads to the others."""


def test_no_list_is_taken_for_whole_that_may_have_a_next_page() -> None:
    paged, read_on = set(), 0
    for name, text in OWN.items():
        for one in _ASKED.finditer(text):
            line = text[: one.start()].rpartition("\n")[2]
            reader = _READER.search(line)
            if reader and reader[1] in READ_ON:
                read_on += 1
            else:
                paged.add((name, one[1]))
                assert PAGED.get((name, one[1]), "\0") in text, f"{name} asks for a page of {one[1]}"
    assert paged == PAGED.keys()
    assert read_on > 10 and len(LISTS) > 8


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    """A platform with more of everything than an answer holds."""
    folder = tmp_path_factory.mktemp("long")
    with serving(folder / "data") as made:
        transport = HttpTransport(made.url, made.key)
        model = Model("logistic_regression", name="m", quiet=True, transport=transport)
        model.upload_data(table(folder, two_classes(80)))
        model.train(iterations=5)
        model.deploy()
        transport.call("PUT", "/v1/models/m/policy", body={"update": "manual"})
        made.platform.runner.close(300.0)
        store = made.platform.workspace(WORKSPACE)
        puts = _many(store, made.platform.clock())
        while some := list(islice(puts, MAX_WRITES)):
            store.write(*some)
        yield made


def _many(store: Workspace, now: datetime) -> Iterator[Put]:
    yield from _of_the_data(store, now)
    yield from _of_the_model(store, now)
    [(_, key), *_] = store.list(KEYS)
    for at, made in enumerate(_ids("key", now, MANY)):
        name = "the newest" if at == MANY - 1 else f"key {at}"
        yield store.put(KEYS, made, value=replace(key.value, id=made, name=name), expect=0)


def _of_the_data(store: Workspace, now: datetime) -> Iterator[Put]:
    data, version = store.get(DATASETS, "m"), store.get(DATASET_VERSIONS, "m", number(1))
    [(_, upload)] = store.list(UPLOADS, "m")
    assert data and version
    held = replace(version.value, state="held")
    yield store.put(DATASETS, "m", value=replace(data.value, latest=MANY, given=MANY), expect=data.revision)
    for at in range(2, MANY + 1):
        one = replace(version.value, version=at)
        yield store.put(DATASET_VERSIONS, "m", number(at), value=one, expect=0)
    for name in (*(f"t{at:04}" for at in range(MANY)), "z-held"):
        last = replace(held if name == "z-held" else version.value, dataset=name)
        yield store.put(DATASETS, name, value=replace(data.value, name=name), expect=0)
        yield store.put(DATASET_VERSIONS, name, number(1), value=last, expect=0)
    sparse = replace(data.value, name="sparse", latest=450, given=450)
    yield store.put(DATASETS, "sparse", value=sparse, expect=0)
    for at in (*range(1, 51), *range(251, 451)):
        one = replace(version.value, dataset="sparse", version=at)
        yield store.put(DATASET_VERSIONS, "sparse", number(at), value=one, expect=0)
    for made in _ids("upload", now - timedelta(days=1), MANY):
        yield store.put(UPLOADS, "m", made, value=replace(upload.value, id=made), expect=0)
    [newest] = _ids("upload", now + timedelta(hours=1), 1)
    refused = Failure("invalid_input", "this came last")
    one = replace(upload.value, id=newest, state="rejected", version=None, error=refused)
    yield store.put(UPLOADS, "m", newest, value=one, expect=0)


def _of_the_model(store: Workspace, now: datetime) -> Iterator[Put]:
    model, version = store.get(MODELS, "m"), store.get(VERSIONS, "m", number(1))
    [(_, run)] = store.list(RUNS)
    assert model and version and isinstance(run.value.job, TrainJob)
    yield store.put(MODELS, "m", value=replace(model.value, latest=MANY), expect=model.revision)
    for at in range(2, MANY + 1):
        yield store.put(VERSIONS, "m", number(at), value=replace(version.value, version=at), expect=0)
    for at in range(MANY):
        bare = replace(model.value, name=f"n{at:04}", latest=0, champion=None)
        yield store.put(MODELS, bare.name, value=bare, expect=0)
    job = UpdateJob(run.value.job.spec, 1)
    for at, made in enumerate(_ids("run", now + timedelta(hours=1), MOST_LOOKED + 1)):
        wanted = job if at == 0 else run.value.job
        one = replace(run.value, id=made, job=wanted, state="cancelled", outcome=None, version=None)
        if at == 1:
            one = replace(one, model=FAILED, state="failed", error=Failure("diverged", "it went nowhere"))
            yield from _pointed(store, LAST_FAILED, FAILED, made, now)
        yield store.put(RUNS, made, value=one, expect=0)
    [oldest] = _ids("run", now - timedelta(hours=1), 1)
    waits = replace(run.value, id=oldest, state="queued", outcome=None, version=None)
    yield store.put(RUNS, oldest, value=waits, expect=0)
    yield from _pointed(store, DUE_RUNS, oldest, oldest, now)
    yield from _pointed(store, ALARMED, ALARM, ALARM, now)
    opened = Alert("prediction", "moved", 0.5, 0.2, now, now)
    yield store.put(ALERTS, ALARM, "prediction", value=opened, expect=0)
    for at in range(MANY):
        alert = Alert(f"feature:c{at:04}", "moved", 0.5, 0.2, now, now, closed=now, state="closed")
        yield store.put(ALERTS, "m", f"c{at:04}", value=alert, expect=0)


def _pointed(store: Workspace, kind: RecordKind[Due], name: str, at: str, now: datetime) -> Iterator[Put]:
    yield store.of(SYSTEM).put(kind, f"{store.name}:{name}", value=Due(store.name, at, now), expect=0)


def _ids(kind: str, since: datetime, count: int) -> list[str]:
    times = iter([since + timedelta(milliseconds=at) for at in range(count)])
    make = Ids(lambda: next(times))
    return [make(kind) for _ in range(count)]


@pytest.mark.slow
@pytest.mark.lengthy
def test_of_the_versions_the_newest_are_shown_and_the_way_to_those_before(long: Here, page: Page) -> None:
    page.goto(long.address())
    expect(place(page, "Data")).to_be_visible()
    for address in ("models/m/versions", "models/m/monitor?hours=168", "data/m/versions"):
        page.goto(f"{long.url}/#/{address}")
        expect(page.get_by_role("cell", name=f"Version {MANY}").first).to_be_visible()
        page.get_by_role("link", name="Earlier versions").click()
        expect(page.get_by_role("cell", name=f"Version {MANY - 200}").first).to_be_visible()
        expect(page.get_by_role("cell", name=f"Version {MANY}")).to_have_count(0)
        page.get_by_role("link", name="Newest versions").click()
        expect(page.get_by_role("cell", name=f"Version {MANY}").first).to_be_visible()
    page.goto(f"{long.url}/#/models/m/versions")
    serving = page.locator(".card", has=page.get_by_role("heading", name="Version 1 serves"))
    expect(serving.get_by_text("logistic regression")).to_be_visible()


@pytest.mark.slow
@pytest.mark.lengthy
def test_what_came_last_is_shown_where_all_is_looked_at(long: Here, page: Page) -> None:
    page.goto(long.address())
    expect(page.get_by_text("z-held").first).to_be_attached()
    page.goto(f"{long.url}/#/data/m/versions")
    expect(page.get_by_text("this came last")).to_be_visible()
    page.goto(f"{long.url}/#/models/m/update")
    expect(page.locator(".decisions li")).to_have_count(1)
    expect(page.get_by_text(f"Data version {MANY} is new.")).to_be_visible()
    page.goto(f"{long.url}/#/models/m/monitor")
    alerts = page.get_by_role("region", name="Alerts").locator("tbody tr")
    expect(alerts).to_have_count(MANY)
    page.goto(f"{long.url}/#/keys")
    expect(page.get_by_role("cell", name="the newest", exact=True)).to_be_visible()
    page.goto(f"{long.url}/#/new")
    expect(page.locator("option", has_text="z-held")).to_be_attached()
    page.goto(f"{long.url}/#/models/n{MANY - 1:04}")
    expect(page.get_by_role("button", name="Train the first version")).to_be_visible()


@pytest.mark.slow
def test_of_many_models_all_can_be_shown(long: Here, page: Page) -> None:
    page.goto(long.address())
    models = page.get_by_role("region", name="Models").locator("tbody tr")
    expect(models).to_have_count(50)
    page.goto(f"{long.url}/#/?show=800")
    expect(models).to_have_count(800)
    page.get_by_role("button", name="Show more").click()
    expect(models).to_have_count(MANY + 1)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)


@pytest.mark.slow
def test_runs_behind_the_first_page_are_shown_and_what_is_under_way_among_them(
    long: Here, page: Page
) -> None:
    page.goto(long.address())
    card = page.locator(".card", has=page.get_by_role("heading", name="Under way"))
    expect(card.get_by_role("link", name="Training of m")).to_be_visible()
    place(page, "Runs").click()
    rows = page.get_by_role("region", name="Runs").locator("tbody tr")
    expect(rows).to_have_count(50)
    page.get_by_role("button", name="Earlier runs").click()
    expect(rows).to_have_count(100)
    page.reload()
    expect(rows).to_have_count(100)
    for state in ("under way", "waits"):
        page.get_by_label("State").select_option(state)
        expect(rows).to_have_count(1)
        expect(page.get_by_role("button", name="Earlier runs")).to_have_count(0)
    page.get_by_label("State").select_option("all")
    page.get_by_label("Kind").select_option("update")
    expect(rows).to_have_count(1)
    page.goto(f"{long.url}/#/runs?show=2500")
    expect(rows).to_have_count(MOST_LOOKED + 3)
    expect(rows.last).to_contain_text("waits")
    expect(page.get_by_role("button", name="Earlier runs")).to_have_count(0)


@pytest.mark.slow
def test_what_needs_somebody_is_told_of_any_number_of_models_and_runs(long: Here, page: Page) -> None:
    page.goto(long.address())
    expect(page.get_by_role("link", name=f"Look: {ALARM}: an alert is open.")).to_be_visible()
    page.get_by_role("link", name=f"Look: {FAILED}: the last run failed. it went nowhere").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Training of {FAILED}")
    expect(page.get_by_role("alert")).to_contain_text("it went nowhere")


@pytest.mark.slow
def test_a_page_of_versions_that_were_all_deleted_says_so_and_leads_on(long: Here, page: Page) -> None:
    page.goto(long.address())
    expect(place(page, "Data")).to_be_visible()
    page.goto(f"{long.url}/#/data/sparse/versions")
    cells = page.get_by_role("region", name="Versions").get_by_role("cell")
    newest = cells.filter(has_text=re.compile("^Version 450$"))
    expect(newest).to_be_visible()
    page.get_by_role("link", name="Earlier versions").click()
    expect(page.get_by_text("All of these were deleted.")).to_be_visible()
    expect(newest).to_have_count(0)
    page.get_by_role("link", name="Earlier versions").click()
    expect(cells.filter(has_text=re.compile("^Version 50$"))).to_be_visible()
    expect(cells.filter(has_text=re.compile("^Version 251$"))).to_have_count(0)
    page.get_by_role("link", name="Newest versions").click()
    expect(newest).to_be_visible()
