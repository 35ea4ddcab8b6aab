"""Any bytes are a table with what is to be said of it, or a typed error that helps."""

import pytest

from lepton_core.errors import InvalidData
from lepton_core.table import read_file
from tests.lepton_core.table.files.bad import (
    amounts,
    archives,
    encodings,
    formats,
    layouts,
    names,
    others,
    rows,
    unseen,
    values,
)
from tests.lepton_core.table.files.bad.made import outcome

GROUPS = (rows, encodings, names, layouts, amounts, values, archives, formats, unseen)
FILES = {
    f"{group.__name__.rpartition('.')[2]}: {name}": its
    for group in GROUPS
    for name, its in group.FILES.items()
}


@pytest.mark.sampled(120)
@pytest.mark.parametrize("case", FILES)
def test_a_bad_file_comes_to_what_is_written_beside_it(case: str) -> None:
    data, wanted = FILES[case]
    found = outcome(data)
    assert found.startswith(wanted) if wanted.startswith("invalid_data") else found == wanted


@pytest.mark.parametrize("case", others.FILES)
def test_what_is_no_table_is_refused_with_a_reason(case: str) -> None:
    with pytest.raises(InvalidData) as caught:
        read_file(others.FILES[case])
    assert 10 < len(caught.value.message) < 1000


def test_there_are_as_many_as_promised() -> None:
    assert len(FILES) + len(others.FILES) >= 500
