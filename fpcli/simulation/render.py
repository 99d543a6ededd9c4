"""A dive in its scene, drawn: frames, exact masks and boxes."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from fpcli.simulation.background import CHUNK_FRAMES, Disturbance, draw_background
from fpcli.simulation.canvas import Canvas
from fpcli.simulation.cones import Patch, cast
from fpcli.simulation.degrade import develop, inside, metered
from fpcli.simulation.figure import body_cones
from fpcli.simulation.framing import Framing
from fpcli.simulation.furniture import board_quads, box_quads, rod_quads
from fpcli.simulation.graphics import lay_over
from fpcli.simulation.motion import DiveMotion
from fpcli.simulation.people import bystander_cones, seats
from fpcli.simulation.scene import Scene
from fpcli.simulation.seeds import stream
from fpcli.simulation.skeleton import STANDING_RADII
from fpcli.simulation.splash import random_splash, splash_cover
from fpcli.simulation.view import View, on_device

MOMENTS = 3  # moments of one exposure that are averaged
SEEN = 0.35  # share of a body's light that must pass the water for it to count as visible
MASK_LEVEL = 128  # from which a mask's pixel belongs to its box
METERED_SHARE, METERED_PICTURES, METERED_PX = 0.25, 3, 64  # of the clip, pictures, longer side
PIXELS_AT_ONCE = 2_500_000  # bounds the memory of a long clip, and suits a core's cache
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
    progress = np.arange(len(times_s)) / max(len(times_s), 1)
    framing = Framing(size, windows)
    gain = _metered_gain(motions, scene, framing, times_s, device)
    at_once = max(PIXELS_AT_ONCE // (size[0] * size[1]), 1)
    parts = [
        _render_part(
            motions,
            scene,
            framing.part(part),
            times_s[part],
            progress[part],
            gain,
            divers,
            torch.device(device),
        )
        for first in range(0, len(times_s), at_once)
        for part in [slice(first, first + at_once)]
    ]
    frames, diver_masks, masks = (np.concatenate(arrays, -4) for arrays in zip(*parts, strict=True))
    return Rendering(frames, masks[..., 0], diver_masks[..., 0], boxes_of(masks[..., 0]))


def _metered_gain(
    motions: tuple[DiveMotion, ...],
    scene: Scene,
    framing: Framing,
    times_s: np.ndarray,
    device: torch.device | str,
) -> float:
    """The exposure that the camera chooses before any splash, from a few small pictures.

    It is metered on the whole picture, whatever window of it is drawn.
    """
    camera = scene.camera
    size = framing.size if framing.windows is None else (camera.height, camera.width)
    first_s = times_s[0] + (times_s[-1] - times_s[0]) * METERED_SHARE
    metered_s = np.linspace(times_s[0], first_s, METERED_PICTURES)
    small = (max(size[0] * METERED_PX // max(size), 1), max(size[1] * METERED_PX // max(size), 1))
    view = on_device(camera.view(motions, metered_s, *small), device)
    return metered(_draw_set(motions, scene, view, metered_s).colour)


def _render_part(
    motions: tuple[DiveMotion, ...],
    scene: Scene,
    framing: Framing,
    times_s: np.ndarray,
    progress: np.ndarray,
    gain: float,
    divers: bool,
    device: torch.device,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Some frames (T, H, W, 3), the divers' masks (D, T, H, W, 1) and the mask (T, H, W, 1)."""
    camera = scene.camera
    exposure_s = camera.shutter / camera.frame_rate / camera.slow_motion
    shares = (np.arange(MOMENTS) + 0.5) / MOMENTS - 0.5
    moments = [times_s + share * exposure_s for share in shares]

    def seen(moment_s: np.ndarray) -> View:
        return on_device(framing.view(camera, motions, moment_s), device)

    view, exposed = seen(times_s), [(moment_s, seen(moment_s)) for moment_s in moments]
    canvas = _draw_set(motions, scene, view, times_s)
    _smear(canvas, exposed[0][1], exposed[-1][1])
    masks = torch.zeros((len(motions), *canvas.depth_m.shape), device=device)
    if divers:
        _draw_divers(canvas, masks, motions, scene, exposed)
    masks *= 1 - _draw_splashes(canvas, motions, scene, view, times_s)
    extent = framing.extent(camera, len(times_s)).to(device)
    masks *= lay_over(scene.graphics, canvas.colour, extent, progress)
    chance = int(stream(scene.seed, f"grain {times_s[0]:.4f}").integers(2**62))
    frames = develop(canvas.colour, scene.development, extent, gain, chance)
    if framing.windows is not None:
        filmed = inside(extent, *framing.size)
        frames *= filmed[..., None]
        masks *= filmed
    # Each diver's share excludes what another one covers, so the shares of a pixel add up.
    together = _levels(masks.sum(dim=0))
    return frames.cpu().numpy(), _levels(masks)[..., None], together[..., None]


