import numpy as np
import pytest

from fpcli.simulation.leakage import measure_leakage, predictability


@pytest.fixture
def marks() -> np.ndarray:
    return np.random.default_rng(1).normal(7, 1.3, 120)


def test_what_tells_the_marks_is_found(marks: np.ndarray) -> None:
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(120, 20))
    rows[:, 3] += 2 * marks
    assert predictability(rows, marks).found


def test_noise_tells_nothing(marks: np.ndarray) -> None:
    result = predictability(np.random.default_rng(4).normal(size=(120, 200)), marks)
    assert not result.found
    assert result.features == 200


def test_scenes_do_not_tell_the_marks() -> None:
    result = measure_leakage(16, number="103B", height_m=1.0)
    assert result.features > 400
    assert not result.found
