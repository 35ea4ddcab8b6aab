"""A version with what was known before is made on the platform: the same, bit for bit, as the SDK makes and sends."""

from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from functions.records.kinds import DUE_UPLOADS
from functions.system import lags
from functions.system.sweep import sweep
from lepton_ai import Data
from tests.functions.datasets.test_managing import upload
from tests.support.faults import Killed, KillSwitch
from tests.support.lives import under
from tests.support.stores import Store, memory_store
from tests.support.world import World, world

WISH = {"lags": {"sales": [1, 7], "wind": [2]}, "by": "day", "group": "shop"}
LAGS = "/v1/datasets/m/versions/1/lags"


def shops(days: int = 30) -> bytes:
    lines = ["day,shop,open,share,wind,sales"]
    for number, shop in enumerate(("Ulm", "Köln", "Bonn")):
        for at in range(days):
            rng = np.random.default_rng((number, at))
            day, lit = date(2024, 1, 1) + timedelta(at), "ja" if rng.random() < 0.5 else "nein"
            lines.append(f"{day},{shop},{lit},{at % 9 + 1}%,{rng.normal():.2f},{rng.normal() + 0.9 * at:.2f}")
    return "\n".join(lines).encode()


@pytest.fixture
def here(store: Store) -> World:
    made = world(store)
    upload(made, shops(), label="sales", kinds={"wind": "number"})
    return made


def settled(here: World, answer: Any, name: str) -> Any:
    return here.ok("GET", f"/v1/datasets/{name}/upload/{answer['id']}")


def of_sdk(path: Path, data: bytes, **more: Any) -> Data:
    path.write_bytes(data)
    return Data.from_csv(path, label="sales", quiet=True, kinds={"wind": "number"}).with_lags(
        WISH["lags"], "day", "shop", **more
    )


@pytest.mark.parametrize("known", [[], ["wind"]])
def test_both_ways_give_the_same_bits(here: World, tmp_path: Path, known: list[str]) -> None:
    made = settled(here, here.ok("POST", LAGS, {**WISH, "known": known, "dataset": "here"}), "here")
    data = of_sdk(tmp_path / "shops.csv", shops(), known=known)
    sent = upload(here, data.content, "sent", **data.said)
    assert (
        (made["state"], made["rows"], made["label"])
        == ("accepted", 90, "sales")
        == (
            sent["state"],
            sent["rows"],
            sent["label"],
        )
    )
    one, other = (here.ok("GET", f"/v1/datasets/{name}/versions/1") for name in ("here", "sent"))
    assert one["digest"] == other["digest"]
    assert [column["name"] for column in one["columns"]] == list(data.columns)
    assert one["columns"] == other["columns"] and one["reading"] == other["reading"]
    reports = [here.ok("GET", f"/v1/datasets/{name}/versions/1/report") for name in ("here", "sent")]
    assert reports[0] == reports[1]


def test_a_preview_shows_the_last_rows_and_those_that_come_next(here: World, tmp_path: Path) -> None:
    data = of_sdk(tmp_path / "shops.csv", shops())
    seen = here.ok("POST", f"{LAGS}/preview", {**WISH, "rows": 3})
    assert seen["columns"] == [one for one in data.columns if one not in ("open", "share")]
    rows = [dict(zip(seen["columns"], row, strict=True)) for row in seen["rows"]]
    assert [row["day"] for row in rows] == ["2024-01-28", "2024-01-29", "2024-01-30"]
    assert rows[2]["sales 1 before"] == rows[1]["sales"]
    assert [
        dict(zip(seen["next_columns"], row, strict=True)) for row in seen["next_rows"]
    ] == data.following()
    assert here.ok("GET", "/v1/datasets/m")["latest"] == 1


def test_the_same_rows_twice_are_one_version_and_longer_ones_the_next(here: World) -> None:
    for _ in range(2):
        assert settled(here, here.ok("POST", LAGS, {**WISH, "dataset": "made"}), "made")["version"] == 1
    upload(here, shops(40), mode="append")
    longer = here.ok("POST", LAGS.replace("/1/", "/2/"), {**WISH, "dataset": "made"})
    assert settled(here, longer, "made")["version"] == 2


