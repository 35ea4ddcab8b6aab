"""A whole file scored by its platform: sent, followed, and fetched with the predictions beside its columns."""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from lepton_ai.content import Content, file_content
from lepton_ai.errors import InvalidInput, error_of
from lepton_ai.exporting import file_to_write, write_whole
from lepton_ai.follow import ending, until
from lepton_ai.progress import Stopwatch, reporter, say
from lepton_ai.replies import read
from lepton_ai.transport import Transport
from lepton_core.errors import Conflict, Failure, LeptonError
from lepton_core.evaluate import LabelRule

_NO_NAME = re.compile(r"[/\\\x00-\x1f]")

_FEW = 5_000
"""Rows of one part: scoring them is over before there is anything to show."""


class ScoreView(msgspec.Struct, frozen=True):
    """How far a platform has scored a file."""

    id: str
    file: str
    state: str
    url: str | None = None
    run: str | None = None
    version: int | None = None
    done: int = 0
    rows: int = 0
    refused: int = 0
    as_it_came: bool = True
    ignored: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    rule: LabelRule | None = None
    error: Failure | None = None


class ScoredFile(msgspec.Struct, frozen=True):
    """The scored file at ``path``: ``version`` of ``model`` predicted its ``rows``, but for those ``refused``.

    ``as_it_came`` is False where the form of the file cannot be written, so that it is CSV. ``ignored`` are columns
    that the model does not read, ``filled`` those with missing cells. ``rule`` is what made the labels,
    where the most probable class did not.
    """

    path: Path
    model: str
    version: int
    rows: int
    refused: int
    as_it_came: bool = True
    ignored: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    rule: LabelRule | None = None

    def __str__(self) -> str:
        """One line, and another for each thing that may have been overlooked."""
        without = f", {self.refused} of them without a prediction" if self.refused else ""
        lines = [
            f"{self.rows} predictions by {self.model} version {self.version} written to {self.path}{without}"
        ]
        if not self.as_it_came:
            lines.append("the form of the file cannot be written: the result is CSV")
        if self.rule is not None:
            lines.append(f"label: {self.rule}")
        if self.filled:
            lines.append(f"filled, where cells are missing: {', '.join(self.filled)}")
        return "\n".join(lines)


def score_file(
    transport: Transport,
    model: str,
    path: str | Path,
    out: str | Path,
    version: int | None,
    *,
    overwrite: bool,
    quiet: bool,
) -> ScoredFile:
    """Have the file ``path`` scored, and write the result to ``out``, whole or not at all: see `Model.predict_file`."""
    target = file_to_write(out)
    if _is_same(target, path):
        raise InvalidInput(
            f"{str(target)!r} is the file of rows itself; give the result another name", field="path"
        )
    if target.exists() and not overwrite:
        raise InvalidInput(
            f"{str(target)!r} is there already; give overwrite=True, or another name", field="path"
        )
    data = file_content(path)
    if not data:
        raise InvalidInput(f"{path} is empty; give a table with rows", field="path")
    content = Content.of(data, path)
    del data  # of a large one nothing is held while it is scored
    start = f"/v1/models/{quote(model, safe='')}/score"
    body: dict[str, Any] = {"file": sent_name(Path(path).name), "size": content.size}
    if version is not None:
        body["version"] = version
    sent = read(transport.call("POST", start, body=body), ScoreView)
    where = f"{start}/{quote(sent.id, safe='')}"
    transport.call("PUT", sent.url or where, body=content, content_type="application/octet-stream")
    done = _followed(transport, model, where, quiet=quiet)
    fetched: bytes = transport.call("GET", done.url or f"{where}/file", decoder=bytes) or b""
    write_whole(target, fetched)
    found = ScoredFile(
        target,
        model,
        done.version or 0,
        done.rows,
        done.refused,
        done.as_it_came,
        done.ignored,
        done.filled,
        done.rule,
    )
    with suppress(LeptonError):  # the result is here, and what is left there goes by itself after a time
        transport.call("DELETE", where)
    return found


def _followed(transport: Transport, model: str, where: str, *, quiet: bool) -> ScoreView:
    watch, shown = Stopwatch(), reporter(f"scoring {model}", "row", quiet=quiet)

    def ask() -> ScoreView:
        seen = read(transport.call("GET", where), ScoreView)
        if seen.rows > _FEW:
            shown.update(seen.done, seen.rows)
        return seen

    first = ask()
    try:
        done = until(ask, lambda one: one.state not in ("waiting", "queued", "running"), first=first)
    except KeyboardInterrupt:
        shown.close()
        say(
            f"no longer waiting; the file is scored all the same; {ending(model, first.run or '')}",
            quiet=quiet,
        )
        raise
    except BaseException:
        shown.close()
        raise
    succeeded = done.state == "succeeded"
    shown.close(f"scoring {model}: done in {watch}" if succeeded and done.rows > _FEW else "")
    if done.error is not None:
        raise error_of(done.error)
    if not succeeded:
        raise Conflict(f"the scoring of {done.file!r} was {done.state}")
    return done


def sent_name(name: str) -> str:
    r"""The ``name`` of a file as a platform takes it, which names its result: the end of a long one.

    >>> sent_name("rows\n2\\3.csv"), len(sent_name("x" * 300 + ".csv"))
    ('rows_2_3.csv', 200)
    """
    return _NO_NAME.sub("_", name.encode(errors="replace").decode())[-200:] or "rows"


def _is_same(target: Path, path: str | Path) -> bool:
    try:
        return target.samefile(path)
    except (OSError, ValueError, TypeError):
        return False
