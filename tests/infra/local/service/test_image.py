"""The folder of an image is whole: its own command serves the version, with nothing but what lies in it."""

import json
import os
import shlex
import signal
import subprocess
import sys
from importlib.metadata import requires, version
from pathlib import Path

import pytest
import urllib3

from infra.local.service.image import IMAGE_PORT, write_image
from infra.local.service.light import NEEDED
from lepton_ai.errors import Conflict
from tests.infra.local.service.kit import ROOT, Made
from tests.support.waiting import BACKSTOP

KEY = "the-key-of-a-container"
PACKAGES = [ROOT / "lepton_ai", ROOT / "lepton_core"]


def entries(folder: Path) -> dict[str, list[str]]:
    """The instructions of its Dockerfile, each by its word."""
    found: dict[str, list[str]] = {}
    for line in (folder / "Dockerfile").read_text().splitlines():
        word, _, rest = line.partition(" ")
        found.setdefault(word, []).append(rest)
    return found


@pytest.mark.slow
def test_its_own_command_serves_the_version(made: Made, tmp_path: Path) -> None:
    folder = write_image(tmp_path / "m-1", "m", made.file.read_bytes(), PACKAGES)
    (command,) = entries(folder)["ENTRYPOINT"]
    words = [word.replace("/srv", str(folder)) for word in json.loads(command)]
    assert words[0] == "python"
    assert words[-2:] == ["--port", str(IMAGE_PORT)]
    before = sorted(folder.rglob("*"))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.Popen(
        [sys.executable, *words[1:-1], "0", "--json"],
        cwd=folder / "program",
        env={**environment, "LEPTON_API_KEY": KEY, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["url"].rpartition(":")[2]
        with urllib3.PoolManager(retries=False, timeout=BACKSTOP) as http:
            url, body = f"http://127.0.0.1:{port}", {"rows": [{"a": 1, "b": 2}]}
            assert http.request("GET", f"{url}/v1/health/live").status == 200
            assert http.request("POST", f"{url}/v1/models/m/predict", json=body).status == 401
            bearer = {"authorization": f"Bearer {KEY}"}
            assert http.request("POST", f"{url}/v1/models/m/predict", json=body, headers=bearer).status == 200
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=BACKSTOP)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, said) == (0, "stopping; requests under way are answered\n")
    assert sorted(folder.rglob("*")) == before, "it writes nothing"


def test_it_is_pinned_and_nobody_in_it_is_root(made: Made, tmp_path: Path) -> None:
    folder = write_image(tmp_path / "deep" / "m-1", "m", made.file.read_bytes(), PACKAGES)
    said = entries(folder)
    assert said["FROM"] == [f"python:{'.'.join(map(str, sys.version_info[:3]))}-slim"]
    assert said["USER"] == ["10001:10001"]
    for copied in said["COPY"]:
        assert (folder / copied.split()[0]).exists()
    for line in (folder / "requirements.txt").read_text().splitlines():
        name, _, number = line.partition("==")
        assert number == version(name)
        needs = {shlex.split(one.replace(">", " "))[0] for one in requires(name) or () if ";" not in one}
        assert needs <= set(NEEDED), "what it needs is there, too"
    with pytest.raises(Conflict, match="exists already") as refused:
        write_image(folder, "m", b"", PACKAGES)
    assert refused.value.field == "output"


@pytest.mark.slow
def test_the_command_writes_it(made: Made, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lepton_ai", "build", "m", "-t", "shop/m:2", "--json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LEPTON_DATA": str(made.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(done.stdout) == {"folder": "m-2", "build": "docker build -t shop/m:2 m-2"}, done.stderr
    assert {"Dockerfile", "m.lepton", "program", "requirements.txt"} == {
        one.name for one in (tmp_path / "m-2").iterdir()
    }
