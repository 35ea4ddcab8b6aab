"""The wheel `lepton-ai-serve`: some of the files of the whole one, and enough to serve one model."""

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import urllib3

from infra.local.service.light import NEEDED, UNSERVED
from infra.wheel_hook import PACKAGE, stage
from lepton_ai import load
from tests.infra.local.service.test_light import ABSENT
from tests.support.light import ROOT, build, environment, install
from tests.support.waiting import BACKSTOP

EXPORTED = ROOT / "tests/formats/exported/1.lepton"
ROWS = [{"age": 31, "since": "2020-05-17", "plan": "gold", "left": "True"}, {"age": 44, "plan": "basic"}]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


def metadata(wheel: Path, name: str) -> str:
    archive = zipfile.ZipFile(wheel)
    (found,) = (one for one in archive.namelist() if one.endswith(f".dist-info/{name}"))
    return archive.read(found).decode()


def test_its_files_are_those_of_the_whole_wheel_to_the_byte(wheel: Path, tmp_path: Path) -> None:
    whole = {place: Path(path) for path, place in stage(ROOT, tmp_path).items()}
    archive = zipfile.ZipFile(wheel)
    names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names < set(whole)
    assert [name for name in names if archive.read(name) != whole[name].read_bytes()] == []
    assert {
        f"{PACKAGE}/__init__.py",
        "lepton_ai/exported.py",
        f"{PACKAGE}/infra/local/service/run.py",
    } <= names
    folders = {part for name in names for part in name.split("/")}
    assert not folders & {one for one in UNSERVED if "*" not in one}
    assert f"{PACKAGE}/app.py" not in names
    assert "Root-Is-Purelib: true" in metadata(wheel, "WHEEL"), "nothing in it is of one kind of machine"


def test_it_asks_for_what_a_server_needs_as_the_whole_wheel_does(wheel: Path) -> None:
    told = metadata(wheel, "METADATA")
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"Version: {whole['version']}\n" in told
    asked = {re.split(r"[>=]", line)[0]: line for line in re.findall(r"^Requires-Dist: (.*)$", told, re.M)}
    assert sorted(asked) == sorted(NEEDED)
    bounds = {re.split(r"[>=\[]", line)[0]: line for line in whole["dependencies"]}
    assert {name: asked[name] for name in NEEDED if name in bounds} == {
        name: bounds[name] for name in NEEDED if name in bounds
    }
    assert metadata(wheel, "entry_points.txt").split() == [
        "[console_scripts]",
        "lepton",
        "=",
        whole["scripts"]["lepton"],
    ]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an environment that pip made of the wheel alone."""
    folder = tmp_path_factory.mktemp("light")
    told = install(wheel, folder)
    if told:
        pytest.skip(f"no index of packages can be reached: {told}")
    return folder


@pytest.mark.slow
def test_its_server_answers_as_the_file_does_to_the_bit(installed: Path, tmp_path: Path) -> None:
    expected = load(EXPORTED).predict(ROWS)
    served = subprocess.Popen(
        [installed / "bin/lepton", "serve", "--file", str(EXPORTED), "--port", "0", "--json"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert served.stdout is not None
        url = json.loads(served.stdout.readline())["predict"]
        with urllib3.PoolManager(retries=False, timeout=BACKSTOP) as http:
            answers = http.request("POST", url, json={"rows": ROWS}).json()["predictions"]
        served.send_signal(signal.SIGTERM)
        served.communicate(timeout=BACKSTOP)
    finally:
        served.kill()
        served.communicate()
    assert [one["label"] for one in answers] == expected.labels
    assert [one["probabilities"] for one in answers] == expected.probabilities
    assert served.returncode == 0


@pytest.mark.slow
def test_in_it_a_program_predicts_and_the_command_says_what_is_not_there(
    installed: Path, tmp_path: Path
) -> None:
    program = (
        "import json, sys, lepton_ai; from importlib.util import find_spec;"
        "found = lepton_ai.load(sys.argv[1]).predict(json.loads(sys.argv[2]));"
        "print(json.dumps([found.probabilities, [name for name in sys.argv[3:] if find_spec(name)]]))"
    )
    python = [installed / "bin/python", "-c", program, str(EXPORTED), json.dumps(ROWS), *ABSENT]
    told = subprocess.run(
        python, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    ).stdout
    assert json.loads(told) == [load(EXPORTED).predict(ROWS).probabilities, []]
    command = [installed / "bin/lepton", "train", "m"]
    refused = subprocess.run(
        command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith(
        "error: lepton-ai-serve serves a model and predicts with its file; for all else"
    )
    number = subprocess.run(
        [installed / "bin/lepton", "--version"], env=environment(), capture_output=True, text=True, check=True
    ).stdout
    assert re.fullmatch(r"lepton \d+\.\d+\.\d+\n", number)


def test_a_build_needs_nothing_of_lepton() -> None:
    """Hatchling runs it in an environment of its own."""
    program = "import runpy, sys; print(runpy.run_path(sys.argv[1])['serves']('lepton_ai/model.py'))"
    path = ROOT / "infra/local/service/light.py"
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(path)],
        capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]},
    ).stdout  # fmt: skip
    assert told == "True\n"
