"""A data set is renamed in one transaction; everything goes on under the new name, and the old one is free."""

from typing import Any

import pytest

from functions.datasets.ingest import landed
from functions.edge.route import ROUTES
from functions.system.pick_up import pick_up
from tests.support.faults import FaultyRecords, Killed, KillSwitch, When
from tests.support.stores import Store
from tests.support.world import World, csv_of, two_classes, world


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def renamed(here: World, old: str, new: str) -> Any:
    return here.ok("PUT", f"/v1/datasets/{old}/name", {"name": new})


def names(here: World, **query: str) -> list[str]:
    found, after = list[str](), ""
    while True:
        page = here.ok("GET", "/v1/datasets", query={"limit": "2", "after": after, **query})
        found += [one["name"] for one in page["items"]]
        if page["next"] is None:
            return found
        after = page["next"]


def sent(here: World, dataset: str, csv: bytes, **said: Any) -> Any:
    announced = here.ok("POST", f"/v1/datasets/{dataset}/upload", {"size": len(csv), **said})
    path = f"/v1/datasets/{dataset}/upload/{announced['id']}"
    here.ok("PUT", path, csv)
    return here.ok("GET", path)


def test_everything_of_it_is_found_under_the_new_name_and_nothing_under_the_old(here: World) -> None:
    here.trained(two_classes(60), "m")
    here.ok("POST", "/v1/models/m/deploy", {})
    here.ok("PUT", "/v1/datasets/m/tags", {"tags": ["eu"]})
    assert renamed(here, "m", "people")["name"] == "people"
    assert here.ok("GET", "/v1/datasets/people") == {
        **here.ok("GET", "/v1/datasets/people"),
        **{"name": "people", "latest": 1, "models": ["m"], "tags": ["eu"]},
    }
    assert here.ok("GET", "/v1/models/m")["dataset"] == "people"
    assert here.ok("GET", "/v1/models")["items"][0]["dataset"] == "people"
    assert here.ok("GET", "/v1/models/m/versions/1")["dataset"] == "people"
    assert here.ok("GET", "/v1/models/m/versions")["items"][0]["dataset"] == "people"
    assert (names(here), names(here, tag="eu"), names(here, tag="us")) == (["people"], ["people"], [])
    refused = here.refused("GET", "/v1/datasets/m")
    assert (refused["status"], refused["message"]) == (404, "no dataset 'm'; it was renamed to 'people'")


def test_a_model_goes_on_to_learn_from_it(here: World) -> None:
    here.trained(two_classes(60), "m")
    here.ok("POST", "/v1/models/m/deploy", {})
    renamed(here, "m", "people")
    assert sent(here, "people", two_classes(90, seed=1))["version"] == 2
    pick_up(here.platform)
    found = here.ok("GET", "/v1/models/m/versions")["items"]
    assert [(one["dataset"], one["dataset_version"]) for one in found] == [("people", 1), ("people", 2)]
    run = here.ok("POST", "/v1/models/m/evaluate", {})
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"


def test_append_report_diff_head_describe_and_delete_know_the_new_name(here: World) -> None:
    sent(here, "m", csv_of({"a": range(20), "label": ["x", "y"] * 10}))
    renamed(here, "m", "people")
    more = sent(here, "people", csv_of({"a": [1, 99], "label": ["y", "x"]}), mode="append")
    assert (more["dataset"], more["added"], more["repeated"]) == ("people", 1, 1)
    at = "/v1/datasets/people/versions"
    assert [one["dataset"] for one in here.ok("GET", at)["items"]] == ["people"] * 2
    for path in ("1", "2/describe", "2/release"):
        method = "POST" if path == "2/release" else "GET"
        assert here.ok(method, f"{at}/{path}")["dataset"] == "people"
    assert here.ok("GET", f"{at}/2/diff/1")["added"]["count"] == 1
    assert here.ok("GET", f"{at}/2/head")["rows"][0] == [0, "x"]
    assert here.ok("GET", f"{at}/2/report")["rows"] == 21
    assert here.ok("DELETE", f"{at}/1") == {"dataset": "people", "version": 1}
    assert here.ok("DELETE", "/v1/datasets/people") == {"dataset": "people", "version": None}
    assert (names(here), here.refused("GET", "/v1/datasets/people")["message"]) == (
        [],
        "dataset 'people' was deleted; upload data first",
    )


