"""What the embedded platform does to the process that it lives in."""

import gc

import pytest

from lepton_ai.embedded import loading


def test_while_modules_are_loaded_no_garbage_is_looked_for_and_then_it_is_as_it_was() -> None:
    assert gc.isenabled()
    with pytest.raises(ImportError), loading():
        assert not gc.isenabled()
        raise ImportError
    assert gc.isenabled()
    gc.disable()
    try:
        with loading():
            assert not gc.isenabled()
        assert not gc.isenabled(), "somebody else has switched it off"
    finally:
        gc.enable()
