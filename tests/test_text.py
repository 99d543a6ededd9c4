"""Names that others wrote cannot steer a screen."""

import numpy as np
import pytest

from fpcli.text import MOST_NAMED, in_short, printable, some_of


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("a\x1b[31mred.mp4", "a\\x1b[31mred.mp4"),  # a colour
        ("\x1b]0;title\x07.mp4", "\\x1b]0;title\\x07.mp4"),  # a window title
        ("two\nlines\r\t.mp4", "two\\nlines\\r\\t.mp4"),
        ("\x9b2J.mp4", "\\x9b2J.mp4"),  # an eight-bit control sequence
        ("exe\u202e4pm.mp4", "exe\\u202e4pm.mp4"),  # reading turned round
        ("caf\udce9.mp4", "caf\\xe9.mp4"),  # a byte that is no UTF-8
        ("a file\u202f½.mp4", "a file\u202f½.mp4"),  # a narrow space, as screen recordings have
        ("[bold]plongeon ½ 跳水.mp4", "[bold]plongeon ½ 跳水.mp4"),  # odd, but harmless
    ],
)
def test_names_are_shown_and_not_obeyed(hostile, shown):
    assert printable(hostile) == shown


def test_a_value_is_written_as_python_writes_it_and_never_at_length():
    assert in_short(("01", 7)) == "('01', 7)"
    nested = (1,)
    for _ in range(60):
        nested = (nested, nested)  # 2 ** 60 if written out
    array = np.empty(1, object)
    array[0] = nested  # numpy itself would write out a nested tuple that it makes an array of
    for long in (nested, "x" * 10_000, 10**9_999, array, [*range(999)]):
        assert len(in_short((long, 1))) < 200


def test_of_many_names_the_first_are_shown_and_the_others_counted():
    assert some_of(["a\x1b.mp4", "b.mp4"]) == "a\\x1b.mp4, b.mp4"
    shown = some_of([f"{place}.mp4" for place in range(MOST_NAMED + 2)])
    assert shown.endswith(f"{MOST_NAMED - 1}.mp4 and 2 more")
