"""How well a finder finds: recall by camera and size, errors of the size, false alarms."""

import itertools
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch

from fpcli.model.finder import PHASES, Finder, candidates
from fpcli.training.finder_augment import prepared
from fpcli.training.finder_samples import ABSENT, FLIGHT, UNSURE, SceneMoments

FOUND_STATURES = 0.35  # of the middle's error up to which a diver is found
FIRST_FEW = 5
ALARM = 0.3  # score from which a candidate where nobody dives is a false alarm
SIZES_PX = (0, 12, 20, 40, 80, 1000)
BATCH = 8


@dataclass(frozen=True)
class FinderRow:
    """Of one group of moments.

    divers: how many there are to find. first, among_five: shares of them that the likeliest
    candidate, or one of five, is at. right_phase: share of the found ones whose likeliest phase is
    theirs. stature_error: median of the absolute error of the found ones' stature, as a share.
    alarms: false ones a picture.
    """

    group: str
    divers: int
    first: float
    among_five: float
    right_phase: float
    stature_error: float
    alarms: float


@dataclass(frozen=True, eq=False)
class Sightings:
    """One entry a diver to be found, but alarms, alarm_camera and deserted: one entry a picture.

    deserted: whether nobody dives in the picture.
    """

    camera: np.ndarray
    phase: np.ndarray
    stature_px: np.ndarray
    rank: np.ndarray
    right_phase: np.ndarray
    stature_error: np.ndarray
    alarms: np.ndarray
    alarm_camera: np.ndarray
    deserted: np.ndarray


def measure_finder(
    finder: Finder, scenes: Sequence[SceneMoments], device: torch.device | str = "cpu"
) -> list[FinderRow]:
    """Rows of all moments by phase, then of those in flight by camera and by stature."""
    seen = _sightings(finder.eval(), scenes, torch.device(device))
    every, everywhere = np.ones(len(seen.rank), bool), np.ones(len(seen.alarms), bool)
    flight = seen.phase == FLIGHT
    rows = [_row(seen, "all", every, everywhere), _row(seen, "nobody", ~every, seen.deserted)]
    rows += [_row(seen, PHASES[p], seen.phase == p, ~everywhere) for p in range(len(PHASES))]
    for camera in sorted(set(seen.alarm_camera)):
        own, pictures = seen.camera == camera, seen.alarm_camera == camera
        rows.append(_row(seen, f"flight, {camera}", flight & own, pictures))
    for low, high in itertools.pairwise(SIZES_PX):
        inside = (seen.stature_px >= low) & (seen.stature_px < high)
        rows.append(_row(seen, f"flight, {low}-{high} px", flight & inside, ~everywhere))
    return rows


def as_metrics(rows: Sequence[FinderRow]) -> dict[str, dict[str, float]]:
    """The rows as plain numbers by group, for a file; what cannot be said is left out."""
    return {
        row.group: {
            name: round(value, 4)
            for name, value in asdict(row).items()
            if name != "group" and np.isfinite(value)
        }
        for row in rows
    }


def as_table(rows: Sequence[FinderRow]) -> str:
    """The rows as text."""
    lines = [f"{'':22} divers  top 1  top 5  phase  stature  alarms"]
    for row in rows:
        lines.append(
            f"{row.group:22} {row.divers:6d} {row.first:6.3f} {row.among_five:6.3f}"
            f" {row.right_phase:6.3f} {row.stature_error:8.3f} {row.alarms:7.3f}"
        )
    return "\n".join(lines)


def _row(seen: Sightings, group: str, chosen: np.ndarray, pictures: np.ndarray) -> FinderRow:
    found = chosen & (seen.rank < FIRST_FEW)

    def mean(values: np.ndarray) -> float:
        return float(np.mean(values)) if len(values) else float("nan")

    return FinderRow(
        group=group,
        divers=int(chosen.sum()),
        first=mean(seen.rank[chosen] == 0),
        among_five=mean(seen.rank[chosen] < FIRST_FEW),
        right_phase=mean(seen.right_phase[found]),
        stature_error=float(np.median(seen.stature_error[found])) if found.any() else float("nan"),
        alarms=mean(seen.alarms[pictures]),
    )


def _sightings(finder: Finder, scenes: Sequence[SceneMoments], device: torch.device) -> Sightings:
    divers: list[tuple[str, int, float, int, bool, float]] = []
    alarms: list[tuple[int, str, bool]] = []
    for scene in scenes:
        for first in range(0, len(scene.states), BATCH):
            part = slice(first, first + BATCH)
            seen = prepared(
                scene.pictures[part].to(device),
                scene.homographies[part].to(device),
                scene.centres[part].to(device),
                scene.statures_px[part].to(device),
                scene.states[part].to(device),
                canvas=(scene.pictures.shape[2], scene.pictures.shape[3]),
                change=None,
                rng=torch.Generator(device),
            )
            with torch.inference_mode():
                found = candidates(finder(seen.pictures), most=FIRST_FEW)
            centres, statures = seen.centres.cpu().numpy(), seen.statures_px.cpu().numpy()
            states = seen.states.cpu().numpy()
            for k in range(len(states)):
                gaps = np.linalg.norm(found.centres[k][:, None] - centres[k][None], axis=-1)
                hit = gaps < FOUND_STATURES * statures[k]
                hit &= (found.scores[k] > 0)[:, None]
                for d in np.flatnonzero(states[k] < len(PHASES)):
                    rank = int(hit[:, d].argmax()) if hit[:, d].any() else FIRST_FEW
                    best = min(rank, FIRST_FEW - 1)
                    divers.append(
                        (
                            scene.label.camera,
                            int(states[k, d]),
                            float(statures[k, d]),
                            rank,
                            bool(found.phases[k, best].argmax() == states[k, d]),
                            abs(float(found.statures_px[k, best] / statures[k, d]) - 1),
                        )
                    )
                excused = (gaps < statures[k]) & (states[k] <= UNSURE) & (states[k] != ABSENT)
                loud = (found.scores[k] >= ALARM) & ~excused.any(axis=1)
                deserted = bool((states[k] == ABSENT).all())
                alarms.append((int(loud.sum()), scene.label.camera, deserted))
    camera, phase, stature_px, ranks, right_phase, error = zip(*divers, strict=True)
    return Sightings(
        camera=np.array(camera),
        phase=np.array(phase),
        stature_px=np.array(stature_px),
        rank=np.array(ranks),
        right_phase=np.array(right_phase),
        stature_error=np.array(error),
        alarms=np.array([number for number, _, _ in alarms]),
        alarm_camera=np.array([name for _, name, _ in alarms]),
        deserted=np.array([deserted for _, _, deserted in alarms]),
    )
