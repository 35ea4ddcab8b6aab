"""What mends a finding, in all spellings: a call of the SDK, and what the same request of HTTP says."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from lepton_core.report.values import Finding, RemedyRequest
from lepton_core.table import ReadingOptions
from lepton_core.table.reading_options import NOTHING_SAID

SECOND_GIVEN = ", held_out=held_out"
"""In a call that reads two files: what stands behind the first one."""

_SPLIT = ("by", "column", "fraction")

OTHER_NAMES = frozenset({"delimiter", "header", "quote"})
"""Where one of these is said otherwise, the columns have other names."""


@dataclass(frozen=True)
class Way:
    """How the table came: read as ``reading`` says, for ``label`` if that was said, from a file or from a frame.

    ``two``: from two of them, of which the second one has the rows to hold out. ``label_stays``: the label is said even
    where the columns get other names: else one of these would be predicted, and that be kept with the data set.
    """

    reading: ReadingOptions = NOTHING_SAID
    label: str | None = None
    frame: bool = False
    two: bool = False
    label_stays: bool = False

    def call(self, options: dict[str, Any]) -> str:
        """The call that reads it again, with ``options``.

        >>> Way(ReadingOptions(decimal=","), "paid").call({"exclude": ["id"]})
        "Data.from_csv(path, label='paid', exclude=['id'], decimal=',')"
        """
        text = self.reading.call(**{**self._label(options), **self._joined(options)})
        return text.replace("from_csv(path", self._start(), 1)

    def _start(self) -> str:
        start = "from_pandas(frame" if self.frame else "from_csv(path"
        return f"{start}{SECOND_GIVEN}" if self.two else start

    def request(self, options: dict[str, Any]) -> RemedyRequest:
        """The fields of an upload that say the same."""
        return RemedyRequest(
            "upload", _plain({**self._label(options), **self.reading.said, **self._joined(options)})
        )

    def _joined(self, options: dict[str, Any]) -> dict[str, Any]:
        """The options, of which the words for a missing cell of a column stand beside those of others."""
        said = self.reading.missing
        if not isinstance(said, dict) or not isinstance(options.get("missing"), dict):
            return options
        return {**options, "missing": {**said, **options["missing"]}}

    def _label(self, options: dict[str, Any]) -> dict[str, Any]:
        """The label that was said, if with ``options`` there still is a column of this name."""
        named = options.get("names")
        others = {
            name for name in OTHER_NAMES & options.keys() if options[name] != self.reading.said.get(name)
        }
        gone = not self.label_stays and (self.label not in named if named else others)
        return {} if self.label is None or gone else {"label": self.label}


def completed(finding: Finding, way: Way) -> Finding:
    """The finding with a remedy that says all that was said, and with the request that says the same.

    >>> found = Finding("empty", "no value", "Data.from_csv(path, exclude=['x'])", "x")
    >>> completed(found, Way(label="y")).request
    RemedyRequest(route='upload', body={'label': 'y', 'exclude': ['x']})
    """
    if not finding.remedy:
        return finding
    if finding.code == "no_header":  # its names are made up
        way = replace(way, label=None)
    if finding.code == "lines_above":
        way = replace(way, label_stays=True)
    calls = [*_read(finding.remedy)]
    first = calls[0]
    if first.function.startswith("model."):
        return replace(finding, request=RemedyRequest("train", first.words))
    if first.given:
        return replace(finding, remedy=_with_label(finding.remedy, way))
    texts = [way.call(one.words) for one in calls]
    return replace(finding, remedy=" or ".join(texts), request=way.request(first.words))


@dataclass(frozen=True)
class _Call:
    """A call: its ``function``, the words that were given to it, and whether it takes something that it reads first."""

    function: str
    words: dict[str, Any]
    given: bool


def _read(text: str) -> Iterator[_Call]:
    """The call that a remedy is, or those between which it lets choose."""
    found = ast.parse(text, mode="eval").body
    for call in found.values if isinstance(found, ast.BoolOp) else [found]:
        assert isinstance(call, ast.Call)  # noqa: S101  (whatever writes a remedy writes calls)
        words = {str(one.arg): _value(one.value) for one in call.keywords}
        yield _Call(ast.unparse(call.func), words, any(isinstance(one, ast.Call) for one in call.args))


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Call):
        return dict(zip(_SPLIT, map(ast.literal_eval, node.args), strict=False))
    return _plain(ast.literal_eval(node))


def _with_label(text: str, way: Way) -> str:
    return text if way.label is None else f"{text[:-1]}, label={way.label!r})"


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return {key: _plain(one) for key, one in value.items()} if isinstance(value, dict) else value
