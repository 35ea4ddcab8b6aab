"""`lepton create`."""

import click

from lepton_ai.cli.shared import json_option, name_argument, show


@click.command()
@name_argument
@click.option(
    "--algorithm",
    "-a",
    help="What it learns with; without it all are listed.",
)
@click.option(
    "--task",
    type=click.Choice(["classification", "regression"]),
    help="What it learns, where the algorithm can do both (default: what its first label looks like).",
)
@click.option("--dataset", help="The data set that it learns from (default: one of its own name).")
@json_option
def create(name: str, algorithm: str | None, task: str | None, dataset: str | None, as_json: bool) -> None:
    """Create the model NAME, or take up the one of that name.

    A model of that name with another algorithm or task is an error, and stays as it is.

    \b
    Example:
      lepton create churn --algorithm logistic_regression
      lepton create price --algorithm random_forest --task regression
    """
    from lepton_ai.model import Model  # noqa: PLC0415  (help must not load numpy)

    if algorithm is None:
        raise click.UsageError(_without_algorithm(name))
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


def _without_algorithm(name: str) -> str:
    from lepton_ai.catalog import algorithms  # noqa: PLC0415

    found = "; ".join(f"{one.name}: {one.help.partition('. ')[0].rstrip('.')}" for one in algorithms())
    return (
        f"say what it learns with (-a gradient_boosting suits most tables, and lepton train {name} --auto "
        f"--algorithms tries the others too). There are: {found}"
    )
