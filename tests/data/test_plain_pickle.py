"""Pickles of plain values are read; whatever else a pickle asks for is refused and never run."""

import os
import pickle
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fpcli.data.plain_pickle import load_plain
from fpcli.errors import DataError

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def stored(folder: Path, content: bytes) -> Path:
    path = folder / "annotation.pkl"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_annotations_hold_comes_back(tmp_path: Path, protocol: int) -> None:
    labels = np.array([1, 1, 25, 36])
    content = {
        ("01", 7): ["107b", 62.5, np.float64(3.1), labels, np.array(["Entry", "é"])],
        ("01", np.int64(8)): {"marks": (7.5, 8.0), "ids": {1, 2}, "raw": b"\x00\xff", "no": None},
        "arrays": [
            np.asfortranarray(np.arange(6.0).reshape(2, 3)),
            np.array([2, 300], ">i2"),
            np.array([True, False]),
            np.array([[1, "a"], [None, (2,)]], dtype=object),
            np.empty((0, 2), np.float32),
            np.array(5.5),
        ],
        "again": labels,
    }
    found = load_plain(stored(tmp_path, pickle.dumps(content, protocol=protocol)))
    assert list(found) == list(content)
    number, score, difficulty, found_labels, names = found["01", 7]
    assert (number, score, difficulty) == ("107b", 62.5, 3.1)
    assert names.tolist() == ["Entry", "é"]
    assert found_labels.tolist() == [1, 1, 25, 36]
    assert found["again"] is found_labels
    assert found["01", 8] == content["01", 8]
    for ours, theirs in zip(found["arrays"], content["arrays"], strict=True):
        assert type(ours) is np.ndarray
        assert ours.dtype == theirs.dtype
        assert ours.tolist() == theirs.tolist()
        assert ours.flags.writeable


@pytest.mark.parametrize("core", ["numpy.core", "numpy._core"])
def test_both_generations_of_numpy_are_read(tmp_path: Path, core: str) -> None:
    content = pickle.dumps([np.arange(3), np.float32(0.5)], protocol=2)
    renamed = content.replace(b"numpy._core", core.encode()).replace(b"numpy.core", core.encode())
    array, number = load_plain(stored(tmp_path, renamed))
    assert array.tolist() == [0, 1, 2]
    assert number == 0.5


def test_python_2_is_read(tmp_path: Path) -> None:
    """What Python 2 wrote: texts and an array's contents as bytes of no encoding."""
    content = (
        b"\x80\x02]q\x00(U\x04107bq\x01cnumpy.core.multiarray\n_reconstruct\nq\x02cnumpy\nndarray\n"
        b"K\x00\x85U\x01b\x87R(K\x01K\x02\x85cnumpy\ndtype\nU\x02i2K\x00K\x01\x87R"
        b"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x04\x01\x00\xff\x00tbe."
    )
    number, labels = load_plain(stored(tmp_path, content))
    assert number == "107b"
    assert labels.tolist() == [1, 255]


