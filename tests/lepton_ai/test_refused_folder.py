"""A folder that cannot be used: one line that names it, by the command and by the SDK, and never an empty platform."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lepton_ai import Conflict, LeptonError, StorageFull
from lepton_ai.embedded import EmbeddedTransport
from tests.support.small_disk import small_disk

ROOT = Path(__file__).resolve().parents[2]


def lepton(*arguments: str, data: Path) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LEPTON_DATA": str(data)}
    environment.pop("LEPTON_URL", None)
    return subprocess.run(
        [sys.executable, "-m", "lepton_ai", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def no_database(data: Path) -> str:
    (data / "records.sqlite").write_bytes(b"no database" * 1000)
    return str(data / "records.sqlite")


def records_gone(data: Path) -> str:
    made = EmbeddedTransport(data)
    made.call("POST", "/v1/models", body={"name": "m", "algorithm": "logistic_regression"})
    announced = made.call("POST", "/v1/datasets/m/upload", body={"size": 20})
    made.call("PUT", announced["url"], body=b"a,label\n1,yes\n2,no\n3", content_type="text/csv")
    made.close()
    (data / "blobs" / "default" / "runs").mkdir()
    (data / "records.sqlite").unlink()
    return str(data / "records.sqlite")


@pytest.mark.parametrize("make", [no_database, records_gone])
def test_a_folder_that_is_refused_is_named_by_every_way_in(
    tmp_path: Path, make: Callable[[Path], str]
) -> None:
    named = make(tmp_path)
    for arguments in (["up", "--port", "0", "--workers", "1"], ["status"]):
        ended = lepton(*arguments, data=tmp_path)
        assert (ended.returncode, ended.stdout) == (1, "")
        (line,) = ended.stderr.splitlines()
        assert line.startswith(f"error: {named}")
    with pytest.raises(Conflict, match=named):
        EmbeddedTransport(tmp_path).call("GET", "/v1/health")


def test_a_full_disk_is_named_by_every_way_in(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 1 << 20) as small:
        small.fill()
        for arguments in (["up", "--port", "0", "--workers", "1"], ["status"]):
            ended = lepton(*arguments, data=small.path / "data")
            assert (ended.returncode, ended.stdout) == (1, "")
            (line,) = ended.stderr.splitlines()
            assert line.startswith(f"error: {small.path / 'data'}: there is no room left")
            assert "LEPTON_URL" not in line
        with pytest.raises(StorageFull, match=str(small.path)):
            EmbeddedTransport(small.path / "data").call("GET", "/v1/health")


def test_the_sdk_raises_what_a_full_disk_answers(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 1 << 20) as small:
        made = EmbeddedTransport(small.path / "data")
        made.call("GET", "/v1/models")
        small.fill()
        with pytest.raises(LeptonError) as refused:
            for number in range(100):
                made.call(
                    "POST", "/v1/models", body={"name": f"m{number}", "algorithm": "logistic_regression"}
                )
        assert (type(refused.value), refused.value.status) == (StorageFull, 507)
        small.empty()
        made.call("POST", "/v1/models", body={"name": "m", "algorithm": "logistic_regression"})
        made.close()
