"""How the camera moved from one picture to the next, and where the picture was cut."""

from dataclasses import dataclass

import cv2
import numpy as np

CORNERS = 240  # points followed from picture to picture
CORNER_QUALITY = 0.01  # of the strongest corner
CORNER_SPACING = 1 / 48  # of the picture's longer side
PATCH_PX = 15  # side of the neighbourhood that a point is known by
PYRAMID_LEVELS = 4
RANSAC_PX = 1.5  # how far a background point may lie off the common motion
LEAST_POINTS = 12  # fewer common points say nothing about the camera
LEAST_SHARE = 0.25  # of the followed points that must agree on a motion
GREATEST_ZOOM = 1.25  # between two neighbouring pictures
FROZEN_LEVELS = 0.35  # mean grey levels between two pictures of the same moment
CUT_CORRELATION = 0.75  # of two pictures' grey histograms; a camera that turns keeps more
HISTOGRAM_BINS = 48


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
    as a panorama does, where a chain of homographies would tear it apart.
    """

    def __init__(self) -> None:
        self._grey: np.ndarray | None = None
        self._histogram = np.zeros(0, np.float32)
        self._last = np.eye(3)

    def step(self, grey: np.ndarray) -> CameraStep:
        """Take the next picture, (H, W) uint8. The first one gives the identity."""
        before, self._grey = self._grey, grey
        old_histogram, self._histogram = self._histogram, _histogram(grey)
        if before is None or before.shape != grey.shape:
            return CameraStep(np.eye(3))
        if float(cv2.absdiff(before, grey).mean()) < FROZEN_LEVELS:
            return CameraStep(np.eye(3), is_frozen=True)
        matrix = _similarity(before, grey, self._last)
        if matrix is not None:
            self._last = matrix
            return CameraStep(matrix)
        alike = cv2.compareHist(old_histogram, self._histogram, cv2.HISTCMP_CORREL)
        if alike < CUT_CORRELATION:
            self._last = np.eye(3)
            return CameraStep(np.eye(3), is_known=False, is_cut=True)
        return CameraStep(self._last, is_known=False)


def _similarity(before: np.ndarray, grey: np.ndarray, guess: np.ndarray) -> np.ndarray | None:
    """The background's motion between two pictures as a (3, 3) matrix; None where none is found."""
    points = cv2.goodFeaturesToTrack(
        before, CORNERS, CORNER_QUALITY, max(before.shape) * CORNER_SPACING
    )
    if points is None or len(points) < LEAST_POINTS:
        return None
    expected = cv2.transform(points, guess[:2]).astype(np.float32)
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
    if kept.sum() < LEAST_POINTS:
        return None
    partial, inliers = cv2.estimateAffinePartial2D(
        points[kept], reached[kept], ransacReprojThreshold=RANSAC_PX
    )
    if partial is None:
        return None
    agreeing = int(inliers.sum())
    zoom = float(np.hypot(partial[0, 0], partial[1, 0]))
    if agreeing < max(LEAST_POINTS, LEAST_SHARE * len(points)):
        return None
    if not 1 / GREATEST_ZOOM < zoom < GREATEST_ZOOM:
        return None
    return np.vstack([partial, (0.0, 0.0, 1.0)])


def _histogram(grey: np.ndarray) -> np.ndarray:
    histogram = cv2.calcHist([grey], [0], None, [HISTOGRAM_BINS], [0, 256])
    return cv2.GaussianBlur(histogram, (1, 5), 0)
