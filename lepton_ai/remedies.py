"""What mends a finding, as a command."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from shlex import quote
from typing import Any

from lepton_core.report import Finding, RemedyRequest, Report
from lepton_core.report.offers import offers
from lepton_core.report.remedies import SECOND_GIVEN

_SWITCHES = {"header": ("no-header", "header"), "day_first": ("month-first", "day-first")}
"""What an option is called if it is False, and if it is True."""

_ACTS = re.compile(r"\b(?:Model\(name=|Dataset\(|model\.train\()")
_READS = re.compile(r"Data\.from_(?:pandas\(frame|csv\(path)\b")


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

    A call of a model or of a data set is written as the command that does it.

    >>> with_options("to go on without it: Data.from_csv(path, exclude=['a b']); or with kinds={'zip': 'text'}")
    "to go on without it: --exclude 'a b'; or with --kind zip=text"
    >>> with_options("train the model anew: Model(name='churn').train(); or Dataset('churn').delete(2, force=True)")
    'train the model anew: lepton train churn; or lepton data delete churn 2 --force'
    """
    text = _with_commands(text)
    said, at = "", 0
    for one in offers(text):
        words = [word for option, value in one.body.items() for word in _words(option, value)]
        said += text[at : one.start] + " ".join(words)
        at = one.end
    return said + text[at:]


def _with_commands(text: str) -> str:
    """``text``, in which calls of models and data sets are commands."""
    said, at = "", 0
    while (found := _ACTS.search(text, at)) is not None:
        end, written = _act(text, found.start())
        said += text[at : found.start()] + written
        at = end
    return said + text[at:]


def _act(text: str, start: int) -> tuple[int, str]:
    """Where the call that begins at ``start`` ends, and the command of it; its own first letter if it has none."""
    for sign in re.finditer(r"\)", text[start:]):
        source = text[start : start + sign.end()]
        try:
            call = ast.parse(source, mode="eval").body
            written = _command_of(call)
        except (SyntaxError, ValueError):
            continue
        if written:
            return start + len(source), written
    return start + 1, text[start]


def _command_of(call: ast.expr) -> str:
    """The command of a call of a method; empty if there is none. Raises ``ValueError`` for what is no literal."""
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return ""
    of, method = call.func.value, call.func.attr
    given = [str(ast.literal_eval(one)) for one in call.args]
    body = {str(one.arg): ast.literal_eval(one.value) for one in call.keywords}
    if isinstance(of, ast.Name):
        return " ".join(["lepton train NAME", *_train(body)])
    if not isinstance(of, ast.Call) or not isinstance(of.func, ast.Name):
        return ""
    name = quote(str(ast.literal_eval([*of.args, *(one.value for one in of.keywords)][0])))
    if of.func.id == "Model":
        known = method in ("train", "retire", "cancel")
        return " ".join([f"lepton {method} {name}", *_train(body)]) if known else ""
    if method not in ("delete", "release", "report"):
        return ""
    which = given or (["--all"] if method == "delete" else [])
    return " ".join([f"lepton data {method} {name}", *which, *(["--force"] if body.get("force") else [])])


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
        named = ((name, "KIND" if kind is ... else kind) for name, kind in value.items())
        return [word for name, kind in named for word in ("--kind", quote(f"{name}={kind}"))]
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
