"""What helps, as a value: a message says it in Python, and each caller says it in a language of its own."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

LEFT_OPEN = "..."
"""In a body: a place that only the reader can fill in."""

_REQUESTS = ("upload", "train")

_OF_A_MODEL = ("train", "threshold")


@dataclass(frozen=True)
class RemedyRequest:
    """What a request says to mend it: fields of the ``body`` of an upload, or of a training of the model."""

    route: Literal["upload", "train"]
    body: dict[str, Any]


@dataclass(frozen=True)
class Remedy:
    """What to do, of which ``said`` are the words in Python, as they stand in the message that offers it.

    ``route`` is the step that does it: upload, lags, train, threshold, predict, create, retire, cancel or delete,
    and ``body`` what is given to it, by name; `LEFT_OPEN` stands where the reader has to choose. ``of`` is the name
    of the model or data set, if that is known, and ``version`` the one that a threshold is for; None: the newest. A
    call that reads has the ``function`` of ``Data``, and ``files`` says how many it reads; an argument alone reads
    none.

    >>> way = argument(exclude=("zip",))
    >>> f"leave it out with {way}", way.body
    ("leave it out with exclude=['zip']", {'exclude': ['zip']})
    """

    said: str
    route: str
    body: dict[str, Any]
    of: str | None = None
    function: str = ""
    files: int = 0
    version: int | None = None

    def __str__(self) -> str:
        return self.said

    @property
    def is_call(self) -> bool:
        """Whether it can be pasted as it is: it is not an argument alone, and does not make other data."""
        return self.files > 0 or self.route not in ("upload", "create", "lags")

    def at_hand(self, name: str) -> "Remedy":
        """The same, of the model ``name``, if it is of a model at hand; its words stay.

        >>> training().at_hand("churn").of, str(training().at_hand("churn")), argument(header=3).at_hand("churn").of
        ('churn', 'model.train()', None)
        """
        return replace(self, of=name) if self.of is None and self.route in _OF_A_MODEL else self

    def of_version(self, version: int) -> "Remedy":
        """The same for that ``version``, if it says what makes labels; without a word it is for the newest one.

        >>> str(thresholding(recall=0.9).of_version(2)), str(training().of_version(2))
        ('model.set_threshold(recall=0.9, version=2)', 'model.train()')
        """
        if self.route != "threshold":
            return self
        words = _words({**self.body, "version": version})
        return replace(self, said=f"model.set_threshold({words})", version=version)

    def saying(self, body: dict[str, Any]) -> "Remedy":
        """The same call, with another ``body``."""
        return replace(self, said=_reads(self.function, body, self.files), body=body)

    def reading(self, function: str) -> "Remedy":
        """The same with that ``function`` of ``Data``, if it is a call that reads.

        >>> str(call(exclude=["zip"]).reading("from_pandas"))
        "Data.from_pandas(frame, exclude=['zip'])"
        """
        if not self.files:
            return self
        return replace(self, said=_reads(function, self.body, self.files), function=function)


def call(files: int = 1, /, **options: object) -> Remedy:
    """The call that reads a file, or two, with ``options``.

    >>> str(call(header=False))
    'Data.from_csv(path, header=False)'
    """
    body = _plain(options)
    return Remedy(_reads("from_csv", body, files), "upload", body, function="from_csv", files=files)


def argument(route: str = "upload", /, **options: object) -> Remedy:
    """The ``options`` alone, as arguments of a call that the reader knows.

    >>> str(argument(kinds={"zip": ...}))
    "kinds={'zip': ...}"
    """
    body = _plain(options)
    return Remedy(_words(body), route, body)


def lagging(lags: Mapping[str, Iterable[int]], by: str, group: str | None = None) -> Remedy:
    """The call that gives the data at hand columns of what was known before.

    >>> str(lagging({"sales": [1, 7]}, "day", "shop"))
    "data = data.with_lags({'sales': [1, 7]}, by='day', group='shop')"
    """
    order = {"by": by} if group is None else {"by": by, "group": group}
    of = {name: list(its) for name, its in lags.items()}
    return Remedy(f"data = data.with_lags({_written(of)}, {_words(order)})", "lags", {"lags": of, **order})


def training(of: str | None = None, /, **options: object) -> Remedy:
    """The training of the model at hand, or of that which is called ``of``. A split is given as a request has it.

    The body has ``hyperparameters`` in an object of their own, as a request has; a call names each. An option that is
    None is left out of the call: of the request that it mends, see `lepton_core.asked_again`.

    >>> str(training(hyperparameters={"trees": 200}))
    'model.train(trees=200)'
    >>> str(training(split={"by": "time", "column": "when"})), str(training("churn"))
    ("model.train(split=Split('time', 'when'))", "Model(name='churn').train()")
    >>> str(training(split={"by": "near_copies"})), str(training(split={"fraction": 0.3}))
    ("model.train(split=Split('near_copies'))", 'model.train(split=Split(fraction=0.3))')
    """
    body = {name: one for name, one in _plain(options).items() if one or name != "hyperparameters"}
    shown = {name: one for name, one in body.items() if name not in ("split", "hyperparameters")}
    shown = {name: one for name, one in (shown | body.get("hyperparameters", {})).items() if one is not None}
    words = [f"split={_split(body['split'])}"] if body.get("split") else []
    model = "model" if of is None else f"Model(name={of!r})"
    return Remedy(
        f"{model}.train({', '.join([*words, *([_words(shown)] if shown else [])])})", "train", body, of
    )


def _split(body: Mapping[str, Any]) -> str:
    """The split of a request as a call says it."""
    fraction = body.get("fraction")
    words = [] if body.get("by", "rows") == "rows" else [repr(body["by"])]
    words += [] if body.get("column") is None else [repr(body["column"])]
    words += [] if fraction is None else [f"fraction={fraction}"]
    return f"Split({', '.join(words)})"


def thresholding(**options: object) -> Remedy:
    """The call that says what makes labels of the probabilities of the model at hand.

    >>> str(thresholding(recall=0.9, label="yes"))
    "model.set_threshold(recall=0.9, label='yes')"
    """
    body = _plain(options)
    return Remedy(f"model.set_threshold({_words(body)})", "threshold", body)


def predicting(file: str) -> Remedy:
    """The call that predicts the rows of a ``file`` by a version in another one.

    >>> str(predicting("rows.csv"))
    "load(path).predict('rows.csv')"
    """
    return Remedy(f"load(path).predict({file!r})", "predict", {"file": file})


def of_model(route: Literal["retire", "cancel"], name: str) -> Remedy:
    """What ends the use of data by a model.

    >>> str(of_model("retire", "churn"))
    "Model(name='churn').retire()"
    """
    return Remedy(f"Model(name={name!r}).{route}()", route, {}, name)


def deletion(name: str, version: int | None = None, *, force: bool = False) -> Remedy:
    """The deletion of a ``version`` of a data set, or of all of it.

    >>> str(deletion("churn", 2, force=True))
    "Dataset('churn').delete(2, force=True)"
    """
    body = {**({} if version is None else {"version": version}), **({"force": True} if force else {})}
    words = [*([] if version is None else [str(version)]), *(["force=True"] if force else [])]
    return Remedy(f"Dataset({name!r}).delete({', '.join(words)})", "delete", body, name)


def reworded(text: str, remedies: Iterable[Remedy], say: Callable[[Remedy], str]) -> str:
    """``text``, in which the words of each of its ``remedies`` are what ``say`` makes of it.

    >>> way = argument(exclude=["zip"])
    >>> reworded(f"leave it out with {way}", [way], lambda one: "--exclude zip")
    'leave it out with --exclude zip'
    """
    others = {one.said: say(one) for one in remedies if one.said}
    if not others:
        return text
    # The longer ones first: an argument may stand within a call.
    known = "|".join(map(re.escape, sorted(others, key=len, reverse=True)))
    return re.sub(known, lambda found: others[found[0]], text)


def request_of(remedies: Iterable[Remedy]) -> RemedyRequest | None:
    """What a request says for the first of the ``remedies`` that one can do; None if there is none.

    >>> request_of([argument(delimiter=...), call(exclude=["zip"])])
    RemedyRequest(route='upload', body={'exclude': ['zip']})
    """
    for one in remedies:
        if one.route in _REQUESTS and not _is_open(one.body):
            return RemedyRequest(one.route, one.body)  # type: ignore[arg-type]
    return None


def _reads(function: str, body: Mapping[str, Any], files: int) -> str:
    source = "frame" if function == "from_pandas" else "path"
    second = ["held_out=held_out"] if files > 1 else []
    return f"Data.{function}({', '.join([source, *second, *([_words(body)] if body else [])])})"


def _words(body: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={_written(value)}" for name, value in body.items())


def _written(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name!r}: {_written(one)}' for name, one in value.items())}}}"
    return "..." if value == LEFT_OPEN else repr(value)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return LEFT_OPEN if value is ... else value


def _is_open(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_is_open, value.values()))
    if isinstance(value, list):
        return any(map(_is_open, value))
    return bool(value == LEFT_OPEN)
