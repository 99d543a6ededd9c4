"""A dive in its scene, drawn: frames, exact masks and boxes."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from fpcli.simulation.background import CHUNK_FRAMES, Disturbance, draw_background
from fpcli.simulation.canvas import Canvas
from fpcli.simulation.cones import Patch, cast
from fpcli.simulation.degrade import develop
from fpcli.simulation.figure import body_cones
from fpcli.simulation.furniture import board_quads, box_quads, rod_quads
from fpcli.simulation.graphics import lay_over
from fpcli.simulation.motion import DiveMotion
from fpcli.simulation.people import bystander_cones
from fpcli.simulation.scene import Scene
from fpcli.simulation.seeds import stream
from fpcli.simulation.skeleton import STANDING_RADII
from fpcli.simulation.splash import random_splash, splash_cover
from fpcli.simulation.view import View

MOMENTS = 3  # moments of one exposure that are averaged
SEEN = 0.35  # share of a body's light that must pass the water for it to count as visible
MASK_LEVEL = 128  # from which a mask's pixel belongs to its box
SMEAR_TAPS = 5
SMEAR_FROM_PX = 1.0
SMEAR_DEPTH_M = 15.0


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
    divers: bool = True,
    device: torch.device | str = "cpu",
) -> Rendering:
    """Draw a dive.

    motions: one diver, or two of a synchronised dive. size: (height, width) in pixels. times_s:
    (T,) seconds of the dive, the middle of each exposure. divers: False draws the same pictures,
    splash included, without the divers. Runs on device; the arrays come back.
    """
    height, width = size
    camera = scene.camera
    exposure_s = camera.shutter / camera.frame_rate / camera.slow_motion
    view = _on(camera.view(motions, times_s, height, width), device)
    moments = np.linspace(-0.5, 0.5, MOMENTS + 1)[:-1] + 0.5 / MOMENTS
    exposed = [
        (
            times_s + share * exposure_s,
            _on(camera.view(motions, times_s + share * exposure_s, height, width), device),
        )
        for share in moments
    ]
    times = torch.from_numpy(times_s.astype(np.float32)).to(device)
    entries = [_entry(motion) for motion in motions]
    disturbances = tuple(
        Disturbance(x, z, time, motion.splash)
        for (x, z, time), motion in zip(entries, motions, strict=True)
    )
    venue = scene.venue
    canvas = draw_background(venue, view, times, disturbances)
    eye = camera.position_m
    boards = [
        board_quads(scene.furniture, venue, tip, motions[0].height_m)
        for tip in [torch.from_numpy(motions[0].board_tip_at(times_s))]
        if motions[0].springboard
    ]
    still = [
        box_quads(scene.furniture.boxes, venue, eye),
        rod_quads(scene.furniture.rods, venue, eye),
    ]
    for quads in [q for q in still if q is not None] + boards:
        canvas.draw_quads(quads, view)
    for person in scene.bystanders:
        for patch in cast(bystander_cones(person, times), view, venue.light, venue.ambient):
            canvas.draw_patch(patch, _through_water(patch, view, scene))
    _smear(canvas, exposed[0][1], exposed[-1][1])
    masks = torch.zeros((len(motions), *canvas.depth_m.shape), device=times.device)
    if divers:
        _draw_divers(canvas, masks, motions, scene, exposed)
    rng = stream(scene.seed, "splash")
    for (x, z, time), motion in zip(entries, motions, strict=True):
        cover = splash_cover(random_splash(rng, (x, z, time), motion.splash), view, times)
        white = 0.75 + 0.25 * float(venue.light[1])
        canvas.colour.add_(cover[..., None] * (white - canvas.colour))
        masks *= 1 - cover
    masks *= lay_over(scene.graphics, canvas.colour)
    frames = develop(canvas.colour, scene.development, scene.seed)
    drawn = (masks.clamp(0, 1) * 255).round().byte().cpu().numpy()
    together = drawn.max(axis=0)
    return Rendering(frames.cpu().numpy(), together, drawn, boxes_of(together))


def boxes_of(masks: np.ndarray) -> np.ndarray:
    """Boxes (T, 4) float32, x0, y0, x1, y1, around masks (T, H, W); nan where there is nothing."""
    boxes = np.full((len(masks), 4), np.nan, np.float32)
    for frame, mask in enumerate(masks >= MASK_LEVEL):
        rows, columns = mask.any(1).nonzero()[0], mask.any(0).nonzero()[0]
        if len(rows):
            boxes[frame] = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    return boxes


def _on(view: View, device: torch.device | str) -> View:
    return replace(
        view,
        position=view.position.to(device),
        rotation=view.rotation.to(device),
        focal_px=view.focal_px.to(device),
    )


def _entry(motion: DiveMotion) -> tuple[float, float, float]:
    """Where (x, z) and when a body meets the water."""
    joints = motion.at(np.array([motion.entry_s]))[0]
    lowest = joints[joints[:, 1].argmin()]
    return float(lowest[0]), float(lowest[2]), motion.entry_s


def _through_water(patch: Patch, view: View, scene: Scene) -> Tensor:
    """Share of a body's light that reaches the camera, (N, h, w): 1 above the surface."""
    seen = view.at(patch.frames)
    origin, along, down = (term[:, 1] for term in seen.ray_terms())
    height, width = patch.alpha.shape[1:]
    device = patch.alpha.device
    x = patch.left[:, None] + torch.arange(width, device=device) + 0.5
    y = patch.top[:, None] + torch.arange(height, device=device) + 0.5
    fall = (origin[:, None] + along[:, None] * x)[:, None] + (down[:, None] * y)[:, :, None]
    level = seen.position[:, 1, None, None] + fall * patch.depth_m
    way = torch.where(fall < -1e-6, level / fall.clamp(max=-1e-6), 0.0).clamp(min=0)
    return torch.exp(-way / scene.venue.clearness_m) * torch.where(way > 0, 0.8, 1.0)


