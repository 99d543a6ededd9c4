"""Which frames stand for a dive."""

import numpy as np

DIVE_SAMPLES = 96  # frames that the network sees of one dive
MIN_FRAMES = 16  # one snippet of the network; half a second, less than any dive


def sample_indices(count: int, samples: int = DIVE_SAMPLES) -> np.ndarray:
    """Frames spread evenly over a stretch, its first and last among them.

    count: frames in the stretch, at least 1. Returns (samples,) int64 in [0, count), not
    decreasing; a stretch shorter than `samples` repeats frames. Raises ValueError where either
    number is below 1. Source: FineParser's sampling, linspace truncated to integers.
    """
    if count < 1 or samples < 1:
        raise ValueError(f"cannot take {samples} samples from {count} frames")
    return np.linspace(0, count - 1, samples).astype(np.int64)
