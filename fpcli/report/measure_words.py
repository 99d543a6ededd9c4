"""A dive's measures and what they show, worded once for every surface."""

from collections.abc import Iterator
from dataclasses import dataclass

from fpcli.analysis.result import DiveMeasures, Measure, Missing, Observation, Seen
from fpcli.report import numbers

MEASURED = "What the picture measures"
OWN = "No part of the score"


@dataclass(frozen=True)
class Wording:
    """How a measure is written: its name, its unit as it follows a number, and its decimals."""

    title: str
    unit: str
    decimals: int


@dataclass(frozen=True)
class ShownMeasure:
    """A measure as people read it. value, interval: with unit; frame: of the source."""

    title: str
    value: str
    interval: str
    frame: str


WORDINGS = {
    "time_in_air_s": Wording("time in the air", " s", 2),
    "rise_m": Wording("rise above the take-off", " m", 1),
    "board_m": Wording("height of the board", " m", 1),
    "distance_m": Wording("way out to the touch", " m", 1),
    "somersaults_per_s": Wording("somersaults a second, held", "", 1),
    "entry_angle_deg": Wording("body off vertical, short −", "°", 0),
    "splash_statures": Wording("splash, statures high", "", 1),
}

_REASONS = {
    Missing.NO_DIVE: "no dive was found",
    Missing.TWO_DIVERS: "two divers",
    Missing.SLOW_MOTION: "slow motion",
    Missing.OUT_OF_PICTURE: "take-off or entry out of the picture",
    Missing.HEIGHT_GIVEN: "given",
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


def number(name: str, value: float) -> str:
    """Return a value of a measure as it is shown, without its unit: 1.42, −12."""
    decimals = WORDINGS[name].decimals
    return numbers.decimal(value, decimals)


def interval_head(measures: DiveMeasures) -> str:
    """Return what the column of the intervals is headed."""
    return f"{numbers.percent(measures.level)} interval"


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
            side = "short of" if seen.seen is Seen.SHORT_OF_VERTICAL else "past"
            return f"body {value}° ± {margin}° {side} vertical at the touch"
        case Seen.SPLASH:
            return f"splash about {value} statures high"
        case Seen.TRAVEL:
            least = number(seen.measure, seen.low)
            return f"at least {least} m out from take-off to touch"


def _value(name: str, measure: Measure) -> str:
    assert measure.value is not None
    if measure.high is None:
        assert measure.low is not None
        return f"at least {number(name, measure.low)}{WORDINGS[name].unit}"
    return f"{number(name, measure.value)}{WORDINGS[name].unit}"


def _interval(name: str, measure: Measure) -> str:
    if measure.low is None or measure.high is None:
        return ""
    return f"{number(name, measure.low)} to {number(name, measure.high)}{WORDINGS[name].unit}"
