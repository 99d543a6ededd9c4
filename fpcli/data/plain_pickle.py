"""Pickles of plain values and NumPy arrays, read without running anything that they ask for.

A pickle may name any function and have it called. Here a name is looked up in a short list, and
what it stands for is ours: not even NumPy's own functions are called, as a forged dtype given to
them could reach memory that is not its own.
"""

import pickle
import re
from math import prod
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from fpcli.errors import DataError

# Truth values, numbers, texts of a fixed length, and objects, which then are plain values.
PLAIN_DTYPE = re.compile(r"b1|[iu][1248]|f[248]|c8|c16|[SU]\d{1,6}|O8?")
MALFORMED = (
    pickle.UnpicklingError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)


def load_plain(path: Path) -> Any:
    """Read a pickle of dicts, lists, tuples, sets, numbers, texts and NumPy arrays.

    Structured arrays are refused. Raises DataError where the file cannot be read, is no pickle, or
    asks for anything else; then nothing in it was run.
    """
    try:
        with path.open("rb") as stream:
            # Python 2 wrote its texts and arrays as bytes; latin1 takes every one of them.
            return _finished(_PlainUnpickler(stream, encoding="latin1").load(), {})
    except OSError as error:
        raise DataError(
            f"{path} cannot be read ({error.strerror}).", "Check the path and its permissions."
        ) from error
    except _ForbiddenError as error:
        raise DataError(
            f"{path} asks for {str(error)!r}, which no annotation needs; nothing in it was run.",
            "Get the file again from where the data set comes from, and tell them.",
        ) from error
    except MALFORMED as error:
        raise DataError(
            f"{path} is no whole pickle of plain values ({type(error).__name__}: {error}).",
            "Copy the file again from where the data set comes from.",
        ) from error


class _ForbiddenError(Exception):
    """A pickle names something that is not plain data."""


class _Plain:
    """Something that a pickle may name; nothing can be set on it."""

    __slots__ = ()


class _DtypeRecipe(_Plain):
    """What a pickle says of a dtype, checked."""

    __slots__ = ("_dtype",)

    def __init__(self, name: object) -> None:
        # NumPy reads other names as expressions.
        if not isinstance(name, str) or not PLAIN_DTYPE.fullmatch(name):
            raise pickle.UnpicklingError(f"a dtype of other than numbers and texts, {name!r:.40}")
        self._dtype = np.dtype(name)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _version, order, subdtype, names, fields = state[:5]
        if subdtype is not None or names is not None or fields is not None:
            raise pickle.UnpicklingError("a structured dtype")
        self._dtype = self._dtype.newbyteorder(order if order in ("<", ">") else "=")

    @property
    def dtype(self) -> np.dtype:
        return self._dtype


class _ArrayRecipe(_Plain):
    """What a pickle says of an array; the array is made when all is read."""

    __slots__ = ("_contents", "_dtype", "_order", "_shape")
    _contents: Any

    def __init__(self) -> None:
        self.set((0,), np.dtype(float), b"", "C")

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _version, shape, recipe, is_fortran, contents = state
        self.set(shape, _dtype_of(recipe), contents, "F" if is_fortran else "C")

    def set(self, shape: Any, dtype: np.dtype, contents: Any, order: str) -> None:
        """Take over what the pickle says. Raises UnpicklingError where it does not fit together."""
        if isinstance(contents, str):  # Python 2's bytes
            contents = contents.encode("latin1")
        needed = prod(shape) if dtype.hasobject else prod(shape) * dtype.itemsize
        kind = list if dtype.hasobject else bytes | bytearray
        if not isinstance(contents, kind) or len(contents) != needed or min(shape, default=0) < 0:
            raise pickle.UnpicklingError("an array whose contents do not fill its shape")
        self._shape, self._dtype, self._contents, self._order = shape, dtype, contents, order

    def array(self, made: dict[int, Any]) -> np.ndarray:
        """Make the array."""
        if self._dtype.hasobject:
            flat = np.empty(len(self._contents), object)
            for place, item in enumerate(self._contents):
                flat[place] = _finished(item, made)
        else:
            flat = np.frombuffer(self._contents, self._dtype).copy()
        return flat.reshape(self._shape, order="F" if self._order == "F" else "C")


