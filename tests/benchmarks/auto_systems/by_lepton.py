"""Lepton on one job, through its embedded SDK: ``python -m tests.benchmarks.auto_systems.by_lepton FOLDER``."""

import csv
import hashlib
import time
from pathlib import Path

from lepton_ai import Data, Model, Version
from lepton_ai.embedded import embedded_transport
from tests.benchmarks.auto_systems.job import Answer, Job, answered, latency
from tests.benchmarks.real_tables.lepton import LINEAR
from tests.benchmarks.real_tables.life import predicted


def run(job: Job) -> Answer:
    """From the file to a deployed model; then every row as a client sends it: texts by name."""
    data = job.own / "lepton"
    transport = embedded_transport(data)
    began = time.perf_counter()
    model = Model(LINEAR[job.task], name="judged", quiet=True, transport=transport)
    model.upload_data(Data.from_csv(job.training, label=job.label, quiet=True))
    version = model.train(auto=True, seconds=job.seconds, seed=job.seed)
    model.deploy()
    seconds = time.perf_counter() - began
    with job.asked.open(encoding="utf-8", newline="") as lines:
        rows = [dict(row) for row in csv.DictReader(lines)]
    cells = sum(map(len, rows))
    answers = predicted(model, rows)
    refused = cells - sum(map(len, rows))
    took = latency(lambda place: model.predict([rows[place]]), len(rows))
    size = artifact_bytes(data, version)
    transport.close()
    names = tuple(answers.classes) if job.task == "classification" else ()
    said = ", ".join(f"{name}={value}" for name, value in version.hyperparameters.items())
    of = [str(one) for one in version.members] or [f"{version.algorithm}({said})"]
    choice = f"{' + '.join(of)}, {len(version.leaderboard)} tried"
    choice += f", {refused} cells refused" if refused else ""
    return Answer(answers.to_numpy(), names, seconds, size, took, choice)


def artifact_bytes(data: Path, version: Version) -> int:
    """The size of the artifact that answers: the file with its digest."""
    assert version.served is not None
    for path in (data / "blobs").rglob("*"):
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() in version.served.digest:
            return path.stat().st_size
    raise FileNotFoundError(f"no file below {data} has the digest {version.served.digest}")


if __name__ == "__main__":
    answered(run)
