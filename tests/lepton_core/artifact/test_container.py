import json
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from safetensors.numpy import load as oracle_load
from safetensors.numpy import save as oracle_save

from lepton_core.artifact import MAX_HEADER_BYTES, MAX_HEADER_VALUES, digest, read_container, write_container
from lepton_core.errors import InvalidArtifact, TooLarge
from tests.support.costs import calls_of, peak_of

DTYPES = ["<f8", "<f4", "<f2", "<i8", "<i4", "<i2", "i1", "<u8", "<u4", "<u2", "u1", "?"]

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).filter(
    lambda text: text != "__metadata__"
)
some_array = st.sampled_from(DTYPES).flatmap(
    lambda dtype: arrays_of.arrays(
        np.dtype(dtype), arrays_of.array_shapes(min_dims=0, max_dims=3, min_side=0)
    )
)
some_arrays = st.dictionaries(names, some_array, max_size=5)
some_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
some_meta = st.dictionaries(names, some_json, max_size=4)


def same(left: dict[str, Any], right: dict[str, Any]) -> bool:
    return left.keys() == right.keys() and all(
        left[name].dtype == right[name].dtype
        and left[name].shape == right[name].shape
        and left[name].tobytes() == right[name].tobytes()
        for name in left
    )


def container(header: bytes | dict[str, Any], body: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + body


def entry(dtype: Any = "F64", shape: Any = (2,), offsets: Any = (0, 16)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


class TestRoundTrip:
    @pytest.mark.slow
    @settings(deadline=None, max_examples=80)
    @given(some_arrays, some_meta)
    def test_gives_back_what_was_written(self, arrays: dict[str, Any], meta: dict[str, Any]) -> None:
        data = write_container(arrays, meta)
        read, read_meta = read_container(data)
        assert same(read, arrays)
        assert read_meta == meta
        assert json.dumps(read_meta) == json.dumps(meta)  # in the same order, 1 not 1.0

    @pytest.mark.slow
    @settings(deadline=None, max_examples=60)
    @given(some_arrays, some_meta)
    def test_safetensors_reads_ours(self, arrays: dict[str, Any], meta: dict[str, Any]) -> None:
        assert same(oracle_load(write_container(arrays, meta)), arrays)

    @settings(deadline=None, max_examples=60)
    @given(some_arrays)
    def test_we_read_what_safetensors_wrote(self, arrays: dict[str, Any]) -> None:
        if not arrays:  # the oracle writes '{}', which it cannot read itself when there is no metadata
            return
        read, meta = read_container(oracle_save(arrays))
        assert same(read, arrays)
        assert meta == {}

    def test_foreign_metadata_is_passed_over(self) -> None:
        read, meta = read_container(oracle_save({"w": np.arange(3.0)}, metadata={"format": "np"}))
        assert same(read, {"w": np.arange(3.0)})
        assert meta == {}

    def test_order_of_the_arrays_does_not_matter(self) -> None:
        a, b = np.arange(3.0), np.arange(4, dtype=np.int32)
        assert write_container({"a": a, "b": b}, {}) == write_container({"b": b, "a": a}, {})

    def test_strided_and_big_endian_arrays(self) -> None:
        array = np.arange(12.0).reshape(3, 4)
        given = {"t": array.T, "s": array[:, ::2], "big": array.astype(">f8")}
        read, _ = read_container(write_container(given, {}))
        for name, value in given.items():
            np.testing.assert_array_equal(read[name], value)
            assert read[name].dtype == np.dtype("<f8")

    def test_views_are_read_only_aligned_and_not_copied(self) -> None:
        big = np.zeros(1_000_000)
        data = write_container(
            {"big": big, "flag": np.array([True]), "small": np.arange(3, dtype=np.int32)}, {}
        )
        tracemalloc.start()
        read, _ = read_container(data)
        assert tracemalloc.get_traced_memory()[1] < 100_000
        tracemalloc.stop()
        for array in read.values():
            assert not array.flags.writeable
            assert array.flags.aligned
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 1
            with pytest.raises(ValueError, match="WRITEABLE"):
                array.flags.writeable = True

    def test_digest_is_sha256(self) -> None:
        assert digest(b"abc") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


class TestWriterRefuses:
    @pytest.mark.parametrize("dtype", ["O", "U3", "S3", "c16", "M8[s]", "i4,i4"])
    def test_other_dtypes(self, dtype: str) -> None:
        with pytest.raises(ValueError, match="cannot be stored"):
            write_container({"a": np.zeros(2, dtype=dtype)}, {})

    def test_reserved_name(self) -> None:
        with pytest.raises(ValueError, match="cannot be stored"):
            write_container({"__metadata__": np.zeros(2)}, {})

    @pytest.mark.parametrize(
        "meta", [{"a": float("nan")}, {"a": float("inf")}, {"a": object()}, {"a": "\ud800"}]
    )
    def test_meta_that_is_not_json(self, meta: dict[str, Any]) -> None:
        with pytest.raises((ValueError, TypeError)):
            write_container({}, meta)

    def test_what_it_could_not_read_again(self) -> None:
        with pytest.raises(TooLarge, match="bytes"):
            write_container({}, {"a": "x" * MAX_HEADER_BYTES})
        with pytest.raises(TooLarge, match="values"):
            write_container({}, {"a": [0] * MAX_HEADER_VALUES})


VALID = write_container(
    {
        "weights": np.linspace(-1, 1, 12).reshape(3, 4),
        "intercept": np.array([0.5, 1.5, -2.0]),
        "codes": np.arange(5, dtype=np.int32),
        "flags": np.array([True, False, True]),
        "empty": np.zeros((0, 3)),
    },
    {"classes": ["a", "b"], "n": 3},
)


def outcome(data: bytes) -> bool:
    """True if it loaded (and then everything in it can be touched), False if it was refused as it should."""
    try:
        arrays, meta = read_container(data)
    except InvalidArtifact:
        return False
    assert isinstance(meta, dict)
    total = sum(array.nbytes for array in arrays.values())
    assert total <= len(data)
    for array in arrays.values():
        array.sum(dtype=np.float32)
        array.tobytes()
    return True


class TestDamage:
    @pytest.mark.filterwarnings("ignore:.*encountered in.*:RuntimeWarning")
    def test_every_truncation_is_refused(self) -> None:
        assert not any(outcome(VALID[:length]) for length in range(len(VALID)))

    def test_anything_appended_is_refused(self) -> None:
        assert not outcome(VALID + b"\0")

    @pytest.mark.filterwarnings("ignore:.*encountered in.*:RuntimeWarning")
    def test_every_bit_flip_loads_or_is_refused(self) -> None:
        refused = 0
        for bit in range(len(VALID) * 8):
            data = bytearray(VALID)
            data[bit // 8] ^= 1 << bit % 8
            refused += not outcome(bytes(data))
        assert refused > 1000

    @pytest.mark.filterwarnings("ignore:.*encountered in.*:RuntimeWarning")
    def test_random_splices_load_or_are_refused(self) -> None:
        rng = np.random.default_rng(5)
        for _ in range(3000):
            data = bytearray(VALID)
            for _ in range(rng.integers(1, 4)):
                at, to = sorted(rng.integers(0, len(data), 2))
                match rng.integers(0, 3):
                    case 0:
                        data[at:to] = b""
                    case 1:
                        data[at:at] = data[at:to]
                    case _:
                        data[at : at + 8] = rng.bytes(8)
                data = data or bytearray(b"{")
            outcome(bytes(data))

    @settings(deadline=None, max_examples=150)
    @given(st.binary(max_size=80))
    def test_any_bytes(self, data: bytes) -> None:
        assert not outcome(data)

    @pytest.mark.slow
    @settings(deadline=None, max_examples=150)
    @given(
        st.dictionaries(
            names,
            some_json
            | st.fixed_dictionaries(
                {
                    "dtype": st.sampled_from(["F64", "I32", "U8", "BOOL", "BF16", "", None]),
                    "shape": st.lists(st.integers(-1, 3) | st.just(2**63), max_size=3),
                    "data_offsets": st.lists(st.integers(-1, 40), max_size=3),
                }
            ),
            max_size=3,
        ),
        st.binary(max_size=40),
    )
    @pytest.mark.filterwarnings("ignore:.*encountered in.*:RuntimeWarning")
    def test_any_header(self, header: dict[str, Any], body: bytes) -> None:
        outcome(container(header, body))


HOSTILE = {
    "empty file": b"",
    "seven bytes": b"\0" * 7,
    "no header": b"\0" * 8,
    "length beyond the file": container(b"{}", length=3),
    "length 2^64 - 1": container(b"{}", length=2**64 - 1),
    "length 2^63": container(b"{}", length=2**63),
    "header of the whole limit and one": container(b"{}" + b" " * (MAX_HEADER_BYTES - 1)),
    "header not JSON": container(b"{not json}"),
    "header not an object": container(b"[1, 2]"),
    "header not UTF-8": container(b'{"\xff": 1}'),
    "two documents": container(b"{} {}"),
    "space before": container(b" {}"),
    "deep lists": container(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "deep objects": container(b'{"a":' * 100_000),
    "deep meta": container({"__metadata__": {"lepton": "[" * 100_000}}),
    "escaped commas in the meta": container(
        b'{"__metadata__":{"lepton":"[0' + b"\\u002c0" * 300_000 + b']"}}'
    ),
    "a million small objects": container(b'{"a":[{}' + b",{}" * 1_000_000 + b"]}"),
    "a million digits": container(b'{"a":' + b"9" * 1_000_000 + b"}"),
    "NaN": container(b'{"a":NaN}'),
    "key twice": container(
        b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
        b"x",
    ),
    "key twice inside": container(
        b'{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"x"
    ),
    "half a surrogate": container(b'{"\\ud800":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"x"),
    "half a surrogate in the meta": container(
        json.dumps({"__metadata__": {"lepton": '{"a": "\\ud800"}'}}).encode()
    ),
    "metadata not an object": container({"__metadata__": [1]}),
    "metadata not of strings": container({"__metadata__": {"lepton": {"a": 1}}}),
    "meta not an object": container({"__metadata__": {"lepton": "[1]"}}),
    "meta not JSON": container({"__metadata__": {"lepton": "{"}}),
    "meta holds infinity": container({"__metadata__": {"lepton": '{"a": 1e999}'}}),
    "entry not an object": container({"a": 1}),
    "entry lacks shape": container({"a": {"dtype": "U8", "data_offsets": [0, 1]}}, b"x"),
    "entry holds more": container({"a": {**entry("U8", [1], [0, 1]), "x": 1}}, b"x"),
    "unknown dtype": container({"a": entry("F128")}, b"\0" * 16),
    "pickled dtype": container({"a": entry("O")}, b"\0" * 16),
    "dtype not text": container({"a": entry(["F64"])}, b"\0" * 16),
    "shape not a list": container({"a": entry(shape=2)}, b"\0" * 16),
    "shape of floats": container({"a": entry(shape=[2.0])}, b"\0" * 16),
    "shape of bools": container({"a": entry("U8", [True], [0, 1])}, b"\0"),
    "shape of text": container({"a": entry(shape=["2"])}, b"\0" * 16),
    "negative shape": container({"a": entry(shape=[-2])}, b"\0" * 16),
    "two negatives": container({"a": entry(shape=[-2, -1])}, b"\0" * 16),
    "giant shape": container({"a": entry(shape=[2**62])}, b"\0" * 16),
    "product that wraps to 16": container({"a": entry(shape=[2**32, 2**32, 2])}, b"\0" * 16),
    "giant shape of nothing": container({"a": entry(shape=[2**62, 2**62, 0], offsets=[0, 0])}),
    "65 dimensions": container({"a": entry("U8", [1] * 65, [0, 1])}, b"x"),
    "offsets not a pair": container({"a": entry(offsets=[0, 8, 16])}, b"\0" * 16),
    "offsets of floats": container({"a": entry(offsets=[0.0, 16.0])}, b"\0" * 16),
    "negative offsets": container({"a": entry(offsets=[-16, 0])}, b"\0" * 16),
    "offsets backwards": container({"a": entry(offsets=[16, 0])}, b"\0" * 16),
    "offsets beyond the end": container({"a": entry(offsets=[0, 16])}, b"\0" * 15),
    "offsets of 10^30": container({"a": entry(shape=[10**30], offsets=[0, 8 * 10**30])}, b"\0" * 16),
    "hole before": container({"a": entry(offsets=[8, 24])}, b"\0" * 24),
    "hole between": container({"a": entry(), "b": entry(offsets=[17, 33])}, b"\0" * 33),
    "bytes left over": container({"a": entry()}, b"\0" * 17),
    "overlap": container({"a": entry(), "b": entry(offsets=[8, 24])}, b"\0" * 24),
    "the same bytes twice": container({"a": entry(), "b": entry()}, b"\0" * 16),
    "body without arrays": container({}, b"x"),
    "bool of 2": container({"a": entry("BOOL", [2], [0, 2])}, b"\1\2"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_in_few_steps_and_little_memory(name: str) -> None:
    data = HOSTILE[name]

    def refused() -> None:
        with pytest.raises(InvalidArtifact) as refusal:
            read_container(data)
        assert len(str(refusal.value)) < 600

    assert peak_of(refused) < 4 * len(data) + 1_000_000
    assert calls_of(refused) < len(data) + 100


def test_a_long_name_is_not_repeated_in_the_message() -> None:
    with pytest.raises(InvalidArtifact) as refusal:
        read_container(container({"x" * 100_000: 1}))
    assert len(str(refusal.value)) < 600
