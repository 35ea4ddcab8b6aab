"""The systems that are compared: how each is started on a job, and which version it is."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.auto_systems.job import Answer, Job, read_answer
from tests.benchmarks.auto_systems.rivals import interpreter

ROOT = Path(__file__).parents[3]
CODE = ("lepton_core", "lepton_ai", "functions", "infra")
"""What of the repository a run of Lepton depends on."""

_LOG = "log.txt"

THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")


@dataclass(frozen=True)
class System:
    """``program`` is a module of this folder, ``package`` the one that has the version."""

    program: str
    package: str
    options: tuple[str, ...] = ()
    rival: bool = True


SYSTEMS: Mapping[str, System] = {
    "lepton": System("by_lepton", "lepton-ai", rival=False),
    "autogluon-medium": System("by_autogluon", "autogluon.tabular", ("medium_quality",)),
    "autogluon-good": System("by_autogluon", "autogluon.tabular", ("good_quality",)),
    "flaml": System("by_flaml", "flaml"),
    "lightgbm": System("by_lightgbm", "lightgbm"),
}
REFERENCE = "autogluon-good"
"""The system whose loss the others are divided by."""


class Failed(Exception):
    """A system gave no answer; the message says why in a line."""


def versions(names: Collection[str]) -> dict[str, str]:
    """The version of each system: of a rival it is that of its package where the rivals are installed."""
    found = {}
    for name in names:
        system = SYSTEMS[name]
        found[name] = _version_there(system.package) if system.rival else version(system.package)
    return found


def _version_there(package: str) -> str:
    code = f"import importlib.metadata as of; print(of.version({package!r}))"
    done = subprocess.run([interpreter(), "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit() -> str:
    """The last commit that changed Lepton's code, with a plus sign where it is changed since."""
    git = ["git", "-C", str(ROOT)]
    last = subprocess.run(
        [*git, "log", "-1", "--format=%h", "--abbrev=10", "--", *CODE],
        capture_output=True,
        text=True,
        check=True,
    )
    changed = subprocess.run(
        [*git, "status", "--porcelain", "--", *CODE], capture_output=True, text=True, check=True
    )
    return last.stdout.strip() + "+" * bool(changed.stdout.strip())


def asked(name: str, job: Job, command: list[str] | None = None) -> Answer:
    """What the system answers to a job, in a process of its own with ``job.threads`` cores; `Failed` without an answer.

    It is ended when it takes three times its budget and five minutes. ``command`` replaces its program.
    """
    job.write()
    system = SYSTEMS[name]
    if command is None:
        python = interpreter() if system.rival else sys.executable
        command = [str(python), "-m", f"{__package__}.{system.program}"]
    with (job.folder / _LOG).open("wb") as log:
        process = subprocess.Popen(
            [*command, str(job.folder), *system.options],
            stdout=log,
            stderr=log,
            cwd=job.own,
            env=_environment(job.threads),
            start_new_session=True,
        )
        _keep_to(process.pid, job.threads)
        most = 3 * job.seconds + 300
        try:
            status = process.wait(most)
        except subprocess.TimeoutExpired:
            raise Failed(f"no answer after {most:.0f} s") from None
        finally:
            _end(process)
    try:
        return read_answer(job.folder)
    except (FileNotFoundError, json.JSONDecodeError):
        said = said_in(job.folder).split("\n")
        last = next((line.strip() for line in reversed(said) if line.strip()), "it said nothing")
        raise Failed(f"status {status}: {last[:300]}") from None


def said_in(folder: Path) -> str:
    """What the system of a job has said; nothing before it was started."""
    log = folder / _LOG
    return log.read_text(errors="replace") if log.exists() else ""


def _environment(threads: int) -> dict[str, str]:
    limits = {f"{library}_NUM_THREADS": str(threads) for library in THREADS}
    # Threads that wait by spinning stall each other where another program takes a core for a moment.
    limits["OMP_WAIT_POLICY"] = "PASSIVE"
    return {**os.environ, **limits, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}


def _keep_to(process: int, cores: int) -> None:
    """A process that is to have two threads gets two cores, where the system can say so."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(process, sorted(os.sched_getaffinity(0))[:cores])


def _end(process: subprocess.Popen[bytes]) -> None:
    """Nothing of the system stays: its session is ended with all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
