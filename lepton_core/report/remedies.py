"""What mends a finding, in all spellings: a call of the SDK, and what the same request of HTTP says."""

from dataclasses import dataclass, replace
from typing import Any

from lepton_core.remedy import Remedy, request_of
from lepton_core.report.values import Finding
from lepton_core.table import ReadingOptions
from lepton_core.table.reading_options import NOTHING_SAID

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

    def call(self, options: dict[str, Any]) -> Remedy:
        """The call that reads it again, with ``options``.

        >>> str(Way(ReadingOptions(decimal=","), "paid").call({"exclude": ["id"]}))
        "Data.from_csv(path, label='paid', exclude=['id'], decimal=',')"
        """
        again = self.reading.call(2 if self.two else 1, **{**self._label(options), **self._joined(options)})
        return again.reading("from_pandas") if self.frame else again

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
    """The finding, of which the calls that read the table say all that was said, and with the request of the first.

    >>> from lepton_core.remedy import call
    >>> found = completed(Finding("empty", "no value", column="x", remedies=(call(exclude=["x"]),)), Way(label="y"))
    >>> found.remedy, found.request
    ("Data.from_csv(path, label='y', exclude=['x'])",
     RemedyRequest(route='upload', body={'label': 'y', 'exclude': ['x']}))
    """
    if not finding.remedies:
        return finding
    if finding.code == "no_header":  # its names are made up
        way = replace(way, label=None)
    if finding.code == "lines_above":
        way = replace(way, label_stays=True)
    remedies = tuple(way.call(one.body) if one.files else one for one in finding.remedies)
    said = " or ".join(str(one) for one in remedies if one.is_call)
    return replace(finding, remedy=said, request=request_of(remedies[:1]), remedies=remedies)
