"""What mends a finding, as a command."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from shlex import quote
from typing import Any

from lepton_core.report import Finding, RemedyRequest, Report
from lepton_core.report.remedies import SECOND_GIVEN

_SWITCHES = {"header": ("no-header", "header"), "day_first": ("month-first", "day-first")}
"""What an option is called if it is False, and if it is True."""

_OFFER = re.compile(
    r"Data\.from_(?:csv|file)\(path, |Data\.from_pandas\(frame, "
    r"|\b(?:kinds|exclude|missing|decimal|day_first|header|bad_rows|names|sheet)=(?=[\[{('\"\dTF])"
)
_READS = re.compile(r"Data\.from_(?:pandas\(frame|csv\(path)\b")
_ENDS = re.compile(r"[\]})'\"\d]|True|False")


def command(finding: Finding, name: str) -> str:
    """The command for the data or model ``name``, with FILE and SECOND for the files; empty where no command does it.

    >>> from lepton_core.report import RemedyRequest
    >>> told = Finding("leak", "", request=RemedyRequest("upload", {"label": "paid", "exclude": ["refund", "a b"]}))
    >>> command(told, "churn")
    "lepton upload churn FILE --label paid --exclude refund --exclude 'a b'"
    """
    request = finding.request
    if request is None:
        return ""
    if request.route == "train":
        return " ".join(["lepton train", quote(name), *_train(request.body)])
    words = [word for option, value in request.body.items() for word in _words(option, value)]
    files = ["FILE", "--held-out", "SECOND"] if SECOND_GIVEN in finding.remedy else ["FILE"]
    return " ".join(["lepton upload", quote(name), *files, *words])


def with_options(text: str) -> str:
    """``text``, in which each call that reads a file in another way, and each of its arguments, is written as options.

    >>> with_options("to go on without it: Data.from_csv(path, exclude=['a b']); or with kinds={'zip': 'text'}")
    "to go on without it: --exclude 'a b'; or with --kind zip=text"
    """
    said, at = "", 0
    while (found := _OFFER.search(text, at)) is not None:
        end, body = _given(text, found)
        words = [word for option, value in body.items() for word in _words(option, value)]
        said += text[at : found.start()] + (" ".join(words) if words else text[found.start() : end])
        at = end
    return said + text[at:]


def _given(text: str, found: re.Match[str]) -> tuple[int, dict[str, Any]]:
    """Where the call or argument that begins at ``found`` ends, and what it says; nothing if it is none."""
    is_call = found[0].startswith("Data")
    for sign in _ENDS.finditer(text, found.end()):
        source = text[found.start() : sign.end()] if is_call else f"f({text[found.start() : sign.end()]})"
        try:
            call = ast.parse(source, mode="eval").body
            body = {str(one.arg): ast.literal_eval(one.value) for one in getattr(call, "keywords", ())}
        except (SyntaxError, ValueError):
            continue
        if body:
            return sign.end(), {name: "..." if value is ... else value for name, value in body.items()}
    return found.end(), {}


def as_one(findings: Sequence[Finding]) -> Finding:
    """One finding whose remedy is that of all of them, which are alike: all columns are excluded, or of a kind.

    >>> from lepton_core.report import RemedyRequest
    >>> made = [Finding("empty", "", "call", one, request=RemedyRequest("upload", {"exclude": [one]})) for one in "ab"]
    >>> as_one(made).remedy, as_one(made).request.body
    ("Data.from_csv(path, exclude=['a', 'b'])", {'exclude': ['a', 'b']})
    """
    bodies = [
        one.request.body for one in findings if one.request is not None and one.request.route == "upload"
    ]
    if len(bodies) < len(findings):
        return findings[0]
    body = dict(bodies[0])
    for more in bodies[1:]:
        for option, value in more.items():
            if option == "exclude":
                body[option] = list(dict.fromkeys([*body.get(option, []), *value]))
            elif option == "kinds":
                body[option] = {**body.get(option, {}), **value}
    start = findings[0].remedy.partition("(")[0] if "(" in findings[0].remedy else "Data.from_csv"
    source = "frame" if start.endswith("pandas") else "path"
    source += SECOND_GIVEN if SECOND_GIVEN in findings[0].remedy else ""
    texts = [f"{option}={value!r}" for option, value in body.items()]
    remedy = f"{start}({', '.join([source, *texts])})"
    return replace(findings[0], remedy=remedy, request=RemedyRequest("upload", body))


def reading_files(report: Report) -> Report:
    """The report, in whose remedies columns of a file are read from that, whatever form it has.

    >>> from lepton_core.report import LabelReport
    >>> told = Report(1, 1, LabelReport("y"), (), (Finding("empty", "", "Data.from_pandas(frame, exclude=['a'])"),))
    >>> reading_files(told).findings[0].remedy
    "Data.from_file(path, exclude=['a'])"
    """
    return replace(report, findings=tuple(map(_of_file, report.findings)))


def _of_file(finding: Finding) -> Finding:
    return replace(finding, remedy=_READS.sub("Data.from_file(path", finding.remedy))


def _train(body: Mapping[str, Any]) -> Iterator[str]:
    for option, value in body.items():
        if option == "split":
            yield from ("--split", quote(f"{value['by']}:{value['column']}"))
        else:
            yield from (f"--{option.replace('_', '-')}", quote(str(value)))


def _words(option: str, value: Any) -> list[str]:
    """An option of `lepton upload` and what it is given, as a shell reads them."""
    if option == "kinds":
        return [word for name, kind in value.items() for word in ("--kind", quote(f"{name}={kind}"))]
    if option == "exclude":
        return [word for name in value or ("",) for word in ("--exclude", quote(name))]
    if option == "missing":
        by_column = value if isinstance(value, Mapping) else {"": value}
        # Without a word only the empty cell is missing.
        every = [(name, word) for name, words in by_column.items() for word in words or ("",)]
        pairs = [f"{name}={word}" if name else word for name, word in every]
        return [word for pair in pairs for word in ("--missing", quote(pair))]
    if option == "names":
        return ["--names", quote(",".join(value))]
    if isinstance(value, bool):
        return ["--" + _SWITCHES[option][value]]
    name = "header-line" if option == "header" else option.replace("_", "-")
    return [f"--{name}", quote(str(value))]
