import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import OrdinalEncoder

from lepton_core.models.trees.categories import in_slots, known_codes


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    levels=st.lists(st.integers(0, 12), min_size=1, max_size=4),
    top=st.sampled_from([12, 10**6]),
)
def test_slots_are_those_of_an_ordinal_encoder(seed, levels, top):
    rng = np.random.default_rng(seed)
    codes = [rng.choice(top, size=k or 3) for k in levels]
    X = np.stack([rng.choice(of, size=20) for of in codes], axis=1).astype(np.float64)
    X[rng.random(X.shape) < 0.2] = np.nan
    X[0, np.isnan(X).all(axis=0)] = 1.0
    known, cut = known_codes(X, None, levels, 255)
    assert not cut
    asked = X.copy()
    asked[rng.random(X.shape) < 0.4] = rng.choice([-1.0, 0.5, 1e300, -1e300, 2.0**31, 2.0**32, 3.0, np.nan])
    found = in_slots(asked, known)
    columns = np.flatnonzero(levels)
    np.testing.assert_array_equal(np.delete(found, columns, axis=1), np.delete(asked, columns, axis=1))
    if len(columns):
        encoder = OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan
        )
        encoder.fit(X[:, columns])
        np.testing.assert_array_equal(found[:, columns], encoder.transform(asked[:, columns]))


def test_of_too_many_the_heaviest_are_known():
    X = np.repeat(np.arange(6.0), [1, 5, 2, 9, 2, 3])[:, None]
    known, cut = known_codes(X, None, (6,), 3)
    assert (known.tolist(), cut) == ([[0, 1], [0, 3], [0, 5]], (0,))
    share = np.where(X[:, 0] == 0.0, 100.0, 1.0)
    assert known_codes(X, share, (6,), 3)[0][:, 1].tolist() == [0, 1, 3]
    assert np.isnan(in_slots(X, known)[X[:, 0] == 0.0]).all()


def test_a_column_without_any_category_is_left_as_it_is():
    X = np.full((4, 1), np.nan)
    known, _ = known_codes(X, None, (3,), 255)
    assert known.shape == (0, 2)
    assert in_slots(X, known) is X
