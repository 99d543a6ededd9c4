"""Pickles of plain values and NumPy arrays, read without running anything that they ask for.

A pickle is a programme for a small machine with a stack. Python's own machine calls whatever a
pickle names, and a few bytes can make it fill all memory or compute for years. This one knows plain
values and no more, and everything that grows is limited. `pickletools` tells the operations apart.
"""

import math
import pickle
import pickletools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from fpcli.data.plain_arrays import ADMITTED, ArrayRecipe, Maker, Named
from fpcli.errors import DataError

# The largest of FineDiving's files takes some megabytes and a million operations.
MOST_BYTES = 64 * 2**20  # of a file, and of all that its calls make
MOST_OPERATIONS = 5_000_000
MOST_NESTED = 32  # containers in one another
MOST_IN_KEY = 4
MOST_BITS = 72  # of a whole number
# Of a number in a key, before and after its point. Longer ones share their hashes with others, and
# tuples of such with so many that a dict compares each key with all before it.
MOST_KEY_BITS, MOST_KEY_FLOAT = 60, 2.0**30
BYTES_A_VALUE = 8  # of texts and arrays, where values are counted
MOST_SHOWN = 80  # characters of a name that is refused
EMPTY: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "EMPTY_DICT": dict,
    "EMPTY_SET": set,
}
READ = frozenset(  # operations that put what follows them on the stack
    [
        "INT",
        "BININT",
        "BININT1",
        "BININT2",
        "LONG",
        "LONG1",
        "LONG4",
        "FLOAT",
        "BINFLOAT",
        "STRING",
        "BINSTRING",
        "SHORT_BINSTRING",
        "BINBYTES",
        "SHORT_BINBYTES",
        "BINBYTES8",
        "BYTEARRAY8",
        "UNICODE",
        "BINUNICODE",
        "SHORT_BINUNICODE",
        "BINUNICODE8",
    ]
)
KEY_KINDS = (str, bytes, int, float, type(None))
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

    Structured arrays are refused, and so are containers more than 32 deep, keys other than texts,
    numbers of a usual size and short tuples of them, and files of more than 64 MiB or five million
    operations. Raises DataError where the file cannot be read, is no pickle, or asks for anything
    else; then nothing in it was run.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise pickle.UnpicklingError(f"more than {MOST_BYTES // 2**20} MiB")
        return _Finishing().finished(_Machine(content).run())
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


