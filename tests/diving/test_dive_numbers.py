"""Dive numbers: words, refusals with their reasons, and the way there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fpcli.diving.numbers import (
    NUMBER_PATTERN,
    Direction,
    DiveNumber,
    Group,
    Position,
    TakeOff,
    parse,
)
from fpcli.diving.table import published_difficulties
from fpcli.errors import DiveNumberError

WORDS = {
    "107B": "forward 3½ somersaults pike",
    "5253B": "back 2½ somersaults 1½ twists pike",
    "614B": "armstand forward 2 somersaults pike",
    "6243D": "armstand back 2 somersaults 1½ twists free",
    "113C": "forward flying 1½ somersaults tuck",
    "5132D": "forward 1½ somersaults 1 twist free",
    "1011C": "forward 5½ somersaults tuck",
    "101B": "forward dive pike",
    "402C": "inward 1 somersault tuck",
    "5111A": "forward dive ½ twist straight",
    "312B": "reverse flying 1 somersault pike",
    "610A": "armstand forward dive straight",
    "621C": "armstand back ½ somersault tuck",
}

# number, what the message must name, what the hint must offer
REFUSED = [
    ("107D", "free position is for dives with twists", "107B"),
    ("614D", "free position is for dives with twists", "614B"),
    ("5152A", "2½ somersaults with 1 twist is done in pike or tuck", "5152B"),
    ("5152D", "pike or tuck", "5152C"),
    ("5132B", "1½ somersaults with 1 twist is done in free", "5132D"),
    ("5111D", "straight, pike or tuck", "5111B"),
    ("112A", "flying dive is done in pike or tuck", "112C"),
    ("111B", "flying dive turns at least 1 somersault", "Did you mean"),
    ("6243B", "armstand dive of 2 somersaults with 1½ twists is done in free", "6243D"),
    ("6241D", "½ twist is done in pike or tuck", "6241B"),
    ("6263D", "3 somersaults with 1½ twists is done in pike or tuck", "6263B"),
    ("6111D", "armstand dive with twists turns at least 1 somersault", "Did you mean"),
    ("5253", "letter of the position is missing", "5253B or 5253C"),
    ("5253E", "ends with the position", "Did you mean"),
    ("702C", "begins with the group", "Did you mean"),
    ("523B", "half twists", "5253B"),
    ("127B", "0 or 1 (flying)", "107B"),
    ("1012B", "1 to 11", "102B"),
    ("65B", "group 6", "Did you mean"),
    ("5550B", "group 5", "Did you mean"),
    ("", "empty", "looks like 107B"),
    ("hello", "begins with the group", "looks like 107B"),
]


@st.composite
def lawful_numbers(draw: st.DrawFn) -> str:
    """Texts of the rules' form that the rules also allow."""
    text = draw(st.from_regex(NUMBER_PATTERN, fullmatch=True))
    try:
        return parse(text).text
    except DiveNumberError:
        positions = [text[:-1] + letter for letter in "ABCD" if _lawful(text[:-1] + letter)]
        return draw(st.sampled_from(positions)) if positions else "101A"


def _lawful(text: str) -> bool:
    try:
        parse(text)
    except DiveNumberError:
        return False
    return True


@pytest.mark.parametrize(("text", "words"), WORDS.items())
def test_a_number_is_said_in_words(text: str, words: str) -> None:
    assert parse(text).describe() == words


@pytest.mark.parametrize(("text", "reason", "offer"), REFUSED)
def test_a_wrong_number_is_refused_with_its_reason(text: str, reason: str, offer: str) -> None:
    with pytest.raises(DiveNumberError) as refusal:
        parse(text)
    assert reason in refusal.value.message
    assert offer in refusal.value.hint


def test_every_published_dive_is_lawful_and_keeps_its_name() -> None:
    for text in published_difficulties():
        assert parse(text).text == text


def test_no_two_published_dives_have_the_same_words() -> None:
    words = [parse(text).describe() for text in published_difficulties()]
    assert len(set(words)) == len(words) == 263


def test_small_letters_and_spaces_do_not_matter() -> None:
    assert parse(" 5253 b\n") == parse("5253B")


def test_a_number_is_taken_apart() -> None:
    assert parse("6243D") == DiveNumber(
        group=Group.ARMSTAND,
        direction=Direction.BACK,
        flying=False,
        half_somersaults=4,
        half_twists=3,
        position=Position.FREE,
    )
    assert parse("113C").flying
    assert parse("1011C").half_somersaults == 11


@pytest.mark.parametrize(
    ("text", "take_off", "head_first"),
    [
        ("103B", TakeOff.FORWARD, True),
        ("301C", TakeOff.FORWARD, True),
        ("5333D", TakeOff.FORWARD, True),
        ("202A", TakeOff.BACKWARD, False),
        ("407C", TakeOff.BACKWARD, True),
        ("5253B", TakeOff.BACKWARD, True),
        ("610A", TakeOff.ARMSTAND, True),
        ("611A", TakeOff.ARMSTAND, False),
        ("626C", TakeOff.ARMSTAND, True),
    ],
)
def test_take_off_and_entry_follow_from_the_number(
    text: str, take_off: TakeOff, head_first: bool
) -> None:
    number = parse(text)
    assert (number.take_off, number.head_first) == (take_off, head_first)


@given(lawful_numbers())
def test_a_lawful_number_goes_there_and_back(text: str) -> None:
    number = parse(text)
    assert number.text == text
    assert parse(text.lower()) == number
    assert number.describe().endswith(number.position.word)


@given(lawful_numbers(), lawful_numbers())
def test_different_dives_have_different_words(one: str, other: str) -> None:
    assert (parse(one).describe() == parse(other).describe()) == (one == other)


@given(st.text(max_size=40))
def test_whatever_is_typed_gives_a_dive_or_a_sentence(text: str) -> None:
    if _lawful(text):
        assert NUMBER_PATTERN.fullmatch(parse(text).text)
        return
    with pytest.raises(DiveNumberError) as refusal:
        parse(text)
    assert refusal.value.message.endswith(".")
    assert refusal.value.message.isprintable()
    assert refusal.value.hint


def test_a_hostile_text_is_shown_short_and_escaped() -> None:
    with pytest.raises(DiveNumberError) as refusal:
        parse("\x1b[2J" + "5" * 10_000)
    assert refusal.value.message.isprintable()
    assert len(refusal.value.message) < 200
