"""A dive and the set it is filmed on, before anything is drawn."""

from dataclasses import dataclass

from fpcli.errors import DiveNumberError
from fpcli.simulation.attempt import SYNCHRO_SHARE, Attempt, random_attempt, random_cut
from fpcli.simulation.dive import DiveTruth, simulate_dive
from fpcli.simulation.motion import DiveMotion
from fpcli.simulation.scene import Scene
from fpcli.simulation.seeds import stream
from fpcli.simulation.synchro import PairTruth, simulate_pair

TRIALS = 8  # divers and dives drawn until one is possible


@dataclass(frozen=True, eq=False)
class Take:
    """One dive, ready to be filmed.

    motions: one a diver. start_s, end_s: the stretch of the dive that the clip shows.
    """

    attempt: Attempt
    motions: tuple[DiveMotion, ...]
    truth: DiveTruth | PairTruth
    scene: Scene
    start_s: float
    end_s: float

    @property
    def statures_m(self) -> tuple[float, ...]:
        """How tall each diver stands."""
        divers = self.truth.divers if isinstance(self.truth, PairTruth) else (self.truth,)
        return tuple(diver.build.stature_m for diver in divers)

    @property
    def position_s(self) -> float:
        """When every diver has reached the flight position."""
        return max(motion.position_s for motion in self.motions)

    @property
    def opened_s(self) -> float:
        """When every diver has opened for the entry."""
        return max(motion.opened_s for motion in self.motions)


def prepare(
    seed: int,
    *,
    camera: str | None = None,
    number: str | None = None,
    height_m: float | None = None,
    synchro: bool | None = None,
    synchro_share: float = SYNCHRO_SHARE,
    event_seed: int | None = None,
) -> Take:
    """Dive, build the set and cut the clip; arguments as in `clip.simulate_clip`.

    synchro_share: how many dives are synchronised where there are such events and synchro is None.

    Each purpose has its own stream of chance, so the set knows nothing of how well was dived.
    """
    attempt, motions, truth = _dived(seed, number, height_m, synchro, synchro_share)
    scene = Scene.random(
        seed,
        height_m=attempt.height_m,
        springboard=attempt.springboard,
        camera=camera,
        event_seed=event_seed,
        woman=truth.build.sex == "female",
        places_m=tuple(float(motion.board_tip[0, 2]) for motion in motions),
    )
    start_s, end_s = random_cut(
        stream(seed, "cut"),
        attempt.number,
        max(motion.position_s for motion in motions),
        max(motion.opened_s for motion in motions),
    )
    return Take(attempt, motions, truth, scene, start_s, end_s)


def _dived(
    seed: int,
    number: str | None,
    height_m: float | None,
    synchro: bool | None,
    synchro_share: float,
) -> tuple[Attempt, tuple[DiveMotion, ...], DiveTruth | PairTruth]:
    """A dive; another diver, and another dive if it was drawn, where the first is impossible."""
    chance, diver = stream(seed, "attempt"), seed
    trials = TRIALS
    while True:
        attempt = random_attempt(chance, number, height_m, synchro, synchro_share)
        try:
            if attempt.synchro:
                pair = simulate_pair(attempt.number, attempt.height_m, diver)
                return attempt, pair.motions, pair.truth
            dive = simulate_dive(attempt.number, attempt.height_m, diver)
            return attempt, (dive.motion,), dive.truth
        except DiveNumberError:
            trials -= 1
            if not trials:
                raise
            diver = int(chance.integers(2**31))
