"""Two distributions have the same files: who has both of different versions is told, and who lacks one, too."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lepton_ai.connect import connect
from lepton_ai.errors import Conflict, InvalidInput
from lepton_ai.installed import LIGHT, WHOLE, demand_one, found, not_in_light

Say = Callable[..., None]


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Has an environment with these distributions alone, by their names and versions."""

    def say(**versions: str) -> None:
        for name, number in versions.items():
            folder = tmp_path / f"{name}-{number}.dist-info"
            folder.mkdir()
            told = f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {number}\n"
            (folder / "METADATA").write_text(told)
        monkeypatch.setattr("sys.path", [str(tmp_path)])

    return say


def test_two_versions_that_share_files_are_refused(there: Say) -> None:
    there(lepton_ai="0.2.0", lepton_ai_serve="0.1.0")
    assert found() == {WHOLE: "0.2.0", LIGHT: "0.1.0"}
    with pytest.raises(
        Conflict, match=r"^lepton-ai 0\.2\.0 and lepton-ai-serve 0\.1\.0 write the same files"
    ):
        demand_one()


@pytest.mark.parametrize(
    "versions",
    [
        {},
        {"lepton_ai": "0.1.0"},
        {"lepton_ai_serve": "0.1.0"},
        {"lepton_ai": "0.1.0", "lepton_ai_serve": "0.1.0"},
    ],
)
def test_one_version_is_taken(there: Say, versions: dict[str, str]) -> None:
    there(**versions)
    demand_one()
    assert sorted(found().values()) == sorted(versions.values())


def test_what_the_light_one_lacks_is_named_there_alone(there: Say) -> None:
    lacking, other = ModuleNotFoundError("No module named 'chalice'", name="chalice"), ValueError("x")
    there(lepton_ai_serve="0.1.0")
    told = not_in_light(lacking)
    assert isinstance(told, InvalidInput) and "install lepton-ai in its place (chalice is not there)" in str(
        told
    )
    assert not_in_light(other) is other


def test_where_all_is_installed_an_absent_library_is_no_matter_of_the_distribution(there: Say) -> None:
    there(lepton_ai="0.1.0", lepton_ai_serve="0.1.0")
    lacking = ModuleNotFoundError("No module named 'chalice'", name="chalice")
    assert not_in_light(lacking) is lacking


@pytest.mark.parametrize(
    ("url", "lacks"), [("", "infra.local.stack"), ("http://localhost:1", "lepton_ai.http")]
)
def test_a_program_that_asks_a_platform_is_told_so_too(
    there: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, lacks: str
) -> None:
    monkeypatch.setenv("LEPTON_URL", url)
    monkeypatch.setenv("LEPTON_DATA", str(tmp_path / "data"))
    monkeypatch.setitem(sys.modules, lacks, None)
    there(lepton_ai_serve="0.1.0")
    with pytest.raises(InvalidInput, match="install lepton-ai in its place"):
        connect().call("GET", "/v1/health")
