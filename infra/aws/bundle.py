"""`python -m infra.aws.bundle OUT`: the code, the layer and the SAM template, ready for ``sam deploy``.

``OUT/project`` is a clean Chalice project, ``OUT/package`` what ``chalice package`` made of it and the layer
of dependencies. The layer is built for Lambda's Python, whatever Python builds it: Chalice alone would leave
numpy out of the zip, with a warning only, where Lambda's glibc for the building Python is older than numpy's
wheels want.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chalice.app import Chalice

from app import app
from infra.aws.policies import policy

ROOT = Path(__file__).resolve().parents[2]
RESOURCES = Path(__file__).with_name("resources.json")
LAYER_LOCK = ROOT / "requirements" / "layer.txt"

PYTHON = "3.13"
"""Lambda's Python. From 3.12 on it stands on Amazon Linux 2023, whose glibc numpy's wheels need."""

STAGE = "api"
SIZES: dict[str, dict[str, int]] = {
    # API Gateway hangs up after 29 s. 1,769 MB are one whole core.
    "api_handler": {"lambda_timeout": 29, "lambda_memory_size": 1024},
    "upload_landed": {"lambda_timeout": 300, "lambda_memory_size": 3008},
    "sweep_minutely": {"lambda_timeout": 900, "lambda_memory_size": 1769},
}
MIDDLE = {"lambda_timeout": 300, "lambda_memory_size": 1024}


def bundle(out: Path, *, layer: bool = True) -> Path:
    """Make the bundle below ``out``; returns the folder with ``sam.json`` and ``deployment.zip``.

    ``layer=False`` leaves the layer's folder out, which is the one part that needs a package index.
    """
    out = out.resolve()
    project, package = out / "project", out / "package"
    for folder in (project, package):
        shutil.rmtree(folder, ignore_errors=True)
    stage(project, app)
    _chalice_package(project, package)
    template = package / "sam.json"
    finished = finish(json.loads(template.read_text()))
    template.write_text(json.dumps(finished, indent=2, sort_keys=True) + "\n")
    if layer:
        build_layer(package / "layer" / "python")
    return package


def stage(project: Path, app: Chalice) -> None:
    """Write a Chalice project that holds our code and nothing else."""
    clean = shutil.ignore_patterns("__pycache__", "*.pyc", "tests")
    for name in ("functions", "lepton_core"):
        shutil.copytree(ROOT / name, project / "vendor" / name, ignore=clean)
    shutil.copyfile(ROOT / "app.py", project / "app.py")
    (project / "requirements.txt").write_text("# The dependencies are in the layer.\n")
    settings = project / ".chalice"
    settings.mkdir()
    names = ["api_handler", *event_functions(app)]
    for name in names:
        (settings / _policy_file(name)).write_text(json.dumps(policy(name), indent=2) + "\n")
    (settings / "config.json").write_text(json.dumps(config(app.app_name, names), indent=2) + "\n")


def event_functions(app: Chalice) -> list[str]:
    """The names of the functions that events and schedules start."""
    return [source.name for source in app.event_sources]


def config(app_name: str, functions: Iterable[str]) -> dict[str, Any]:
    """Chalice's configuration: each function with its own policy, size and time."""
    per_function = {
        name: {"iam_policy_file": _policy_file(name), **SIZES.get(name, MIDDLE)} for name in functions
    }
    return {
        "version": "2.0",
        "app_name": app_name,
        "autogen_policy": False,
        "api_gateway_endpoint_type": "REGIONAL",
        "stages": {STAGE: {"api_gateway_stage": STAGE, "lambda_functions": per_function}},
    }


def finish(template: dict[str, Any]) -> dict[str, Any]:
    """The template that Chalice wrote, with the layer, Lambda's Python, and events of our own bucket only."""
    resources = template["Resources"]
    layer = {
        "Type": "AWS::Serverless::LayerVersion",
        "Properties": {
            "ContentUri": "./layer",
            "CompatibleRuntimes": [f"python{PYTHON}"],
            "CompatibleArchitectures": ["x86_64"],
        },
    }
    resources["Dependencies"] = layer
    for resource in resources.values():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        properties = resource["Properties"]
        properties["Runtime"] = f"python{PYTHON}"
        properties["Layers"] = [{"Ref": "Dependencies"}]
        for event in properties.get("Events", {}).values():
            pattern = event["Properties"].get("Pattern", {})
            if "aws.s3" in pattern.get("source", []):
                pattern["detail"] = {**pattern.get("detail", {}), "bucket": {"name": [{"Ref": "Bucket"}]}}
    return template


def build_layer(target: Path) -> None:
    """Install the layer's locked dependencies for Lambda's Python below ``target``."""
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--target", str(target), "--requirement", str(LAYER_LOCK), "--require-hashes"),
        *("--no-compile", "--only-binary", ":all:", "--platform", "manylinux_2_28_x86_64"),
        *("--python-version", PYTHON, "--implementation", "cp"),
    ]
    subprocess.run(command, check=True)  # noqa: S603  (our own interpreter, our own arguments)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m infra.aws.bundle", description=bundle.__doc__)
    parser.add_argument("out", type=Path, help="folder to write to")
    parser.add_argument("--no-layer", action="store_true", help="leave the layer's folder out")
    arguments = parser.parse_args()
    package = bundle(arguments.out, layer=not arguments.no_layer)
    sys.stdout.write(f"{package / 'sam.json'}\n")


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


def _policy_file(function: str) -> str:
    return f"policy-{function}.json"


if __name__ == "__main__":
    main()
