"""`lepton demo`."""

import sys

import click

from lepton_ai.cli.shared import json_option, write_json


@click.command()
@json_option
def demo(as_json: bool) -> None:
    """Take a real data set through the whole lifecycle, printing each step with its figures.

    It works in a folder of its own and needs no server. Its data comes with scikit-learn. It fails if a step does
    not do what it should, or if the accuracy is more than 1 % behind scikit-learn's. With --json the figures are one
    JSON value on stdout, by step, and the story goes to stderr.

    \b
    Example:
      lepton demo
    """
    from lepton_ai.demo import main  # noqa: PLC0415  (loads the whole platform)

    found = main(sys.stderr if as_json else sys.stdout)
    if as_json:
        write_json(found)