def _smear(canvas: Canvas, opened: View, closed: View) -> None:
    """Blur what stands still by the camera's own turning during the exposure."""
    ahead = opened.position + SMEAR_DEPTH_M * opened.rotation[:, 2]
    shift = closed.project(ahead)[0] - opened.project(ahead)[0]
    shift = shift * (MOMENTS / (MOMENTS - 1))
    frames = (shift.norm(dim=-1) > SMEAR_FROM_PX).nonzero()[:, 0]
    height, width = opened.height, opened.width
    for chunk in frames.split(CHUNK_FRAMES):
        sharp = canvas.colour[chunk].permute(0, 3, 1, 2)
        step = shift[chunk] * 2 / shift.new_tensor((width, height))
        turn = torch.eye(2, 3, device=shift.device).repeat(len(chunk), 1, 1)
        blurred = torch.zeros_like(sharp)
        for tap in torch.linspace(-0.5, 0.5, SMEAR_TAPS).tolist():
            turn[:, :, 2] = step * tap
            grid = affine_grid(turn, [len(chunk), 3, height, width], align_corners=False)
            blurred += grid_sample(sharp, grid, align_corners=False, padding_mode="border")
        canvas.colour[chunk] = (blurred / SMEAR_TAPS).permute(0, 2, 3, 1)


def _draw_divers(
    canvas: Canvas,
    masks: Tensor,
    motions: tuple[DiveMotion, ...],
    scene: Scene,
    exposed: list[tuple[np.ndarray, View]],
) -> None:
    """Average the moments of the exposure: each is drawn over what stands still behind."""
    venue = scene.venue
    device = canvas.colour.device
    gained = torch.zeros_like(canvas.colour)
    kept = torch.zeros_like(canvas.depth_m)
    for times_s, view in exposed:
        colour, cover = torch.zeros_like(canvas.colour), torch.zeros_like(canvas.depth_m)
        nearest = canvas.depth_m.clone()
        own = torch.zeros_like(masks)
        for number, motion in enumerate(motions):
            cones = body_cones(
                torch.from_numpy(motion.at(times_s)).to(device),
                torch.from_numpy(motion.face_at(times_s)).to(device),
                torch.from_numpy(motion.radii / STANDING_RADII).to(device),
                scene.looks[number],
            )
            for patch in cast(cones, view, venue.light, venue.ambient):
                index = patch.index()
                through = _through_water(patch, view, scene)
                behind = nearest[index]
                shown = torch.where(patch.depth_m < behind, patch.alpha, 0.0)
                alpha, mask = shown * through, torch.where(through >= SEEN, shown, 0.0)
                rest = 1 - alpha
                colour[index] = colour[index] * rest[..., None] + patch.colour * alpha[..., None]
                cover[index] = 1 - (1 - cover[index]) * rest
                for other in range(number):
                    own[other][index] *= 1 - mask
                own[number][index] = mask
                nearest[index] = torch.where(mask > 0.5, patch.depth_m, behind)
        gained += colour
        kept += 1 - cover
        masks += own
    count = len(exposed)
    canvas.colour.mul_((kept / count)[..., None]).add_(gained / count)
    masks /= count