def test_the_old_name_is_free_for_another_data_set(here: World) -> None:
    here.trained(two_classes(60), "m")
    renamed(here, "m", "people")
    new = sent(here, "m", csv_of({"c": range(30), "label": ["x", "y", "z"] * 10}))
    assert (new["state"], new["dataset"], new["version"]) == ("accepted", "m", 1)
    assert (names(here), here.ok("GET", "/v1/datasets/m")["models"]) == (["m", "people"], [])
    assert here.ok("GET", "/v1/datasets/people/versions/1")["column_count"] == 3
    assert (
        here.ok("POST", "/v1/models", {"name": "second", "algorithm": "svm", "dataset": "m"})["dataset"]
        == "m"
    )
    run = here.ok("POST", "/v1/models/m/train", {})
    version = here.ok("GET", f"/v1/runs/{run['id']}")["version"]
    assert here.ok("GET", f"/v1/models/m/versions/{version}")["dataset"] == "people"


def test_names_are_exchanged_round_and_round_and_the_list_stays_in_their_order(here: World) -> None:
    for name in ("b", "d", "a", "c"):
        sent(here, name, csv_of({name: range(20), "label": ["x", "y"] * 10}))
    for old, new in (("a", "z"), ("b", "a"), ("z", "b"), ("c", "cc"), ("cc", "c"), ("d", "aa")):
        renamed(here, old, new)
    assert names(here) == ["a", "aa", "b", "c"]
    columns = {name: here.ok("GET", f"/v1/datasets/{name}/versions/1")["columns"] for name in names(here)}
    assert {name: found[0]["name"] for name, found in columns.items()} == {
        **{"a": "b", "aa": "d", "b": "a", "c": "c"}
    }


def test_a_name_that_is_taken_waited_for_or_none_is_refused(here: World) -> None:
    for name in ("a", "b"):
        sent(here, name, two_classes(20))
    here.ok("POST", "/v1/models", {"name": "waits", "algorithm": "svm"})
    taken = here.refused("PUT", "/v1/datasets/a/name", {"name": "b"})
    assert (taken["status"], taken["field"]) == (409, "name")
    assert taken["message"].startswith("there is a dataset 'b'; choose another name, or delete it first")
    waited = here.refused("PUT", "/v1/datasets/a/name", {"name": "waits"})
    assert (waited["status"], "model 'waits' learns from dataset 'waits'" in waited["message"]) == (409, True)
    assert here.refused("PUT", "/v1/datasets/a/name", {"name": "no name"})["field"] == "name"
    assert here.refused("PUT", "/v1/datasets/none/name", {"name": "c"})["status"] == 404
    assert renamed(here, "a", "a")["name"] == "a"
    assert names(here) == ["a", "b"]


def test_sent_twice_it_changes_nothing_more(here: World) -> None:
    sent(here, "a", two_classes(20))
    once = renamed(here, "a", "b")
    assert renamed(here, "a", "b") == once
    sent(here, "a", two_classes(30))
    assert here.refused("PUT", "/v1/datasets/a/name", {"name": "b"})["status"] == 409


def test_the_name_of_a_deleted_one_can_be_given(here: World) -> None:
    sent(here, "a", two_classes(20))
    sent(here, "b", two_classes(30))
    here.ok("DELETE", "/v1/datasets/b")
    renamed(here, "a", "b")
    assert here.ok("GET", "/v1/datasets/b/versions/1")["rows"] == 20
    assert sent(here, "a", two_classes(40))["dataset"] == "a"
    assert names(here) == ["a", "b"]


def test_an_upload_that_was_announced_before_goes_on(here: World) -> None:
    sent(here, "a", two_classes(20))
    csv = two_classes(30)
    announced = here.ok("POST", "/v1/datasets/a/upload", {"size": len(csv)})
    renamed(here, "a", "b")
    here.ok("PUT", f"/v1/datasets/a/upload/{announced['id']}", csv)
    for name in ("a", "b"):
        done = here.ok("GET", f"/v1/datasets/{name}/upload/{announced['id']}")
        assert (done["state"], done["dataset"], done["version"]) == ("accepted", "b", 2)


def test_a_first_file_loses_against_a_renaming_to_its_name(here: World) -> None:
    sent(here, "a", two_classes(20))
    csv = two_classes(30)
    announced = here.ok("POST", "/v1/datasets/b/upload", {"size": len(csv)})
    renamed(here, "a", "b")
    here.ok("PUT", f"/v1/datasets/b/upload/{announced['id']}", csv)
    done = here.ok("GET", f"/v1/datasets/b/upload/{announced['id']}")
    assert (done["state"], names(here)) == ("rejected", ["b"])
    assert done["error"]["message"] == "another dataset was renamed to 'b' meanwhile; upload the file again"


