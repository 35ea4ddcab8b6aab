"""`lepton backup`, `verify`, `restore` and `migrate`, as a user types them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.backup.fill import fill
from functions.backup.folder import BackupFolder
from functions.context import utc_now
from functions.storage.whole import WholeStore
from infra.local.keeping import back_up
from lepton_ai import Data, Model
from lepton_ai.cli import main
from lepton_ai.embedded import close_all
from lepton_ai.errors import InvalidInput
from lepton_ai.keeping import Place
from tests.infra.aws.test_keeping import deployed
from tests.support.faults import FaultyBlobs, Killed, KillSwitch
from tests.support.moto_aws import BUCKET, TABLE, MotoAws
from tests.support.whole_stores import held, record, second_stack, whole_on_aws, whole_on_disk

pytestmark = pytest.mark.slow

Lepton = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lepton(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lepton:
    """Run the command; its exit status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    for name in ("LEPTON_URL", "LEPTON_DATA", "LEPTON_API_KEY"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return int(ended.value.code or 0), out, err

    return run


@pytest.fixture
def trained(tmp_path: Path, lepton: Lepton) -> dict[str, Any]:
    """A deployed model in the folder .lepton, and what it predicts."""
    rows = [{"a": at / 7 - 4, "b": (at * 5) % 11 / 3} for at in range(60)]
    model = Model("logistic_regression", name="m", quiet=True)
    lines = (f"{row['a']!r},{row['b']!r},{'yes' if row['a'] > 0 else 'no'}\n" for row in rows)
    (tmp_path / "train.csv").write_text("a,b,label\n" + "".join(lines))
    model.upload_data(Data.from_csv(tmp_path / "train.csv", quiet=True))
    (tmp_path / "train.csv").unlink()
    model.train()
    model.deploy()
    found = model.predict(rows).to_dict()
    close_all()
    return found


def ok(result: tuple[int, str, str]) -> str:
    status, out, err = result
    assert status == 0, err
    return out


def contents() -> list[Path]:
    """The files of the backup."""
    return [path for path in Path("lepton-backup").rglob("*") if path.is_file()]


def predicted(folder: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("LEPTON_DATA", folder)
    rows = [{"a": at / 7 - 4, "b": (at * 5) % 11 / 3} for at in range(60)]
    found = Model(name="m", quiet=True).predict(rows).to_dict()
    close_all()
    monkeypatch.delenv("LEPTON_DATA")
    return found


def test_there_and_back(lepton: Lepton, trained: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    made = json.loads(ok(lepton("backup", "--to", "b/monday", "--json")))
    assert made["new_bytes"] == made["bytes"] > 0
    assert made["left_out"] == {}
    assert "of which 0 bytes are new" in ok(lepton("backup", "--to", "b/monday"))
    assert "every byte is what it was" in ok(lepton("verify", "b/monday"))
    said = ok(lepton("restore", "b/monday", "--into", "again"))
    assert "lepton up --data again" in said
    assert predicted("again", monkeypatch) == trained
    status, _, err = lepton("restore", "b/monday", "--into", "again")
    assert (status, "name a new folder: --into FOLDER" in err) == (1, True)


def test_what_is_damaged_is_named_with_status_1(lepton: Lepton, trained: Any) -> None:
    ok(lepton("backup"))
    [artifact] = Path(".lepton/blobs/default/runs").rglob("served-*")
    data = artifact.read_bytes()
    [content] = (path for path in contents() if path.read_bytes() == data)
    content.write_bytes(data[:-1])
    status, out, err = lepton("verify", "lepton-backup", "--json")
    assert status == 1
    assert json.loads(out)["error"]["code"] == "damaged"
    assert artifact.name in err
    status, _, err = lepton("restore", "lepton-backup", "--into", "again")
    assert (status, artifact.name in err, Path("again").exists()) == (1, True, False)


def test_a_platform_that_lacks_something_is_backed_up_and_said_so(lepton: Lepton, trained: Any) -> None:
    [artifact] = Path(".lepton/blobs/default/runs").rglob("artifact-*")
    artifact.unlink()
    status, _, err = lepton("backup")
    assert status == 1
    assert artifact.name in err
    assert "what else there is, it holds" in err
    assert f"lacked when it was made: {artifact.relative_to('.lepton/blobs')}" in ok(
        lepton("verify", "lepton-backup")
    )


def test_what_belongs_to_the_machine_is_said(lepton: Lepton, trained: Any) -> None:
    Path(".lepton/api_key").write_text("lpt_key")
    assert "the key that `lepton up` prints" in ok(lepton("backup"))
    assert not [path for path in contents() if b"lpt_key" in path.read_bytes()]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["backup", "--bucket", "b"], "--table TABLE"),
        (["backup", "--stack", "s", "--data", "d"], "name one place"),
        (["restore", "x", "--stack", "s", "--bucket", "b", "--table", "t"], "name one place"),
        (["migrate"], "name the stack: --stack NAME"),
        (["backup", "--data", "none"], "no platform keeps its state in none"),
        (["verify", "none"], "holds no finished backup; take one: lepton backup --to"),
    ],
)
def test_wrong_words_are_answered_with_the_right_ones(
    lepton: Lepton, arguments: list[str], said: str
) -> None:
    status, _, err = lepton(*arguments)
    assert status in (1, 2)
    assert said in err
    assert list(Path().iterdir()) == []