def _levels(share: Tensor) -> np.ndarray:
    """Shares of 0-1 as uint8."""
    levels: np.ndarray = (share.clamp(0, 1) * 255).round().byte().cpu().numpy()
    return levels


def _draw_set(
    motions: tuple[DiveMotion, ...], scene: Scene, view: View, times_s: np.ndarray
) -> Canvas:
    """Everything but the divers and the flying water."""
    device = view.position.device
    venue, eye = scene.venue, scene.camera.position_m
    times = torch.from_numpy(times_s.astype(np.float32))
    disturbances = tuple(
        Disturbance(*_entry(motion), motion.entry_s, motion.splash) for motion in motions
    )
    here = on_device(venue, device)
    canvas = draw_background(here, view, times.to(device), disturbances)
    furniture = [
        box_quads(scene.furniture.boxes + seats(scene.bystanders), venue, eye),
        rod_quads(scene.furniture.rods, venue, eye),
    ]
    for motion in motions:
        if motion.springboard:
            tip = torch.from_numpy(motion.board_tip_at(times_s))
            furniture.append(board_quads(scene.furniture, venue, tip, motion.height_m))
    for quads in furniture:
        if quads is not None:
            canvas.draw_quads(on_device(quads, device), view)
    for person in scene.bystanders:
        body = on_device(bystander_cones(person, times), device)
        for patch in cast(body, view, here.light, venue.ambient):
            canvas.draw_patch(patch, _through_water(patch, view, scene))
    return canvas


def _draw_splashes(
    canvas: Canvas,
    motions: tuple[DiveMotion, ...],
    scene: Scene,
    view: View,
    times_s: np.ndarray,
) -> Tensor:
    """Draw the flying water over everything; returns the share of each pixel that it hides."""
    device = canvas.colour.device
    rng = stream(scene.seed, "splash")
    white = 0.75 + 0.25 * float(scene.venue.light[1])
    times = torch.from_numpy(times_s.astype(np.float32)).to(device)
    clear = torch.ones_like(canvas.depth_m)
    for motion in motions:
        splash = random_splash(rng, (*_entry(motion), motion.entry_s), motion.splash)
        cover = splash_cover(on_device(splash, device), view, times)
        canvas.colour.add_(cover[..., None] * (white - canvas.colour))
        clear *= 1 - cover
    return 1 - clear


def boxes_of(masks: np.ndarray) -> np.ndarray:
    """Boxes (T, 4) float32, x0, y0, x1, y1, around masks (T, H, W); nan where there is nothing."""
    boxes = np.full((len(masks), 4), np.nan, np.float32)
    for frame, mask in enumerate(masks >= MASK_LEVEL):
        rows, columns = mask.any(1).nonzero()[0], mask.any(0).nonzero()[0]
        if len(rows):
            boxes[frame] = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    return boxes


def _entry(motion: DiveMotion) -> tuple[float, float]:
    """Where a body meets the water: x and z in metres."""
    joints = motion.at(np.array([motion.entry_s]))[0]
    lowest = joints[joints[:, 1].argmin()]
    return float(lowest[0]), float(lowest[2])


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
    for chunk in frames.split(CHUNK_FRAMES) if len(frames) else ():
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
    venue, device = scene.venue, canvas.colour.device
    light = venue.light.to(device)
    gained = torch.zeros_like(canvas.colour)
    kept = torch.zeros_like(canvas.depth_m)
    for times_s, view in exposed:
        colour, cover = torch.zeros_like(canvas.colour), torch.zeros_like(canvas.depth_m)
        nearest = canvas.depth_m.clone()
        own = torch.zeros_like(masks)
        for number, motion in enumerate(motions):
            cones = body_cones(
                torch.from_numpy(motion.at(times_s)),
                torch.from_numpy(motion.face_at(times_s)),
                torch.from_numpy(motion.radii / STANDING_RADII),
                scene.looks[number],
            )
            for patch in cast(on_device(cones, device), view, light, venue.ambient):
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
