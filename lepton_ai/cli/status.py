"""`lepton status`."""

from typing import TYPE_CHECKING, Any

import click

from lepton_ai.cli.shared import json_option, looked_at, show, show_deployed, show_with_leaderboard

if TYPE_CHECKING:
    from lepton_ai.replies import ModelView


@click.command()
@click.argument("name", required=False)
@click.option(
    "--run",
    "run_id",
    metavar="RUN",
    help="Wait for this run of the model, showing its progress and what it searched.",
)
@click.option(
    "--deployment",
    "deployed",
    is_flag=True,
    help="Wait until the version that is deployed is watched no more.",
)
@json_option
def status(name: str | None, run_id: str | None, deployed: bool, as_json: bool) -> None:
    """Show all models, or the versions, the runs and the deployment of the model NAME.

    With --deployment it shows how that goes on, as lepton deploy --wait does, and has exit status 3 if the version that
    was deployed last does not serve in the end.

    \b
    Example:
      lepton status
      lepton status churn
      lepton status churn --run run-0190a1b2c3d4
      lepton status churn --deployment
    """
    if deployed and run_id is not None:
        raise click.UsageError("--run and --deployment exclude each other")
    if name is None:
        if run_id is not None or deployed:
            raise click.UsageError(f"{'--deployment' if deployed else '--run'} needs the NAME of the model")
        _models(as_json=as_json)
        return
    model = looked_at(name, as_json=as_json)
    if run_id is not None:
        show_with_leaderboard(model.follow(run_id), as_json=as_json)
        return
    if deployed:
        show_deployed(model.follow_deployment(), as_json=as_json)
        return
    versions, runs, deployment = model.versions(), model.runs(10), model.deployment
    head = f"{name}: {model.algorithm}, {model.state}, data set {model.dataset}"
    lines = [head, *map(str, versions), *(f"{run.id}: {run}" for run in runs)]
    lines.append("not deployed" if deployment is None else str(deployment))
    result = {
        "name": name,
        "algorithm": model.algorithm,
        "dataset": model.dataset,
        "state": model.state,
        "versions": versions,
        "runs": runs,
        "deployment": deployment,
    }
    show(result, as_json=as_json, text="\n  ".join(lines))


def _models(*, as_json: bool) -> None:
    from lepton_ai.connect import connect  # noqa: PLC0415
    from lepton_ai.replies import ModelView, read  # noqa: PLC0415
    from lepton_ai.show import text_table  # noqa: PLC0415
    from lepton_ai.transport import pages  # noqa: PLC0415

    models = [read(item, ModelView) for item in pages(connect(), "/v1/models", {"limit": "1000"})]
    rows = [[model.name, model.algorithm, model.state, _deployed(model)] for model in models]
    text = text_table(["model", "algorithm", "state", "deployed"], rows) if rows else "no models yet"
    shown: list[dict[str, Any]] = [
        {"name": model.name, "algorithm": model.algorithm, "state": model.state, "champion": model.champion}
        for model in models
    ]
    show(shown, as_json=as_json, text=text)


def _deployed(model: "ModelView") -> str:
    serves = model.champion is not None and model.state != "retired"
    return str(model.champion) if serves else "-"
