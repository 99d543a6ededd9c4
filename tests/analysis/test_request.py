"""What cannot be followed is refused in a sentence."""

import pytest

from fpcli.analysis.request import AnalysisRequest
from fpcli.errors import UsageError


@pytest.mark.parametrize(
    "given",
    [
        {"difficulty": 0.0},
        {"difficulty": float("nan")},
        {"difficulty": 31.0},
        {"height_m": -3.0},
        {"height_m": 300.0},
        {"exemplars": 0},
        {"level": 1.0},
        {"level": 90.0},
        {"start_s": -1.0},
        {"end_s": float("inf")},
        {"start_s": 4.0, "end_s": 4.0},
    ],
    ids=str,
)
def test_impossible_value_is_refused_with_what_to_do(given):
    with pytest.raises(UsageError) as refused:
        AnalysisRequest(**given)
    assert refused.value.hint


def test_usual_request_is_accepted():
    AnalysisRequest("107B", 7.5, 3.3, True, 0.0, 4.5, 10, 0.95)


def test_equal_requests_are_known_by_their_hash():
    asked = AnalysisRequest("107B", 3.0)
    assert asked.sha256 == AnalysisRequest("107b", 3.0, force=True, listed=frozenset("ab")).sha256
    others = [
        AnalysisRequest("107B", 3.0, **{name: value})
        for name, value in (
            ("synchro", True),
            ("exemplars", 3),
            ("level", 0.8),
            ("start_s", 1.0),
            ("diver", "Ann"),
            ("geometry", "published"),
        )
    ]
    assert len({asked.sha256, *(other.sha256 for other in others)}) == 7
