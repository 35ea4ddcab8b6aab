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
from tests.support.read_only_root import SITE, command_in
from tests.support.waiting import BACKSTOP

KEY = "the-key-of-a-container"
LOOK = """
import importlib.util, json, os
written = []
for place in ("/", "/srv", "/srv/program", "/site", "/tmp", os.path.expanduser("~")):
    try:
        open(os.path.join(place, "new"), "w").close()
        written.append(place)
    except OSError:
        pass
absent = [one for one in ("chalice", "scipy", "sklearn") if importlib.util.find_spec(one) is None]
print(json.dumps({"written": written, "here": sorted(os.listdir()), "absent": absent}))
"""
PACKAGES = [ROOT / "lepton_ai", ROOT / "lepton_core"]


def entries(folder: Path) -> dict[str, list[str]]:
    """The instructions of its Dockerfile, each by its word."""
    found: dict[str, list[str]] = {}
    for line in (folder / "Dockerfile").read_text().splitlines():
        word, _, rest = line.partition(" ")
        found.setdefault(word, []).append(rest)
    return found


def in_image(folder: Path, root: Path, words: list[str]) -> list[str]:
    """The command that runs Python with these words where the image does: in a root that nothing can write."""
    wanted = [line.partition("==")[0] for line in (folder / "requirements.txt").read_text().splitlines()]
    return command_in(root, words, folder="/srv/program", places={folder: "/srv"}, distributions=wanted)


@pytest.mark.slow
def test_in_it_nothing_else_is_there_and_nothing_can_be_written(made: Made, tmp_path: Path) -> None:
    folder = write_image(tmp_path / "m-1", "m", made.file.read_bytes(), PACKAGES)
    done = subprocess.run(
        in_image(folder, tmp_path / "root", ["-c", LOOK]),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": SITE}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["written"] == []
    assert found["here"] == sorted(one.name for one in (folder / "program").iterdir())
    assert found["absent"] == ["chalice", "scipy", "sklearn"]
    assert not (tmp_path / "root" / "srv").exists(), "what is mounted is seen by its own process alone"


@pytest.mark.slow
def test_its_own_command_serves_the_version_in_an_empty_root_that_it_cannot_write(
    made: Made, tmp_path: Path
) -> None:
    folder = write_image(tmp_path / "m-1", "m", made.file.read_bytes(), PACKAGES)
    (command,) = entries(folder)["ENTRYPOINT"]
    words = json.loads(command)
    assert words[0] == "python"
    assert words[-2:] == ["--port", str(IMAGE_PORT)]
    process = subprocess.Popen(
        in_image(folder, tmp_path / "root", [*words[1:-1], "0", "--json"]),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": SITE, "LEPTON_API_KEY": KEY},
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
