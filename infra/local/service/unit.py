"""The unit with which systemd starts a server, and starts it again after a crash or a start of the machine."""

from collections.abc import Sequence
from pathlib import Path

_UNIT = """\
[Unit]
Description=Lepton serves the model {model}
After=network-online.target
Wants=network-online.target

[Service]
Type=exec
ExecStart={command}
WorkingDirectory={folder}
Restart=on-failure
RestartSec=1
KillMode=mixed
TimeoutStopSec={seconds}
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ReadWritePaths={written}

[Install]
WantedBy=default.target
"""

_LONGEST_STOP = 15


def unit(model: str, command: Sequence[str], folder: Path, drain_seconds: float) -> str:
    """The text of the unit that runs ``command``, which may write in ``folder`` alone.

    A server that ends by itself, as its model is retired, is not started again.
    """
    return _UNIT.format(
        model=_plain(model),
        # Of a command alone systemd reads variables; the folder to work in is no word, and has no quotes.
        command=" ".join(quoted(word).replace("$", "$$") for word in command),
        folder=_plain(str(folder)),
        written=quoted(str(folder)),
        seconds=int(drain_seconds) + _LONGEST_STOP,
    )


def quoted(text: str) -> str:
    r"""A word of a unit file.

    >>> quoted("/usr/bin/python"), quoted("a b"), quoted('50%"$')
    ('/usr/bin/python', '"a b"', '"50%%\\"$"')
    """
    safe = _plain(text).replace("\\", "\\\\").replace('"', '\\"')
    return safe if safe and all(letter.isalnum() or letter in "/._-=:@+," for letter in safe) else f'"{safe}"'


def _plain(text: str) -> str:
    return text.replace("%", "%%").replace("\n", " ")
