"""A dive in its scene, drawn: frames, exact masks and boxes."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fpcli.simulation.degrade import develop, inside
from fpcli.simulation.devices import at_once
from fpcli.simulation.divers import MOMENTS, draw_divers, smear
from fpcli.simulation.framing import Framing
from fpcli.simulation.graphics import lay_over
from fpcli.simulation.motion import DiveMotion
from fpcli.simulation.scene import Scene
from fpcli.simulation.seeds import stream
from fpcli.simulation.stage import Stage, metered_gain

MASK_LEVEL = 128  # from which a mask's pixel belongs to its box
PIXELS_AT_ONCE = 2_500_000  # bounds the memory of a long clip, and suits a core's cache
DEVICE_PIXELS_AT_ONCE = 8_000_000  # the same for other devices


@dataclass(frozen=True, eq=False)
class Rendering:
    """A dive as pictures.

    frames: (T, H, W, 3) uint8 RGB. masks: (T, H, W) uint8, 255 where a diver shows, grey at soft
    edges. diver_masks: (D, T, H, W) uint8, one diver each. boxes: (T, 4) float32, x0, y0, x1, y1
    in pixels around the mask; not a number where no diver shows.
    """

    frames: np.ndarray
    masks: np.ndarray
    diver_masks: np.ndarray
    boxes: np.ndarray


def render(
    motions: tuple[DiveMotion, ...],
    scene: Scene,
    *,
    size: tuple[int, int],
    times_s: np.ndarray,
    windows: np.ndarray | None = None,
    divers: bool = True,
    device: torch.device | str = "cpu",
) -> Rendering:
    """Draw a dive.

    motions: one diver, or two of a synchronised dive. size: (height, width) in pixels. times_s:
    (T,) seconds of the dive, the middle of each exposure. windows: (T, 3) left, top and side of
    the squares of the camera's own picture that are drawn, in its pixels, black beyond its edges;
    None draws all of it. divers: False draws the same pictures, splash included, without the
    divers. Runs on device; the arrays come back.
    """
    device = torch.device(device)
    camera = scene.camera
    progress = np.arange(len(times_s)) / max(len(times_s), 1)
    framing = Framing(size, windows)
    whole = size if windows is None else (camera.height, camera.width)
    gain = metered_gain(motions, scene, whole, times_s)
    stage = Stage.set_up(motions, scene, device)
    most = DEVICE_PIXELS_AT_ONCE if at_once(device) else PIXELS_AT_ONCE
    many = max(most // (size[0] * size[1]), 1)
    parts = [
        _render_part(stage, framing.part(part), times_s[part], progress[part], gain, divers)
        for first in range(0, len(times_s), many)
        for part in [slice(first, first + many)]
    ]
    frames, diver_masks, masks = (np.concatenate(arrays, -4) for arrays in zip(*parts, strict=True))
    return Rendering(frames, masks[..., 0], diver_masks[..., 0], boxes_of(masks[..., 0]))


def _render_part(
    stage: Stage,
    framing: Framing,
    times_s: np.ndarray,
    progress: np.ndarray,
    gain: float,
    divers: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Some frames (T, H, W, 3), the divers' masks (D, T, H, W, 1) and the mask (T, H, W, 1)."""
    scene, motions, camera = stage.scene, stage.motions, stage.scene.camera
    exposure_s = camera.shutter / camera.frame_rate / camera.slow_motion
    shares = (np.arange(MOMENTS) + 0.5) / MOMENTS - 0.5
    moments = [times_s + share * exposure_s for share in shares]
    exposed = [(moment_s, framing.view(camera, motions, moment_s)) for moment_s in moments]
    view = framing.view(camera, motions, times_s)
    canvas = stage.draw(view, times_s)
    smear(canvas, exposed[0][1], exposed[-1][1])
    if divers:
        masks = draw_divers(canvas, motions, scene, exposed)
    else:
        masks = torch.zeros((len(motions), *canvas.depth_m.shape), device=stage.device)
    masks *= stage.draw_splashes(canvas, view, times_s)
    extent = framing.extent(camera, len(times_s))
    masks *= lay_over(scene.graphics, canvas.colour, extent, progress)
    chance = int(stream(scene.seed, f"grain {times_s[0]:.4f}").integers(2**62))
    frames = develop(canvas.colour, scene.development, extent, gain, chance)
    if framing.windows is not None:
        filmed = inside(extent.to(stage.device), *framing.size)
        frames *= filmed[..., None]
        masks *= filmed
    # Each diver's share excludes what another one covers, so the shares of a pixel add up.
    together = _levels(masks.sum(dim=0))
    return frames.cpu().numpy(), _levels(masks)[..., None], together[..., None]


def _levels(share: Tensor) -> np.ndarray:
    """Shares of 0-1 as uint8."""
    levels: np.ndarray = (share.clamp(0, 1) * 255).round().byte().cpu().numpy()
    return levels


def boxes_of(masks: np.ndarray) -> np.ndarray:
    """Boxes (T, 4) float32, x0, y0, x1, y1, around masks (T, H, W); nan where there is nothing."""
    rows: np.ndarray = np.any(masks >= MASK_LEVEL, axis=2)
    columns: np.ndarray = np.any(masks >= MASK_LEVEL, axis=1)
    height, width = masks.shape[1:]
    boxes = np.stack(
        (
            columns.argmax(1),
            rows.argmax(1),
            width - columns[:, ::-1].argmax(1),
            height - rows[:, ::-1].argmax(1),
        ),
        axis=1,
    ).astype(np.float32)
    boxes[~rows.any(1)] = np.nan
    return boxes