class _Machine:
    """Does what the operations of a pickle say, with plain values alone."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._stack: list[Any] = []
        self._marked: list[list[Any]] = []  # the stacks below each mark
        self._memo: dict[int, Any] = {}
        self._room_bytes = MOST_BYTES
        self._deeds: dict[str, Callable[[], None]] = {
            "MARK": self._mark,
            "POP": self._pop,
            "POP_MARK": self._drop_since_mark,
            "DUP": lambda: self._stack.append(self._stack[-1]),
            "LIST": lambda: self._put(self._since_mark()),
            "TUPLE": lambda: self._put(tuple(self._since_mark())),
            "TUPLE1": lambda: self._put(tuple(self._last(1))),
            "TUPLE2": lambda: self._put(tuple(self._last(2))),
            "TUPLE3": lambda: self._put(tuple(self._last(3))),
            "DICT": self._dict,
            "FROZENSET": lambda: self._put(frozenset(_keys(self._since_mark()))),
            "APPEND": lambda: self._extend(self._last(1)),
            "APPENDS": lambda: self._extend(self._since_mark()),
            "SETITEM": lambda: self._set_items(self._last(2)),
            "SETITEMS": lambda: self._set_items(self._since_mark()),
            "ADDITEMS": self._add_items,
            "MEMOIZE": lambda: self._memoize_at(len(self._memo)),
            "STACK_GLOBAL": lambda: self._name(*self._last(2)),
            "REDUCE": self._reduce,
            "BUILD": self._build,
        }
        self._told: dict[str, Callable[[Any], None]] = {  # what follows the operation is handed on
            "PUT": self._memoize_at,
            "BINPUT": self._memoize_at,
            "LONG_BINPUT": self._memoize_at,
            "GET": self._put_memorised,
            "BINGET": self._put_memorised,
            "LONG_BINGET": self._put_memorised,
            "GLOBAL": lambda name: self._name(*name.split(" ", 1)),
            "PROTO": lambda _: None,
            "FRAME": lambda _: None,
        }

    def run(self) -> Any:
        """Return what the pickle holds; recipes stand for arrays. Raises an error of MALFORMED."""
        for count, (operation, told, _) in enumerate(pickletools.genops(self._content), start=1):
            if count > MOST_OPERATIONS:
                raise pickle.UnpicklingError(f"more than {MOST_OPERATIONS:,} operations")
            name = operation.name
            if name == "STOP":
                return self._stack.pop()
            if name in READ:
                self._put_read(told)
            elif name in EMPTY:
                self._put(EMPTY[name]())
            elif name in self._deeds:
                self._deeds[name]()
            elif name in self._told:
                self._told[name](told)
            else:
                raise pickle.UnpicklingError(f"an operation that makes objects, {name}")
        raise EOFError("it is cut short")

    def _put(self, value: Any) -> None:
        self._stack.append(value)

    def _last(self, count: int) -> list[Any]:
        """Take the last values from the stack, in their order."""
        if len(self._stack) < count:
            raise pickle.UnpicklingError("a stack that is too short")
        taken = self._stack[-count:]
        del self._stack[-count:]
        return taken

    def _mark(self) -> None:
        self._marked.append(self._stack)
        self._stack = []

    def _since_mark(self) -> list[Any]:
        since, self._stack = self._stack, self._marked.pop()
        return since

    def _drop_since_mark(self) -> None:
        self._stack = self._marked.pop()

    def _pop(self) -> None:
        if self._stack:
            self._stack.pop()
        else:
            self._drop_since_mark()

    def _put_read(self, value: Any) -> None:
        if isinstance(value, int) and value.bit_length() > MOST_BITS:
            raise pickle.UnpicklingError("an enormous number")
        self._stack.append(value)

    def _put_memorised(self, place: int) -> None:
        self._stack.append(self._memo[place])

    def _memoize_at(self, place: int) -> None:
        self._memo[place] = self._stack[-1]

    def _dict(self) -> None:
        items = self._since_mark()
        self._put({})
        self._set_items(items)

    def _extend(self, items: list[Any]) -> None:
        self._top(list).extend(items)

    def _set_items(self, items: list[Any]) -> None:
        self._top(dict).update(zip(_keys(items[::2]), items[1::2], strict=True))

    def _add_items(self) -> None:
        items = self._since_mark()
        self._top(set).update(_keys(items))

    def _top(self, kind: type) -> Any:
        """What lies on top of the stack, which must be of a kind."""
        if type(self._stack[-1]) is not kind:
            raise pickle.UnpicklingError(f"something to be added to what is no {kind.__name__}")
        return self._stack[-1]

    def _name(self, module: object, name: object) -> None:
        if not isinstance(module, str) or not isinstance(name, str):
            raise pickle.UnpicklingError("a name that is no text")
        if (module, name) in (("__builtin__", "set"), ("builtins", "set")):
            self._put(Maker(_set))
        elif (module, name) in ADMITTED:
            self._put(ADMITTED[module, name])
        else:
            raise _ForbiddenError(f"{module}.{name}"[:MOST_SHOWN])

    def _reduce(self) -> None:
        arguments, maker = self._stack.pop(), self._stack.pop()
        if not isinstance(maker, Maker) or not isinstance(arguments, tuple):
            raise pickle.UnpicklingError("a call of what is no function")
        made = maker(*arguments)
        self._account_for(made)
        self._put(made)

    def _build(self) -> None:
        state = self._stack.pop()
        if not isinstance(self._stack[-1], Named):
            raise pickle.UnpicklingError("a state for what has none")
        self._stack[-1].take_state(state)
        self._account_for(self._stack[-1])

    def _account_for(self, made: Any) -> None:
        """Refuse a pickle whose calls fill the memory: each repeats in a few bytes what is long."""
        if isinstance(made, ArrayRecipe):
            self._room_bytes -= made.size_bytes
        elif isinstance(made, bytes | str | set):
            self._room_bytes -= len(made)
        if self._room_bytes < 0:
            raise pickle.UnpicklingError(f"calls that make more than {MOST_BYTES // 2**20} MiB")


def _keys(items: Iterable[Any]) -> Iterable[Any]:
    """Yield keys of dicts or sets. Raises UnpicklingError for one that may take long to compare."""
    for item in items:
        parts = item if isinstance(item, tuple) else (item,)
        if len(parts) > MOST_IN_KEY or not all(isinstance(part, KEY_KINDS) for part in parts):
            raise pickle.UnpicklingError("a key of other than texts and numbers")
        if not all(map(_has_a_hash_of_its_own, parts)):
            raise pickle.UnpicklingError("an enormous or a tiny number in a key")
        yield item


def _has_a_hash_of_its_own(part: Any) -> bool:
    """Whether a key's part shares its hash with a few others at most."""
    if isinstance(part, int):
        return part.bit_length() <= MOST_KEY_BITS
    if isinstance(part, float) and math.isfinite(part) and part:
        return 1 / MOST_KEY_FLOAT <= abs(part) <= MOST_KEY_FLOAT
    return True


