"""The published example, to the letter, in a process of its own: embedded, and over HTTP."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from lepton_ai import Data

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

AFTERWARDS = """
from lepton_ai import Model
model = Model(name='my_model')
rows = Data.from_csv('update_data.csv', quiet=True)
labels = model.predict(rows).labels
right = sum(a == str(int(b)) for a, b in zip(labels, rows.table['target'].values)) / len(rows)
print(model.champion, len(model.versions()), round(right, 3), model.monitor().rows)
"""

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    X, y = load_breast_cancer(return_X_y=True)
    names = [f"f{at}" for at in range(X.shape[1])]
    for name, rows in (("train_data", np.s_[:400]), ("update_data", np.s_[150:])):
        content = Data.from_arrays(X[rows], y[rows], names, label="target").content
        (tmp_path / f"{name}.csv").write_bytes(content)
    return tmp_path


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEPTON_")}
    return {**kept, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **more}


def run(folder: Path, code: str, **more: str) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def check(folder: Path, **more: str) -> None:
    out, err = run(folder, EXAMPLE, **more)
    lines = err.splitlines()
    assert out == ""
    assert lines[0] == "label: target (the column named target)"
    assert any(line.startswith("training my_model: iteration 100 of 100, loss 0.2") for line in lines)
    assert lines[-1].startswith("my_model serving version 2 at ")
    out, _ = run(folder, EXAMPLE.splitlines()[0] + AFTERWARDS, **more)
    champion, versions, right, rows = out.split()
    assert (champion, versions, rows) == ("2", "2", "419")
    assert float(right) > 0.94


def test_embedded(folder: Path) -> None:
    check(folder)
    assert (folder / ".lepton").is_dir()


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A platform kept up by ``lepton up``: what it prints, as an environment."""
    data = tmp_path_factory.mktemp("served")
    command = [sys.executable, "-m", "lepton_ai", "up", "--port", "0", "--data", str(data), "--workers", "1"]
    with subprocess.Popen(
        command, cwd=data, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        lines = [server.stdout.readline().strip() for _ in range(2)]
        try:
            yield dict(line.split("=", 1) for line in lines)
        finally:
            server.send_signal(signal.SIGTERM)
            _, err = server.communicate(timeout=30)
            assert "Traceback" not in err


def test_over_http(folder: Path, served: dict[str, str]) -> None:
    check(folder, **served)
    assert not (folder / ".lepton").exists()
    done = subprocess.run(
        [sys.executable, "-m", "lepton_ai", "status"],
        env=environment(LEPTON_URL=served["LEPTON_URL"], LEPTON_API_KEY="lpt_wrong"),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1 and done.stderr.startswith("error: ") and "LEPTON_API_KEY" in done.stderr
    assert "lpt_wrong" not in done.stderr
