import numpy as np
import pytest

from fpcli.video.sample import DIVE_SAMPLES, sample_indices


def test_first_and_last_frame_are_taken() -> None:
    indices = sample_indices(273)
    assert len(indices) == DIVE_SAMPLES
    assert (indices[0], indices[-1]) == (0, 272)
    assert indices.dtype == np.int64


def test_positions_are_truncated_not_rounded() -> None:
    # 0, 1.67, 3.33, 5: a rounded 1.67 would be 2
    assert sample_indices(6, 4).tolist() == [0, 1, 3, 5]


def test_as_many_frames_as_samples_are_taken_as_they_are() -> None:
    assert sample_indices(96).tolist() == list(range(96))


def test_short_stretch_repeats_frames_in_order() -> None:
    indices = sample_indices(16)
    assert set(indices.tolist()) == set(range(16))
    assert (np.diff(indices) >= 0).all()


@pytest.mark.parametrize(("count", "samples"), [(0, 96), (10, 0)])
def test_nothing_to_sample_is_refused(count: int, samples: int) -> None:
    with pytest.raises(ValueError, match="samples from"):
        sample_indices(count, samples)
