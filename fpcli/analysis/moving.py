"""What moves against the background, the camera's own motion taken out."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from fpcli.analysis.surroundings import Surrounded

REACHES_S = (0.14, 0.32)  # how far back and ahead the background is looked for, seconds
QUICK_REACHES_S = (0.07, 0.14)  # the same while the camera turns fast
QUICK_SPEED = 1.0  # longer sides a second that the background then moves
SOFTENING_PX = 1.2  # standard deviation; finer detail is noise and misfit
NOISE_LEVELS = 6.0  # grey levels that a still picture differs by
EDGE_LEVELS = 0.35  # of the gradient per pixel: what a misfit of a third of a pixel makes
FROM_RATIOS = (2.2, 5.0)  # times what noise and misfit explain, from which a pixel moves
JOIN_SHARE = 1 / 96  # of the longer side: parts of a body nearer than this belong together
LEAST_AREA_PX = 12.0
MOST_PIECES = 16  # a picture and ratio
AREA_PER_STATURE = (
    0.17  # area of a body in the air, in squares of its stature (tuck 0.15, pike 0.2)
)
PIECE_WEIGHT = 0.6  # of a moving piece as a sign of a diver


@dataclass(frozen=True, eq=False)
class Pieces:
    """What may be a diver in one picture, N of them.

    centres: (N, 2) x and y, pixels. stature_px: (N,) standing height. weight: (N,) 0 to 1. phases:
    (N, 3) probabilities of standing on the board, flying, entering the water. is_found: (N,)
    whether the finder saw it, rather than that it moves.
    """

    centres: np.ndarray
    stature_px: np.ndarray
    weight: np.ndarray
    phases: np.ndarray
    is_found: np.ndarray

    def __add__(self, other: "Pieces") -> "Pieces":
        """Both together."""
        return Pieces(
            np.concatenate([self.centres, other.centres]),
            np.concatenate([self.stature_px, other.stature_px]),
            np.concatenate([self.weight, other.weight]),
            np.concatenate([self.phases, other.phases]),
            np.concatenate([self.is_found, other.is_found]),
        )

    def placed(self, left: float, top: float, grain: float) -> "Pieces":
        """The same in a picture of which this one is a part, `grain` times as fine."""
        return replace(
            self, centres=self.centres * grain + (left, top), stature_px=self.stature_px * grain
        )


def moving_pieces(here: Surrounded) -> Pieces:
    """Find what moves in a picture; parts that are near each other count as one piece."""
    ratio = _motion_ratio(here)
    found = [_pieces(ratio, threshold) for threshold in FROM_RATIOS]
    centres = np.concatenate([centres for centres, _ in found])
    areas = np.concatenate([areas for _, areas in found])
    return Pieces(
        centres=centres,
        stature_px=np.sqrt(areas / AREA_PER_STATURE),
        weight=np.full(len(areas), PIECE_WEIGHT),
        phases=np.full((len(areas), 3), 1 / 3),
        is_found=np.zeros(len(areas), bool),
    )


def _motion_ratio(here: Surrounded) -> np.ndarray:
    """How much more each pixel differs from the background than noise explains, (H, W) float32.

    The background is what at least two of the pictures around show, or the only one that does.
    """
    picture = _soft(here.picture)
    unseen = np.full(picture.shape[:2], 255, np.uint8)
    least, second = unseen, unseen
    for reach in QUICK_REACHES_S if here.speed > QUICK_SPEED else REACHES_S:
        for side in (-reach, reach):
            moved = here.neighbour(side)
            if moved is None:
                continue
            red, green, blue = cv2.split(cv2.absdiff(picture, _soft(moved)))
            difference = np.maximum(np.maximum(red, green), blue)
            difference[moved[..., 0] == 0] = 255
            second = np.minimum(second, np.maximum(least, difference))
            least = np.minimum(least, difference)
    chosen = np.where(second < 255, second, least)
    chosen[chosen == 255] = 0
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8)
    explained = cv2.magnitude(across, down) * EDGE_LEVELS + NOISE_LEVELS
    ratio: np.ndarray = chosen.astype(np.float32) / explained
    return ratio


def _soft(picture: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(picture, (5, 5), SOFTENING_PX)


def _pieces(ratio: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Centres (N, 2) and areas (N,) of what lies above a threshold, the largest first."""
    moving = (ratio >= threshold).astype(np.uint8)
    reach = max(1, round(max(moving.shape) * JOIN_SHARE))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    joined = cv2.medianBlur(cv2.morphologyEx(moving, cv2.MORPH_CLOSE, kernel), 3)
    _, _, stats, centres = cv2.connectedComponentsWithStats(joined)
    areas = stats[1:, cv2.CC_STAT_AREA].astype(np.float64)
    order = np.argsort(-areas, kind="stable")[:MOST_PIECES]
    order = order[areas[order] >= LEAST_AREA_PX]
    return centres[1:][order] + 0.5, areas[order]
