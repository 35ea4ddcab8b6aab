"""The published example, to the letter, as a stranger runs it: installed from a wheel, far from this repository."""

import ast
import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PathDistribution, distribution, distributions
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from packaging.requirements import Requirement
from sklearn.datasets import load_breast_cancer

from tests.support.waiting import BACKSTOP

pytestmark = pytest.mark.slow

EXAMPLE = """\
from lepton_ai import Model, Data, DataPreprocessor

# create
model = Model(algorithm='logistic_regression', name='my_model')

# upload data
data = Data.from_csv('train_data.csv')
model.upload_data(data)

# preprocessor
preprocessor = DataPreprocessor()
preprocessor.add_transformer('Normalize', input='X', output='X_normalized')
preprocessor.fit(data)
model.upload_preprocessor(preprocessor)

# train
model.train(iterations=100, learning_rate=0.01)

# deploy
model.deploy()

# monitor
model.monitor()

# update
data = Data.from_csv('update_data.csv')
model.upload_data(data)
model.train(iterations=50, learning_rate=0.01)
model.deploy()
"""

ROOT = Path(__file__).parents[1]
HOSTILE = ("functions", "infra", "app")
"""Modules of the user's own that have the names of ours."""

COMES_WITH = {"botocore": "boto3"}
"""Modules that are imported beside the distribution that brings them."""

TROUBLE = re.compile(r"warn|error|exception|traceback|deprecat|alert", re.IGNORECASE)

SAID = ("refused 1 API keys", "stopping; runs under way")
"""What the server says of a wrong key, and at its end."""


@dataclass(frozen=True)
class Installed:
    """A Python with the wheel and what it depends on, and nothing of the repository; ``home`` is its user's."""

    python: Path
    site: Path
    home: Path

    def environment(self, **more: str) -> dict[str, str]:
        """Nothing of ours: no PYTHONPATH, no LEPTON_*; warnings are errors."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "OMP_NUM_THREADS": "1",
            "PYTHONWARNINGS": "error",
            "PYTHONDONTWRITEBYTECODE": "1",
            **more,
        }

    def run(self, folder: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Python with these arguments in ``folder``."""
        return subprocess.run(
            [self.python, *arguments],
            cwd=folder,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=BACKSTOP,
            check=False,
        )

    def lepton(self, folder: Path, *arguments: str, **more: str) -> Any:
        """What the command answers with --json."""
        done = self.run(folder, "-m", "lepton_ai", *arguments, "--json", **more)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def required_by(site: Path) -> list[str]:
    """The wheel's own Requires-Dist."""
    (own,) = site.glob("lepton_ai-*.dist-info")
    return PathDistribution(own).requires or []


def needed(requirements: Iterable[str]) -> dict[str, Distribution]:
    """What an installer would add for ``requirements``, by name: all that they name here, and so on; no extras."""
    found: dict[str, Distribution] = {}
    todo = [Requirement(text) for text in requirements]
    while todo:
        one = todo.pop()
        if one.marker is not None and not one.marker.evaluate({"extra": ""}):
            continue
        dist = distribution(one.name)
        assert one.specifier.contains(dist.version, prereleases=True), f"{one}: {dist.version} is installed"
        if dist.name not in found:
            found[dist.name] = dist
            todo += map(Requirement, dist.requires or ())
    return found


def tops(dist: Distribution) -> set[str]:
    """The names in site-packages that the files of a distribution begin with."""
    return {file.parts[0] for file in dist.files or ()} - {"..", "__pycache__"}


def link(dists: Mapping[str, Distribution], site: Path) -> None:
    """Put these distributions into ``site``, as links."""
    for dist in dists.values():
        for top in tops(dist):
            (site / top).symlink_to(Path(str(dist.locate_file(top))))
    linked = {top for dist in dists.values() for top in tops(dist)}
    others = {dist.name: tops(dist) & linked for dist in distributions() if dist.name not in dists}
    assert not any(others.values()), f"a linked folder holds files of others: {others}"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel unpacked into an environment that has what the wheel says it requires, and nothing else."""
    place = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place / "venv")], check=True)
    (site,) = (place / "venv" / "lib").glob("python*/site-packages")
    (wheel,) = (place / "dist").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(site)
    link(needed(required_by(site)), site)
    (place / "home").mkdir()
    return Installed(place / "venv" / "bin" / "python", site, place / "home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The user's folder: two CSV files, and modules that must never be imported."""
    X, y = load_breast_cancer(return_X_y=True)
    for name, rows in (("train_data", np.s_[:400]), ("update_data", np.s_[150:])):
        lines = [",".join([*(f"f{at}" for at in range(X.shape[1])), "target"])]
        for row, label in zip(X[rows].tolist(), y[rows].tolist(), strict=True):
            lines.append(",".join(map(repr, [*row, label])))
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n")
    for name in HOSTILE:
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the user\\'s own module was imported')\n")
    (tmp_path / "example.py").write_text(EXAMPLE)
    return tmp_path


def test_the_repository_cannot_be_imported_there(installed: Installed, tmp_path: Path) -> None:
    probe = "\n".join(
        [
            "import importlib.util, json",
            "def origin(name):",
            "    spec = importlib.util.find_spec(name)",
            "    return spec and spec.origin",
            "names = ['lepton_ai', 'lepton_core', 'lepton_platform', 'functions', 'infra', 'app', 'tests']",
            "print(json.dumps({name: origin(name) for name in names}))",
        ]
    )
    found = json.loads(installed.run(tmp_path, "-c", probe).stdout)
    for name in ("lepton_ai", "lepton_core", "lepton_platform"):
        assert Path(found.pop(name)).is_relative_to(installed.site)
    assert [origin for origin in found.values() if origin and Path(origin).is_relative_to(ROOT)] == []
    assert {name for name in HOSTILE if found[name]} == set()


