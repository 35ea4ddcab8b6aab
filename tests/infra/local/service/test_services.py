"""A service is a record that its process owns: nobody else is it, and a process that is gone is seen to be."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import urllib3

from functions.storage import posix
from infra.local.service.options import ServiceOptions, Serving
from infra.local.service.services import FOLDER, claimed, service, services, stop
from lepton_ai import Model
from lepton_ai.errors import Conflict, InvalidInput, NotFound, Unavailable
from lepton_ai.targets import at_target
from tests.infra.local.service.kit import ROOT, Made, forsaken
from tests.support.waiting import BACKSTOP, until

OPTIONS = ServiceOptions("m", None, "data")
SERVING = Serving("http://127.0.0.1:1", "http://127.0.0.1:1/v1/models/m/predict", "m", 1, watched=True)


def test_a_name_belongs_to_one_process(tmp_path: Path) -> None:
    with claimed(tmp_path, "m") as claim:
        claim.tell(SERVING, OPTIONS)
        (found,) = services(tmp_path)
        assert (found.name, found.state, found.process, found.serving) == (
            "m",
            "running",
            os.getpid(),
            SERVING,
        )
        with (
            pytest.raises(Conflict, match="runs already at http") as refused,
            claimed(tmp_path, "m"),
        ):
            pass
        assert refused.value.field == "service"
        with claimed(tmp_path, "other") as other:
            other.tell(SERVING, OPTIONS)
            assert [one.name for one in services(tmp_path)] == ["m", "other"]
    assert services(tmp_path) == []
    with claimed(tmp_path, "m") as claim:
        claim.tell(SERVING, OPTIONS)


def test_one_whose_process_is_gone_is_lost_and_can_be_forgotten(tmp_path: Path) -> None:
    with claimed(tmp_path, "m") as claim:
        claim.tell(SERVING, OPTIONS)
        left = (tmp_path / FOLDER / "m.json").read_bytes()
    (tmp_path / FOLDER / "m.json").write_bytes(left)
    assert service(tmp_path, "m").state == "lost"
    assert stop(tmp_path, "m").state == "lost"
    with pytest.raises(NotFound, match="no service 'm'"):
        stop(tmp_path, "m")
    (tmp_path / FOLDER / "m.json").write_bytes(b"{}")
    with pytest.raises(Conflict, match="no record of a service"):
        services(tmp_path)


@pytest.fixture
def another() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with any service."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def of_process(folder: Path, number: int, name: str = "m") -> bytes:
    """The record of a service whose process has that number now, and which is lost."""
    forsaken(folder, name)
    path = folder / FOLDER / f"{name}.json"
    record = msgspec.json.decode(path.read_bytes())
    path.write_bytes(msgspec.json.encode(record | {"process": number}))
    return path.read_bytes()


def test_one_that_is_lost_is_so_for_many_who_look_and_no_other_process_is_ended(
    tmp_path: Path, another: subprocess.Popen[bytes]
) -> None:
    of_process(tmp_path, another.pid)
    looks = posix.take_lock(tmp_path / FOLDER / "m.lock", shared=True)
    assert looks is not None
    try:
        assert service(tmp_path, "m").state == "lost"
        assert stop(tmp_path, "m").state == "lost"
        assert services(tmp_path) == []
    finally:
        os.close(looks)
    of_process(tmp_path, another.pid)
    with claimed(tmp_path, "m") as claim:
        assert services(tmp_path) == [], "it begins anew, and its process is not the one that is gone"
        claim.tell(SERVING, OPTIONS)
        assert service(tmp_path, "m").process == os.getpid()
    assert another.poll() is None


def test_a_record_of_many_processes_or_of_another_name_is_none(tmp_path: Path) -> None:
    path = tmp_path / FOLDER / "m.json"
    for number in (0, -1):
        of_process(tmp_path, number)
        with pytest.raises(Conflict, match="no record of a service"):
            stop(tmp_path, "m")
    path.write_bytes(of_process(tmp_path, 1, "other"))
    with pytest.raises(Conflict, match=r"m\.json is no record of a service"):
        stop(tmp_path, "m")


@pytest.fixture
def of_this_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def ask(url: str | None) -> int:
    assert url is not None
    with urllib3.PoolManager(retries=False, timeout=BACKSTOP) as http:
        return http.request("POST", url, json={"rows": [{"a": 1, "b": 2}]}).status


@pytest.mark.slow
@pytest.mark.usefixtures("of_this_tree")
def test_a_model_is_deployed_at_a_port_of_this_machine(made: Made) -> None:
    first = made.model.deploy(1, target="local", service="churn", port=0)
    try:
        assert ask(first.url) == 200
        assert first.address == first.url[: -len("/v1/models/m/predict")]  # type: ignore[index]
        again = made.model.deploy(2, target="local", service="churn", port=0)
        assert (again.url, again.routes[0].version) == (first.url, 2), "it follows, and is not started again"
        with pytest.raises(Conflict, match="runs already") as refused:
            made.model.deploy(2, target="local", service="churn", port=9)
        assert refused.value.field == "service"
        port = int(first.address.rpartition(":")[2])
        with pytest.raises(Conflict, match="cannot listen") as taken:
            made.model.deploy(2, target="local", service="other", port=port)
        assert taken.value.field == "port"
        found = service(made.folder, "churn")
    finally:
        stop(made.folder, "churn")
    assert found.state == "running"
    assert services(made.folder) == []
    with pytest.raises(urllib3.exceptions.HTTPError):
        ask(first.url)


@pytest.mark.slow
@pytest.mark.usefixtures("of_this_tree")
def test_it_is_shown_that_it_starts_and_is_ready(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    loud = Model(name="m", announce=False, transport=made.model._transport)
    done = loud.deploy(2, target="local", port=0, bake_minutes=0.005, wait=True)
    try:
        assert ask(done.url) == 200
    finally:
        stop(made.folder, "m")
    assert done.ended is not None and (done.ended.state, done.ended.version) == ("stayed", 2)
    loading, starting, ready, *_, last = capsys.readouterr().err.splitlines()
    assert loading == "deploying m: loading version 2, which is asked for a row first"
    assert starting == "deploying m: starting the server of its own"
    assert ready == f"deploying m: the server is ready at {done.url}"
    assert last.startswith("deploying m: stayed after ")


@pytest.mark.slow
@pytest.mark.usefixtures("of_this_tree")
def test_one_that_crashed_is_started_again_by_the_same_call(made: Made) -> None:
    first = made.model.deploy(1, target="local", port=0)
    os.kill(service(made.folder, "m").process, signal.SIGKILL)
    until(lambda: service(made.folder, "m").state == "lost", "its process is gone")
    again = made.model.deploy(1, target="local", port=0)
    try:
        assert ask(again.url) == 200
        assert first.url is not None
    finally:
        stop(made.folder, "m")


def test_a_target_is_one_that_there_is(made: Made) -> None:
    for given, field in (
        ({"target": "moon"}, "target"),
        ({"port": 1}, "port"),
        ({"service": "x"}, "service"),
        ({"target": "local", "port": -1}, "port"),
        ({"target": "local", "port": True}, "port"),
        ({"target": "local", "service": "a/b"}, "service"),
    ):
        with pytest.raises(InvalidInput) as refused:
            made.model.deploy(**given)  # type: ignore[arg-type]
        assert refused.value.field == field
    assert made.model.champion == 1

    class Elsewhere:
        url = "https://ml.example.org"
        address = "https://ml.example.org"

    with pytest.raises(InvalidInput, match="export the version") as elsewhere:
        at_target(Elsewhere(), "m", "local", None, 8090)  # type: ignore[arg-type]
    assert elsewhere.value.field == "target"


def test_what_a_service_that_did_not_start_left_is_named(tmp_path: Path) -> None:
    from infra.local.service.detached import start

    with pytest.raises(Unavailable, match=r"m\.log says why"):
        start(["/bin/false"], tmp_path, "m", "m", 0)
    with pytest.raises(NotFound, match="gone"):
        start(["/bin/echo", '{"error": {"code": "not_found", "message": "gone"}}'], tmp_path, "m", "m", 0)
    line = msgspec.json.encode(SERVING).decode()
    assert start(["/bin/echo", line], tmp_path, "m", "m", 0) == SERVING
