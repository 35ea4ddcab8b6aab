"""`python -m infra.aws.bundle OUT`: the code, the layers and the SAM template, ready for ``sam deploy``.

``OUT/project`` is a clean Chalice project, ``OUT/package`` what ``chalice package`` made of it and the layers
of dependencies. These are built for Lambda's Python, whatever Python builds it: Chalice alone would leave
numpy out of the zip, with a warning only, where Lambda's glibc for the building Python is older than numpy's
wheels want.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalice.app import Chalice

from app import app
from infra import STAGE
from infra.aws.packing import build_layer, compile_folder, compile_zip, lambda_python, sizes, without_examples
from infra.aws.policies import policy
from infra.aws.template import LAYERS, PYTHON, START, finish
from lepton_core.table.native.library import native

ROOT = Path(__file__).resolve().parents[2]
RESOURCES = Path(__file__).with_name("resources.json")

SIZES: Mapping[str, Mapping[str, int]] = {
    # API Gateway hangs up after 29 s. 1,769 MB are one whole core, which a prediction keeps busy.
    "api_handler": {"lambda_timeout": 29, "lambda_memory_size": 1769},
    # The longest that there is; memory for the largest upload (`infra.aws.host`), in the sweep too: it takes up the
    # uploads whose event got lost.
    "upload_landed": {"lambda_timeout": 900, "lambda_memory_size": 3008},
    "sweep_minutely": {"lambda_timeout": 900, "lambda_memory_size": 3008},
    # A task reads the table that such an upload became.
    "work_task": {"lambda_timeout": 900, "lambda_memory_size": 3008},
    # It cuts a file to be scored, all of it in memory, and joins its parts.
    "read_file": {"lambda_timeout": 900, "lambda_memory_size": 3008},
    # It decides and queues: records only, no table and no model.
    "pick_up": {"lambda_timeout": 300, "lambda_memory_size": 512},
    # It plans, and writes the ending; the tables and the models are with those that do the tasks.
    "plan_run": {"lambda_timeout": 300, "lambda_memory_size": 1024},
}
MIDDLE: Mapping[str, int] = {"lambda_timeout": 300, "lambda_memory_size": 1024}


def bundle(out: Path, *, layers: bool = True, python: str | None = None) -> Path:
    """Make the bundle below ``out``; returns the folder with ``sam.json`` and ``deployment.zip``.

    ``layers=False`` leaves the layers' folders out, which are the one part that needs a package index. ``python`` is
    an interpreter of Lambda's version, with which everything is compiled ahead. Raises ``ValueError`` for a bundle
    that Lambda would refuse.
    """
    out = out.resolve()
    project, package = out / "project", out / "package"
    for folder in (project, package):
        shutil.rmtree(folder, ignore_errors=True)
    settings = functions(app)
    write_project(project, app.app_name, settings)
    _chalice_package(project, package)
    template = package / "sam.json"
    finished = finish(json.loads(template.read_text()), settings)
    template.write_text(json.dumps(finished, indent=2, sort_keys=True) + "\n")
    for name in LAYERS.values() if layers else ():
        build_layer(name, package / name / "python")
    if python is not None:
        compile_zip(package / "deployment.zip", python)
        for name in LAYERS.values() if layers else ():
            compile_folder(package / name, python)
    sizes(package).check()
    return package


def functions(app: Chalice) -> dict[str, dict[str, Any]]:
    """Chalice's settings of each function: its own policy, size and time."""
    return {
        name: {"iam_policy_file": f"policy-{name}.json", **SIZES.get(name, MIDDLE)} for name in names(app)
    }


def names(app: Chalice) -> list[str]:
    """All functions, as Chalice names them: that of the routes, those of events, those that others call."""
    of_events = [source.name for source in app.event_sources]
    return ["api_handler", *of_events, *(one.name for one in app.pure_lambda_functions)]


def write_project(project: Path, app_name: str, settings: dict[str, dict[str, Any]]) -> None:
    """Write a Chalice project that holds our code and nothing else."""
    stale = () if native() else ("compiled.bin",)  # what was compiled from other sources is not `native`
    clean = shutil.ignore_patterns("__pycache__", "*.pyc", "*.c", "*.h", "compiled.*.bin", "tests", *stale)
    for name in ("functions", "lepton_core"):
        shutil.copytree(ROOT / name, project / "vendor" / name, ignore=clean)
        for module in (project / "vendor" / name).rglob("*.py"):
            # An algorithm is told by the first line of its module.
            titled = module.parent.name == "algorithms"
            module.write_text(without_examples(module.read_text(), brief=True, titled=titled))
    for place in ("infra/__init__.py", "infra/aws/__init__.py", "infra/aws/answers.py", "infra/aws/host.py"):
        (project / "vendor" / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / place, project / "vendor" / place)
    shutil.copyfile(Path(__file__).with_name(f"{START}.py"), project / "vendor" / f"{START}.py")
    shutil.copyfile(ROOT / "app.py", project / "app.py")
    (project / "requirements.txt").write_text("# The dependencies are in the layers.\n")
    hidden = project / ".chalice"
    hidden.mkdir()
    for name, of_function in settings.items():
        (hidden / of_function["iam_policy_file"]).write_text(json.dumps(policy(name), indent=2) + "\n")
    (hidden / "config.json").write_text(json.dumps(config(app_name, settings), indent=2) + "\n")


def config(app_name: str, settings: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Chalice's configuration."""
    return {
        "version": "2.0",
        "app_name": app_name,
        "autogen_policy": False,
        "api_gateway_endpoint_type": "REGIONAL",
        "stages": {STAGE: {"api_gateway_stage": STAGE, "lambda_functions": settings}},
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m infra.aws.bundle", description=bundle.__doc__)
    parser.add_argument("out", type=Path, help="folder to write to")
    parser.add_argument("--no-layers", action="store_true", help="leave the layers' folders out")
    arguments = parser.parse_args()
    python = lambda_python()
    if python is None:
        sys.stderr.write(f"no python{PYTHON} on the path: not compiled ahead, so cold starts take longer\n")
    package = bundle(arguments.out, layers=not arguments.no_layers, python=python)
    sys.stdout.write(f"{package / 'sam.json'}\n{sizes(package)}\n")


def _chalice_package(project: Path, package: Path) -> None:
    command = [
        *(sys.executable, "-c", "from chalice.cli import main; main()"),
        *("--project-dir", str(project), "package", "--stage", STAGE),
        *("--merge-template", str(RESOURCES), str(package)),
    ]
    environment = {
        "AWS_DEFAULT_REGION": "us-east-1",  # only names the service principals, which are the same everywhere
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(project), str(project / "vendor")]),
        "PYTHONDONTWRITEBYTECODE": "1",  # what is imported here is zipped right after
    }
    done = subprocess.run(  # noqa: S603  (our own interpreter, our own arguments)
        command, cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"chalice package failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
