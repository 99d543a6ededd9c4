"""Bars beside a scene: black, of one colour, or an enlarged copy of the scene that is blurred."""

import cv2
import numpy as np

from fpcli.video.orientation import Box

LEAST_BAR, MOST_BAR = 1 / 24, 0.45  # of the picture, that a bar takes on either side
LEAST_PICTURES = 4  # that tell
LEAST_SIDE_PX = 8  # of pictures in which a bar could be told
STEP_LEVELS = 8  # grey levels by which a bar and the scene differ, from here on
LEAST_STEP = 0.4  # of a border that shows it; no line of a scene runs so far, and on both sides
MOST_DETAIL = 0.3  # of a bar, of the detail between the bars
LEAST_DETAIL = 1.0  # grey levels, of a scene in which anything can be seen
OFF_CENTRE_PX = 2  # that one bar may be wider than the other, as coding rounds
BORDER_PX = 1  # on either side of a step that colours of both sides mix


class Bars:
    """Looks for bars on two sides of the pictures of one scene.

    Bars show little detail, end in a straight line from edge to edge that stands where it stood,
    and are as wide on one side as on the other. Nothing within a scene does all of that at once.
    """

    def __init__(self) -> None:
        self._count = 0
        self._size_px = (0, 0)
        self._steps = [np.zeros(0), np.zeros(0)]  # across and down: shares of a line
        self._details = [np.zeros(0), np.zeros(0)]  # grey levels

    def add(self, picture: np.ndarray) -> None:
        """Take one more picture, (H, W, 3) uint8, of the size of the others."""
        if min(picture.shape[:2]) < LEAST_SIDE_PX:
            return
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        detail = np.abs(cv2.Laplacian(grey, cv2.CV_16S))
        across = cv2.absdiff(grey[:, 2:], grey[:, :-2]) >= STEP_LEVELS
        down = cv2.absdiff(grey[2:], grey[:-2]) >= STEP_LEVELS
        seen = (across.mean(axis=0), down.mean(axis=1)), (detail.mean(axis=0), detail.mean(axis=1))
        if not self._count:
            self._size_px = grey.shape[1], grey.shape[0]
            self._steps, self._details = list(seen[0]), list(seen[1])
        else:
            for known, new in zip((self._steps, self._details), seen, strict=True):
                for axis in (0, 1):
                    known[axis] += new[axis]
        self._count += 1

    def inset(self, size_px: tuple[int, int]) -> Box | None:
        """What lies between the bars, in a picture of width and height size_px; None: no bars."""
        if self._count < LEAST_PICTURES:
            return None
        for axis in (0, 1):
            found = _between(self._steps[axis] / self._count, self._details[axis] / self._count)
            if found is not None:
                box = [0, 0, *size_px]
                scale = size_px[axis] / self._size_px[axis]
                box[axis], box[axis + 2] = (round(edge * scale) for edge in found)
                return box[0], box[1], box[2], box[3]
        return None


def _between(steps: np.ndarray, details: np.ndarray) -> tuple[int, int] | None:
    """First line and end of what two bars leave, None where there are none.

    steps: (N - 2,) share of a line that differs from the line next but one. details: (N,) grey
    levels of each line.
    """
    length = len(details)
    widths = np.arange(max(round(LEAST_BAR * length), 2), round(MOST_BAR * length))
    if not len(widths):
        return None
    mirrored = np.pad(steps[::-1], OFF_CENTRE_PX)
    others = np.max([mirrored[widths + off] for off in range(2 * OFF_CENTRE_PX + 1)], axis=0)
    agreed = np.minimum(steps[widths], others)
    width = int(widths[np.argmax(agreed)])
    across = slice(max(length - 3 - width - OFF_CENTRE_PX, 0), length - 2 - width + OFF_CENTRE_PX)
    first = width + 2 + BORDER_PX
    last = across.start + int(np.argmax(steps[across])) + 1 - BORDER_PX
    if last <= first:
        return None
    bars = np.concatenate([details[:width], details[last + 2 + BORDER_PX :]])
    inside = float(details[first:last].mean())
    if inside < LEAST_DETAIL or bars.mean() > MOST_DETAIL * inside or agreed.max() < LEAST_STEP:
        return None
    return first, last
