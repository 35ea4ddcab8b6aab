"""What mends a finding or an error, as a command."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from shlex import quote
from typing import Any

from lepton_core.remedy import LEFT_OPEN, Remedy, RemedyRequest, call, reworded
from lepton_core.report import Finding, Report

_SWITCHES = {"header": ("no-header", "header"), "day_first": ("month-first", "day-first")}
"""What an option is called if it is False, and if it is True."""

_OPEN = {"label": "COLUMN", "delimiter": "SIGN"}
"""What stands for a value that the reader has to choose."""

_TRAIN = {"dataset_version": "data-version"}
"""Options of `lepton train` with another name than the field of a request has."""

_AUTO = {"algorithm": "--algorithms", "hyperparameters": "--own"}
"""What is searched, as a switch beside `--auto`."""


def command(finding: Finding, name: str) -> str:
    """The command for the data set ``name``, with FILE and SECOND for the files; empty where no command does it.

    >>> told = Finding("leak", "", request=RemedyRequest("upload", {"label": "paid", "exclude": ["refund", "a b"]}))
    >>> command(told, "churn")
    "lepton data upload churn FILE --label paid --exclude refund --exclude 'a b'"
    """
    request = finding.request
    if request is None:
        return ""
    if request.route == "train":
        return " ".join(["lepton train", quote(name), *_train(request.body)])
    two = any(one.files > 1 for one in finding.remedies)
    files = ["FILE", "--held-out", "SECOND"] if two else ["FILE"]
    return " ".join(["lepton data upload", quote(name), *files, *_options(request.body)])


def with_options(text: str, remedies: Sequence[Remedy]) -> str:
    """``text``, in which each of its ``remedies`` is written as a command, or as the options of one.

    >>> with_options(f"without it: {call(exclude=['a b'])}", [call(exclude=["a b"])])
    "without it: --exclude 'a b'"
    """
    return reworded(text, remedies, _as_command)


def _as_command(one: Remedy) -> str:
    """A remedy as a command; of one that reads a file the options alone, for the command is the one that failed.

    >>> from lepton_core.remedy import deletion, training
    >>> _as_command(training("churn")), _as_command(deletion("churn", 2, force=True))
    ('lepton train churn', 'lepton data delete churn 2 --force')
    >>> from lepton_core.remedy import thresholding
    >>> _as_command(thresholding(recall=0.9, label="yes")), _as_command(thresholding(costs={"a b": 10}))
    ('lepton threshold NAME --recall 0.9 --label yes', "lepton threshold NAME --cost 'a b=10'")
    >>> from lepton_core.remedy import lagging, predicting
    >>> _as_command(predicting("a b.csv"))
    "lepton predict --file FILE 'a b.csv'"
    >>> _as_command(lagging({"sales": [1]}, "day"))
    "data = data.with_lags({'sales': [1]}, by='day')"
    >>> _as_command(thresholding(recall=0.9).of_version(2))
    'lepton threshold NAME --recall 0.9 --version 2'
    """
    name = "NAME" if one.of is None else quote(one.of)
    if one.route == "train":
        return " ".join(["lepton train", name, *_train(one.body)])
    if one.route == "threshold":
        version = [] if one.version is None else ["--version", str(one.version)]
        return " ".join(["lepton threshold", name, *_threshold(one.body), *version])
    if one.route == "predict":
        return f"lepton predict --file FILE {quote(one.body['file'])}"
    if one.route in ("retire", "cancel"):
        return f"lepton {one.route} {name}"
    if one.route == "delete":
        which = str(one.body["version"]) if "version" in one.body else "--all"
        return " ".join(["lepton data delete", name, which, *(["--force"] if one.body.get("force") else [])])
    return one.said if one.route == "lags" else " ".join(_options(one.body))


def as_one(findings: Sequence[Finding]) -> Finding:
    """One finding whose remedy is that of all of them, which are alike: all columns are excluded, or of a kind.

    >>> ways = [call(exclude=[one]) for one in "ab"]
    >>> asked = [RemedyRequest("upload", one.body) for one in ways]
    >>> made = [Finding("empty", "", request=asks, remedies=(one,)) for one, asks in zip(ways, asked)]
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
    # A report that an earlier version wrote has no remedies, and does not say how the table came.
    first = next((one for one in findings[0].remedies if one.files), call().reading("from_file"))
    way = first.saying(body)
    request = RemedyRequest("upload", body)
    return replace(findings[0], remedy=str(way), request=request, remedies=(way,))


