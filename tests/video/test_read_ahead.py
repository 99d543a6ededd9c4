"""Reading ahead changes neither the items nor what goes wrong."""

from collections.abc import Iterator

import pytest

from fpcli.video.ahead import ReadAhead


def test_items_come_in_order() -> None:
    assert list(ReadAhead(range(50), most=3)) == list(range(50))


def test_failure_of_the_source_comes_in_its_turn() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    items = ReadAhead(failing())
    assert next(items) == 1
    with pytest.raises(OSError, match="gone"):
        next(items)


def test_closing_early_stops_the_source() -> None:
    made: list[int] = []

    def source() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    items = ReadAhead(source(), most=2)
    next(items)
    items.close()
    assert len(made) < 20
