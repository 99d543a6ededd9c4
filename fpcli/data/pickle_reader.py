"""The bytes of a pickle as operations and the values that follow them."""

import codecs
import pickle
import struct
from collections.abc import Callable, Mapping
from typing import Any

MOST_DIGITS = 40  # of a number written out
MOST_INTEGER_BYTES = 9  # 64 bits and a sign; equal remainders of longer ones make dicts slow


class PickleReader:
    """Reads a pickle from its beginning.

    values, puts, gets: by operation what reads the value it puts on the stack, the place in the
    memo that it writes, and the one that it reads. Everything raises UnpicklingError, ValueError or
    EOFError where the bytes do not fit.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0
        self.values: Mapping[bytes, Callable[[], Any]] = {
            pickle.NONE: lambda: None,
            pickle.NEWTRUE: lambda: True,
            pickle.NEWFALSE: lambda: False,
            pickle.EMPTY_LIST: list,
            pickle.EMPTY_TUPLE: tuple,
            pickle.EMPTY_DICT: dict,
            pickle.EMPTY_SET: set,
            pickle.BININT: lambda: self._number(4, signed=True),
            pickle.BININT1: lambda: self._number(1),
            pickle.BININT2: lambda: self._number(2),
            pickle.LONG1: lambda: self._long(1),
            pickle.LONG4: lambda: self._long(4),
            pickle.INT: self._written_number,
            pickle.LONG: self._written_number,
            pickle.FLOAT: lambda: float(self._digits()),
            pickle.BINFLOAT: self._float,
            pickle.STRING: self._quoted,
            pickle.SHORT_BINSTRING: lambda: self._counted(1).decode("latin1"),
            pickle.BINSTRING: lambda: self._counted(4).decode("latin1"),
            pickle.SHORT_BINBYTES: lambda: self._counted(1),
            pickle.BINBYTES: lambda: self._counted(4),
            pickle.BINBYTES8: lambda: self._counted(8),
            pickle.BYTEARRAY8: lambda: self._counted(8),
            pickle.UNICODE: lambda: self._line().decode("raw-unicode-escape"),
            pickle.SHORT_BINUNICODE: lambda: self._text(1),
            pickle.BINUNICODE: lambda: self._text(4),
            pickle.BINUNICODE8: lambda: self._text(8),
        }
        self.puts: Mapping[bytes, Callable[[], int]] = {
            pickle.PUT: lambda: int(self._digits()),
            pickle.BINPUT: lambda: self._number(1),
            pickle.LONG_BINPUT: lambda: self._number(4),
        }
        self.gets: Mapping[bytes, Callable[[], int]] = {
            pickle.GET: lambda: int(self._digits()),
            pickle.BINGET: lambda: self._number(1),
            pickle.LONG_BINGET: lambda: self._number(4),
        }

    def operation(self) -> bytes:
        """The next operation."""
        return self._take(1)

    def line(self) -> str:
        """The next line, as text: part of a name."""
        return self._line().decode("utf-8")

    def skip(self, count: int) -> None:
        """Pass over bytes that say nothing of the content."""
        self._take(count)

    def _take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._content):
            raise EOFError("it is cut short")
        taken = self._content[self._at : end]
        self._at = end
        return taken

    def _line(self) -> bytes:
        end = self._content.find(b"\n", self._at)
        if end < 0:
            raise EOFError("it is cut short")
        taken = self._content[self._at : end]
        self._at = end + 1
        return taken

    def _number(self, count: int, *, signed: bool = False) -> int:
        return int.from_bytes(self._take(count), "little", signed=signed)

    def _counted(self, count: int) -> bytes:
        """Bytes whose length stands before them."""
        return self._take(self._number(count))

    def _text(self, count: int) -> str:
        return self._counted(count).decode("utf-8", "surrogatepass")

    def _long(self, count: int) -> int:
        length = self._number(count)
        if length > MOST_INTEGER_BYTES:
            raise pickle.UnpicklingError("an enormous number")
        return int.from_bytes(self._take(length), "little", signed=True)

    def _digits(self) -> bytes:
        line = self._line()
        if len(line) > MOST_DIGITS:
            raise pickle.UnpicklingError("an enormous number")
        return line

    def _written_number(self) -> int | bool:
        digits = self._digits()
        if digits in (b"00", b"01"):  # truth values of the first protocols
            return digits == b"01"
        number = int(digits.removesuffix(b"L"))
        if number.bit_length() > 8 * MOST_INTEGER_BYTES:
            raise pickle.UnpicklingError("an enormous number")
        return number

    def _float(self) -> float:
        (number,) = struct.unpack(">d", self._take(8))
        return float(number)

    def _quoted(self) -> str:
        """Python 2's text in quotes, its bytes escaped."""
        line = self._line()
        if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b"'", b'"'):
            raise pickle.UnpicklingError("a text without its quotes")
        return codecs.decode(line[1:-1], "unicode_escape")
