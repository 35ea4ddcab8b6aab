"""Keys in a real browser: one is replaced, and the old one works until somebody says that it need not."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lepton_ai.http import HttpTransport
from tests.functions.console.conftest import Here
from tests.functions.console.places import place

pytestmark = pytest.mark.slow


def called(here: Here, key: str, method: str, path: str, body: Any = None) -> Any:
    with closing(HttpTransport(here.url, key)) as transport:
        return transport.call(method, path, body=body)


def test_a_key_is_replaced_and_the_old_one_works_until_it_is_revoked(here: Here, page: Page) -> None:
    old = called(here, here.key, "POST", "/v1/keys", {"scopes": ["read"], "name": "shop"})
    page.goto(here.address())
    place(page, "Keys").click()
    row = page.get_by_role("row").filter(has_text="shop")
    row.get_by_role("button", name="Replace").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Replace the key shop?")
    expect(dialog.get_by_label("The old key goes on working for")).to_have_value("604800")
    dialog.get_by_role("button", name="Replace").click()
    expect(page.get_by_text("The new key for shop. Copy it now: it is not shown again.")).to_be_visible()
    secret = page.locator(".replaced code").inner_text()
    expect(row).to_have_count(2)
    expect(row.first).to_contain_text("until")
    expect(row.first.get_by_role("button", name="Replace")).to_have_count(0)
    assert [called(here, key, "GET", "/v1/models")["items"] for key in (old["secret"], secret)] == [[], []]

    page.get_by_role("button", name="Revoke the old key").click()
    expect(page.get_by_text("The old key is refused from now on.")).to_be_visible()
    kept = {one["id"]: one for one in called(here, here.key, "GET", "/v1/keys")["items"]}
    made = next(one for one in kept.values() if one.get("name") == "shop" and one["id"] != old["id"])
    assert (made["scopes"], "revoked" in made, "revoked" in kept[old["id"]]) == (["read"], False, True)
    assert called(here, secret, "GET", "/v1/models")["items"] == []


def test_a_key_may_end_as_soon_as_it_is_replaced(here: Here, page: Page) -> None:
    called(here, here.key, "POST", "/v1/keys", {"scopes": ["read"], "name": "shop"})
    page.goto(here.address())
    place(page, "Keys").click()
    row = page.get_by_role("row").filter(has_text="shop")
    row.get_by_role("button", name="Replace").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("The old key goes on working for").select_option("no time: it ends at once")
    dialog.get_by_role("button", name="Replace").click()
    expect(page.get_by_text("The old key is refused from now on.")).to_be_visible()
    expect(page.get_by_role("button", name="Revoke the old key")).to_have_count(0)
    expect(row.first).to_contain_text("revoked")


def test_a_key_is_made_that_ends_by_itself(here: Here, page: Page) -> None:
    page.goto(here.address())
    place(page, "Keys").click()
    page.get_by_label("Name", exact=True).fill("shop")
    page.get_by_label("It works for").select_option("30 days")
    page.get_by_role("button", name="Make the key").click()
    expect(page.locator(".secret")).to_contain_text("It works until")
    expect(page.get_by_label("It works for")).to_have_value("0")
    kept = called(here, here.key, "GET", "/v1/keys")["items"]
    made = next(one for one in kept if one.get("name") == "shop")
    begin, end = (datetime.fromisoformat(made[name]) for name in ("created", "expires"))
    assert end - begin == timedelta(days=30)
    row = page.get_by_role("row").filter(has_text="shop")
    expect(row).to_contain_text(str(end.year))
    expect(row.get_by_role("button", name="Replace")).to_be_visible()


def test_a_key_that_has_ended_is_said_to_have_ended(here: Here, page: Page) -> None:
    """So is one that was replaced, and would work for longer beside its successor."""
    hour = {"scopes": ["read"], "expires_in": 3600}
    called(here, here.key, "POST", "/v1/keys", {**hour, "name": "shop"})
    store = called(here, here.key, "POST", "/v1/keys", {**hour, "name": "store"})
    called(here, here.key, "POST", f"/v1/keys/{store['id']}/rotate", {"overlap": 86_400})
    page.goto(here.address())
    place(page, "Keys").click()
    rows = [page.get_by_role("row").filter(has_text=name).first for name in ("shop", "store")]
    for row in rows:
        expect(row).not_to_contain_text("ended")
        expect(row.get_by_role("button", name="Revoke")).to_be_visible()
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(hours=2))
    page.reload()
    for row in rows:
        expect(row).to_contain_text("ended")
        expect(row.get_by_role("button")).to_have_count(0)
