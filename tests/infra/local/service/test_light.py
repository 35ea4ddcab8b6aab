"""What a server of one model needs to be installed: neither what the platform trains with, nor Chalice."""

import subprocess
import sys

from tests.infra.local.service.kit import ROOT, Made

ABSENT = (
    "boto3",
    "botocore",
    "chalice",
    "joblib",
    "pandas",
    "pebble",
    "rich",
    "scipy",
    "sklearn",
    "threadpoolctl",
    "urllib3",
)
ASK = """
import asyncio, json, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
from pathlib import Path
import lepton_ai.cli.serve
from infra.local.service import run
from infra.local.service.answers import Answers
from infra.local.service.app import Stage
from infra.local.service.source import of_file, of_folder

for source in (of_file(Path({file!r})), of_folder(Path({folder!r}), "m")):
    answers = Answers(source, Stage(), print)
    for rows in ([{{"a": 1, "b": 2}}], [{{"a": "x"}}], [{{"a": 1e308, "b": -1e308}}], [{{"a": {{"b": 1}}}}]):
        body = json.dumps({{"rows": rows, "explain": True}}).encode()
        answer = answers.of_rows({{"content-type": "application/json"}}, {{}}, body)
        assert answer.status in (200, 400), answer
    source.close()
print("served")
"""


def test_it_serves_where_they_are_not_installed(made: Made) -> None:
    program = ASK.format(absent=set(ABSENT), file=str(made.file), folder=str(made.folder))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.stdout == "served\n", done.stderr
