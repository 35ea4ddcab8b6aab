"""What is counted later is counted as what is counted at once."""

import json

import pytest

from functions.serving.windows import first_hour, windows
from infra.local.service.answers import Answers
from infra.local.service.app import Stage
from infra.local.service.late_counts import MOST_WAITING
from infra.local.service.source import of_folder
from tests.infra.local.service.kit import Made

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
