"""The options of reading through the SDK and the command."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lepton_ai import Data, InvalidData, InvalidInput, Model
from lepton_ai.answers import read
from lepton_ai.content import Content
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.follow import follow_upload
from lepton_ai.results import Upload

ROWS = [f"{i};0{i % 3}1;{i % 7},5;{'no' if i % 2 else 'yes'}" for i in range(60)]
TEXT = "\n".join(["id;zip;amount;paid", *ROWS])


def test_options_are_said_to_the_platform_and_hold_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("train.csv").write_text(TEXT)
    data = Data.from_csv("train.csv", label="paid", kinds={"zip": "category"}, exclude=["id"], decimal=",")
    assert data.columns == ("zip", "amount", "paid")
    assert data.said == {"label": "paid", "kinds": {"zip": "category"}, "exclude": ("id",), "decimal": ","}
    model = Model("logistic_regression", name="m", quiet=True)
    assert model.upload_data(data).version == 1
    assert model.upload_data(Data.from_csv("train.csv", quiet=True)).label == "paid"


@pytest.mark.parametrize("rows", [10, 20, 300])
@pytest.mark.parametrize("bad_rows", [None, 0.0, 0.05])
def test_as_many_rows_may_be_wrong_whoever_reads_the_file_that_is_learnt_from(
    rows: int, bad_rows: float | None, tmp_path: Path
) -> None:
    """The SDK, which reads it before it is sent, and the platform, which gets its bytes, as from another client."""
    path = tmp_path / "train.csv"
    said = {} if bad_rows is None else {"bad_rows": bad_rows}
    transport = EmbeddedTransport(tmp_path / "state")

    def refusal(action: Callable[[], object]) -> str | None:
        try:
            action()
        except InvalidData as error:
            return str(error).removeprefix(f"{path}: ")
        return None

    def sent() -> None:
        start = transport.call("POST", "/v1/datasets/d/upload", body={"size": path.stat().st_size, **said})
        place = f"/v1/datasets/d/upload/{start['id']}"
        transport.call("PUT", place, body=Content.of(path.read_bytes()), content_type="text/csv")
        follow_upload(transport, place, read(start, Upload))

    found, some = [], "31,yes\n40,no\n" * (rows // 4)
    for wrong in range(rows // 20 + 3):
        path.write_text("age,paid\n" + some + "7\n" * wrong + some)
        by_sdk = refusal(lambda: Data.from_csv(path, quiet=True, bad_rows=bad_rows))
        assert refusal(sent) == by_sdk
        found.append(by_sdk is None)
    assert found[0] and not found[-1] and found == sorted(found, reverse=True)
    transport.close()


@pytest.mark.parametrize("field", ["exclude", "missing", "names"])
def test_a_text_in_place_of_a_list_is_refused(field: str, tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_text(TEXT)
    with pytest.raises(InvalidInput, match="must be a list") as caught:
        Data.from_csv(path, **{field: "id"})  # type: ignore[arg-type]
    assert caught.value.field == field
