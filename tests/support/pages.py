"""The pages of the documentation as programs: their blocks, and a session that runs them as a reader would.

A ``text`` or ``json`` block directly behind a block of code is what that code must write on stdout (and a command
that fails, on stderr): text to the letter, ``...`` standing for anything, JSON with the same keys all the way down.
A block marked ``sh norun`` is not run, only checked; one marked ``python path/of/a/file.py`` quotes that file.

``python -m tests.support.pages docs/quickstart.md ...`` writes what the code of these pages shows now into them.
Read the difference before you keep it.
"""

import argparse
import doctest
import io
import json
import os
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from shutil import copyfile
from string import Template
from tempfile import TemporaryDirectory
from typing import Any, NoReturn
from urllib.parse import quote

import click

from infra.local.gateway import call
from lepton_ai.cli import cli, main
from lepton_ai.embedded import close_all, embedded_transport
from tests.support.waiting import until

_FENCE = re.compile(r"^```(\w+)?([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ASSIGNED = re.compile(r"([A-Z_]+)=(\S.*)\Z")
_SHOWS = doctest.OutputChecker()
_LOOSE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
_DOCS = Path(__file__).parents[2] / "docs"
_SERVERS = ("up", "demo")


@dataclass(frozen=True)
class Block:
    """Code in ``language``, with what it ``shows`` (and in which language), if the page says so."""

    language: str
    info: str
    code: str
    line: int
    shows: str | None = None
    shown_as: str = ""


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, each with the output behind it."""
    text = page.read_text()
    found = list(_FENCE.finditer(text))
    for fence, behind in zip_longest(found, found[1:]):
        language, info, code = fence[1] or "", fence[2].strip(), fence[3]
        line = text.count("\n", 0, fence.start()) + 1
        adjacent = behind is not None and not text[fence.end() : behind.start()].strip()
        if adjacent and behind is not None and behind[1] in ("text", "json") and language in ("python", "sh"):
            yield Block(language, info, code, line, behind[3], behind[1])
        else:
            yield Block(language, info, code, line)


def commands(block: Block) -> Iterator[list[str]]:
    """The commands of a shell block as words, continued lines joined, comments left out."""
    for line in block.code.replace("\\\n", " ").splitlines():
        if words := shlex.split(line, comments=True):
            yield words


class _Quiet(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


_CURL = _Quiet(add_help=False)
_CURL.add_argument("-X", dest="method")
_CURL.add_argument("-H", dest="headers", action="append", default=[])
_CURL.add_argument("-d", dest="data")
_CURL.add_argument("--data-binary", dest="binary")
_CURL.add_argument("--url-query", dest="queries", action="append", default=[])
_CURL.add_argument("-s", action="store_true")
_CURL.add_argument("url")


@dataclass(frozen=True)
class Request:
    """What a curl command sends to the platform; ``body`` is the name of a file if it begins with @."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str | None


def request(words: list[str]) -> Request:
    """Read a curl command; ``ValueError`` for an option that these pages do not use, or another address."""
    given = _CURL.parse_args(words[1:])
    if not given.url.startswith("$LEPTON_URL/"):
        raise ValueError(f"not an address of the platform: {given.url}")
    path, _, query = given.url.removeprefix("$LEPTON_URL").partition("?")
    query = "&".join([*filter(None, [query]), *map(_encoded, given.queries)])
    body = given.binary if given.data is None else given.data
    method = given.method or ("GET" if body is None else "POST")
    named = (header.partition(":") for header in given.headers)
    headers = {name.strip().lower(): value.strip() for name, _, value in named}
    return Request(method, path, query, headers, body)


def _encoded(parameter: str) -> str:
    """A parameter of ``--url-query`` as curl puts it behind an address."""
    name, _, value = parameter.partition("=")
    return f"{name}={quote(value)}"


def check_usage(words: list[str]) -> None:
    """Raise what click raises if ``lepton ...`` names a command or an option that does not exist."""
    context = click.Context(cli, info_name="lepton")
    if words[1:] and not words[1].startswith("-"):
        command = cli.get_command(context, words[1])
        if command is None:
            raise click.UsageError(f"no command {words[1]!r}")
        command.make_context(words[1], list(words[2:]), parent=context)


@dataclass
class Session:
    """A reader who follows a page in the working folder, over the embedded platform.

    Variables set in a shell block are known to the later ones. RUN, UPLOAD and KEY are the ids of the last
    answers, whatever the page sets them to: ids differ from one day to the other. Without ``shell`` only the
    Python of a page is run.
    """

    shell: bool = True
    variables: dict[str, str] = field(default_factory=dict)
    namespace: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})

    def follow(self, page: Path) -> None:
        """Run the blocks of the page in order; ``AssertionError`` names the line that does not do as it says."""
        for block in blocks(page):
            place = f"{page.name}, line {block.line}"
            if block.language == "python" and not block.info:
                self._compare(place, block, self._python(block, place))
            elif self.shell and block.language == "sh" and "norun" not in block.info:
                self._compare(place, block, self._shell(block, place))

    def _python(self, block: Block, place: str) -> str:
        out = io.StringIO()
        code = compile("\n" * block.line + block.code, place, "exec")
        with redirect_stdout(out), redirect_stderr(io.StringIO()):
            exec(code, self.namespace)  # noqa: S102  (the page's own examples)
        return out.getvalue()

    def _shell(self, block: Block, place: str) -> str:
        out = ""
        for words in commands(block):
            assigned = _ASSIGNED.match(words[0]) if len(words) == 1 else None
            if assigned and assigned[1] not in ("RUN", "UPLOAD", "KEY", "LEPTON_URL"):
                self.variables[assigned[1]] = self._filled(assigned[2])
            elif words[0] == "lepton" and words[1] not in _SERVERS:
                out += self._lepton(words, block, place)
            elif words[0] == "curl":
                out = self._curl(words, block, place)
        return out

    def _lepton(self, words: list[str], block: Block, place: str) -> str:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            try:
                main(words[1:])
            except SystemExit as end:
                status = end.code
        wanted = "error:" in (block.shows or "")
        assert bool(status) <= wanted, f"{place}: {shlex.join(words)}\n{err.getvalue()}"
        return out.getvalue() + (err.getvalue() if status else "")

    def _curl(self, words: list[str], block: Block, place: str) -> str:
        asked = request([self._filled(word) for word in words])
        status, answer = self._ask(asked)
        wanted = '"error":' in (block.shows or "")
        assert (status >= 400) <= wanted, f"{place}: {shlex.join(words)}\n{status} {answer}"
        self._remember(answer)
        return answer

    def _ask(self, asked: Request) -> tuple[int, str]:
        stack = embedded_transport(Path(".lepton"))._opened()
        if "LEPTON_API_KEY" not in self.variables:
            wanted = {"scopes": ["admin", "predict", "read", "write"], "name": "a reader"}
            made = call(stack.app, stack.platform, "POST", "/v1/keys", "", _JSON, json.dumps(wanted).encode())
            self.variables["LEPTON_API_KEY"] = json.loads(made.body)["secret"]
        body = asked.body or ""
        raw = Path(body[1:]).read_bytes() if body.startswith("@") else body.encode()
        headers = {name: self._filled(value) for name, value in asked.headers.items()}
        # Only the wire is left out: without the embedded platform's owner every call must show a key.
        public = replace(stack.platform, owner=None)
        answer = call(stack.app, public, asked.method, self._filled(asked.path), asked.query, headers, raw)
        return answer.status, answer.body.decode()

    def _remember(self, answer: str) -> None:
        value = json.loads(answer)
        kind, _, number = str(value.get("id", "")).partition("-")
        if not number:
            return
        self.variables[{"up": "UPLOAD"}.get(kind, kind.upper())] = value["id"]
        if kind == "run":
            until(
                lambda: self._state_of(value["id"]) not in ("queued", "running"), f"{value['id']} has ended"
            )

    def _state_of(self, run: str) -> str:
        headers = {"x-api-key": self.variables["LEPTON_API_KEY"]}
        state: str = json.loads(self._ask(Request("GET", f"/v1/runs/{run}", "", headers, None))[1])["state"]
        return state

    def _filled(self, text: str) -> str:
        return Template(text).safe_substitute(self.variables)

    def _compare(self, place: str, block: Block, said: str) -> None:
        if block.shown_as == "text" and block.shows is not None:
            same = _SHOWS.check_output(block.shows, said, _LOOSE)
            assert same, f"{place}: the page shows\n{block.shows}\nand the code\n{said}"
        elif block.shown_as == "json" and block.shows is not None:
            difference = differs(json.loads(block.shows), json.loads(said))
            assert not difference, f"{place}: {difference}\n{said}"


