"""What mends a finding, as a command."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from shlex import quote
from typing import Any

from lepton_core.report import Finding, RemedyRequest

_SWITCHES = {"header": ("no-header", "header"), "day_first": ("month-first", "day-first")}
"""What an option is called if it is False, and if it is True."""


def command(finding: Finding, name: str) -> str:
    """The command for the data or model ``name``, with FILE for the file; empty where no command does it.

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
    return " ".join(["lepton upload", quote(name), "FILE", *words])


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
    texts = [f"{option}={value!r}" for option, value in body.items()]
    remedy = f"{start}({', '.join([source, *texts])})"
    return replace(findings[0], remedy=remedy, request=RemedyRequest("upload", body))


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
        return [word for name in value for word in ("--exclude", quote(name))]
    if option == "missing":
        by_column = value if isinstance(value, Mapping) else {"": value}
        pairs = [f"{name}={word}" if name else word for name, words in by_column.items() for word in words]
        return [word for pair in pairs for word in ("--missing", quote(pair))]
    if option == "names":
        return ["--names", quote(",".join(value))]
    if isinstance(value, bool):
        return ["--" + _SWITCHES[option][value]]
    name = "header-line" if option == "header" else option.replace("_", "-")
    return [f"--{name}", quote(str(value))]
