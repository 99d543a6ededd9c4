"""How much of a device's arithmetic a run has used."""

import time

import torch

from fpcli.analysis.benchmark import count_gflop
from fpcli.model.config import ModelConfig

PASSES = 3  # forward, and twice as much backward
MATRIX_SIDE = {"cuda": 8192, "cpu": 1024}
RUNS = 5


def share_of_matrix_rate(
    config: ModelConfig, clips_per_s: float, device: torch.device, processes: int = 1
) -> float:
    """Rate of learning's arithmetic over that of square matrix products, measured now.

    Counted are the encoders, forward and backward, not masks and comparisons; matrices are of the
    numbers that the encoders compute with: bfloat16 on CUDA, else float32. clips_per_s: of all
    processes, each with such a device.
    """
    needed = PASSES * count_gflop(config) * clips_per_s / processes
    return needed / matrix_gflop_per_s(device)


def matrix_gflop_per_s(device: torch.device) -> float:
    """The best of a few square matrix products, 10⁹ operations a second."""
    side = MATRIX_SIDE.get(device.type, MATRIX_SIDE["cpu"])
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    matrix = torch.randn(side, side, device=device, dtype=dtype)
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        product = matrix @ matrix
        float(product[0, 0])  # waits for the device
        seconds.append(time.perf_counter() - began)
    return 2 * side**3 / min(seconds) / 1e9