_JSON = {"content-type": "application/json"}
_OPEN = (
    "probabilities",
    "metrics",
    "outcome",
    "hyperparameters",
    "libraries",
    "calibration",
    "roc",
    "per_class",
)
"""Objects whose keys are data: examples show some of them."""


def differs(shown: Any, real: Any, place: str = "") -> str:
    """Where an example in JSON has other keys than the real answer; "" if it has not.

    Of lists the first items are compared. A ``null`` may stand for anything, and anything for it.

    >>> differs({"a": 1, "b": [{"c": 2}]}, {"a": 5, "b": []}), differs({"a": {"b": 1}}, {"a": {"c": 1}})
    ('', 'a: the example has b, the answer has c')
    """
    if isinstance(shown, Mapping) and isinstance(real, Mapping):
        if place.rpartition(".")[2] not in _OPEN and set(shown) != set(real):
            only = [
                ", ".join(sorted(set(a) - set(b))) or "no more" for a, b in ((shown, real), (real, shown))
            ]
            return f"{place or 'top'}: the example has {only[0]}, the answer has {only[1]}"
        parts = (differs(shown[key], real[key], f"{place}.{key}".strip(".")) for key in shown if key in real)
        return next(filter(None, parts), "")
    if isinstance(shown, list) and isinstance(real, list):
        return differs(shown[0], real[0], place) if shown and real else ""
    numbers = isinstance(shown, (int, float)) and isinstance(real, (int, float))
    if shown is None or real is None or numbers or type(shown) is type(real):
        return ""
    return f"{place}: the example has {shown!r}, the answer has {real!r}"


