"""What a pickle of plain values may name: recipes for NumPy's arrays, numbers and dtypes.

Each stands for a function of the same name and makes something of ours, as a forged dtype given to
NumPy's own could reach memory that is not its own.
"""

import pickle
import re
from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

# Truth values, numbers, texts of a fixed length, and objects, which then are plain values.
PLAIN_DTYPE = re.compile(r"b1|[iu][1248]|f[248]|c8|c16|[SU]\d{1,6}|O8?")
MOST_AXES = 32
POINTER_BYTES = 8


class Named:
    """Something that a pickle may name but that is only ever handed on: numpy.ndarray."""

    __slots__ = ()

    def take_state(self, state: Any) -> None:
        """Take over what a pickle says of something made. Raises UnpicklingError for most."""
        raise pickle.UnpicklingError("a state for what has none")


class Maker(Named):
    """Something that a pickle may name and call."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[..., Any]) -> None:
        self._make = make

    def __call__(self, *arguments: Any) -> Any:
        """Make what the named function would. Raises UnpicklingError for what does not fit."""
        return self._make(*arguments)


class DtypeRecipe(Named):
    """What a pickle says of a dtype, checked."""

    __slots__ = ("dtype",)

    def __init__(self, name: object, _align: object = False, _copy: object = True) -> None:
        # NumPy reads other names as expressions.
        if not isinstance(name, str) or not PLAIN_DTYPE.fullmatch(name):
            raise pickle.UnpicklingError("a dtype of other than numbers and texts")
        self.dtype = np.dtype(name)

    def take_state(self, state: Any) -> None:
        """Take over the order of bytes; of the rest there must be nothing."""
        _version, order, subdtype, names, fields = state[:5]
        if subdtype is not None or names is not None or fields is not None:
            raise pickle.UnpicklingError("a structured dtype")
        self.dtype = self.dtype.newbyteorder(order if order in ("<", ">") else "=")


class ArrayRecipe(Named):
    """What a pickle says of an array; the array is made when all is read.

    shape: of the array. contents: its bytes, or of objects a list of its elements.
    """

    __slots__ = ("contents", "dtype", "order", "shape")
    contents: Any

    def __init__(self) -> None:
        self.fill((0,), np.dtype(float), b"", "C")

    def take_state(self, state: Any) -> None:
        """Take over dtype, shape and contents."""
        _version, shape, recipe, is_fortran, contents = state
        self.fill(shape, _dtype_of(recipe), contents, "F" if is_fortran else "C")

    def fill(self, shape: Any, dtype: np.dtype, contents: Any, order: str) -> None:
        """Take over what the pickle says. Raises UnpicklingError where it does not fit together."""
        if isinstance(contents, str):  # Python 2's bytes
            contents = contents.encode("latin1")
        kind = list if dtype.hasobject else bytes | bytearray
        count = _count(shape)
        needed = count if dtype.hasobject else count * dtype.itemsize
        if not isinstance(contents, kind) or len(contents) != needed:
            raise pickle.UnpicklingError("an array whose contents do not fill its shape")
        self.shape, self.dtype, self.contents, self.order = shape, dtype, contents, order

    @property
    def size_bytes(self) -> int:
        """Memory that the array will take, beside that of its elements."""
        return len(self.contents) * (POINTER_BYTES if self.dtype.hasobject else 1)

    def array(self, contents: Any) -> np.ndarray:
        """Make the array. contents: its own, of objects finished."""
        if self.dtype.hasobject:
            flat = np.empty(len(contents), object)
            for place, item in enumerate(contents):
                flat[place] = item
        else:
            flat = np.frombuffer(contents, self.dtype).copy()
        return flat.reshape(self.shape, order="F" if self.order == "F" else "C")


def _array(_of: object, _shape: object, _typecode: object) -> ArrayRecipe:
    return ArrayRecipe()


def _array_of_buffer(contents: Any, recipe: object, shape: Any, order: str) -> ArrayRecipe:
    """Protocol 5 stores arrays so."""
    made = ArrayRecipe()
    made.fill(shape, _dtype_of(recipe), contents, order)
    return made


def _number(recipe: object, contents: Any) -> Any:
    dtype = _dtype_of(recipe)
    if dtype.hasobject:
        raise pickle.UnpicklingError("a single object as a NumPy number")
    made = ArrayRecipe()
    made.fill((1,), dtype, contents, "C")
    return made.array(contents).item()


def _bytes(text: str = "", encoding: str = "latin1") -> bytes:
    """Protocols up to 2 store bytes so."""
    if encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError("bytes stored in another way than latin1")
    return text.encode("latin1")


_NUMPY_MODULES = ("numpy.core", "numpy._core")  # NumPy 1 and 2
ADMITTED: dict[tuple[str, str], Named] = {
    ("numpy", "ndarray"): Named(),
    ("numpy", "dtype"): Maker(DtypeRecipe),
    ("_codecs", "encode"): Maker(_bytes),
    ("__builtin__", "bytes"): Maker(_bytes),
    **{(f"{core}.multiarray", "_reconstruct"): Maker(_array) for core in _NUMPY_MODULES},
    **{(f"{core}.multiarray", "scalar"): Maker(_number) for core in _NUMPY_MODULES},
    **{(f"{core}.numeric", "_frombuffer"): Maker(_array_of_buffer) for core in _NUMPY_MODULES},
}


def _dtype_of(recipe: object) -> np.dtype:
    if not isinstance(recipe, DtypeRecipe):
        raise pickle.UnpicklingError("an array without a dtype")
    return recipe.dtype


def _count(shape: Any) -> int:
    """How many elements a shape has. Raises UnpicklingError for what is no shape."""
    if not isinstance(shape, tuple) or len(shape) > MOST_AXES:
        raise pickle.UnpicklingError("an array without a shape")
    if not all(isinstance(length, int) and length >= 0 for length in shape):
        raise pickle.UnpicklingError("an array of a length that is none")
    return prod(shape)
