import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.descent import Full, Mini


@given(
    rows=st.integers(1, 40), size=st.integers(1, 50), seed=st.integers(0, 2**70), epoch=st.integers(0, 10**6)
)
@settings(deadline=None, max_examples=50)
def test_an_epoch_holds_every_row_once_in_an_order_of_its_own(rows, size, seed, epoch):
    X, y = np.arange(2.0 * rows).reshape(rows, 2), np.arange(rows)
    batches = list(Mini(size, seed).of(epoch, X, y, 3.0 * y))
    assert [len(batch.X) for batch in batches[:-1]] == [size] * (len(batches) - 1)
    for batch in batches:
        np.testing.assert_array_equal(batch.X[:, 0], 2.0 * batch.y)
        np.testing.assert_array_equal(batch.s, 3.0 * batch.y)
    order = np.concatenate([batch.y for batch in batches])
    assert sorted(order) == list(range(rows))
    again = np.concatenate([batch.y for batch in Mini(size, seed).of(epoch, X, y)])
    np.testing.assert_array_equal(order, again)


def test_epochs_and_seeds_differ():
    X, y = np.zeros((50, 1)), np.arange(50)
    orders = [
        tuple(np.concatenate([batch.y for batch in Mini(8, seed).of(epoch, X, y)]))
        for seed, epoch in [(0, 0), (0, 1), (1, 0)]
    ]
    assert len(set(orders)) == 3


def test_a_full_batch_is_the_data_itself():
    X, y, s = np.zeros((5, 1)), np.zeros(5), np.ones(5)
    [batch] = Full().of(3, X, y, s)
    assert batch.X is X and batch.y is y and batch.s is s
    assert next(Mini(2).of(0, X, y)).s is None
