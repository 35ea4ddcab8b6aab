"""`lepton deploy`."""

import click

from lepton_ai.cli.shared import existing, json_option, name_argument, show_deployed


@click.command()
@name_argument
@click.option("--version", type=click.IntRange(min=1), help="The version to serve (default: the newest).")
@click.option(
    "--canary",
    type=click.FloatRange(0, 1, True, True),
    metavar="SHARE",
    help="Give it only this share of the calls.",
)
@click.option(
    "--bake-minutes",
    type=click.FloatRange(min=0),
    help="How long it is watched (default: 60 for a canary, else 5).",
)
@click.option(
    "--approval/--no-approval", default=None, help="Wait for lepton promote at the end of that time."
)
@click.option(
    "--served-at", metavar="TIME", help="Put back what was served then, as in 2030-05-03T12:00:00Z."
)
@click.option(
    "--target",
    type=click.Choice(["cloud", "local"]),
    default="cloud",
    show_default=True,
    help="'local': by a process of its own on this machine, too.",
)
@click.option("--service", help="The name of that process (default: NAME).")
@click.option("--port", type=click.IntRange(0, 65_535), help="Its port (default: 8090; 0: a free one).")
@click.option("--wait", is_flag=True, help="Show how it goes on until the version is watched no more.")
@json_option
def deploy(
    name: str,
    version: int | None,
    canary: float | None,
    bake_minutes: float | None,
    approval: bool | None,
    served_at: str | None,
    target: str,
    service: str | None,
    port: int | None,
    wait: bool,
    as_json: bool,
) -> None:
    """Serve a version of the model NAME.

    Calls are never without an answer while one version takes the place of another. A version that fails, or is slow,
    while it is watched is rolled back by itself. With --target local a process of its own serves the model on this
    machine, too; `lepton services` shows it, and `lepton stop` ends it.

    With --wait it ends when the version is watched no more, with exit status 3 if that does not serve then: it was
    rolled back, say. Ctrl-C leaves the deployment as it is; `lepton status NAME --deployment` goes on.

    \b
    Example:
      lepton deploy churn --version 2
      lepton deploy churn --canary 0.1 --bake-minutes 30 --wait
      lepton deploy churn --served-at 2030-05-03T12:00:00Z
      lepton deploy churn --target local --port 8090
    """
    model = existing(name, as_json=as_json)
    deployed = model.deploy(
        version,
        canary=canary,
        bake_minutes=bake_minutes,
        approval=approval,
        served_at=served_at,
        target=target,
        service=service,
        wait=wait,
        **({} if port is None else {"port": port}),
    )
    show_deployed(deployed, as_json=as_json)
