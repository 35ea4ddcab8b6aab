"""`lepton demo`."""

import click


@click.command()
def demo() -> None:
    """Take a real data set through the whole lifecycle, printing each step with its figures.

    It works in a folder of its own and needs no server. Its data comes with scikit-learn (lepton-ai[demo]).

    \b
    Example:
      lepton demo
    """
    from lepton_ai.demo import main  # noqa: PLC0415  (loads the whole platform)

    main()