def reading_files(report: Report) -> Report:
    """The report, in whose remedies columns of a file are read from that, whatever form it has.

    A call that is none of ours reads CSV alone, and is left out.

    >>> from lepton_core.report import LabelReport
    >>> way = call(exclude=["a"]).reading("from_pandas")
    >>> told = Report(1, 1, LabelReport("y"), (), (Finding("empty", "", str(way), remedies=(way,)),))
    >>> reading_files(told).findings[0].remedy
    "Data.from_file(path, exclude=['a'])"
    """
    return replace(report, findings=tuple(map(_of_file, report.findings)))


def _of_file(finding: Finding) -> Finding:
    if finding.remedy and not finding.remedies:
        return replace(finding, remedy="")
    remedies = tuple(one.reading("from_file") for one in finding.remedies)
    said = {one.said: other.said for one, other in zip(finding.remedies, remedies, strict=True)}
    remedy = reworded(finding.remedy, finding.remedies, lambda one: said[one.said])
    return replace(finding, remedy=remedy, remedies=remedies)


def _options(body: Mapping[str, Any]) -> list[str]:
    return [word for option, value in body.items() for word in _words(option, value)]


def _train(body: Mapping[str, Any]) -> Iterator[str]:
    """The options of `lepton train` for a request.

    >>> by = {"by": "time", "column": "when", "fraction": 0.3}
    >>> " ".join(_train({"split": by, "class_weight": {"yes": 5.0}, "auto": "algorithm", "refit": False}))
    '--split time:when --fraction 0.3 --class-weight yes=5.0 --auto --algorithms --no-refit'
    """
    for option, value in body.items():
        if option == "split":
            column = value.get("column")
            by = value.get("by", "rows")
            yield from ("--split", by if column is None else quote(f"{by}:{column}"))
            yield from ("--fraction", str(value["fraction"])) if "fraction" in value else ()
        elif option == "hyperparameters":
            for name, given in value.items():
                yield from _hyperparameter(name, given)
        elif option == "class_weight" and isinstance(value, Mapping):
            yield from (
                word for name, one in value.items() for word in ("--class-weight", quote(f"{name}={one}"))
            )
        elif option == "auto" and isinstance(value, str):
            yield from ("--auto", _AUTO[value])
        elif isinstance(value, bool):
            yield f"--{'' if value else 'no-'}{option.replace('_', '-')}"
        elif value is not None:
            yield from (f"--{_TRAIN.get(option, option).replace('_', '-')}", quote(str(value)))


def _hyperparameter(name: str, value: Any) -> list[str]:
    if name == "monotone":
        return [word for column, sign in value.items() for word in ("--monotone", quote(f"{column}={sign}"))]
    if name == "interactions":
        # A name with a comma in it would be two.
        plain = all("," not in column for group in value for column in group)
        if plain:
            return [word for group in value for word in ("--interactions", quote(",".join(group)))]
    if name in ("iterations", "learning_rate"):
        return [f"--{name.replace('_', '-')}", str(value)]
    given = value if isinstance(value, str) and not _is_json(value) else json.dumps(value)
    return ["--set", quote(f"{name}={given}")]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _threshold(body: Mapping[str, Any]) -> Iterator[str]:
    for option, value in body.items():
        if option == "costs":
            yield from (word for name, cost in value.items() for word in ("--cost", quote(f"{name}={cost}")))
        else:
            yield from (f"--{option}", quote(str(value)))


def _words(option: str, value: Any) -> list[str]:
    """An option of `lepton upload` and what it is given, as a shell reads them."""
    if option == "kinds":
        named = ((name, "KIND" if kind == LEFT_OPEN else kind) for name, kind in value.items())
        return [word for name, kind in named for word in ("--kind", quote(f"{name}={kind}"))]
    if option == "exclude":
        return [word for name in value or ("",) for word in ("--exclude", _column(name))]
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
    return [f"--{name}", _OPEN.get(option, option.upper()) if value == LEFT_OPEN else quote(str(value))]


def _column(name: str) -> str:
    return "COLUMN" if name == LEFT_OPEN else quote(name)
