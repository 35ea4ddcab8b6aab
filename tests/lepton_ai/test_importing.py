"""A version that is imported through the SDK and the command: sent whole, once, and a model as any other."""

import threading
from pathlib import Path

import pytest

import lepton_ai
from app import app
from infra.local.server import listen
from lepton_ai import Model
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.errors import Conflict
from lepton_ai.http import HttpTransport
from tests.lepton_ai.test_exported import Lepton, empty, lepton
from tests.support.exported import exported
from tests.support.stores import memory_store
from tests.support.world import world

__all__ = ["empty", "lepton"]


def test_the_command_takes_a_file_in_and_twice_is_once(lepton: Lepton, tmp_path: Path) -> None:
    (tmp_path / "m.lepton").write_bytes(exported().file)
    said = "version 1 of m, trained elsewhere"
    assert lepton("import", "m.lepton") == (0, f"m version 1: {said}\n", "")
    assert lepton("import", "m.lepton") == (0, f"m has it already, as version 1: {said}\n", "")
    status, out, _ = lepton("import", "m.lepton", "--name", "other", "--dataset", "people", "--json")
    assert (status, out) == (0, '{"model":"other","version":1,"made":true}\n')
    assert Model(name="other").dataset == "people"
    assert lepton("export", "other", "-o", "again.lepton")[0] == 0
    assert (tmp_path / "again.lepton").read_bytes() == exported().file
    (tmp_path / "bad.lepton").write_bytes(exported().file[:-1])
    status, _, err = lepton("import", "bad.lepton", "--name", "third")
    assert (status, "bad.lepton: " in err) == (1, True)
    assert lepton("import", "nothing.lepton")[0] == 2
    status, _, err = lepton("import", "m.lepton", "--name", "a/b")
    assert (status, "name" in err) == (1, True)
    assert lepton("status", "third")[0] == 1


def test_a_version_that_is_imported_is_a_model_as_any_other(
    empty: EmbeddedTransport, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.lepton"
    path.write_bytes(exported().file)
    model = Model.import_(path, "other", transport=empty)
    assert isinstance(model, Model) and (model.name, model.task) == ("other", "classification")
    assert "other version 1: version 1 of m, trained elsewhere" in capsys.readouterr().err
    (version,) = model.versions()
    assert version.imported is not None and version.imported.label == "label"
    assert "imported from m version 1, trained elsewhere" in str(version)
    model.deploy()
    assert model.kept_reading() == version.imported.reading
    alone = lepton_ai.load(path)
    rows = [{"a": 0.25, "b": None}, {"a": 3, "b": -1.5}]
    assert model.predict(rows).probabilities == alone.predict(rows).probabilities
    assert model.export(tmp_path / "again.lepton").read_bytes() == path.read_bytes()
    with pytest.raises(Conflict, match="upload data with the label 'label' to dataset 'other'"):
        model.evaluate()
    assert Model.import_(path, transport=empty, quiet=True).name == "m"
    with pytest.raises(Conflict, match="learns from dataset 'other'"):
        Model.import_(path, "other", dataset="m", transport=empty, quiet=True)


def test_over_http_it_is_sent_whole(tmp_path: Path) -> None:
    path = tmp_path / "m.lepton"
    path.write_bytes(exported().file)
    here = world(memory_store())
    key = here.ok("POST", "/v1/keys", {"scopes": ["read", "write"]})["secret"]
    server = listen(app, here.again(owner=None).platform)
    ready = threading.Event()
    serving = threading.Thread(target=server.run, args=[ready.set])
    serving.start()
    try:
        ready.wait()
        model = Model.import_(path, quiet=True, transport=HttpTransport(server.url, key))
        assert model.export(tmp_path / "again.lepton").read_bytes() == path.read_bytes()
    finally:
        server.stop()
        serving.join()


def test_files_are_read_as_those_that_it_learnt_from(empty: EmbeddedTransport, tmp_path: Path) -> None:
    path = tmp_path / "said.lepton"
    path.write_bytes(exported().said)
    model = Model.import_(path, quiet=True, transport=empty)
    assert model.kept_reading().exclude is None
    model.deploy()
    assert model.kept_reading() == lepton_ai.load(path).kept_reading()
    assert model.kept_reading().exclude == ("junk",)