class Hostile:
    """Stored as a call of a function."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


HOSTILE = {
    "a shell": (os.system, ("touch {mark}",)),
    "a file": (open, ("{mark}", "w")),
    "an evaluation": (eval, ("open('{mark}', 'w')",)),
    "an attribute": (getattr, ("text", "format")),
    "numpy's own reader": (np.load, ("{mark}", None, True)),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_pickle_runs_nothing_and_is_named(
    tmp_path: Path, kind: str, protocol: int
) -> None:
    mark = tmp_path / "mark"
    function, arguments = HOSTILE[kind]
    filled = [a.format(mark=mark) if isinstance(a, str) else a for a in arguments]
    content = pickle.dumps({("01", 1): [Hostile(function, *filled)]}, protocol=protocol)
    with pytest.raises(DataError, match=r"annotation\.pkl asks for .*nothing in it was run"):
        load_plain(stored(tmp_path, content))
    assert not mark.exists()


DTYPE = b"cnumpy\ndtype\nX\x02\x00\x00\x00%bK\x00K\x01\x87R(K\x03X\x01\x00\x00\x00<NNN"
DTYPE += b"J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
ARRAY = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R(K\x01%b"
FORGED = {
    # A memory address dressed up as an object.
    "bytes as objects": ARRAY % b"K\x01\x85" + DTYPE % b"O8" + b"\x89C\x08AAAAAAAAtb.",
    "too large a shape": ARRAY % b"M\xff\xff\x85" + DTYPE % b"i8" + b"\x89C\x08AAAAAAAAtb.",
    "a negative shape": ARRAY % b"J\xff\xff\xff\xffJ\xff\xff\xff\xff\x86"
    + DTYPE % b"i8"
    + b"\x89C\x08AAAAAAAAtb.",
    "a structured dtype": b"cnumpy\ndtype\nX\x05\x00\x00\x00i4,i4K\x00K\x01\x87R.",
    "a shape in a dtype": b"cnumpy\ndtype\nX\x05\x00\x00\x00(01)iK\x00K\x01\x87R.",
    "fields given later": b"cnumpy\ndtype\nX\x02\x00\x00\x00V8K\x00K\x01\x87R.",
    "a time": b"cnumpy\ndtype\nX\x02\x00\x00\x00M8K\x00K\x01\x87R.",
    "a function as data": b"]cnumpy\ndtype\na.",
    "a state for a function": b"cnumpy\ndtype\n}X\x01\x00\x00\x00aK\x01sb.",
    "an attribute for a function": b"cnumpy\ndtype\nN}X\x05\x00\x00\x00_makeK\x01s\x86b.",
    "an array called": b"cnumpy\nndarray\nK\x05\x85R.",
    "outside the file": b"X\x01\x00\x00\x00aQ.",
    "another codec": b"c_codecs\nencode\nX\x01\x00\x00\x00aX\x04\x00\x00\x00utf8\x86R.",
    "itself": b"]q\x00h\x00a.",
    "an unfinished list": b"](K\x01K\x02",
    "nothing": b"",
    "no pickle": b"key,score\n1,2\n",
}


@pytest.mark.parametrize("kind", FORGED)
def test_what_does_not_fit_together_is_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(DataError, match=r"annotation\.pkl"):
        load_plain(stored(tmp_path, FORGED[kind]))


def test_repetition_is_read_once(tmp_path: Path) -> None:
    labels = np.arange(20)
    found = load_plain(stored(tmp_path, pickle.dumps([[labels, labels], [labels]])))
    assert found[0][0] is found[0][1] is found[1][0]


def doubled(times: int, opcode: bytes) -> bytes:
    """A list or tuple that holds the one before twice, and so on: 2 ** times values if read out."""
    return b"K\x01" + b"".join(b"q%c0h%ch%c%b" % (n, n, n, opcode) for n in range(times))


def called(count: int) -> bytes:
    """A long text, and calls that make bytes of it again and again."""
    text = b"X" + (1 << 20).to_bytes(4, "little") + b"a" * (1 << 20)
    latin1 = b"X\x06\x00\x00\x00latin1"
    return text + b"q\x000](" + b"c_codecs\nencode\nh\x00%b\x86R" % latin1 * count + b"e."


EATERS = {
    # a few bytes that would fill the memory, or compute for years, in Python's own machine
    "a key that takes years to hash": b"}" + doubled(60, b"\x86") + b"K\x01s.",
    "a member that takes years to hash": b"\x8f(" + doubled(60, b"\x86") + b"\x90.",
    "a set that takes years to make": b"c__builtin__\nset\n(](" + doubled(60, b"\x86") + b"etR.",
    "a value that is endless read out": doubled(60, b"\x86") + b".",
    "a shape that multiplies a tuple": ARRAY % b"J\xff\xff\xff\x7fK\x00\x85\x86"
    + DTYPE % b"i8"
    + b"\x89C\x08AAAAAAAAtb.",
    "a list that is nested endlessly": b"]" * 200_000 + b"a" * 199_999 + b".",
    "a tuple as key that is nested endlessly": b"})" + b"\x85" * 200_000 + b"K\x01s.",
    "an enormous number": b"\x8b" + (10_000).to_bytes(4, "little") + b"\x7f" * 10_000 + b".",
    "an enormous number written out": b"I" + b"9" * 10_000 + b"\n.",
    # One of the many tuples that share a hash, so that each is compared with all before it.
    "a key of numbers that share their hashes": b"}X\x01\x00\x00\x00a"
    + b"\x8a\x08"
    + (2**61).to_bytes(8, "little")
    + b"\x86Ns.",
    "a key of floats that share their hashes": b"}X\x01\x00\x00\x00aG"
    + struct.pack(">d", 2.0**61)
    + b"\x86Ns.",
    "bytes without end": b"B\xff\xff\xff\x7fabc.",
    "calls that repeat what is long": called(100),
}


@pytest.mark.parametrize("kind", EATERS)
def test_a_few_bytes_eat_neither_memory_nor_time(tmp_path: Path, kind: str) -> None:
    with pytest.raises(DataError, match=r"annotation\.pkl is no whole pickle") as refused:
        load_plain(stored(tmp_path, EATERS[kind]))
    assert len(refused.value.message) < 400


def test_a_place_in_the_memo_costs_nothing(tmp_path: Path) -> None:
    assert load_plain(stored(tmp_path, b"K\x07r\xff\xff\xff\xff0j\xff\xff\xff\xff.")) == 7


def test_files_and_programmes_have_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = pickle.dumps([*range(100)])
    monkeypatch.setattr("fpcli.data.plain_pickle.MOST_OPERATIONS", 50)
    with pytest.raises(DataError, match="more than 50 operations"):
        load_plain(stored(tmp_path, content))
    monkeypatch.setattr("fpcli.data.plain_pickle.MOST_BYTES", 90)
    with pytest.raises(DataError, match="more than 0 MiB"):
        load_plain(stored(tmp_path, content))


def test_a_long_name_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="asks for 'osaaa") as refused:
        load_plain(stored(tmp_path, b"cos" + b"a" * 100_000 + b"\nsystem\n)R."))
    assert len(refused.value.message) < 400


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"absent\.pkl cannot be read \(No such file"):
        load_plain(tmp_path / "absent.pkl")


@pytest.mark.parametrize("kept", [1, 30, -1])
def test_a_truncated_pickle_is_named(tmp_path: Path, kept: int) -> None:
    whole = pickle.dumps({("01", 1): np.arange(50)})
    with pytest.raises(DataError, match=r"annotation\.pkl is no whole pickle"):
        load_plain(stored(tmp_path, whole[:kept]))


CONTENT = {
    ("01", 7): ["107b", 62.5, np.float64(3.1), np.array([1, 25, 36]), np.array(["a"]), {1}, b"b"],
    "objects": np.array([1, "a", None], dtype=object),
}


@given(st.data())
def test_a_file_damaged_anywhere_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(pickle.dumps(CONTENT, protocol=data.draw(st.integers(0, 4))))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    path = stored(tmp_path_factory.getbasetemp(), bytes(content))
    with suppress(DataError):
        load_plain(path)
