"""The command `lepton`: one command a step of a model's life, and others besides (`algorithms`, `status` ...)."""

import sys
from importlib import import_module
from keyword import iskeyword

import click

from lepton_ai.cli.errors import report
from lepton_ai.embedded import close_all
from lepton_ai.installed import found, not_in_light

# In the order of the lifecycle, as in the help. A command's module is loaded when it is called.
_COMMANDS = {
    "create": "Create a model, or take up the one of that name.",
    "upload": "Upload a file (CSV, JSON, Parquet, Arrow or Excel) as data.",
    "train": "Train a new version.",
    "evaluate": "Cross-validate, and evaluate a version on its held-out rows.",
    "deploy": "Serve a version, to all calls or to some.",
    "predict": "Predict the rows of a file of these forms, of stdin or of --row.",
    "monitor": "Show traffic, latency, drift and alerts.",
    "update": "Train a challenger; deploy it if it is not worse.",
    "retire": "Stop serving a model for good.",
    "policy": "Show, or say, when a model is updated by itself, and how.",
    "card": "Write what is known of a version, as a page to print.",
    "export": "Write a version into one file, which predicts alone.",
    "import": "Take in a version out of such a file.",
    "threshold": "Choose from which probability on a class is the label.",
    "promote": "Give the canary all of the calls.",
    "rollback": "Serve what served before.",
    "pause": "Leave the canary its share of the calls.",
    "unpause": "Watch the canary further.",
    "history": "Show what was served when, and by whose decision.",
    "data": "Show data sets and their reports, and release what is held.",
    "algorithms": "Show all algorithms, or the hyperparameters of one.",
    "keys": "Print the pair with which clients of AWS sign for a key.",
    "status": "Show all models, one model, or follow a run or a deployment.",
    "cancel": "End the run of a model that is under way.",
    "resume": "Let a cancelled run go on where it was.",
    "serve": "Serve one model at a port of its own.",
    "build": "Write what an image is built from that serves a version.",
    "services": "Show what serves single models on this machine.",
    "stop": "End what serves a single model.",
    "backup": "Copy all that a platform holds, while it is in use.",
    "verify": "Check every byte of a backup.",
    "restore": "Put a backup into an empty place.",
    "migrate": "Move the platform of one machine to a stack on AWS.",
    "up": "Start the platform on this machine and keep it up.",
    "demo": "Take real data through the whole lifecycle.",
}


class _Lifecycle(click.Group):
    """Commands that are imported when they are needed, so that ``lepton --help`` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command = getattr(import_module(f"{__name__}.{name}"), name)
        assert isinstance(command, click.Command)  # noqa: S101  (for the type checker)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


def _version(ctx: click.Context, option: click.Parameter, wanted: bool) -> None:
    if wanted:
        number = next(iter(found().values()), "(not installed)")
        click.echo(f"lepton {number}")
        ctx.exit()


@click.group(
    cls=_Lifecycle, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version."
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """The whole life of a machine-learning model.

    Without LEPTON_URL the platform runs inside the command, with its state in .lepton/ (or LEPTON_DATA). With
    LEPTON_URL and LEPTON_API_KEY the commands talk to that platform.

    \b
    Example:
      lepton create churn --algorithm logistic_regression
      lepton upload churn train.csv
      lepton train churn
      lepton deploy churn
      lepton predict churn --row 'age=31,plan=basic'
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(arguments: list[str] | None = None) -> None:
    """Run the command and end the process: 0 done, 1 an error, 2 wrong usage, 130 interrupted.

    `lepton predict` has 3 for a file of which some rows have no prediction, and what waits for a deployment for one
    that does not serve in the end.
    """
    given = sys.argv[1:] if arguments is None else arguments
    try:
        cli.main(given, prog_name="lepton", standalone_mode=False)
        status = 0
        close_all()
    except BaseException as error:  # noqa: BLE001  (whatever it is, a user sees one line and no traceback)
        status = report(not_in_light(error), as_json="--json" in given)
        close_all()
    sys.exit(status)
