"""Moments of simulated dives that the finder learns from: pictures, neighbours in time, divers.

A dive is filmed by any camera at a few moments only, each with a neighbour before and after it, so
that a pool of a given size shows as many scenes as it can.
"""

import json
import math
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from fpcli.errors import DataError, DiveNumberError
from fpcli.simulation.camera import KINDS
from fpcli.simulation.render import render
from fpcli.simulation.take import Take, prepare
from fpcli.simulation.track import body_middle
from fpcli.simulation.view import View
from fpcli.simulation.waiting import accompanied_take, long_take, vacant_take
from fpcli.training.workers import each_done
from fpcli.weights.part_file import written_whole

SUFFIX = ".moments.safetensors"
LONG_SIDE, SHORT_SIDE = 512, 288  # pixels of every picture
MOMENTS = 8  # a dive
MOST_DIVERS = 2
LUMA = (0.299, 0.587, 0.114)

CAMERA_SHARES = dict(zip(KINDS, (0.28, 0.2, 0.24, 0.14, 0.14), strict=True))
SYNCHRO_SHARE = 0.04
EMPTY_SHARE = 0.1  # of the dives, filmed without the diver
SIMPLE_SHARE = 0.35  # of the dives: what beginners do from low boards
SIMPLE_NUMBERS = ("100A", "101B", "101C", "103B", "103C", "201B", "201C", "401B", "401C", "403C")
MOST_COMPANY = 3  # people more than usual, who move and are not to be found
LEAD_S, TAIL_S = 5.0, 2.0  # filmed before and after the clip of the dive
NEIGHBOUR_S = (0.06, 0.14)  # from a moment to its neighbours, seconds of the clip
SLOW_SHARE, SLOWNESS = 0.15, (1.5, 4.0)  # of the moments, seen as slow motion shows them
STATURES_PX = (6.0, 110.0)  # that a camera standing still is moved and zoomed to
FOLLOWED_STATURES_PX = (35.0, 240.0)
NARROWEST, WIDEST = 0.6, 2.5  # of a camera's own view, which holds the whole dive
ENTERING_S = 0.6  # the splash after the entry that still marks the place
SETTLING_S = 1.3  # after the entry from which nothing marks it any more
SEEN_AREA = 0.02  # of the stature squared, from which a body shows
MOST_DRAWS = 20

BOARD, FLIGHT, ENTRY, UNSURE, ABSENT = range(5)  # states of a diver; the first three are phases


@dataclass(frozen=True)
class SceneLabel:
    """What is known of a filmed dive. camera: its kind. slow_motion: 1 at real speed."""

    key: str
    camera: str
    dive_number: str
    height_m: float
    slow_motion: float


@dataclass(frozen=True, eq=False)
class SceneMoments:
    """K moments of one dive.

    pictures: (K, 5, H, W) uint8: red, green, blue, and the luma of the neighbours before and
    after, not aligned. homographies: (K, 2, 3, 3) float32 from pixels of the picture to pixels of
    the neighbours, for what stands still. centres: (K, D, 2) float32 pixels. statures_px: (K, D)
    float32. states: (K, D) int64, BOARD to ABSENT.
    """

    label: SceneLabel
    pictures: Tensor
    homographies: Tensor
    centres: Tensor
    statures_px: Tensor
    states: Tensor


TENSORS = ("pictures", "homographies", "centres", "statures_px", "states")