def test_a_platform_elsewhere_has_its_state_elsewhere(
    lepton: Lepton, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEPTON_URL", "https://example.org")
    for command, option in ((["backup"], "--data"), (["restore", "x"], "--into")):
        status, _, err = lepton(*command)
        assert (status, f"say where its state is: {option} FOLDER, or --stack NAME" in err) == (1, True)


def test_a_place_is_one(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="goes with the other one"):
        Place(bucket="b")
    assert str(Place(bucket="b", table="t")) == "the bucket b and the table t"


def test_moved_to_a_stack_and_back(
    lepton: Lepton, trained: dict[str, Any], aws: MotoAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed(Bucket=BUCKET, Table=TABLE)
    said = ok(lepton("migrate", "--from", ".lepton", "--stack", "lepton"))
    assert ".lepton is in the stack lepton, and every byte is what it was" in said
    with whole_on_disk(Path(".lepton")) as here:
        assert held(here) == held(whole_on_aws(aws))
    ok(lepton("backup", "--stack", "lepton", "--to", "from-stack"))
    ok(lepton("restore", "from-stack", "--into", "back"))
    assert predicted("back", monkeypatch) == trained
    status, _, err = lepton("migrate", "--stack", "lepton")
    assert (status, "into an empty place only" in err) == (1, True)
    second_stack(aws)
    ok(lepton("restore", "from-stack", "--bucket", "lepton-target", "--table", "lepton-target"))


def test_a_move_that_was_killed_goes_on_with_the_backup_that_it_had(
    lepton: Lepton, trained: Any, aws: MotoAws
) -> None:
    deployed(Bucket=BUCKET, Table=TABLE)
    store = whole_on_aws(aws, width=1)
    back_up(Path(".lepton"), Path("lepton-migration"), lambda done, total: None)
    killed = WholeStore(store.records, FaultyBlobs(store.blobs, KillSwitch(3)), store.whole)
    with pytest.raises(Killed):
        fill(BackupFolder(Path("lepton-migration")), killed, now=utc_now())
    with whole_on_disk(Path(".lepton")) as here:
        here.blobs.put("default/x/later", b"later")
    ok(lepton("migrate", "--stack", "lepton"))
    assert "default/x/later" not in held(store)["files"], "the move was of what was there when it began"


def test_what_may_work_later_is_not_blamed_on_an_address(lepton: Lepton, trained: Any) -> None:
    with whole_on_disk(Path(".lepton")) as store:
        store.whole.load([record("default/versions/m", "0000000002", 1, b'{"format":99}')])
    status, _, err = lepton("backup")
    assert status == 1
    assert "update it; what was done so far stays: give the same command again" in err
    assert "LEPTON_URL" not in err


def test_only_a_stack_needs_boto3(tmp_path: Path) -> None:
    """And none of the commands loads the engine's learners, or a web server."""
    told = "import sys; from lepton_ai.keeping import *; from pathlib import Path;" + (
        f"d = Path({str(tmp_path / 'd')!r}); from functions.storage.disk_folder import open_folder; open_folder(d);"
        f"b = Path({str(tmp_path / 'b')!r}); back_up(Place(d), b); verify(b); restore(b, Place(b.with_name('i')));"
        "print(sorted({'boto3', 'botocore', 'sklearn', 'scipy', 'uvicorn', 'chalice', 'app'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_without_credentials_it_is_said_where_they_come_from(tmp_path: Path) -> None:
    """In a process of its own, in which no AWS is stood in for: nothing is asked of anybody."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nowhere = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull, "HOME": str(tmp_path)}
    nowhere["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    command = [sys.executable, "-m", "lepton_ai", "backup", "--stack", "lepton", "--to", str(tmp_path / "b")]
    for more, said in (
        ([], "no AWS region is set: give --region REGION"),
        (["--region", "eu-west-1"], "there are no AWS credentials here: aws configure"),
    ):
        done = subprocess.run(
            [*command, *more], capture_output=True, text=True, env=environment | nowhere, check=False
        )
        assert (done.returncode, done.stdout) == (1, "")
        assert said in done.stderr
    assert list(tmp_path.iterdir()) == []
