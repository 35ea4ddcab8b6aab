"""Runs and results of tasks in the formats of earlier releases, made into those of today. Pure."""

from collections.abc import Callable, Mapping

import msgspec

from functions.records.record_upgrades import BY_CONTENT, NOT_KEPT, Body
from lepton_core import search as core

_SPEC = (
    "algorithm",
    "hyperparameters",
    "dataset",
    "dataset_version",
    "seed",
    "preprocessor",
    "task",
    "weight",
    "class_weight",
)
_OWN = {
    "train": ("warm_from", "candidates", "seconds"),
    "evaluate": ("version", "folds"),
    "update": ("champion", "tolerance", "reason"),
}
_PROGRESS = ("iteration", "iterations", "loss", "trial", "trials", "note")


def run_with_types(body: Body) -> Body:
    """Format 1 to 2: the request becomes a job, the results that were in the record are carried on."""
    kind, request, done = body.pop("kind"), body.pop("request"), body.pop("done", {})
    progress = {name: body.pop(name) for name in _PROGRESS if name in body}
    outcome = body.pop("outcome", {})
    job = _job(kind, request)
    return {
        **body,
        "job": job,
        "progress": progress,
        "outcome": {"type": kind, **_OUTCOMES[kind](outcome)} if outcome else None,
        "tasks_done": len(done),
        "carried": _carried(job, done, progress),
    }


def run_with_core_values(body: Body) -> Body:
    """Format 2 to 3: folds that are carried on hold a result of the core, and the outcome of an update a verdict."""
    changed: Body = {"carried": {task: _folded(result) for task, result in body.get("carried", {}).items()}}
    outcome = body.get("outcome")
    if outcome is not None and outcome["type"] == "update":
        names = ("reason", "champion_loss", "challenger_loss")
        verdict = {"promote": outcome["promoted"], **{name: outcome[name] for name in names}}
        changed["outcome"] = {"type": "update", "verdict": verdict, "trigger": outcome["trigger"]}
    return {**body, **changed}


def result_with_core_values(body: Body) -> Body:
    """Format 1 to 2: a fold holds a result of the core."""
    return {**body, "result": _folded(body["result"])}


def _folded(result: Body) -> Body:
    if result["type"] != "fold":
        return result
    return {"type": "fold", "result": {name: result[name] for name in ("loss", "rows", "metrics")}}


def run_with_split(body: Body) -> Body:
    """Format 3 to 4: a run that was queued before there was a choice holds out by content."""
    job = body["job"]
    return {**body, "job": {**job, "spec": {**job["spec"], "split": dict(BY_CONTENT)}}}


def run_with_asked_calibration(body: Body) -> Body:
    """Format 9 to 10: a training says whether somebody asked for calibration; only then is a regression refused.

    Without a search calibration is learnt only if somebody asked. A search for one model learns it unasked, but
    intervals as well then: without these somebody asked. A search for a blend has never refused a regression.
    """
    job = body["job"]
    extras = job.get("extras", {})
    if job["type"] != "train" or not extras.get("calibrate"):
        return body
    if job.get("candidates"):
        limited = job.get("megabytes") is not None or job.get("milliseconds") is not None
        if limited or job.get("members", 0) > 1 or extras.get("uncertainty"):
            return body
    return {**body, "job": {**job, "calibrate_asked": True}}


def _job(kind: str, request: Body) -> Body:
    spec = {name: request[name] for name in _SPEC if request.get(name) is not None}
    own = {name: request[name] for name in _OWN[kind] if request.get(name) is not None}
    return {"type": kind, "spec": spec, **own}


def _carried(job: Body, done: Body, progress: Body) -> Body:
    """The results by the key of their task. An importance is measured again: it has to be a file."""
    found: Body = {}
    for task, summary in done.items():
        match task.split("-"):
            case ["trial", rung, candidate]:
                found[task] = _tried(int(rung), int(candidate), summary)
            case ["fold", _]:
                found[task] = {"type": "fold", **summary}
            case ["held_out"]:
                found[task] = {"type": "held_out", **summary}
    if done.get("fit") is not None:
        found["fit"] = _fitted(job, done, progress, _winner(job, done))
    return found


def _tried(rung: int, candidate: int, summary: Body) -> Body:
    tried = {"losses": summary["losses"], "spans": summary["spans"], "error": summary.get("error")}
    return {"type": "trial", "trial": {"rung": rung, "candidate": candidate}, "tried": tried}


def _winner(job: Body, done: Body) -> int | None:
    candidates = job.get("candidates")
    if not candidates:
        return None
    trials = [one for one in _carried(job, {**done, "fit": None}, {}).values() if one["type"] == "trial"]
    tried = {
        msgspec.convert(one["trial"], core.Trial): msgspec.convert(one["tried"], core.Tried) for one in trials
    }
    return core.winner(core.Search(tried, len(candidates), job.get("seconds")))


def _fitted(job: Body, done: Body, progress: Body, candidate: int | None) -> Body:
    fit = done["fit"]
    return {
        "type": "fit",
        "checkpoint": {"key": fit["blob"], "digest": NOT_KEPT},
        "iteration": progress.get("iteration", 0),
        "iterations": progress.get("iterations", 0),
        "loss": progress.get("loss", []),
        "note": progress.get("note", ""),
        "warm": fit["warm"],
        "candidate": candidate,
        "scored": _scored(job, done["score"]) if "score" in done else None,
    }


def _scored(job: Body, score: Body) -> Body:
    names = ("challenger_loss", "champion_loss", "champion_error")
    return {
        "artifact": {"key": score["artifact"], "digest": score["digest"]},
        "evaluation": {"key": score["evaluation"], "digest": NOT_KEPT},
        "metrics": score["metrics"],
        "task": score["task"],
        "compared": {name: score[name] for name in names} if job["type"] == "update" else None,
    }


def _of_training(outcome: Body) -> Body:
    return {"metrics": outcome["metrics"], "leaderboard_inside": outcome.get("leaderboard")}


def _of_update(outcome: Body) -> Body:
    return {
        "promoted": outcome["promoted"],
        "reason": outcome["reason"],
        "champion_loss": outcome["champion"]["loss"],
        "challenger_loss": outcome["challenger"]["loss"],
        "trigger": outcome["trigger"],
    }


_OUTCOMES: Mapping[str, Callable[[Body], Body]] = {
    "train": _of_training,
    "evaluate": dict,
    "update": _of_update,
}
