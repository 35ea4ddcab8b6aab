"""A folder from which an image is built that serves one version: what Docker is told, the version, and the program."""

import json
import shutil
import sys
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from functions.storage.disk_errors import typed_errors
from infra.local.service.light import NEEDED, UNSERVED
from lepton_core.errors import Conflict

IMAGE_PORT = 8090
PROGRAM = "program"
"""The folder in it with the packages of Lepton."""

_DOCKERFILE = """\
FROM python:{python}-slim
ENV PYTHONUNBUFFERED=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
WORKDIR /srv/program
COPY requirements.txt /srv/
RUN pip install --no-cache-dir --no-deps --requirement /srv/requirements.txt
COPY {program}/ /srv/program/
RUN python -m compileall -q /srv/program
COPY {file} /srv/
# Nobody of the image, who owns nothing: with `docker run --read-only` nothing in it can be written at all.
USER 10001:10001
EXPOSE {port}
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=2s CMD {health}
ENTRYPOINT {entry}
"""
_HEALTH = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:{port}/v1/health/live', timeout=2)"


def write_image(folder: Path, model: str, export: bytes, packages: Sequence[Path]) -> Path:
    """Write the ``folder``, which must be new, for the file ``export`` of the ``model``; its path.

    ``packages`` are those that the host does not know: the command, and the engine. Raises `Conflict` (field 'output')
    if the folder exists.
    """
    file = f"{model}.lepton"
    entry = ["python", "-m", "lepton_ai", "serve", model, "--file", f"/srv/{file}"]
    entry += ["--host", "0.0.0.0", "--port", str(IMAGE_PORT)]  # noqa: S104  (in the network of the container)
    text = _DOCKERFILE.format(
        python=".".join(map(str, sys.version_info[:3])),
        program=PROGRAM,
        file=file,
        port=IMAGE_PORT,
        health=json.dumps(["python", "-c", _HEALTH.format(port=IMAGE_PORT)]),
        entry=json.dumps(entry),
    )
    with typed_errors():
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            raise Conflict(f"{folder} exists already; name another folder", field="output") from None
        (folder / "Dockerfile").write_text(text)
        there = [name for name in NEEDED if find_spec(name) is not None]
        (folder / "requirements.txt").write_text("".join(f"{name}=={version(name)}\n" for name in there))
        (folder / file).write_bytes(export)
        for package in (*packages, *_own()):
            shutil.copytree(
                package, folder / PROGRAM / package.name, ignore=shutil.ignore_patterns(*UNSERVED)
            )
    return folder


def _own() -> list[Path]:
    """The packages that the host is part of: two in the repository, one in an installation."""
    infra = Path(__file__).parents[2]
    return [infra, infra.parent / "functions"] if __package__.startswith("infra") else [infra.parent]
