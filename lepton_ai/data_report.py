"""What is to know of a table before anything is trained on it, as text, as a page of a notebook, and as values."""

from typing import Any

import msgspec

from lepton_ai.report_page import page
from lepton_ai.report_text import Shown, said, text
from lepton_core.report import Finding, Report


class DataReport(msgspec.Struct, frozen=True):
    """The report of ``version`` of the data set ``dataset``, or of data that was not uploaded yet (version None).

    ``report`` has all of it as values: ``columns``, ``findings``, ``changes``, ``held``. ``held``: no model is
    trained on the version by itself, as of when this was asked. It shows values of the data, so whoever may see it may
    see the data; of columns that tell rows apart it has none.
    """

    dataset: str
    version: int | None
    report: Report
    held: bool = False

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is likely wrong, or misleads a model; each with its ``code``, ``column``, ``message`` and ``remedy``."""
        return self.report.warnings

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The warnings, and the notes: what was guessed or done."""
        return self.report.findings

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found

    def __repr__(self) -> str:
        return f"<DataReport {self.title()}: {len(self.warnings)} warnings>"

    def title(self) -> str:
        """The first line."""
        return self._shown().title()

    def short(self, *, commands: bool = False) -> str:
        """The warnings, and whether the version is held; empty if there is nothing to say."""
        shown = self._shown(commands=commands)
        return "\n".join([*said(shown, self.warnings), *shown.if_held()])

    def __str__(self) -> str:
        """The whole report as text of 80 columns."""
        return text(self._shown())

    def with_commands(self) -> str:
        """The same, with commands of a shell in place of calls."""
        return text(self._shown(commands=True))

    def _repr_html_(self) -> str:
        return page(self._shown())

    def _shown(self, *, commands: bool = False) -> Shown:
        return Shown(self.dataset, self.version, self.report, self.held, commands)
