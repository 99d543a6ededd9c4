"""Which part of a camera's picture is drawn: all of it, or a window that moves and zooms."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fpcli.simulation.camera import Camera
from fpcli.simulation.motion import DiveMotion
from fpcli.simulation.view import View


@dataclass(frozen=True, eq=False)
class Framing:
    """The drawn part of T pictures.

    size: (height, width) drawn, in pixels. windows: (T, 3) left, top and side in pixels of the
    camera's own picture; None draws the picture itself, its centre where the shapes differ.
    """

    size: tuple[int, int]
    windows: np.ndarray | None = None

    def part(self, frames: slice) -> "Framing":
        """The framing of some of the pictures."""
        return Framing(self.size, None if self.windows is None else self.windows[frames])

    def view(self, camera: Camera, motions: tuple[DiveMotion, ...], times_s: np.ndarray) -> View:
        """The views at times_s (T,) of the dive; a window stays where it is during an exposure."""
        if self.windows is None:
            return camera.view(motions, times_s, *self.size)
        windows = torch.from_numpy(self.windows.astype(np.float32))
        whole = camera.view(motions, times_s, camera.height, camera.width)
        return whole.window(windows, self.size[0])

    def extent(self, camera: Camera, frames: int) -> Tensor:
        """Where the camera's picture lies in the drawn ones, (T, 4) pixels: left, top, width and
        height. What is outside was never filmed."""
        height, width = self.size
        if self.windows is None:
            return torch.tensor((0.0, 0.0, width, height)).expand(frames, 4)
        left, top, side = torch.from_numpy(self.windows.astype(np.float32)).unbind(1)
        scale = width / side
        return torch.stack(
            (-left * scale, -top * scale, camera.width * scale, camera.height * scale), dim=1
        )
