"""What is dived, and where each fact came from: given, the rules' tables, or the exemplars."""

import math
from dataclasses import dataclass

from fpcli.analysis.exemplars import choose_by_features, choose_by_number, usual_height_m
from fpcli.analysis.request import AnalysisRequest
from fpcli.analysis.result import DiveFacts, Flag, Origin
from fpcli.diving.difficulty import difficulty, heights_for
from fpcli.diving.marks import points_per_mark
from fpcli.diving.numbers import DiveNumber, parse
from fpcli.model.features import DiveFeatures
from fpcli.weights.bundle import ExemplarBank

DIFFICULTY_DECIMALS = 3  # published in tenths; float32 keeps seven digits
MEAN_DIFFICULTY_DECIMALS = 2  # as it is shown, so that a score can be checked by hand
USUAL_HEIGHTS_M = (10.0, 3.0)  # of international events, in the order they are assumed


@dataclass(frozen=True)
class Question:
    """The facts of a dive, the exemplars that are to vote on it, and what a reader must know.

    exemplars: places in the bank.
    """

    facts: DiveFacts
    exemplars: tuple[int, ...]
    flags: tuple[Flag, ...]


def settle_question(request: AnalysisRequest, bank: ExemplarBank, query: DiveFeatures) -> Question:
    """Settle what is dived and who votes: by the dive number, or by features without one.

    query: of one dive. Raises DiveNumberError as `question_by_number` does.
    """
    return question_by_number(request, bank) or question_by_features(request, bank, query)


def question_by_number(request: AnalysisRequest, bank: ExemplarBank) -> Question | None:
    """Settle what is dived and who votes without a look at the video; None without a dive number.

    Height: given, or assumed to be the most usual one. Difficulty: given, or the table's or the
    formula's. Raises DiveNumberError for a number that is none or that the height does not allow.
    """
    if request.dive_number is None:
        return None
    number = parse(request.dive_number)
    flags = []
    height_m, height_origin = request.height_m, _origin_of("height_m", request)
    if height_m is None:
        height_m, height_origin = _assumed_height_m(bank, number), Origin.ASSUMED
        flags.append(Flag.HEIGHT_ASSUMED)
    value, origin, edition = request.difficulty, _origin_of("difficulty", request), None
    if value is None:
        found = difficulty(number, height_m)
        value, origin, edition = found.value, Origin(found.origin), found.edition
    chosen = choose_by_number(bank, number, height_m, value, request.exemplars)
    if chosen.few:
        flags.append(Flag.FEW_EXEMPLARS)
    facts = DiveFacts(
        dive_number=number.text,
        description=number.describe(),
        height_m=height_m,
        height_origin=height_origin,
        difficulty=value,
        difficulty_origin=origin,
        difficulty_edition=edition,
        score_factor=points_per_mark(value),
        synchro=request.synchro,
        diver=request.diver,
        panel_points=request.panel_points,
    )
    return Question(facts, chosen.indices, tuple(flags))


def question_by_features(
    request: AnalysisRequest, bank: ExemplarBank, query: DiveFeatures
) -> Question:
    """Let the exemplars vote that the video itself is nearest to, its dive number unknown.

    query: of one dive. Difficulty: given, or the mean of the voting exemplars' in
    hundredths.
    """
    chosen = choose_by_features(bank, query, request.exemplars, request.height_m)
    flags = [Flag.NUMBER_UNKNOWN]
    value, origin = request.difficulty, _origin_of("difficulty", request)
    if value is None:
        voting = [exact_difficulty(bank.difficulties[place]) for place in chosen.indices]
        mean = math.fsum(voting) / len(voting)
        value, origin = round(mean, MEAN_DIFFICULTY_DECIMALS), Origin.ASSUMED
        flags.append(Flag.DIFFICULTY_ASSUMED)
    if chosen.few:
        flags.append(Flag.FEW_EXEMPLARS)
    facts = DiveFacts(
        dive_number=None,
        description=None,
        height_m=request.height_m,
        height_origin=None if request.height_m is None else _origin_of("height_m", request),
        difficulty=value,
        difficulty_origin=origin,
        difficulty_edition=None,
        score_factor=points_per_mark(value),
        synchro=request.synchro,
        diver=request.diver,
        panel_points=request.panel_points,
    )
    return Question(facts, chosen.indices, tuple(flags))


def exact_difficulty(stored: float) -> float:
    """Return an exemplar's difficulty as it is published, freed of its float32 rounding."""
    return round(float(stored), DIFFICULTY_DECIMALS)


def _origin_of(field: str, request: AnalysisRequest) -> Origin:
    """Return who gave a field of the request."""
    return Origin.START_LIST if field in request.listed else Origin.GIVEN


def _assumed_height_m(bank: ExemplarBank, number: DiveNumber) -> float:
    """Return the height that a dive is usually dived from: in the bank, else by the table."""
    usual = usual_height_m(bank, number)
    if usual is not None:
        return usual
    published = tuple(heights_for(number))
    for height in USUAL_HEIGHTS_M:
        if height in published:
            return height
    return published[0] if published else USUAL_HEIGHTS_M[0]
