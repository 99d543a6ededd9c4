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
