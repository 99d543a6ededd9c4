"""A dive's measures and what they show, worded once for every surface."""

from collections.abc import Iterator
from dataclasses import dataclass

from fpcli.analysis.result import (
    DiveAnalysis,
    DiveMeasures,
    Measure,
    Missing,
    Observation,
    Seen,
)
from fpcli.report import numbers

MEASURED = "Measured in the picture"
AT_LIFE_SPEED = "Seconds and metres hold if the video plays at life's speed."


@dataclass(frozen=True)
class Wording:
    """How a measure is written: its name, its unit as it follows a number, and its decimals."""

    title: str
    unit: str
    decimals: int


@dataclass(frozen=True)
class ShownMeasure:
    """A measure as people read it.

    value: with its unit, which is the interval's too. frame: of the source.
    """

    title: str
    value: str
    interval: str
    frame: str


@dataclass(frozen=True)
class ShownMoment:
    """What becomes known at a frame of the source: a measure, or what it shows if that is clear.

    words: a measure's title, or the observation. value: with unit; empty beside an observation.
    interval: without the unit; empty where the words tell it.
    """

    frame: int
    words: str
    value: str
    interval: str
    is_observed: bool


ANGLE = "entry_angle_deg"  # told as so much short of the vertical or past it, without a sign
WORDINGS = {
    "time_in_air_s": Wording("time in the air", " s", 2),
    "rise_m": Wording("rise above take-off", " m", 1),
    "board_m": Wording("height of the board", " m", 1),
    "distance_m": Wording("distance from take-off", " m", 1),
    "somersaults_per_s": Wording("somersaults a second", "", 1),
    ANGLE: Wording("entry angle", "°", 0),
    "splash_statures": Wording("splash height", " body heights", 1),
}

_REASONS = {
    Missing.NO_DIVE: "no dive was found",
    Missing.TWO_DIVERS: "there are two divers, and how well they keep together is not measured",
    Missing.SLOW_MOTION: "slow motion, and how slow is only roughly known",
    Missing.OUT_OF_PICTURE: "take-off or entry out of the picture",
    Missing.HEIGHT_GIVEN: "given",
    Missing.HEIGHT_DOUBTED: "the flight does not fit the height that was told",
    Missing.IMPRECISE: "take-off, top and touch do not tell it",
    Missing.BODY_UNCLEAR: "the masks do not tell it",
    Missing.SPLASH_UNSEEN: "the splash cannot be told from the water",
}


def shown_measures(measures: DiveMeasures) -> tuple[ShownMeasure, ...]:
    """Return those that were measured, in the order of the dive."""
    return tuple(
        ShownMeasure(
            WORDINGS[name].title,
            _value(name, measure),
            _interval(name, measure),
            str(measure.frame),
        )
        for name, measure in measures.by_name.items()
        if measure.value is not None
    )


def shown_moments(analysis: DiveAnalysis) -> tuple[ShownMoment, ...]:
    """Return what the picture tells as the dive goes on, by the frame in which it was seen."""
    observed = {seen.measure: seen for seen in analysis.observations}
    moments = []
    for name, measure in analysis.measures.by_name.items():
        if measure.value is None or measure.frame is None:
            continue
        seen = observed.get(name)
        words = WORDINGS[name].title if seen is None else _sentence(seen)
        value = "" if seen is not None else _value(name, measure)
        interval = "" if seen is not None and name == ANGLE else _interval(name, measure)
        moments.append(ShownMoment(measure.frame, words, value, interval, seen is not None))
    return tuple(sorted(moments, key=lambda moment: moment.frame))


def number(name: str, value: float) -> str:
    """Return a value of a measure as it is shown, without its unit: 1.42, −12."""
    decimals = WORDINGS[name].decimals
    return numbers.decimal(value, decimals)


def told_in_full(name: str, measure: Measure) -> str:
    """Return a measure with its unit and, in brackets, its interval: 3.2 m (2.3 – 4.1)."""
    interval = _interval(name, measure)
    value = _value(name, measure)
    return f"{value} ({interval})" if interval else value


def denied_height(height_m: float, board: Measure) -> str:
    """Return that a height was told which the flight clearly denies."""
    return (
        f"{numbers.height(height_m)} was told, but by its flight the board is "
        f"{told_in_full('board_m', board)} high: one of them is wrong, or "
        "the video does not play at life's speed"
    )


def interval_head(measures: DiveMeasures) -> str:
    """Return what the column of the intervals is headed."""
    return f"{numbers.percent(measures.level)} interval"


def closing_words(measures: DiveMeasures) -> str:
    """Return what to know of the measures: that they are none of the score, and what is missing."""
    own = "No part of the score." if shown_measures(measures) else ""
    speed = AT_LIFE_SPEED if measures.time_in_air_s.value is not None else ""
    return " ".join(filter(None, [own, speed, missing_words(measures)]))


def missing_words(measures: DiveMeasures) -> str:
    """Return what was not measured and why; empty where nothing is missing."""
    reasons: dict[Missing, list[str]] = {}
    for name, measure in measures.by_name.items():
        if measure.missing not in (None, Missing.HEIGHT_GIVEN):
            reasons.setdefault(measure.missing, []).append(WORDINGS[name].title)
    if not reasons:
        return ""
    if len(reasons) == 1 and all(measure.value is None for measure in measures.by_name.values()):
        return f"Nothing measured: {_REASONS[next(iter(reasons))]}."
    told = [f"{', '.join(names)} ({_REASONS[reason]})" for reason, names in reasons.items()]
    return f"Not measured: {'; '.join(told)}."


def observation_words(observations: tuple[Observation, ...]) -> Iterator[str]:
    """Yield each observation as a sentence with its measure and its frame."""
    for seen in observations:
        yield f"{_sentence(seen)}, frame {seen.frame}"


def _sentence(seen: Observation) -> str:
    value = number(seen.measure, abs(seen.value))
    match seen.seen:
        case Seen.SHORT_OF_VERTICAL | Seen.PAST_VERTICAL:
            high = seen.value if seen.high is None else seen.high
            margin = number(seen.measure, (high - seen.low) / 2)
            return f"entry {value}° ± {margin}° {_side(seen.value)} vertical"
        case Seen.SPLASH:
            return f"splash about {value} body heights high"
        case Seen.TRAVEL:
            return f"entry at least {number(seen.measure, seen.low)} m out from take-off"


def _value(name: str, measure: Measure) -> str:
    assert measure.value is not None
    if name == ANGLE:
        return _leaning(measure.value)
    if measure.high is None:
        assert measure.low is not None
        return f"at least {number(name, measure.low)}{WORDINGS[name].unit}"
    return f"{number(name, measure.value)}{WORDINGS[name].unit}"


def _interval(name: str, measure: Measure) -> str:
    if measure.low is None or measure.high is None:
        return ""
    low, high = measure.low, measure.high
    if name != ANGLE:
        return f"{number(name, low)} – {number(name, high)}"
    sides = [_side(end) for end in (low, high) if number(name, abs(end)) != "0"]
    if len(set(sides)) == 2:
        return f"{_leaning(low)} – {_leaning(high)}"
    near, far = sorted((low, high), key=abs)
    return f"{number(name, abs(near))} – {_leaning(far)}"


def _leaning(degrees: float) -> str:
    """An angle off the vertical with its side: 12° short, 3° past."""
    shown = number(ANGLE, abs(degrees))
    return f"{shown}°" if shown == "0" else f"{shown}° {_side(degrees).removesuffix(' of')}"


def _side(degrees: float) -> str:
    return "short of" if degrees < 0 else "past"