class _Named(_Plain):
    """A thing that a pickle names but that is only ever handed on: numpy.ndarray."""

    __slots__ = ()


class _MakeDtype(_Plain):
    __slots__ = ()

    def __call__(self, name: object, align: object = False, copy: object = True) -> _DtypeRecipe:
        return _DtypeRecipe(name)


class _MakeArray(_Plain):
    __slots__ = ()

    def __call__(self, of: object, shape: object, typecode: object) -> _ArrayRecipe:
        return _ArrayRecipe()


class _MakeFromBuffer(_Plain):
    """The way in which protocol 5 stores arrays."""

    __slots__ = ()

    def __call__(self, contents: Any, recipe: object, shape: Any, order: str) -> _ArrayRecipe:
        made = _ArrayRecipe()
        made.set(shape, _dtype_of(recipe), contents, order)
        return made


class _MakeScalar(_Plain):
    __slots__ = ()

    def __call__(self, recipe: object, contents: Any) -> Any:
        made = _ArrayRecipe()
        dtype = _dtype_of(recipe)
        if dtype.hasobject:
            raise pickle.UnpicklingError("a single object as a NumPy number")
        made.set((1,), dtype, contents, "C")
        return made.array({}).item()


class _MakeBytes(_Plain):
    """The way in which protocols up to 2 store bytes."""

    __slots__ = ()

    def __call__(self, text: str = "", encoding: str = "latin1") -> bytes:
        if encoding not in ("latin1", "latin-1"):
            raise pickle.UnpicklingError(f"bytes stored in {encoding!r}")
        return text.encode("latin1")


class _MakeSet(_Plain):
    __slots__ = ()

    def __call__(self, items: list[Any] | None = None) -> set[Any]:
        return set(items or ())


_NUMPY_MODULES = ("numpy.core", "numpy._core")  # NumPy 1 and 2
ADMITTED: dict[tuple[str, str], _Plain] = {
    ("numpy", "ndarray"): _Named(),
    ("numpy", "dtype"): _MakeDtype(),
    ("_codecs", "encode"): _MakeBytes(),
    ("__builtin__", "bytes"): _MakeBytes(),
    ("__builtin__", "set"): _MakeSet(),
    ("builtins", "set"): _MakeSet(),
    **{(f"{core}.multiarray", "_reconstruct"): _MakeArray() for core in _NUMPY_MODULES},
    **{(f"{core}.multiarray", "scalar"): _MakeScalar() for core in _NUMPY_MODULES},
    **{(f"{core}.numeric", "_frombuffer"): _MakeFromBuffer() for core in _NUMPY_MODULES},
}


class _PlainUnpickler(pickle.Unpickler):
    """An unpickler for which nothing exists but ADMITTED."""

    def find_class(self, module: str, name: str) -> Any:
        found = ADMITTED.get((module, name))
        if found is None:
            raise _ForbiddenError(f"{module}.{name}")
        return found

    def persistent_load(self, pid: object) -> NoReturn:
        raise pickle.UnpicklingError("a reference to something outside the file")


def _dtype_of(recipe: object) -> np.dtype:
    if not isinstance(recipe, _DtypeRecipe):
        raise pickle.UnpicklingError("an array without a dtype")
    return recipe.dtype


def _finished(value: Any, made: dict[int, Any]) -> Any:
    """The value with its arrays made; made: what was finished before, by identity.

    A container that a pickle repeats is finished once, so that repetition costs nothing.
    """
    if not isinstance(value, dict | list | tuple | set | _Plain):
        return value
    if id(value) not in made:
        made[id(value)] = _container(value, made)
    return made[id(value)]


def _container(value: Any, made: dict[int, Any]) -> Any:
    match value:
        case _ArrayRecipe():
            return value.array(made)
        case dict():
            return {_finished(key, made): _finished(item, made) for key, item in value.items()}
        case list():
            return [_finished(item, made) for item in value]
        case tuple():
            return tuple(_finished(item, made) for item in value)
        case set():
            return {_finished(item, made) for item in value}
        case _:
            raise pickle.UnpicklingError("a function where data should be")