def test_it_can_be_the_next_version_of_the_same_set(here: World) -> None:
    made = settled(here, here.ok("POST", LAGS, WISH), "m")
    assert (made["state"], made["version"]) == ("accepted", 2), made
    names = [one["name"] for one in here.ok("GET", "/v1/datasets/m/versions/2")["columns"]]
    assert "wind" not in names and names[-3:] == ["sales 1 before", "sales 7 before", "wind 2 before"]
    again = settled(here, here.ok("POST", LAGS, {**WISH, "lags": {"wind": [1]}}), "m")
    assert (again["state"], again["version"]) == ("rejected", None)
    assert "sales 1 before" in again["error"]["message"], "of the columns that are there none goes in silence"


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"lags": {}}, 400, "must name columns"),
        ({"lags": {"sales": []}}, 400, "must be whole numbers"),
        ({"lags": {"sales": [0]}}, 400, "as {'sales': [1, 7]}"),
        ({"lags": {"share": [1], "nope": [1]}}, 400, "is not there"),
        ({"lags": {"sales": list(range(1, 1002))}}, 400, "the most is 1000"),
        ({"lags": {"shop": [1]}}, 400, "numbers alone have values before"),
        ({"by": "shop"}, 400, "an order needs dates or numbers"),
        ({"group": None}, 400, "has the time of another row"),
        ({"known": ["winds"]}, 400, "did you mean 'wind'"),
    ],
)
def test_what_gives_no_such_columns_is_refused(
    here: World, change: dict[str, Any], status: int, said: str
) -> None:
    for path in (LAGS, f"{LAGS}/preview"):
        refused = here.refused("POST", path, {**WISH, **change})
        assert (refused["status"], said in refused["message"]) == (status, True), refused
    assert here.ok("GET", "/v1/datasets/m/uploads")["items"][1:] == []


def test_rows_of_a_second_file_have_no_place_in_the_order(here: World) -> None:
    first = shops()
    second = b"\n".join([first.splitlines()[0], b"2025-01-01,Ulm,ja,1%,1,2"])
    upload(here, first + b"\n" + second, "two", label="sales", held_out=len(second))
    refused = here.refused("POST", "/v1/datasets/two/versions/1/lags", WISH)
    assert (refused["status"], "second file" in refused["message"]) == (409, True)


@pytest.mark.parametrize(("bound", "value"), [("LAGGED_CELLS", 90 * 9 - 1), ("LAGGED_BYTES", 1000)])
def test_a_table_that_is_too_large_is_refused_before_it_is_read(
    here: World, monkeypatch: pytest.MonkeyPatch, bound: str, value: int
) -> None:
    monkeypatch.setattr(lags, bound, value)
    refused = here.refused("POST", LAGS, WISH)
    assert (refused["status"], refused["code"]) == (413, "too_large")
    way = "data = data.with_lags({'sales': [1, 7], 'wind': [2]}, by='day', group='shop')"
    assert way in refused["message"] and [one["said"] for one in refused["remedies"]] == [way]


def test_killed_at_any_write_it_leaves_one_version_or_none_and_can_be_asked_again() -> None:
    for number in range(1, 20):
        store = memory_store()
        here = world(store)
        upload(here, shops(), label="sales")
        kill = KillSwitch(number, "after" if number % 2 else "before")
        with suppress(Killed):
            under(here, kill).ok("POST", LAGS, {**WISH, "dataset": "made"})
        if not kill.dead:
            break
        after = here.again()
        after.clock.forward(25 * 3600)
        sweep(after.platform)
        assert not list(after.platform.system.all(DUE_UPLOADS)), kill.log[-1]
        uploads = after.ok("GET", "/v1/datasets/made/uploads")["items"]
        assert all(one["state"] != "waiting" for one in uploads), kill.log[-1]
        again = settled(after, after.ok("POST", LAGS, {**WISH, "dataset": "made"}), "made")
        assert (again["state"], again["version"]) == ("accepted", 1), kill.log[-1]
    assert not kill.dead and number > 4
