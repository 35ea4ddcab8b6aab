"""A function that starts cold: a process of its own holds the bundle's zip and its layer, and moto answers for AWS."""

import json
import sys
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

from infra.aws.bundle import bundle
from infra.aws.packing import compile_folder
from tests.infra.aws import events
from tests.infra.aws.cloud import plenty
from tests.infra.aws.conftest import linked
from tests.infra.aws.function import Folders, Function, start
from tests.infra.aws.stack import create_stack, of_functions, roles
from tests.infra.aws.story import make_key
from tests.support.moto_aws import moto_aws

NAME = "APIHandler"


def cold(folder: Path, turns: int) -> Mapping[str, list[float]]:
    """Seconds from the start of a process to its first answer, and to that of a call with a key behind it."""
    package = bundle(folder / "bundle", layers=False)
    task = folder / "task"
    with zipfile.ZipFile(package / "deployment.zip") as archive:
        archive.extractall(task)
    compile_folder(task, sys.executable)
    logs = folder / "logs"
    logs.mkdir()
    folders = Folders(task.resolve(), {"Dependencies": linked("layer", (folder / "layer").resolve())}, logs)
    template = json.loads((package / "sam.json").read_text())
    page, models = "Lambda: `/`", "Lambda: `/`, then `/v1/models`"
    times: dict[str, list[float]] = {page: [], models: []}
    with moto_aws():
        outputs = create_stack(template)
        key = make_key()
        properties = of_functions(template)[NAME]
        role = roles()[properties["Role"]["Fn::GetAtt"][0]]
        variables = {"LEPTON_BUCKET": outputs["Bucket"], "LEPTON_TABLE": outputs["Table"]}
        for _ in range(turns):
            began = time.perf_counter()
            function = start(NAME, properties, role, folders, variables)
            try:
                function.start()
                _ask(function, "/", "")
                times[page].append(time.perf_counter() - began)
                _ask(function, "/v1/models", key)
                times[models].append(time.perf_counter() - began)
            finally:
                function.end()
    return times


def _ask(function: Function, path: str, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    event = events.http("GET", path, path, names={}, query={}, headers=headers, body=b"", is_binary=False)
    answer = function.invoke(event, plenty)
    if answer["statusCode"] != 200:
        raise RuntimeError(f"{path} answers {answer['statusCode']}: {answer['body']}")
