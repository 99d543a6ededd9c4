"""Independent streams of chance: what the picture draws never tells of what the dive drew."""

import zlib

import numpy as np


def stream(seed: int, name: str) -> np.random.Generator:
    """The random numbers of one purpose under one seed, the same on every machine."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])
