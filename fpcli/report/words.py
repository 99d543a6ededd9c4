"""What a dive is, how its score adds up and what made it: worded once for terminal and page."""

from fpcli.analysis.result import DiveAnalysis, Flag, Origin
from fpcli.report import numbers

HASH_DIGITS = 12

STREAMS = (
    "movement: what the diver's motion shows; posture: what single frames of body and water show"
)
SUPPORTS = "An estimate that supports a judge and does not replace one"
EXEMPLARS = "exemplars are dives whose marks are known"
STEPS_BEGIN = (
    "The flight begins where its position is reached, the entry where the body has opened for it: "
    "a little after take-off and a little before the touch of the water"
)
TRANSITIONS = "probability: of that one frame; it is spread over the frames around it"
GUESS_BELOW, UNSURE_BELOW = 0.2, 0.6  # of a step's fidelity: from the latter on it needs no word
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


def means_nothing(analysis: DiveAnalysis) -> bool:
    """Whether the score was forced out of a video without a dive: no interval or band holds."""
    return Flag.NO_DIVE_FOUND in analysis.flags


def band_words(analysis: DiveAnalysis) -> str:
    """Return the mark in the words of the rules; of a score that means nothing, that."""
    return "no dive" if means_nothing(analysis) else analysis.band


def interval_ends(analysis: DiveAnalysis) -> str:
    """Return the interval's ends alone, in points: 70.1 – 83.2; a dash where none holds."""
    if means_nothing(analysis):
        return "–"
    interval = analysis.interval
    return f"{numbers.points(interval.low_points)} – {numbers.points(interval.high_points)}"


def interval_words(analysis: DiveAnalysis) -> str:
    """Return the interval with its level, in points; of a score that means nothing, just that."""
    if means_nothing(analysis):
        return "which means nothing: no dive was found"
    interval = analysis.interval
    low, high = numbers.points(interval.low_points), numbers.points(interval.high_points)
    return f"between {low} and {high} ({numbers.percent(interval.level)} interval)"


def execution_words(analysis: DiveAnalysis) -> str:
    """Return the execution mark, of a pair the mean of all that counts, its band and interval."""
    told = f"{mark_name(analysis)} {numbers.mark(analysis.mark)}"
    if means_nothing(analysis):
        return told
    interval, factor = analysis.interval, analysis.dive.score_factor
    low, high = (numbers.mark(p / factor) for p in (interval.low_points, interval.high_points))
    return f"{told} {analysis.band}, between {low} and {high}"


def mark_name(analysis: DiveAnalysis) -> str:
    """Return what the mark is: in a pair's mean synchronisation counts beside execution."""
    return "mean mark" if analysis.dive.synchro else "execution"


def against_words(analysis: DiveAnalysis) -> str:
    """Return what the steps' points are, and how many exemplars the dive was compared with."""
    count = len(analysis.votes)
    return f"points against {count} exemplar{'s' * (count != 1)}"


def sum_words(analysis: DiveAnalysis) -> str:
    """Return the sum that a reader can check by hand: mean, differences, limit, score."""
    shown = numbers.shown_breakdown(analysis)
    mean, difference = numbers.points(shown.mean), numbers.added_points(shown.difference)
    text = f"Exemplars' mean {mean} {difference}"
    if shown.limit:
        text += f" {numbers.added_points(shown.limit)} (limit)"
    return f"{text} = {numbers.points(shown.score)}"


def trust_word(analysis: DiveAnalysis, step: int) -> str:
    """Return how far a step's points (0 to 2) can be trusted; empty where well or not measured."""
    fidelity = analysis.provenance.step_fidelity
    if fidelity is None or fidelity[step] >= UNSURE_BELOW:
        return ""
    return "a guess" if fidelity[step] < GUESS_BELOW else "unsure"


def trust_words(analysis: DiveAnalysis) -> str:
    """Return how far the steps' points were right where that could be measured."""
    fidelity = analysis.provenance.step_fidelity
    if fidelity is None:
        return "How far the points of single steps can be trusted has not been measured"
    told = ", ".join(
        f"{step.name} {numbers.decimal(value, 2)}"
        for step, value in zip(analysis.steps, fidelity, strict=True)
    )
    kind = "simulated dives" if analysis.provenance.simulated_training else "dives"
    return (
        f"How well each step's points followed the true deductions of {kind} held back from "
        f"training: {told} (1 is fully, 0 not at all; below {UNSURE_BELOW} it is called unsure, "
        f"below {GUESS_BELOW} a guess)"
    )


def half_mark_words(analysis: DiveAnalysis) -> str:
    """Return what half a mark is worth."""
    return f"half a mark is worth {numbers.points(analysis.dive.score_factor / 2)} points"


def made_by_words(analysis: DiveAnalysis) -> dict[str, str]:
    """Return what made the score and what its interval rests on."""
    made_by, interval, dive = analysis.provenance, analysis.interval, analysis.dive
    level, measured_on = numbers.percent(interval.level), interval.calibration_dives
    holds = f" of dives like the {measured_on} it was set on lie inside" if measured_on else ""
    edition = f", {dive.difficulty_edition}" if dive.difficulty_edition else ""
    return {
        "difficulty": f"{numbers.difficulty(dive.difficulty)}, {dive.difficulty_origin}{edition}",
        "interval": f"{level}{holds}, {interval.method}",
        "weights": f"{made_by.weights_name}, sha256 {made_by.weights_sha256[:HASH_DIGITS]}",
        "trained on": made_by.training_data,
        "made by": f"fineparser {made_by.version}, model {made_by.model}, {made_by.device}, "
        f"{made_by.precision}",
    }
