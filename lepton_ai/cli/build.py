"""`lepton build`."""

from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory

import click

from lepton_ai.cli.shared import existing, name_argument, show


@click.command()
@name_argument
@click.option("-t", "--tag", required=True, metavar="IMAGE:TAG", help="What the image is to be called.")
@click.option("--version", type=click.IntRange(min=1), help="The version to serve (default: the newest).")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The folder to write, which must be new (default: of the image's name).",
)
@click.option("--json", "as_json", is_flag=True, help="Write folder and command as JSON, and nothing else.")
def build(name: str, tag: str, version: int | None, output: Path | None, as_json: bool) -> None:
    """Write a folder from which Docker builds an image that serves a version of the model NAME.

    It has the exported version, what the server needs of Lepton, a Dockerfile and requirements with their versions.
    In the image nobody is root, and its file system may be read-only. A request needs the key that the container has
    in LEPTON_API_KEY.

    \b
    Example:
      lepton build churn -t churn:7
      docker build -t churn:7 churn-7
      docker run --read-only -e LEPTON_API_KEY -p 8090:8090 churn:7
    """
    from lepton_ai.embedded import build_image  # noqa: PLC0415  (help is quick)

    folder = Path(tag.rpartition("/")[2].replace(":", "-")) if output is None else output
    with TemporaryDirectory() as place:
        file = existing(name, as_json=True).export(Path(place, "version.lepton"), version)
        written = build_image(name, file, folder)
    command = f"docker build -t {quote(tag)} {quote(str(written))}"
    show({"folder": str(written), "build": command}, as_json=as_json, text=f"{written} written; {command}")
