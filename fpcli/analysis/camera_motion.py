"""How the camera moved from one picture to the next, and where the picture was cut."""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

LONGER_SIDE_PX = 384  # of the pictures in which the background is followed
CORNERS = 200  # points followed from picture to picture
CORNER_QUALITY = 0.01  # of the strongest corner
CORNER_SPACING = 1 / 48  # of the picture's longer side
PATCH_PX = 15  # side of the neighbourhood that a point is known by
PYRAMID_LEVELS = 4
RANSAC_PX = 1.5  # how far a background point may lie off the common motion
LEAST_POINTS = 12  # fewer common points say nothing about the camera
LEAST_SHARE = 0.25  # of the followed points that must agree on a motion
SURE_SHARE = 0.6  # that must agree before two pictures that look different are one scene
STEADY_POINTS = 5  # that are enough where the camera goes on as it did
STEADY_SHARE, STEADY_PX = 0.35, 4.0  # of a shift, and pixels: how much it then may change
FEW_POINTS = 25  # tell a shift, but neither turn nor zoom
STILL_PX = 0.3  # less than this is no movement
MOVING_PX = 1.5  # from here on the camera moves
PRINTED_TIMES = 3  # seen still in a moving picture, until a place counts as printed over it
PRINTED_REACH_PX = 8
GREATEST_ZOOM = 1.25  # between two neighbouring pictures
FROZEN_LEVELS = 3.0  # mean grey levels by which no spot differs between two pictures of a moment
SPOT_PX = 5
CUT_CORRELATION = 0.75  # of two pictures' grey histograms; a camera that turns keeps more
HISTOGRAM_BINS = 48
EVEN_PX, EVEN_SPREAD, LEAST_SPREAD = 31, 48.0, 4.0  # side of a neighbourhood, grey levels
BAR_LEVEL = 24  # grey level up to which bars around a picture are black


@dataclass(frozen=True, eq=False)
class CameraStep:
    """How the background moved from the picture before to this one.

    matrix: (3, 3) float64, maps pixels of the picture before to this one's. is_known: whether
    enough of the background agreed; otherwise the motion before is continued. is_cut: another
    scene begins here. is_frozen: the same moment shown again.
    """

    matrix: np.ndarray
    is_known: bool = True
    is_cut: bool = False
    is_frozen: bool = False


