"""What is counted later is counted as what is counted at once."""

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.serving.windows import first_hour, windows
from infra.local.late_counts import MOST_WAITING, LateCounts
from infra.local.service.answers import Answers
from infra.local.service.app import Stage
from infra.local.service.source import of_folder
from tests.infra.local.service.kit import Made
from tests.support.waiting import BACKSTOP

JSON = {"content-type": "application/json"}


@pytest.fixture(autouse=True)
def written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEPTON_FLUSH_SECONDS", "0")


def test_many_requests_are_counted_in_a_thread_and_the_others_at_the_next_look(made: Made) -> None:
    source, given = of_folder(made.folder, "m"), []
    answers = Answers(source, Stage(), given.append)
    for number in range(MOST_WAITING + 3):
        body = json.dumps({"rows": [{"a": number / 7, "b": 1}]}).encode()
        assert answers.of_rows(JSON, {}, body).status == 200
    assert len(given) == 1
    given[0]()
    assert len(source.counts.waiting) == 0
    assert answers.of_rows(JSON, {}, json.dumps({"rows": [[1, 2]]}).encode()).status == 200
    assert answers.of_rows(JSON, {}, json.dumps({"rows": [{"a": 1, "b": 2}]}).encode()).status == 200
    assert source.ended() is None
    report = made.model.monitor()
    assert (report.requests, report.rows, report.errors) == (MOST_WAITING + 5, MOST_WAITING + 5, 0)
    source.close()


def test_those_that_wait_at_the_end_are_counted_into_the_version_that_answered(made: Made) -> None:
    source = of_folder(made.folder, "m")
    answers = Answers(source, Stage(), print)
    body = json.dumps({"rows": [{"a": 1, "b": 2}]}).encode()
    for version in (1, 2):
        made.model.deploy(version)
        source.platform.loaded.forget("default", "m")
        assert json.loads(answers.of_rows(JSON, {}, body).body)["version"] == version
    source.close()
    store = made.stack.platform.workspace("default")
    found = windows(store, "m", first_hour(made.stack.platform.clock(), 2))
    assert {one.version: one.sketch["requests"] for one in found} == {1: 1, 2: 1}


class Slow:
    """A loaded version that is held up while it counts, until somebody else has had the time to count, too."""

    def __init__(self, counts: LateCounts) -> None:
        self.counts, self.order = counts, list[str]()
        self.other = threading.Thread(target=self.close)

    def close(self) -> None:
        self.counts.count()
        self.order.append("closed")

    def count_each(self, features: Any, output: Any, milliseconds: Sequence[float], now: Any) -> None:
        self.other.start()
        self.other.join(0.2)
        self.order.append(f"counted {len(milliseconds)}")


def test_whoever_counts_last_waits_for_what_another_thread_counts(made: Made) -> None:
    source = of_folder(made.folder, "m")
    body = json.dumps({"rows": [{"a": 1, "b": 2}]}).encode()
    assert Answers(source, Stage(), print).of_rows(JSON, {}, body).status == 200
    counts = LateCounts()
    slow = Slow(counts)
    counts.add(replace(source.counts.waiting[0], loaded=slow))  # type: ignore[arg-type]
    counts.count()
    slow.other.join(BACKSTOP)
    assert slow.order == ["counted 1", "closed"]
    source.close()


def test_the_same_hour_of_two_days_is_two_hours(made: Made) -> None:
    source = of_folder(made.folder, "m")
    body = json.dumps({"rows": [{"a": 1, "b": 2}]}).encode()
    assert Answers(source, Stage(), print).of_rows(JSON, {}, body).status == 200
    one = source.counts.waiting[0]
    before = replace(one, now=one.now - timedelta(days=1))
    source.counts.waiting.clear()
    for each in (before, one, one):
        source.counts.add(each)
    source.close()
    store = made.stack.platform.workspace("default")
    found = windows(store, "m", first_hour(made.stack.platform.clock(), 48))
    hours = {each.hour: each.sketch["requests"] for each in found}
    assert hours == {before.now.strftime("%Y-%m-%dT%H"): 1, one.now.strftime("%Y-%m-%dT%H"): 2}
