"""The public names, and how little importing them costs."""

import subprocess
import sys

import pytest

import lepton_ai
import lepton_ai.errors
import lepton_core.errors
from lepton_ai.errors import error_of
from lepton_core.errors import Failure, InvalidData


def test_every_listed_name_is_there() -> None:
    assert sorted(lepton_ai.__all__) == lepton_ai.__all__
    for name in lepton_ai.__all__:
        assert getattr(lepton_ai, name) is not None
    assert set(lepton_ai.__all__) <= set(dir(lepton_ai))
    with pytest.raises(AttributeError, match="no attribute 'Modle'"):
        lepton_ai.Modle  # noqa: B018


def test_the_whole_tree_of_errors_is_exported() -> None:
    tree = {
        name
        for name, value in vars(lepton_core.errors).items()
        if isinstance(value, type) and issubclass(value, lepton_core.errors.LeptonError)
    }
    assert set(lepton_ai.errors.__all__) == tree
    assert tree <= set(lepton_ai.__all__)
    assert all(getattr(lepton_ai, name) is getattr(lepton_core.errors, name) for name in tree)


def test_the_text_of_an_answered_error_names_the_field_whatever_the_words_of_its_message() -> None:
    assert (
        str(error_of(Failure("invalid_input", "must be greater than 0", "rate")))
        == "rate: must be greater than 0"
    )
    assert (
        str(error_of(Failure("invalid_input", "a rate is greater than 0", "rate")))
        == "rate: a rate is greater than 0"
    )
    missing = InvalidData("is missing", row=2, column="age").failure
    assert str(error_of(missing)) == "row 2, column 'age': is missing"
    assert str(error_of(Failure("invalid_artifact", "tree 0: shape", "value"))) == "tree 0: shape"
    assert str(error_of(Failure("diverged", "training diverged", "learning_rate"))) == "training diverged"
    assert (
        error_of(Failure("invalid_input", "must be greater than 0", "rate")).message
        == "must be greater than 0"
    )


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        ("lepton_ai, lepton_ai.cli", ["numpy", "pandas", "chalice", "urllib3", "rich", "infra", "functions"]),
        (
            "lepton_ai.http, lepton_ai.replies, lepton_ai.show",
            ["numpy", "pandas", "rich", "infra", "functions"],
        ),
    ],
    ids=["the package and the command", "a command that lists what a server has"],
)
def test_importing_it_loads_nothing_that_it_does_not_need(modules: str, heavy: list[str]) -> None:
    code = f"import sys, {modules}; print([name for name in {heavy} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
