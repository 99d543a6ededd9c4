"""How fast this machine scores a dive, against the way the method was published.

The published way encodes query and exemplar anew for every vote, with the plain network; ours
encodes a dive once, with the fast one, and compares it with cached features. Runs that make a ratio
alternate, so that what else the machine does falls on both sides.
"""

import platform
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from fpcli.model.build import build, outline
from fpcli.model.config import CONFIGS, FRAMES, PICTURE, ModelConfig
from fpcli.model.features import DiveFeatures, Encoding
from fpcli.model.fineparser import FineParser
from fpcli.model.inference import InferenceNetwork, Precision, has_fast_bfloat16, prepare

MATRIX_SIZE = 2048
MATRIX_RUNS = 9
SEED = 33
CPU = torch.device("cpu")

OnStage = Callable[[str], None]


@dataclass(frozen=True)
class Spread:
    """Repeated measurements of one thing, in one unit."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)

    @property
    def lowest(self) -> float:
        """The smallest value."""
        return min(self.values)

    @property
    def highest(self) -> float:
        """The largest value."""
        return max(self.values)

    def to_dict(self) -> dict[str, Any]:
        """Plain containers for JSON."""
        return {
            "median": self.median,
            "lowest": self.lowest,
            "highest": self.highest,
            "values": list(self.values),
        }


def ratios(slow: Spread, fast: Spread) -> Spread:
    """Return slow over fast: run by run where they alternated, else each against the median."""
    if len(slow.values) == len(fast.values):
        return Spread(tuple(a / b for a, b in zip(slow.values, fast.values, strict=True)))
    return Spread(tuple(slow.median / value for value in fast.values))


@dataclass(frozen=True)
class Machine:
    """What the numbers were measured on."""

    processor: str
    threads: int
    torch: str
    fast_bfloat16: bool


@dataclass(frozen=True)
class FastPath:
    """The fast network in one precision.

    encoding_s: one dive, features and masks. score_s: one dive encoded and compared with the cached
    exemplars. gflop_per_s: the plain encoders' arithmetic over the encoding's time.
    matrix_gflop_per_s: a matrix product in the same precision. error: the largest difference from
    the plain network, relative to each output's largest magnitude.
    """

    precision: str
    encoding_s: Spread
    score_s: Spread
    gflop_per_s: Spread
    matrix_gflop_per_s: Spread
    error: float


@dataclass(frozen=True)
class NetworkBenchmark:
    """One size of the network on this machine.

    gflop: arithmetic of the plain encoders for one dive. vote_s: one vote in the published way, two
    encodings and a comparison. plain_encoding_s: one of them. published_score_s: all votes of one
    score. cached_score_s: the same score with cached features, by the same plain network.
    """

    machine: Machine
    size: str
    parameters: int
    gflop: float
    exemplars: int
    vote_s: Spread
    plain_encoding_s: Spread
    published_score_s: float
    cached_score_s: Spread
    fast: tuple[FastPath, ...] = field(default=())

    @property
    def caching(self) -> Spread:
        """(a) How much faster cached features alone make a score."""
        return ratios(Spread((self.published_score_s,)), self.cached_score_s)

    def encoding(self, path: FastPath) -> Spread:
        """(b) How much faster the fast network encodes a dive."""
        return ratios(self.plain_encoding_s, path.encoding_s)

    def together(self, path: FastPath) -> Spread:
        """(a) and (b): how much faster a score is than in the published way."""
        return ratios(Spread((self.published_score_s,)), path.score_s)

    def share_of_matrix_rate(self, path: FastPath) -> Spread:
        """(c) The arithmetic rate of an encoding as a share of a matrix product's."""
        rate = path.matrix_gflop_per_s.median
        return Spread(tuple(value / rate for value in path.gflop_per_s.values))

    def to_dict(self) -> dict[str, Any]:
        """Plain containers for JSON, units in the keys."""
        return {
            "machine": vars(self.machine),
            "size": self.size,
            "parameters": self.parameters,
            "gflop": self.gflop,
            "exemplars": self.exemplars,
            "vote_s": self.vote_s.to_dict(),
            "plain_encoding_s": self.plain_encoding_s.to_dict(),
            "published_score_s": self.published_score_s,
            "cached_score_s": self.cached_score_s.to_dict(),
            "caching_ratio": self.caching.to_dict(),
            "fast": [
                {
                    "precision": path.precision,
                    "encoding_s": path.encoding_s.to_dict(),
                    "score_s": path.score_s.to_dict(),
                    "gflop_per_s": path.gflop_per_s.to_dict(),
                    "matrix_gflop_per_s": path.matrix_gflop_per_s.to_dict(),
                    "share_of_matrix_rate": self.share_of_matrix_rate(path).to_dict(),
                    "largest_relative_error": path.error,
                    "encoding_ratio": self.encoding(path).to_dict(),
                    "score_ratio": self.together(path).to_dict(),
                }
                for path in self.fast
            ],
        }