_VOLATILE = (
    (r"\brun-[0-9a-f]{20,}", "run-..."),
    (r"latency p50 [\d.]+ ms, p99 [\d.]+ ms", "latency p50 ... ms, p99 ... ms"),
    (r"since [\d-]+ [\d:]+ UTC", "since ... UTC"),
    (r"/\S*/\.lepton\b", "....lepton"),
    (r"looked in [^)]+", "looked in ..."),
)


def elided(said: str, shows: str) -> str:
    """What a page shows of ``said``: no ids and times, and as many lines around a line ``...`` as it has in ``shows``.

    >>> elided("1\\n2\\n3\\nrun-0123456789abcdef0123", "x\\n...\\ny")
    '1\\n...\\nrun-...'
    """
    for pattern, short in _VOLATILE:
        said = re.sub(pattern, short, said)
    lines, before = said.strip("\n").splitlines(), shows.strip("\n").splitlines()
    if "..." in before:
        head, tail = before.index("..."), len(before) - before.index("...") - 1
        lines = [*lines[:head], "...", *lines[len(lines) - tail :]]
    return "\n".join(line.rstrip() for line in lines)


class _Writing(Session):
    """Follows a page and puts what its code writes into it."""

    def write(self, page: Path) -> None:
        self.changes: list[tuple[str, str]] = []
        self.follow(page)
        text, at = page.read_text(), 0
        for old, new in self.changes:
            found = text.index(f"```text\n{old}```", at)
            at = found + len(new)
            text = f"{text[:found]}```text\n{new}\n```{text[found + len(old) + 11 :]}"
        page.write_text(text)

    def _compare(self, place: str, block: Block, said: str) -> None:
        if block.shown_as == "text" and block.shows is not None:
            same = _SHOWS.check_output(block.shows, said, _LOOSE)
            self.changes.append(
                (block.shows, block.shows.rstrip("\n") if same else elided(said, block.shows))
            )


def give_data(folder: Path) -> None:
    """The files of the documentation that a clone has; nothing else is there before a page is followed."""
    for path in _DOCS.rglob("*.csv"):
        given = folder / "docs" / path.relative_to(_DOCS)
        given.parent.mkdir(parents=True, exist_ok=True)
        copyfile(path, given)


if __name__ == "__main__":
    for chosen in [Path(name).absolute() for name in sys.argv[1:]]:
        with TemporaryDirectory() as empty:
            os.chdir(empty)
            give_data(Path(empty))
            _Writing().write(chosen)
            close_all()
            os.chdir(chosen.parent)