class CameraMotion:
    """Follows the background through a stream of grey pictures, one step at a time.

    The motion is a similarity (shift, turn and zoom): chained over a fast pan it unrolls the scene
    as a panorama does, where a chain of homographies would tear it apart. What stands still in the
    picture while the scene moves (captions, logos) is learned and left out.
    """

    def __init__(self) -> None:
        self._grey: np.ndarray | None = None
        self._last = np.eye(3)
        self._printed = np.zeros((0, 0), np.uint8)

    def step(self, grey: np.ndarray) -> CameraStep:
        """Take the next picture, (H, W) uint8. The first one gives the identity."""
        scale = min(1.0, LONGER_SIDE_PX / max(grey.shape))
        if scale < 1:
            size = round(grey.shape[1] * scale), round(grey.shape[0] * scale)
            grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        before, self._grey = self._grey, grey
        step = self._step(before, grey)
        return replace(step, matrix=scaled(step.matrix, 1 / scale))

    def _step(self, before: np.ndarray | None, grey: np.ndarray) -> CameraStep:
        if before is None or before.shape != grey.shape:
            self._printed = np.zeros(grey.shape, np.uint8)
            return CameraStep(np.eye(3))
        if float(cv2.blur(cv2.absdiff(before, grey), (SPOT_PX, SPOT_PX)).max()) < FROZEN_LEVELS:
            return CameraStep(np.eye(3), is_frozen=True)
        matrix = self._background(before, grey)
        if matrix is not None:
            self._last = matrix
            return CameraStep(matrix)
        inside = _inside_bars(before, grey)
        old, new = (_histogram(np.ascontiguousarray(each[inside])) for each in (before, grey))
        if cv2.compareHist(old, new, cv2.HISTCMP_CORREL) < CUT_CORRELATION:
            matrix = self._background(_evenly_lit(before), _evenly_lit(grey), SURE_SHARE)
            if matrix is not None:  # a flash, or the camera took to another light
                self._last = matrix
                return CameraStep(matrix)
            self._last = np.eye(3)
            self._printed[:] = 0
            return CameraStep(np.eye(3), is_known=False, is_cut=True)
        return CameraStep(self._last, is_known=False)

    def _background(
        self, before: np.ndarray, grey: np.ndarray, surely: float = 0.0
    ) -> np.ndarray | None:
        """The scene's motion between two pictures as a (3, 3) matrix; None where none is found.

        surely: share of the followed points that must agree whatever was expected; 0 asks less.
        """
        points, reached = self._followed(before, grey)
        expected = _middle_shift(self._last, grey.shape)
        still = np.linalg.norm(reached - points, axis=1) < STILL_PX
        standing = points[still]
        if np.linalg.norm(expected) > MOVING_PX and (~still).sum() >= LEAST_POINTS:
            points, reached = points[~still], reached[~still]
        if len(points) < 2:
            return None
        partial: Any
        partial, agree = cv2.estimateAffinePartial2D(
            points, reached, ransacReprojThreshold=RANSAC_PX
        )
        if partial is None:
            return None
        agreeing = agree[:, 0] == 1
        count = int(agreeing.sum())
        if count < FEW_POINTS:
            partial = np.eye(2, 3)
            partial[:, 2] = np.median((reached - points)[agreeing], axis=0)
        matrix = np.vstack([partial, (0.0, 0.0, 1.0)])
        shift = _middle_shift(matrix, grey.shape)
        surprise = np.linalg.norm(shift - expected)
        goes_on = surprise < max(STEADY_SHARE * float(np.linalg.norm(expected)), STEADY_PX)
        sure = count >= LEAST_POINTS and count >= LEAST_SHARE * len(points)
        zoom = float(np.hypot(matrix[0, 0], matrix[1, 0]))
        if not (sure or (goes_on and count >= STEADY_POINTS)) or count < surely * len(points):
            return None
        if not 1 / GREATEST_ZOOM < zoom < GREATEST_ZOOM:
            return None
        if np.linalg.norm(shift) > MOVING_PX:
            self._learn_printed(standing)
        return matrix

    def _followed(self, before: np.ndarray, grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points (N, 2) of the picture before and where they are now."""
        shown = np.where(self._printed >= PRINTED_TIMES, 0, 255).astype(np.uint8)
        for part, along in zip(_inside_bars(before, grey), (shown, shown.T), strict=True):
            if part.start:  # the edge of a bar stands still whatever the camera does
                along[: part.start + PATCH_PX] = 0
            if part.stop and part.stop < len(along):
                along[part.stop - PATCH_PX :] = 0
        points: Any = cv2.goodFeaturesToTrack(
            before, CORNERS, CORNER_QUALITY, max(before.shape) * CORNER_SPACING, mask=shown
        )
        if points is None:
            return np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)
        expected = cv2.transform(points, self._last[:2]).astype(np.float32)
        reached, found, _ = cv2.calcOpticalFlowPyrLK(
            before,
            grey,
            points,
            expected,
            winSize=(PATCH_PX, PATCH_PX),
            maxLevel=PYRAMID_LEVELS,
            flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
        )
        kept = found[:, 0] == 1
        return points[kept, 0], reached[kept, 0]

    def _learn_printed(self, still: np.ndarray) -> None:
        """Note where the picture stands still while the scene moves."""
        seen = np.zeros_like(self._printed)
        for x, y in still:
            cv2.circle(seen, (round(float(x)), round(float(y))), PRINTED_REACH_PX, 1, -1)
        self._printed = np.minimum(self._printed + seen, PRINTED_TIMES)


def _middle_shift(matrix: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """How far a motion takes the middle of the picture, (2,) pixels."""
    middle = np.array([shape[1] / 2, shape[0] / 2])
    shift: np.ndarray = matrix[:2, :2] @ middle + matrix[:2, 2] - middle
    return shift


def scaled(matrix: np.ndarray, factor: float) -> np.ndarray:
    """The same motion of (3, 3) in pixels `factor` times as many."""
    result = matrix.copy()
    result[:2, 2] *= factor
    return result


def _inside_bars(before: np.ndarray, grey: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns between the black bars around both pictures; all where all is black."""
    seen = np.maximum(before, grey) > BAR_LEVEL
    rows, columns = (np.flatnonzero(seen.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return slice(None), slice(None)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _evenly_lit(grey: np.ndarray) -> np.ndarray:
    """A picture in which every neighbourhood is as bright and as rich in contrast as any other."""
    level = grey.astype(np.float32)
    mean = cv2.blur(level, (EVEN_PX, EVEN_PX))
    spread = np.sqrt(np.maximum(cv2.blur(level**2, (EVEN_PX, EVEN_PX)) - mean**2, 0))
    even = 128 + EVEN_SPREAD * (level - mean) / (spread + LEAST_SPREAD)
    return np.clip(even, 1, 255).astype(np.uint8)


def _histogram(grey: np.ndarray) -> np.ndarray:
    histogram = cv2.calcHist([grey], [0], None, [HISTOGRAM_BINS], [0, 256])
    return cv2.GaussianBlur(histogram, (1, 5), 0)