def measure_network(
    size: str, *, exemplars: int, repeats: int, on_stage: OnStage
) -> NetworkBenchmark:
    """Measure one size of the network on the CPU.

    exemplars: votes of a score. repeats: of everything but the published way, which runs once: its
    votes are repetitions in themselves.
    """
    config = CONFIGS[size]
    torch.manual_seed(SEED)
    network = build(config).eval()
    precisions: list[Precision] = ["float32"]
    if has_fast_bfloat16(CPU):
        precisions.append("bfloat16")
    fast = {name: prepare(network, name) for name in precisions}
    query, exemplar = torch.randn(2, 1, 3, FRAMES, PICTURE, PICTURE)

    on_stage("warming up")
    plain = _parse(network, query)
    encoded = {name: path.parse(query) for name, path in fast.items()}
    bank = DiveFeatures.concatenate([plain.features] * exemplars)

    votes, encodings = [], []
    encode_times: dict[Precision, list[float]] = {name: [] for name in precisions}
    score_times: dict[Precision, list[float]] = {name: [] for name in precisions}
    for vote in range(exemplars):
        on_stage(f"the published way, vote {vote + 1} of {exemplars}")
        encode_s, vote_s = _published_vote(network, query, exemplar)
        votes.append(vote_s)
        encodings.append(encode_s)
        for name, path in fast.items():
            encode_s, score_s = _cached_score(path, query, bank)
            encode_times[name].append(encode_s)
            score_times[name].append(score_s)
    cached = []
    for repeat in range(repeats):
        on_stage(f"cached features, {repeat + 1} of {repeats}")
        cached.append(_cached_score(network, query, bank)[1])
    on_stage("matrix products")
    gflop = count_gflop(config)
    return NetworkBenchmark(
        machine=describe_machine(),
        size=size,
        parameters=sum(each.numel() for each in network.parameters()),
        gflop=gflop,
        exemplars=exemplars,
        vote_s=Spread(tuple(votes)),
        plain_encoding_s=Spread(tuple(encodings)),
        published_score_s=sum(votes),
        cached_score_s=Spread(tuple(cached)),
        fast=tuple(
            FastPath(
                precision=name,
                encoding_s=Spread(tuple(encode_times[name])),
                score_s=Spread(tuple(score_times[name])),
                gflop_per_s=Spread(tuple(gflop / seconds for seconds in encode_times[name])),
                matrix_gflop_per_s=measure_matrix_rate(path.dtype),
                error=largest_error(encoded[name], plain),
            )
            for name, path in fast.items()
        ),
    )


def _parse(network: FineParser | InferenceNetwork, clip: Tensor) -> Encoding:
    with torch.inference_mode():
        return network.parse(clip)


def _published_vote(network: FineParser, query: Tensor, exemplar: Tensor) -> tuple[float, float]:
    """Return the seconds of one encoding and of one vote: both dives encoded, then compared."""
    start = perf_counter()
    first = _parse(network, query)
    encoded = perf_counter()
    second = _parse(network, exemplar)
    with torch.inference_mode():
        network.compare(first.features, second.features)
    return encoded - start, perf_counter() - start


def _cached_score(
    network: FineParser | InferenceNetwork, query: Tensor, bank: DiveFeatures
) -> tuple[float, float]:
    """Return the seconds of encoding a dive, and of that and comparing it with a bank."""
    start = perf_counter()
    encoding = _parse(network, query)
    encoded = perf_counter()
    with torch.inference_mode():
        network.compare(encoding.features, bank)
    return encoded - start, perf_counter() - start


def largest_error(actual: Encoding, expected: Encoding) -> float:
    """Return the largest difference, relative to each output's largest magnitude."""
    pairs: Iterable[tuple[Tensor, Tensor]] = (
        (actual.features.dynamic, expected.features.dynamic),
        (actual.features.static, expected.features.static),
        (actual.features.transitions, expected.features.transitions),
        (actual.masks, expected.masks),
    )
    return max(((a - b).abs().max() / b.abs().max()).item() for a, b in pairs)


def count_gflop(config: ModelConfig) -> float:
    """Return the arithmetic of encoding one dive, by the plain network, in 10⁹ operations."""
    network = outline(config).eval()
    clip = torch.empty(1, 3, FRAMES, PICTURE, PICTURE, device="meta")
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network.encode(clip, torch.empty(1, 2, device="meta"))
    return counter.get_total_flops() / 1e9


def measure_matrix_rate(dtype: torch.dtype) -> Spread:
    """Return the rate of square matrix products in 10⁹ operations a second."""
    left = torch.randn(MATRIX_SIZE, MATRIX_SIZE).to(dtype)
    right = torch.randn(MATRIX_SIZE, MATRIX_SIZE).to(dtype)
    rates = []
    for _ in range(MATRIX_RUNS):
        start = perf_counter()
        left @ right
        rates.append(2 * MATRIX_SIZE**3 / (perf_counter() - start) / 1e9)
    return Spread(tuple(rates))


def describe_machine() -> Machine:
    """Return what the numbers are measured on."""
    abilities = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return Machine(
        processor=str(abilities.get("cpu_name") or platform.processor() or platform.machine()),
        threads=torch.get_num_threads(),
        torch=str(torch.__version__),
        fast_bfloat16=has_fast_bfloat16(CPU),
    )
