"""What a broadcaster lays over the picture: captions, clocks, logos."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from fpcli.simulation.paint import colour

SHEET = (270, 480)  # height and width that captions are painted at

Strip = tuple[float, float, float, float]


@dataclass(frozen=True)
class Graphics:
    """Rectangles over the picture.

    boxes: each (left, top, right, bottom) in shares of the picture. colours: one a box, 0-1.
    opacity: 0-1, one a box. until: share of the clip after which they go.
    """

    boxes: tuple[Strip, ...]
    colours: tuple[tuple[float, float, float], ...]
    opacity: tuple[float, ...]
    until: float


def random_graphics(rng: np.random.Generator, camera: str) -> Graphics:
    """Captions for broadcasts, sometimes; phones have none."""
    boxes: list[Strip] = []
    colours: list[tuple[float, float, float]] = []
    opacity: list[float] = []

    def add(box: Strip, tint: np.ndarray, strength: float) -> None:
        boxes.append(box)
        colours.append((float(tint[0]), float(tint[1]), float(tint[2])))
        opacity.append(strength)

    def letters(left: float, top: float, right: float, bottom: float, tint: np.ndarray) -> None:
        at, tall = left, bottom - top
        while at < right:
            wide = tall * rng.uniform(0.15, 0.45)
            add((at, top, min(at + wide, right), bottom), tint, 0.9)
            at += wide + tall * rng.uniform(0.1, 0.3)

    if camera == "broadcast":
        white = np.ones(3)
        if rng.random() < 0.35:
            left, top = rng.uniform(0.03, 0.3), rng.uniform(0.78, 0.87)
            right, bottom = left + rng.uniform(0.3, 0.6), top + rng.uniform(0.06, 0.12)
            ground = colour(rng, 0.02, 0.7, 0.2)
            add((left, top, right, bottom), ground, rng.uniform(0.6, 1))
            middle, tall = (top + bottom) / 2, (bottom - top) * 0.2
            letters(left + 0.05, middle - tall, right - 0.08, middle + tall, white)
            add((left, top, left + 0.035, bottom), colour(rng, 0.3, 0.9, 0.0), 1.0)
        if rng.random() < 0.4:
            side = rng.choice([0.04, 0.86])
            add((side, 0.05, side + 0.1, 0.11), colour(rng, 0.02, 0.8, 0.3), rng.uniform(0.4, 1))
            letters(side + 0.01, 0.065, side + 0.09, 0.095, white)
        if rng.random() < 0.3:
            letters(0.86, 0.9, 0.96, 0.94, white * 0.9)
    return Graphics(tuple(boxes), tuple(colours), tuple(opacity), float(rng.choice([0.3, 0.6, 2])))


def lay_over(graphics: Graphics, frames: Tensor, extent: Tensor, progress: np.ndarray) -> Tensor:
    """Draw the graphics over frames (T, H, W, 3) in place.

    extent: (T, 4) pixels on the CPU, see `framing.Framing.extent`. progress: (T,) share of the clip
    before each frame. Returns (T, H, W), the share of each pixel that is left visible.
    """
    count, height, width = frames.shape[:3]
    visible = torch.ones((count, height, width), device=frames.device)
    last = int((progress < graphics.until).sum())
    if not graphics.boxes or not last:
        return visible
    sheet = torch.from_numpy(_sheet(graphics)).to(frames.device)[None].expand(last, -1, -1, -1)
    left, top, across, down = extent[:last].unbind(1)
    # From the drawn picture's -1 to 1 to the sheet's.
    turn = torch.zeros((last, 2, 3))
    turn[:, 0, 0], turn[:, 1, 1] = width / across, height / down
    turn[:, 0, 2] = (width - 2 * left) / across - 1
    turn[:, 1, 2] = (height - 2 * top) / down - 1
    grid = affine_grid(turn.to(frames.device), [last, 4, height, width], align_corners=False)
    laid = grid_sample(sheet, grid, align_corners=False, padding_mode="zeros")
    visible[:last] -= laid[:, 3]
    frames[:last] *= visible[:last, ..., None]
    frames[:last] += laid[:, :3].permute(0, 2, 3, 1)
    return visible


def _sheet(graphics: Graphics) -> np.ndarray:
    """The graphics over nothing: (4, height, width) colours times cover, and cover."""
    sheet = np.zeros((4, *SHEET), np.float32)
    height, width = SHEET
    for box, tint, strength in zip(graphics.boxes, graphics.colours, graphics.opacity, strict=True):
        x = slice(round(box[0] * width), max(round(box[2] * width), round(box[0] * width) + 1))
        y = slice(round(box[1] * height), max(round(box[3] * height), round(box[1] * height) + 1))
        laid = np.array((*tint, 1.0), np.float32)[:, None, None]
        sheet[:, y, x] += strength * (laid - sheet[:, y, x])
    return sheet