def _set(items: Any = ()) -> set[Any]:
    return set(_keys(items))


class _Finishing:
    """Makes the arrays of what was read.

    A container that a pickle repeats is finished once. Whoever reads the result meets it as often
    as it is repeated, so the whole may be no longer than if it were written out.
    """

    def __init__(self) -> None:
        self._made: dict[int, tuple[Any, int]] = {}  # by identity: the value and its length
        self._depth = 0

    def finished(self, value: Any) -> Any:
        """The value with its arrays made. Raises UnpicklingError for what is too deep or long."""
        return self._finished(value)[0]

    def _finished(self, value: Any) -> tuple[Any, int]:
        if isinstance(value, str | bytes | bytearray):
            return value, 1 + len(value) // BYTES_A_VALUE
        if not isinstance(value, dict | list | tuple | Named):
            return value, 1
        if id(value) not in self._made:
            if self._depth == MOST_NESTED:
                raise pickle.UnpicklingError(f"more than {MOST_NESTED} containers in one another")
            self._depth += 1
            made, length = self._container(value)
            self._depth -= 1
            if length > MOST_OPERATIONS:
                raise pickle.UnpicklingError(f"more than {MOST_OPERATIONS:,} values, repeated ones")
            self._made[id(value)] = made, length
        return self._made[id(value)]

    def _container(self, value: Any) -> tuple[Any, int]:
        if isinstance(value, ArrayRecipe):
            return self._array(value)
        if isinstance(value, Named):
            raise pickle.UnpicklingError("a function where data should be")
        parts = [self._finished(item) for item in _values(value)]
        length = 1 + sum(count for _, count in parts)
        made = [part for part, _ in parts]
        if isinstance(value, dict):
            return dict(zip(value, made, strict=True)), length
        return (tuple(made) if isinstance(value, tuple) else made), length

    def _array(self, recipe: ArrayRecipe) -> tuple[np.ndarray, int]:
        if not recipe.dtype.hasobject:
            return recipe.array(recipe.contents), 1 + recipe.size_bytes // BYTES_A_VALUE
        elements, length = self._finished(recipe.contents)
        return recipe.array(elements), length


def _values(container: dict[Any, Any] | list[Any] | tuple[Any, ...]) -> Iterable[Any]:
    return container.values() if isinstance(container, dict) else container