@pytest.mark.parametrize("folder", ["old", "new"])
def test_a_file_that_is_dropped_belongs_to_the_name_of_its_folder(here: World, folder: str) -> None:
    sent(here, "old", two_classes(20))
    renamed(here, "old", "new")
    key = f"default/incoming/{folder}/june.csv"
    here.platform.blobs.put(key, two_classes(30))
    done = landed(here.platform, key)
    assert done is not None and done.state == "accepted"
    found = here.ok("GET", f"/v1/datasets/{folder}/uploads")["items"][0]
    assert (found["dataset"], found["version"]) == (folder, {"old": 1, "new": 2}[folder])
    assert names(here) == sorted({"new", folder})


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_its_write_it_is_done_wholly_or_not_at_all(here: World, when: When) -> None:
    sent(here, "a", two_classes(20))
    kill = KillSwitch(1, when)
    with pytest.raises(Killed):
        here.again(records=FaultyRecords(here.platform.records, kill)).ask(
            "PUT", "/v1/datasets/a/name", {"name": "b"}
        )
    assert names(here) == {"before": ["a"], "after": ["b"]}[when]
    assert renamed(here, "a", "b")["name"] == "b"
    assert (names(here), kill.count) == (["b"], 1)


def meanwhile(here: World, action: Any) -> World:
    """A process whose next write is preceded by ``action`` of another one."""

    class Between:
        def __init__(self) -> None:
            self.done = False

        def __getattr__(self, name: str) -> Any:
            return getattr(here.platform.records, name)

        def write(self, writes: Any) -> None:
            if not self.done:
                self.done = True
                action()
            here.platform.records.write(writes)

    return here.again(records=Between())


def test_of_two_that_come_at_the_same_moment_one_wins(here: World) -> None:
    for name in ("a", "b"):
        sent(here, name, two_classes(20))
    late = meanwhile(here, lambda: renamed(here, "b", "c"))
    assert late.refused("PUT", "/v1/datasets/a/name", {"name": "c"})["status"] == 409
    late = meanwhile(here, lambda: renamed(here, "a", "d"))
    assert late.refused("PUT", "/v1/datasets/a/name", {"name": "e"})["status"] == 404
    assert names(here) == ["c", "d"]


def test_of_a_renaming_and_what_is_made_at_the_same_moment_one_wins(here: World) -> None:
    sent(here, "a", two_classes(20))
    late = meanwhile(here, lambda: sent(here, "b", two_classes(30)))
    assert late.refused("PUT", "/v1/datasets/a/name", {"name": "b"})["status"] == 409
    body = {"name": "m", "algorithm": "svm", "dataset": "c"}
    late = meanwhile(here, lambda: here.ok("POST", "/v1/models", body))
    assert late.refused("PUT", "/v1/datasets/a/name", {"name": "c"})["status"] == 409
    late = meanwhile(here, lambda: renamed(here, "a", "d"))
    made = late.ok("POST", "/v1/models", {"name": "n", "algorithm": "svm", "dataset": "d"})
    assert (made["dataset"], here.ok("GET", "/v1/datasets/d")["models"]) == ("d", ["n"])


def test_no_answer_of_any_route_has_the_name_of_before(here: World) -> None:
    """Every route that names a data set or a model is asked, once where things are there and once where not."""
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression", "dataset": "erstwhile"})
    upload = sent(here, "erstwhile", two_classes(60))["id"]
    run = here.ok("POST", "/v1/models/m/train", {"iterations": 3})
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"
    renamed(here, "erstwhile", "after")
    for version in ("1", "77"):
        given = {"dataset": "after", "model": "m", "version": version, "since": "1", "run": run["id"]}
        given |= {"upload": upload, "key": "none", "earlier": "1"}
        for one in ROUTES:
            if one.method == "GET" and not one.public:
                path = "/".join(
                    given[part[1:-1]] if part[:1] == "{" else part for part in one.path.split("/")
                )
                assert "erstwhile" not in str(here.ask("GET", path)[1]), path
    refused = [
        here.refused("DELETE", "/v1/datasets/after"),
        here.refused("DELETE", "/v1/datasets/after/versions/1"),
        here.refused("POST", "/v1/models/m/train", {"dataset_version": 7}),
        here.refused("POST", "/v1/models/m/train", {"weight": "none"}),
        here.refused("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression", "dataset": "x"}),
    ]
    assert all("'after'" in one["message"] and "erstwhile" not in one["message"] for one in refused), refused