def make_moments(
    folder: Path,
    count: int,
    seed: int,
    *,
    workers: int | None = None,
    device: str = "cpu",
    until: Callable[[], bool] = lambda: False,
    on_scene: Callable[[int], None] = lambda present: None,
) -> int:
    """Film `count` simulated dives, one file each; those that are there already are kept.

    workers: processes; None for one a core. device: where they draw. until: asked after each dive;
    ends the making early. on_scene: told after each dive how many are there. Returns how many are
    there. Raises DataError when a dive cannot be had in many draws, and OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    absent = [place for place in range(count) if not scene_path(folder, seed, place).exists()]
    present = count - len(absent)
    jobs = [(folder, seed, place, device) for place in absent]
    processes = min(workers or os.cpu_count() or 1, len(jobs))
    with closing(each_done(_make_scene, jobs, processes)) as made:
        for _ in made:
            present += 1
            on_scene(present)
            if until():
                break
    return present


def scene_path(folder: Path, seed: int, place: int) -> Path:
    """Where one dive of the pool that a seed makes lies."""
    return folder / f"finder-{seed}-{place:05d}{SUFFIX}"


def _make_scene(job: tuple[Path, int, int, str]) -> None:
    """Draw a dive until the simulator accepts one, and save it."""
    folder, seed, place, device = job
    path = scene_path(folder, seed, place)
    for draw in range(MOST_DRAWS):
        drawn = int(np.random.SeedSequence([seed, place, draw]).generate_state(1)[0])
        try:
            save_scene(draw_scene(drawn, path.name.removesuffix(SUFFIX), device=device), path)
            return
        except DiveNumberError:
            continue
    raise DataError(
        f"None of {MOST_DRAWS} draws of dive {place} of seed {seed} is possible.",
        "This is a defect in the simulator; another --seed may avoid it.",
    )


def draw_scene(
    seed: int, key: str, *, longer: int = LONG_SIDE, device: torch.device | str = "cpu"
) -> SceneMoments:
    """Film one dive at a few moments.

    longer: the pictures' longer side in pixels. device: where they are drawn. Raises
    DiveNumberError for a dive that physics does not allow.
    """
    rng = np.random.default_rng([seed, 0])
    simple = bool(rng.random() < SIMPLE_SHARE)
    take = prepare(
        seed,
        camera=str(rng.choice(list(CAMERA_SHARES), p=list(CAMERA_SHARES.values()))),
        number=str(rng.choice(SIMPLE_NUMBERS)) if simple else None,
        height_m=float(rng.choice([1.0, 3.0])) if simple else None,
        synchro_share=SYNCHRO_SHARE,
    )
    camera = take.scene.camera
    size = camera.upright((longer * SHORT_SIDE // LONG_SIDE, longer))
    take = long_take(_resized(take, size, rng), LEAD_S, TAIL_S)
    take = accompanied_take(take, int(rng.integers(MOST_COMPANY + 1)))
    moments_s, diver = _moments(take, rng), bool(rng.random() >= EMPTY_SHARE)
    filmed = take if diver else vacant_take(take)
    slowness = np.where(rng.random(MOMENTS) < SLOW_SHARE, rng.uniform(*SLOWNESS, MOMENTS), 1.0)
    apart_s = rng.uniform(*NEIGHBOUR_S, MOMENTS) / np.maximum(slowness, camera.slow_motion)
    times_s = (moments_s[:, None] + apart_s[:, None] * np.array([-1.0, 0.0, 1.0])).ravel()
    drawn = render(
        filmed.motions, filmed.scene, size=size, times_s=times_s, divers=diver, device=device
    )
    view = filmed.scene.camera.view(filmed.motions, times_s, *size)
    pixels = torch.from_numpy(drawn.frames).view(MOMENTS, 3, *size, 3)
    luma = (pixels[:, [0, 2]].float() @ torch.tensor(LUMA)).round().byte()
    centres, statures, states = _divers(take, view.at(torch.arange(1, 3 * MOMENTS, 3)), moments_s)
    if diver:
        shown = torch.from_numpy(drawn.diver_masks[:, 1::3]).float().mean(dim=(2, 3)).T / 255
        hidden = shown * (size[0] * size[1]) < SEEN_AREA * statures**2
        states = torch.where(hidden & (states < ENTRY), UNSURE, states)
    else:
        states = torch.full_like(states, ABSENT)
    return SceneMoments(
        SceneLabel(
            key,
            camera.kind,
            take.attempt.number.text,
            take.attempt.height_m,
            camera.slow_motion,
        ),
        torch.cat([pixels[:, 1].permute(0, 3, 1, 2), luma], dim=1),
        torch.stack([_homographies(view, side) for side in (-1, 1)], dim=1),
        centres,
        statures,
        states,
    )


def _resized(take: Take, size: tuple[int, int], rng: np.random.Generator) -> Take:
    """The take as a picture reduced to `size` shows it, zoomed so that no diver's size is rare."""
    camera, development = take.scene.camera, take.scene.development
    view = camera.view(take.motions, np.array([take.motions[0].takeoff_s]), *size)
    now = float(_statures(take, view, np.array([take.motions[0].takeoff_s]))[0, 0])
    followed = camera.kind == "broadcast"
    low, high = FOLLOWED_STATURES_PX if followed else STATURES_PX
    wanted = math.exp(rng.uniform(math.log(low), math.log(high)))
    wider = min(max(now / wanted, NARROWEST), WIDEST)
    zoomed = replace(camera, short_side_m=camera.short_side_m * wider)
    # Noise and coding are the camera's own pixels', and reducing averages them.
    reduced = max(camera.height / size[0], 1.0)
    cleaner = replace(
        development,
        noise=development.noise / reduced,
        coarseness=development.coarseness / reduced,
    )
    return replace(take, scene=replace(take.scene, camera=zoomed, development=cleaner))


