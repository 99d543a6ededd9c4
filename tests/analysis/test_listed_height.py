"""Heights of start lists as offices write them; nothing is guessed."""

import pytest

from fpcli.analysis.listed_height import listed_height_m
from fpcli.diving.numbers import parse
from fpcli.errors import UsageError


@pytest.mark.parametrize(
    ("said", "metres"),
    [
        ("3", 3),
        ("3.0", 3),
        ("7,5", 7.5),
        ("3 m", 3),
        ("1M", 1),
        ("3m springboard", 3),
        ("3mSB", 3),
        ("3-metre Spring Board", 3),
        ("10m Platform", 10),
        ("Platform (10 m)", 10),
        ("PLATFORM 7.5m", 7.5),
        ("10m PF", 10),
        ("5 m tower", 5),
        ("1m board", 1),
        ("10 metres", 10),
        ("3m.", 3),
    ],
)
def test_what_is_plain_is_read(said, metres):
    assert listed_height_m(said) == metres


@pytest.mark.parametrize(
    "said",
    [
        "three",
        "m",
        "board of 3 feet",
        "3/10",
        "10m springboard",
        "3 m platform",
        "board 4 m",
        "Springboard Platform",
        "3 3",
        "-3",
        "\x1b[2J",
    ],
)
def test_what_is_none_is_refused(said):
    with pytest.raises(UsageError, match=r"is no height|could be") as refused:
        listed_height_m(said)
    assert "\x1b" not in refused.value.message


def test_a_cell_of_any_length_is_refused_at_once():
    with pytest.raises(UsageError, match="is no height") as refused:
        listed_height_m("3" + " " * 100_000 + "x")
    assert len(refused.value.message) < 200


def test_a_platform_without_metres_is_the_one_that_the_dive_leaves():
    assert listed_height_m("Platform", parse("5257B")) == 10  # in the table from 10 m alone
    assert listed_height_m("Platform", parse("107B"), 3.0) == 10
    assert listed_height_m("Springboard", parse("107B"), 3.1) == 3
    assert listed_height_m("springboard", parse("407C")) == 3


@pytest.mark.parametrize(
    ("said", "number", "dd", "why"),
    [
        ("Platform", None, None, "5 m, 7.5 m or 10 m: write the metres"),
        ("Springboard", None, None, "1 m or 3 m"),
        ("Platform", "107B", None, r"7.5 m \(difficulty 3.1\) or 10 m \(difficulty 3.0\)"),
        ("Platform", "103B", 1.6, "7.5 m .* or 10 m"),
        ("Platform", "107B", 2.0, "7.5 m .* or 10 m"),  # a difficulty of another kind of event
    ],
)
def test_what_is_left_open_is_asked_with_the_difficulties(said, number, dd, why):
    with pytest.raises(UsageError, match=why):
        listed_height_m(said, None if number is None else parse(number), dd)
