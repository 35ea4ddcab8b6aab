"""Processes beside a program: found modules, a main module that is not run again, and an end with their parent."""

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from functions.runs.places.place import Closed, Died
from infra.local.beside import Beside, program

pytestmark = pytest.mark.slow

SCRIPT = """
import sys
from pathlib import Path
open(sys.argv[1], "a").write("once\\n")
from lepton_ai import Data, Model
from lepton_ai.embedded import EmbeddedTransport
from infra.local.stack import open_embedded
from functions.runs.places.threads import Patient
from infra.local.beside import Beside
Patient.__init__.__defaults__ = (0.0, *Patient.__init__.__defaults__[1:])
calls, call = [], Beside.call
Beside.call = lambda self, asked: (calls.append(asked), call(self, asked))[1]
transport = EmbeddedTransport(Path(sys.argv[2]), lambda data: open_embedded(data, beside=2))
model = Model("logistic_regression", "m", quiet=True, transport=transport)
model.upload_data(Data.from_csv(sys.argv[3], quiet=True))
version = model.train(auto=True, trials=3, seed=1)
print(version.digest)
transport.close()
print(len(calls) > 5, file=sys.stderr)
"""

ECHO = """
import os, sys, threading
from infra.local.beside import receive, send
out = sys.stdout.buffer
while (message := receive(sys.stdin.buffer)) is not None:
    if message == b"die":
        os._exit(3)
    send(out, str(os.getpid()).encode() if message == b"pid" else message[::-1])
"""


@pytest.fixture
def echo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Beside:
    (tmp_path / "echoing.py").write_text(ECHO)
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Beside(partial(program, "echoing"), 1)
    yield made  # type: ignore[misc]
    made.close()


def test_a_message_of_any_length_comes_back_and_an_idle_process_is_used_again(echo: Beside) -> None:
    assert echo.call(b"abc") == b"cba"
    assert echo.call(b"x" * 1_000_000) == b"x" * 1_000_000
    assert echo.call(b"pid") == echo.call(b"pid")


def test_a_process_that_dies_is_told_of_and_another_one_is_begun(echo: Beside) -> None:
    first = echo.call(b"pid")
    with pytest.raises(Died):
        echo.call(b"die")
    assert echo.call(b"pid") != first


def test_after_the_end_nothing_is_called(echo: Beside) -> None:
    pid = int(echo.call(b"pid"))
    echo.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(Closed):
        echo.call(b"abc")


@pytest.mark.lengthy
def test_a_script_without_a_guard_runs_once_and_its_search_ends_as_in_one_process(tmp_path: Path) -> None:
    from tests.support.world import two_classes

    (tmp_path / "train.csv").write_bytes(two_classes(120))
    digests = set()
    for name in ("one", "two"):
        code = SCRIPT if name == "one" else SCRIPT.replace("beside=2", "beside=0")
        (tmp_path / f"{name}.py").write_text(code)
        begun = [sys.executable, f"{name}.py", f"{name}.log", name, "train.csv"]
        done = subprocess.run(begun, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / f"{name}.log").read_text() == "once\n"
        assert done.stderr == f"{name == 'one'}\n"
        digests.add(done.stdout)
    assert len(digests) == 1


def test_a_process_ends_with_its_parent(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom functools import partial\nfrom infra.local.beside import Beside, program\n"
        "made = Beside(partial(program, 'echoing'), 1)\nprint(made.call(b'pid').decode(), flush=True)\ntime.sleep(99)\n"
    )
    (tmp_path / "echoing.py").write_text(ECHO)
    paths = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(500):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    pytest.fail("it is still there")
