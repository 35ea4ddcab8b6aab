"""`lepton keys`."""

import click

from lepton_ai.cli.shared import json_option, show


@click.group()
def keys() -> None:
    """Print what other clients need in place of an API key.

    \b
    Example:
      lepton keys aws key-0123456789
    """


@keys.command("aws")
@click.argument("key")
@json_option
def aws(key: str, as_json: bool) -> None:
    """Print the pair with which clients of AWS sign in the name of KEY, an id or a whole key.

    The pair ends with the key. It is told to the key itself, and to one that is an admin's.

    \b
    Example:
      lepton keys aws key-0123456789
      export $(lepton keys aws $LEPTON_API_KEY)
    """
    from lepton_ai.keys import aws_pair  # noqa: PLC0415  (help must not load the client)

    pair = aws_pair(key)
    lines = {"AWS_ACCESS_KEY_ID": pair.access_key_id, "AWS_SECRET_ACCESS_KEY": pair.secret_access_key}
    show(pair, as_json=as_json, text="\n".join(f"{name}={value}" for name, value in lines.items()))
