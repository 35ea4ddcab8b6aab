"""`lepton create`."""

import click

from lepton_ai.cli.shared import json_option, name_argument, show


@click.command()
@name_argument
@click.option(
    "--algorithm",
    "-a",
    required=True,
    help="What it learns with; `lepton algorithms` lists all.",
)
@click.option(
    "--task",
    type=click.Choice(["classification", "regression"]),
    help="What it learns, where the algorithm can do both (default: what its first label looks like).",
)
@click.option("--dataset", help="The data set that it learns from (default: one of its own name).")
@json_option
def create(name: str, algorithm: str, task: str | None, dataset: str | None, as_json: bool) -> None:
    """Create the model NAME, or take up the one of that name.

    A model of that name with another algorithm or task is an error, and stays as it is.

    \b
    Example:
      lepton create churn --algorithm logistic_regression
      lepton create price --algorithm random_forest --task regression
    """
    from lepton_ai.model import Model  # noqa: PLC0415  (help must not load numpy)

    model = Model(algorithm, name, task=task, dataset=dataset)
    state, learns = model.state, model.task
    result = {
        "name": model.name,
        "algorithm": model.algorithm,
        "task": learns,
        "dataset": model.dataset,
        "state": state,
    }
    text = f"model {model.name} ({model.algorithm}), data set {model.dataset}"
    show(result, as_json=as_json, text=text if state == "active" else f"{text}, {state}")