def _moments(take: Take, rng: np.random.Generator) -> np.ndarray:
    """MOMENTS rising seconds of the dive: waiting, approach, flight, entry and after."""
    takeoff_s, entry_s = take.motions[0].takeoff_s, take.motions[0].entry_s
    flight = (np.arange(4) + rng.random(4)) / 4
    return np.sort(
        [
            takeoff_s - rng.uniform(1.0, LEAD_S),
            takeoff_s - rng.uniform(0.0, 1.5),
            *(takeoff_s + (entry_s - takeoff_s) * flight),
            entry_s + rng.uniform(0.0, 0.5),
            entry_s + rng.uniform(0.3, 1.0 + TAIL_S),
        ]
    )


def _divers(take: Take, view: View, times_s: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
    """Centres (K, D, 2), statures (K, D) in pixels and states (K, D) of all divers."""
    middles = np.stack([body_middle(motion, times_s) for motion in take.motions], axis=1)
    centres, _ = view.project(torch.from_numpy(middles.astype(np.float32)))
    states = []
    for motion in take.motions:
        bounds = (
            motion.takeoff_s,
            motion.entry_s,
            motion.entry_s + ENTERING_S,
            motion.entry_s + SETTLING_S,
        )
        states.append(torch.from_numpy(np.searchsorted(bounds, times_s, side="right")))
    return centres, _statures(take, view, times_s), torch.stack(states, dim=1)


def _statures(take: Take, view: View, times_s: np.ndarray) -> Tensor:
    """(K, D) pixels that each diver's standing height would span."""
    middles = np.stack([body_middle(motion, times_s) for motion in take.motions], axis=1)
    _, depth_m = view.project(torch.from_numpy(middles.astype(np.float32)))
    return view.focal_px[:, None] * torch.tensor(take.statures_m) / depth_m


def _homographies(view: View, side: int) -> Tensor:
    """(K, 3, 3) from each moment's pixels to those of its neighbour: the camera only turns."""
    focal = view.focal_px
    lens = torch.zeros(len(focal), 3, 3)
    lens[:, 0, 0], lens[:, 1, 1], lens[:, 2, 2] = focal, -focal, 1.0
    lens[:, 0, 2], lens[:, 1, 2] = view.width / 2, view.height / 2
    onto = lens @ view.rotation
    turned: Tensor = onto[1 + side :: 3] @ torch.linalg.inv(onto[1::3])
    return turned / turned[:, 2:, 2:]


def save_scene(scene: SceneMoments, path: Path) -> None:
    """Write one dive's moments; the file appears complete or not at all. Raises OSError."""
    tensors = {name: getattr(scene, name).contiguous() for name in TENSORS}
    with written_whole(path) as stream:
        stream.write(safetensors.torch.save(tensors, {"label": json.dumps(asdict(scene.label))}))


def load_scene(path: Path) -> SceneMoments:
    """Read one dive's moments. Raises DataError when the file is not complete."""
    try:
        with safe_open(path, framework="pt") as file:
            label = SceneLabel(**json.loads(file.metadata()["label"]))
            return SceneMoments(label, *(file.get_tensor(name) for name in TENSORS))
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path.name} does not hold a dive's moments ({error}).",
            "Delete it and make the moments again.",
        ) from error
