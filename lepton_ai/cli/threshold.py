"""`lepton threshold`."""

import click

from lepton_ai.cli.shared import existing, json_option, name_argument, numbers, show

_SHARE = click.FloatRange(0, 1, min_open=True)


@click.command()
@name_argument
@click.option("--recall", type=_SHARE, help="The share of the class that is to be found.")
@click.option("--precision", type=_SHARE, help="The share of its alarms that are to be right.")
@click.option("--cost", "costs", multiple=True, metavar="CLASS=NUMBER", help="What it costs to miss a class.")
@click.option(
    "--threshold", type=click.FloatRange(0, 1), help="The probability from which on it is the label."
)
@click.option("--label", metavar="CLASS", help="Which of two classes is meant (default: the rarer one).")
@click.option("--none", "usual", is_flag=True, help="Make the most probable class the label again.")
@click.option("--version", type=click.IntRange(min=1), help="Of which version (default: the newest).")
@json_option
def threshold(
    name: str,
    recall: float | None,
    precision: float | None,
    costs: tuple[str, ...],
    threshold: float | None,
    label: str | None,
    usual: bool,
    version: int | None,
    as_json: bool,
) -> None:
    """Say what makes the labels of a version of the model NAME, and show what that does on its held-out rows.

    It is chosen on these rows, and kept with the version; a deployed one labels so at once. The probabilities stay as
    they are. A cost is 1 for a class that is not named. Updates choose anew, by the same wish.

    \b
    Example:
      lepton threshold churn --recall 0.9
      lepton threshold churn --precision 0.8 --label yes
      lepton threshold churn --cost yes=50 --cost no=1
      lepton threshold churn --none
    """
    given = [one is not None for one in (recall, precision, threshold)].count(True) + bool(costs) + usual
    if given != 1:
        raise click.UsageError("give one of --recall, --precision, --cost, --threshold and --none")
    if label is not None and (costs or usual):
        raise click.UsageError("--label goes with --recall, --precision or --threshold")
    model = existing(name, as_json=as_json)
    by_class = numbers(costs, "--cost") or None
    found = model.set_threshold(
        threshold, recall=recall, precision=precision, costs=by_class, label=label, version=version
    )
    show(found, as_json=as_json)