def test_only_what_the_wheel_requires_is_there(installed: Installed, tmp_path: Path) -> None:
    probe = "import sys; from importlib.util import find_spec; print(*filter(find_spec, sys.argv[1:]))"
    asked = ("numpy", "msgspec", "pytest", "sklearn", "scipy", "pandas", "boto3", "moto", "hypothesis")
    there = installed.run(tmp_path, "-c", probe, *asked).stdout.split()
    assert there == ["numpy", "msgspec", "sklearn", "scipy"], "and what these require"


def test_what_the_wheel_imports_it_requires_itself(installed: Installed) -> None:
    required = {Requirement(text).name for text in required_by(installed.site)}
    provided = {top.removesuffix(".py") for name in required for top in tops(distribution(name))}
    imported = {name: path for path in installed.site.glob("lepton_*/**/*.py") for name in imports(path)}
    ours = {path.name for path in installed.site.glob("lepton_*")}
    missing = imported.keys() - sys.stdlib_module_names - ours - provided - COMES_WITH.keys()
    assert missing == set(), {name: imported[name] for name in missing}
    assert set(COMES_WITH.values()) <= required


def imports(path: Path) -> Iterator[str]:
    """The first names of all modules that a source file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def check(installed: Installed, folder: Path, address: str, **more: str) -> None:
    """Run the example and look at what it said and at what is there afterwards."""
    done = installed.run(folder, "example.py", **more)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    lines = done.stderr.splitlines()
    assert [line for line in lines if TROUBLE.search(line)] == []
    assert lines[0] == "label: target (the column named target)"
    assert "data my_model version 1: 400 rows, label target" in lines
    assert any(line.startswith("training my_model: iteration 100 of 100, objective 0.2") for line in lines)
    assert lines[-1] == f"my_model serving version 2 at {address}"

    shown = installed.lepton(folder, "status", "my_model", **more)
    first, second = shown["versions"]
    wanted: list[tuple[Mapping[str, Any], int, int]] = [(first, 1, 100), (second, 2, 50)]
    for version, number, iterations in wanted:
        assert (version["version"], version["dataset_version"]) == (number, number)
        settings = {"iterations": iterations, "learning_rate": 0.01}
        assert settings.items() <= version["hyperparameters"].items()
        assert version["loss"][0] > version["loss"][-1]
        assert version["metrics"]["accuracy"] > 0.9
    assert {(run["kind"], run["state"]) for run in shown["runs"]} == {("train", "succeeded")}
    assert shown["state"] == "active" and shown["deployment"]["state"] == "serving"
    assert [(route["version"], route["weight"]) for route in shown["deployment"]["routes"]] == [(2, 1.0)]

    predicted = installed.lepton(folder, "predict", "my_model", "update_data.csv", **more)
    assert predicted["version"] == 2
    labels = [line.rsplit(",", 1)[1] for line in (folder / "update_data.csv").read_text().splitlines()[1:]]
    right = [row["label"] == label for row, label in zip(predicted["predictions"], labels, strict=True)]
    assert np.mean(right) > 0.94
    assert installed.lepton(folder, "monitor", "my_model", **more)["rows"] == len(labels)
    assert list(installed.home.iterdir()) == []


def test_embedded(installed: Installed, folder: Path) -> None:
    before = {path.name for path in folder.iterdir()}
    check(installed, folder, str(folder / ".lepton"))
    assert {path.name for path in folder.iterdir()} == before | {".lepton"}
    assert (folder / ".lepton" / "records.sqlite").is_file()

    again = installed.run(folder, "example.py")
    assert again.returncode == 0, again.stderr
    assert again.stderr.splitlines()[-1].startswith("my_model serving version 4 at ")


@pytest.fixture
def hosted(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A platform kept up by ``lepton up`` in a folder of its own: what it prints, as an environment."""
    place = tmp_path_factory.mktemp("hosted")
    with subprocess.Popen(
        [installed.python, "-m", "lepton_ai", "up", "--port", "0", "--workers", "1"],
        cwd=place,
        env=installed.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        printed = [server.stdout.readline().strip() for _ in range(2)]
        try:
            yield dict(line.split("=", 1) for line in printed if "=" in line)
        finally:
            server.send_signal(signal.SIGTERM)
            _, err = server.communicate(timeout=BACKSTOP)
            assert server.returncode == 0
            said = [line for line in err.splitlines() if " INFO " not in line]
            assert [line for line in said if not any(wanted in line for wanted in SAID)] == []
    assert (place / ".lepton" / "records.sqlite").is_file()


def test_over_http(installed: Installed, folder: Path, hosted: dict[str, str]) -> None:
    url = hosted["LEPTON_URL"]
    assert url.startswith("http://127.0.0.1:")
    check(installed, folder, f"{url}/v1/models/my_model/predict", **hosted)
    assert not (folder / ".lepton").exists()

    wrong = {**hosted, "LEPTON_API_KEY": "lpt_wrong"}
    refused = installed.run(folder, "-m", "lepton_ai", "status", **wrong)
    assert refused.returncode == 1 and refused.stderr.startswith("error: ")
    assert "LEPTON_API_KEY" in refused.stderr and "lpt_wrong" not in refused.stderr
