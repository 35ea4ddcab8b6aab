"""A rollout in a real browser: begun, changed, paused, promoted and rolled back; and history is put back."""

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from playwright.sync_api import Locator, Page, Route, expect

from functions.records.kinds import DEPLOYMENT_HISTORY, DEPLOYMENTS
from functions.serving.watching import watch
from infra.local.stack import WORKSPACE
from lepton_ai import LeptonError, Model
from lepton_core.errors import InvalidData
from tests.functions.console.conftest import Here, table
from tests.functions.console.places import part, place
from tests.support.failing import Failing
from tests.support.world import two_classes

pytestmark = pytest.mark.slow

ROW = {"a": 0.3, "b": 0.4}


@pytest.fixture
def model(here: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Model:
    """Version 1 serves, and version 2 is there."""
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    made = Model("logistic_regression", name="m", quiet=True)
    made.upload_data(table(tmp_path, two_classes(80)))
    for iterations in (5, 6):
        made.train(iterations=iterations, refit=False)
    made.deploy(1)
    return made


def versions(here: Here, page: Page, query: str = "") -> None:
    page.goto(here.address())
    expect(place(page, "Keys")).to_be_visible()
    page.goto(f"{here.url}/#/models/m/versions{query}")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def shares(model: Model) -> dict[int, float]:
    deployment = model.deployment
    assert deployment is not None
    return {one.version: one.weight for one in deployment.routes}


def test_a_canary_is_begun_changed_paused_and_promoted_by_clicks(
    here: Here, page: Page, model: Model
) -> None:
    page.goto(here.address())
    page.get_by_role("link", name="m", exact=True).first.click()
    part(page, "Versions").click()
    share = page.get_by_role("spinbutton", name="Share of the calls")
    expect(page.get_by_label("Ask me before")).to_have_count(0)
    share.fill("100")
    share.blur()
    expect(page.get_by_text("This must be > 0, < 100.")).to_be_visible()
    expect(button(page, "Roll out version 2")).to_be_disabled()
    share.fill("25")
    share.blur()
    page.get_by_role("spinbutton", name="Watched for").fill("30")
    page.get_by_role("spinbutton", name="Watched for").blur()
    page.get_by_label("Ask me before").select_option("true")
    expect(page).to_have_url(f"{here.url}/#/models/m/versions?canary=25&bake_minutes=30&approval=true")
    assert shares(model) == {1: 1.0}

    button(page, "Roll out version 2").click()
    expect(page.get_by_role("heading", name="Version 2 is tried beside version 1")).to_be_visible()
    assert shares(model) == {1: 0.75, 2: 0.25}
    deployment = model.deployment
    assert deployment is not None and deployment.rollout is not None
    assert deployment.rollout.until - deployment.rollout.began == timedelta(minutes=30)
    assert deployment.rollout.approval
    under_way = page.locator("section").filter(has=page.get_by_role("heading", name="is tried beside"))
    expect(under_way).to_contain_text("Begun byyou")
    expect(under_way).to_contain_text("when somebody promotes it")
    expect(under_way.locator(".shares li").last).to_contain_text("25%")
    expect(page).to_have_url(f"{here.url}/#/models/m/versions")

    share.fill("60")
    share.blur()
    button(page, "Change it").click()
    expect(under_way.locator(".shares li").last).to_contain_text("60%")
    assert shares(model) == {1: 0.4, 2: 0.6}
    button(page, "Pause").click()
    expect(button(page, "Resume")).to_be_visible()
    expect(under_way).to_contain_text("until somebody resumes or promotes it")
    deployment = model.deployment
    assert deployment is not None and deployment.rollout is not None and deployment.rollout.paused
    button(page, "Resume").click()
    expect(button(page, "Pause")).to_be_visible()
    button(page, "Promote").click()
    expect(page.get_by_role("heading", name="Version 2 serves")).to_be_visible()
    expect(under_way).to_have_count(0)
    assert (shares(model), model.champion) == ({2: 1.0}, 2)
    assert [one.cause for one in model.history()] == [
        "promoted",
        "resumed",
        "paused",
        "weight",
        "canary",
        "deployed",
    ]


def test_what_both_versions_were_asked_is_shown_and_the_canary_is_rolled_back(
    here: Here, page: Page, model: Model
) -> None:
    model.deploy(2, canary=0.5)
    for entity in range(12):
        model.predict(ROW, entity=str(entity))
    with pytest.raises(LeptonError):
        model.predict({"a": "x", "b": "y"}, entity="1")
    versions(here, page)
    calls = page.get_by_role("region", name="Calls by version").get_by_role("row")
    expect(calls).to_have_count(3)
    expect(calls.filter(has_text="invalid_data 1")).to_have_count(1)
    asked = [int(calls.nth(at).get_by_role("cell").nth(1).inner_text()) for at in (1, 2)]
    assert sum(asked) == 13 and min(asked) > 0
    expect(calls.nth(1)).to_contain_text("Version 2")
    expect(calls.nth(1).get_by_role("cell").nth(4)).to_contain_text(" ms")

    button(page, "Roll back").click()
    expect(page.get_by_role("heading", name="is tried beside")).to_have_count(0)
    assert shares(model) == {1: 1.0}
    part(page, "Monitor").click()
    expect(page.get_by_role("region", name="Calls by version").get_by_role("row")).to_have_count(3)


def test_what_serves_all_calls_is_watched_and_rolled_back(here: Here, page: Page, model: Model) -> None:
    versions(here, page, "?version=2")
    button(page, "Roll out version 2").press("Enter")
    expect(page.get_by_role("heading", name="Version 2 is watched")).to_be_visible()
    expect(button(page, "Roll out version 1")).not_to_be_focused()
    expect(button(page, "Promote")).to_have_count(0)
    expect(button(page, "Pause")).to_have_count(0)
    assert shares(model) == {2: 1.0}
    button(page, "Roll back").click()
    expect(page.get_by_role("heading", name="Version 1 serves")).to_be_visible()
    assert shares(model) == {1: 1.0}


def test_what_is_typed_until_a_rollout_has_begun_stays(here: Here, page: Page, model: Model) -> None:
    versions(here, page, "?canary=25")
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    page.route("**/deploy", hold)
    button(page, "Roll out version 2").click()
    expect(page.get_by_text("Version 2 is loaded and tried on a row.")).to_be_visible()
    share = page.get_by_role("spinbutton", name="Share of the calls")
    share.fill("40")
    share.blur()
    asked[0].continue_()
    expect(page.get_by_role("heading", name="Version 2 is tried beside version 1")).to_be_visible()
    expect(share).to_have_value("40")
    assert shares(model) == {1: 0.75, 2: 0.25}
    page.unroute_all(behavior="ignoreErrors")


def test_how_long_a_canary_is_watched_is_told_without_its_pauses(
    here: Here, page: Page, model: Model
) -> None:
    model.deploy(2, canary=0.5, bake_minutes=30)
    store = here.platform.system.of(WORKSPACE)
    stored = store.get(DEPLOYMENTS, "m")
    assert stored is not None
    rollout = stored.value.rollout
    assert rollout is not None
    # As if it had been paused for an hour.
    rested = replace(rollout, until=rollout.until + timedelta(hours=1), rested=3600.0)
    new = replace(stored.value, rollout=rested)
    store.write(store.put(DEPLOYMENTS, "m", value=new, expect=stored.revision))
    versions(here, page)
    minutes = page.get_by_role("spinbutton", name="Watched for")
    expect(minutes).to_have_attribute("placeholder", "30")


def earlier(here: Here, back: timedelta) -> None:
    """As if all that the history has were so long ago."""
    store = here.platform.system.of(WORKSPACE)
    for key, stored in list(store.all(DEPLOYMENT_HISTORY, "m")):
        moved = replace(stored.value, at=stored.value.at - back)
        store.write(store.put(DEPLOYMENT_HISTORY, "m", key, value=moved, expect=stored.revision))


def test_history_says_what_was_served_when_and_puts_it_back(here: Here, page: Page, model: Model) -> None:
    earlier(here, timedelta(days=4))
    model.deploy(2)
    versions(here, page)
    history = page.get_by_role("region", name="What was served when").get_by_role("row")
    expect(history).to_have_count(3)
    expect(history.nth(1)).to_contain_text("Version 2")
    expect(history.nth(1)).to_contain_text("you")
    expect(page.get_by_role("button", name="Put this back")).to_have_count(1)
    history.nth(2).get_by_role("button", name="Put this back").click()
    page.get_by_role("dialog").get_by_role("button", name="Leave it").click()
    assert shares(model) == {2: 1.0}
    history.nth(2).get_by_role("button", name="Put this back").click()
    page.get_by_role("dialog").get_by_role("button", name="Put this back").click()
    expect(page.get_by_role("heading", name="Version 1 serves")).to_be_visible()
    expect(history).to_have_count(4)
    assert shares(model) == {1: 1.0}

    model.deploy(2)
    when = datetime.now().astimezone() - timedelta(days=2)
    versions(here, page, f"?served={when:%Y-%m-%dT%H:%M}")
    then = page.get_by_role("status").filter(has_text="Then: Version 1, from")
    then.get_by_role("button", name="Put this back").click()
    page.get_by_role("dialog").get_by_role("button", name="Put this back").click()
    expect(page.get_by_role("heading", name="Version 1 serves")).to_be_visible()
    assert shares(model) == {1: 1.0}
    page.get_by_label("What was served at").fill("2020-01-02T03:04:05")
    expect(page.get_by_text("Nothing was served then")).to_be_visible()
    expect(page).to_have_url(f"{here.url}/#/models/m/versions?served=2020-01-02T03%3A04%3A05")


def test_a_long_history_is_shown_by_pages_that_can_be_shared(here: Here, page: Page, model: Model) -> None:
    for at in range(24):
        model.deploy(2, canary=0.1 + at / 100)
    versions(here, page)
    history = page.get_by_role("region", name="What was served when").get_by_role("row")
    expect(history).to_have_count(21)
    expect(history.nth(1)).to_contain_text("Version 1 67%, Version 2 33%")
    page.get_by_role("link", name="Earlier changes").click()
    expect(history).to_have_count(6)
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    expect(history).to_have_count(6)
    page.get_by_role("link", name="Newest changes").click()
    expect(history).to_have_count(21)


def refuses(here: Here, version: int) -> None:
    """From now on that canary refuses every row that is not answered at once, as the platform has it loaded."""
    loaded: Any = here.platform.loaded
    one = loaded._loaded[WORKSPACE, "m"].split.canary
    assert one.version == version
    one.predictor = Failing(one.predictor, InvalidData("is missing", column="c"))


def test_a_version_that_was_rolled_back_is_told_wherever_alerts_are(
    here: Here, page: Page, model: Model
) -> None:
    model.deploy(2, canary=0.5)
    for entity in range(30):
        model.predict(ROW, entity=str(entity))
    refuses(here, 2)
    for entity in range(60):
        with suppress(LeptonError):
            model.predict(ROW, entity=str(entity), explain=True)
    here.platform.loaded.flush()
    watch(here.platform, here.platform.system.of(WORKSPACE), "m")
    assert shares(model) == {1: 1.0}

    page.goto(here.address())
    expect(page.get_by_text("version 1 serves again").first).to_be_visible()
    expect(page.get_by_role("row", name="m").locator(".state")).to_have_text("failing")
    page.get_by_role("link", name="m", exact=True).first.click()
    expect(page.get_by_text("A version failed or was slow and was rolled back.")).to_be_visible()
    page.get_by_role("link", name="Look at it").click()
    last = page.get_by_role("region", name="What was served when").get_by_role("row").nth(1)
    expect(last).to_contain_text("rolled back")
    expect(last).to_contain_text("the platform, as calls failed")
    expect(last).to_contain_text("calls of version 2 refused")
    part(page, "Monitor").click()
    expect(page.locator(".open-alerts")).to_contain_text("A version failed, and was rolled back")
    expect(page.locator(".open-alerts")).to_contain_text("version 1 serves again")
    expect(page.get_by_role("region", name="Alerts")).to_contain_text("A version failed, and was rolled back")
