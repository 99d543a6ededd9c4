"""What a dive's measures show beyond doubt, said of the picture and not of the mark."""

from collections.abc import Iterator

from fpcli.analysis.result import DiveMeasures, Measure, Observation, Seen

LEAST_SPLASH_STATURES = 0.05  # less shows as 0.0
LEAST_TRAVEL_M = 0.5  # less of a least distance is hardly worth saying


def observe(measures: DiveMeasures) -> tuple[Observation, ...]:
    """Return what lies clearly beyond its measure's uncertainty, in the order of the dive."""
    return tuple(_observed(measures))


def _observed(measures: DiveMeasures) -> Iterator[Observation]:
    distance, angle = measures.distance_m, measures.entry_angle_deg
    if distance.low is not None and distance.low >= LEAST_TRAVEL_M:
        yield _observation(Seen.TRAVEL, "distance_m", distance)
    if angle.high is not None and angle.high < 0:
        yield _observation(Seen.SHORT_OF_VERTICAL, "entry_angle_deg", angle)
    if angle.low is not None and angle.low > 0:
        yield _observation(Seen.PAST_VERTICAL, "entry_angle_deg", angle)
    splash = measures.splash_statures
    if splash.low is not None and splash.low >= LEAST_SPLASH_STATURES:
        yield _observation(Seen.SPLASH, "splash_statures", splash)


def _observation(seen: Seen, name: str, measure: Measure) -> Observation:
    assert measure.value is not None
    assert measure.low is not None
    assert measure.frame is not None
    assert measure.time_s is not None
    return Observation(
        seen, name, measure.value, measure.low, measure.high, measure.frame, measure.time_s
    )
