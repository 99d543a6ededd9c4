"""What a dive is, how its score adds up and what made it: worded once for terminal and page."""

from fpcli.analysis.result import DiveAnalysis, Origin
from fpcli.report import numbers

HASH_DIGITS = 12

STREAMS = (
    "movement: the stream that watches the masked diver move; posture: the stream that sees "
    "body and water in single frames"
)
TRANSITIONS = "probability: of that one frame; it is spread over the frames around it"
NEIGHBOURS = "Nearest exemplars by step: points that this dive has over them"


def dive_words(analysis: DiveAnalysis) -> tuple[str, ...]:
    """Return what was dived: number in words, height if known, difficulty and its origin."""
    dive = analysis.dive
    if dive.dive_number is None:
        facts = ["dive number unknown"]
    else:
        facts = [" ".join(filter(None, [dive.dive_number, dive.description]))]
    if dive.synchro:
        facts.append("synchronised")
    if dive.height_m is not None:
        assumed = " (assumed)" if dive.height_origin is Origin.ASSUMED else ""
        facts.append(numbers.height(dive.height_m) + assumed)
    origin = _difficulty_origin(analysis)
    return (*facts, f"difficulty {numbers.difficulty(dive.difficulty)} ({origin})")


def _difficulty_origin(analysis: DiveAnalysis) -> str:
    dive = analysis.dive
    if dive.difficulty_edition and dive.difficulty_origin in (Origin.TABLE, Origin.FORMULA):
        year = dive.difficulty_edition.split()[-1]
        return f"{dive.difficulty_origin} {year}"
    return str(dive.difficulty_origin)


def interval_words(analysis: DiveAnalysis) -> str:
    """Return the interval with its level."""
    interval = analysis.interval
    low, high = numbers.points(interval.low_points), numbers.points(interval.high_points)
    return f"{numbers.percent(interval.level)} interval {low} – {high}"


def execution_words(analysis: DiveAnalysis) -> str:
    """Return the execution mark, of a pair the mean of all that counts, and its band."""
    return f"{mark_name(analysis)} {numbers.mark(analysis.mark)} {analysis.band}"


def mark_name(analysis: DiveAnalysis) -> str:
    """Return what the mark is: in a pair's mean synchronisation counts beside execution."""
    return "mean mark" if analysis.dive.synchro else "execution"


def against_words(analysis: DiveAnalysis) -> str:
    """Return how many exemplars the dive was compared with."""
    count = len(analysis.votes)
    return f"against {count} exemplar{'s' * (count != 1)}"


def sum_words(analysis: DiveAnalysis) -> str:
    """Return the sum that a reader can check by hand: mean, differences, limit, score."""
    shown = numbers.shown_breakdown(analysis)
    text = f"Exemplars' mean {numbers.points(shown.mean)} {numbers.added_points(shown.difference)}"
    if shown.limit:
        text += f" {numbers.added_points(shown.limit)} (limit)"
    return f"{text} = {numbers.points(shown.score)}"


def half_mark_words(analysis: DiveAnalysis) -> str:
    """Return what half a mark is worth."""
    return f"half a mark is worth {numbers.points(analysis.dive.score_factor / 2)} points"


def made_by_words(analysis: DiveAnalysis) -> dict[str, str]:
    """Return what made the score and what its interval rests on."""
    made_by, interval, dive = analysis.provenance, analysis.interval, analysis.dive
    calibration = f", {interval.calibration_dives} dives" if interval.calibration_dives else ""
    edition = f", {dive.difficulty_edition}" if dive.difficulty_edition else ""
    return {
        "difficulty": f"{numbers.difficulty(dive.difficulty)}, {dive.difficulty_origin}{edition}",
        "interval": f"{numbers.percent(interval.level)}, {interval.method}{calibration}",
        "weights": f"{made_by.weights_name}, sha256 {made_by.weights_sha256[:HASH_DIGITS]}",
        "trained on": made_by.training_data,
        "made by": f"fineparser {made_by.version}, model {made_by.model}, {made_by.device}, "
        f"{made_by.precision}",
    }
