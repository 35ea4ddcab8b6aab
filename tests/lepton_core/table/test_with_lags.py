"""Of columns that are lagged the present value goes, and the others are given as they were read."""

import numpy as np
import pytest

from lepton_core.errors import InvalidInput
from lepton_core.table import Categories, Numbers, Table
from lepton_core.table.lagged import Lags
from lepton_core.table.with_lags import with_lags

ROWS = Table(
    (
        Numbers("day", np.array([2.0, 1.0])),
        Numbers("sales", np.array([20.0, 10.0])),
        Numbers("price", np.array([3.0, 4.0])),
        Categories.of("shop", ["b", "a"]),
    )
)


def test_the_label_and_what_is_known_stay() -> None:
    wanted = Lags({"sales": (1,), "price": (1,)}, "day")
    made, kinds = with_lags(ROWS, wanted, "sales", (), ())
    assert made.names == ("day", "sales", "shop", "sales 1 before", "price 1 before")
    assert made["price 1 before"].values[0] == 4.0 and np.isnan(made["price 1 before"].values[1])
    assert (kinds, made["shop"].kind) == ({"shop": "category"}, "text")
    made, kinds = with_lags(ROWS, wanted, "sales", ("price",), ("day",))
    assert "price" in made and kinds == {"day": "number", "shop": "category"}


def test_a_name_that_no_column_has_is_refused_with_the_one_that_is_like_it() -> None:
    with pytest.raises(InvalidInput, match="did you mean 'price'"):
        with_lags(ROWS, Lags({"sales": (1,)}, "day"), "sales", ("prize",), ())
