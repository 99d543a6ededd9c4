"""One pass over a video at reduced size: how the camera moved, what moved, scene by scene."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from fpcli.analysis.camera_motion import CameraMotion
from fpcli.analysis.flight_path import Sightings
from fpcli.analysis.moving import Blobs, MovingPieces
from fpcli.video.read import Frame, iterate_frames

SURVEY_SIDE_PX = 384  # longer side of the pictures that are searched
SURVEY_RATE_HZ = 32.0  # pictures a second at most: a springboard's flight in twenty of them
HELD_S = 14.0  # of the past that a search looks at: a flight shown four times slower fits
SEARCHED_S = 6.0  # of new pictures between two searches


@dataclass(frozen=True, eq=False)
class Glimpse:
    """One picture of the survey.

    index, time_s: of the source's frame. to_scene: (3, 3) from pixels of the survey's picture to
    the scene, in which the background stands still. blobs: what moves, pixels of the survey's
    picture. is_known: whether the camera's motion to this picture was found. is_frozen: it shows
    the moment before again.
    """

    index: int
    time_s: float
    to_scene: np.ndarray
    blobs: Blobs
    is_known: bool
    is_frozen: bool

    @property
    def zoom(self) -> float:
        """Scene units a pixel."""
        return float(np.hypot(self.to_scene[0, 0], self.to_scene[1, 0]))

    def pixels(self, places: np.ndarray) -> np.ndarray:
        """Scene places (N, 2) as pixels of the survey's picture."""
        back = np.linalg.inv(self.to_scene)
        return places @ back[:2, :2].T + back[:2, 2]


@dataclass(frozen=True, eq=False)
class Stretch:
    """Successive pictures of one scene.

    glimpses: in order. size: (width, height) of the survey's pictures. scale: source pixels to one
    of theirs. opens, closes: whether the scene begins and ends with it. after_cut: whether
    another scene came before.
    """

    glimpses: tuple[Glimpse, ...]
    size: tuple[int, int]
    scale: float
    opens: bool
    closes: bool
    after_cut: bool

    @property
    def times_s(self) -> np.ndarray:
        """(K,) seconds."""
        return np.array([glimpse.time_s for glimpse in self.glimpses])

    def sightings(self) -> Sightings:
        """All blobs of the stretch in scene coordinates."""
        centres, stature, boxes, picture = [], [], [], []
        for place, glimpse in enumerate(self.glimpses):
            turn, shift = glimpse.to_scene[:2, :2], glimpse.to_scene[:2, 2]
            centres.append(glimpse.blobs.centres @ turn.T + shift)
            stature.append(glimpse.blobs.stature_px * glimpse.zoom)
            boxes.append(glimpse.blobs.boxes)
            picture.append(np.full(len(glimpse.blobs.areas), place, np.int64))
        stature_all = np.concatenate(stature)
        return Sightings(
            picture_times_s=self.times_s,
            picture=np.concatenate(picture),
            centres=np.concatenate(centres),
            stature=stature_all,
            boxes=np.concatenate(boxes),
            weight=np.ones(len(stature_all)),
        )


@dataclass
class _Scene:
    """What is held of the scene that is being read."""

    after_cut: bool
    scale: float = 1.0
    size: tuple[int, int] = (0, 0)
    glimpses: list[Glimpse] = field(default_factory=list)
    waiting: list[tuple[int, float, np.ndarray, bool, bool]] = field(default_factory=list)
    pieces: MovingPieces = field(default_factory=MovingPieces)
    to_scene: np.ndarray = field(default_factory=lambda: np.eye(3))
    searched_s: float = -np.inf
    opens: bool = True

    def observe(self, frame: Frame, from_before: np.ndarray, known: bool, frozen: bool) -> None:
        self.to_scene = self.to_scene @ np.linalg.inv(from_before)
        self.waiting.append((frame.index, frame.time_s, self.to_scene, known, frozen))
        self._take(self.pieces.add(frame.image, frame.time_s, from_before))

    def _take(self, found: Iterator[Blobs]) -> None:
        for blobs in found:
            index, time_s, to_scene, known, frozen = self.waiting.pop(0)
            self.glimpses.append(Glimpse(index, time_s, to_scene, blobs, known, frozen))

    def due(self) -> bool:
        if not self.glimpses:
            return False
        self.searched_s = max(self.searched_s, self.glimpses[0].time_s)
        return self.glimpses[-1].time_s - self.searched_s >= SEARCHED_S

    def stretch(self, *, closes: bool) -> Stretch | None:
        if closes:
            self._take(self.pieces.finish())
        if not self.glimpses:
            return None
        stretch = Stretch(
            tuple(self.glimpses), self.size, self.scale, self.opens, closes, self.after_cut
        )
        newest = self.glimpses[-1].time_s
        self.searched_s = newest
        while self.glimpses[0].time_s < newest - HELD_S:
            self.glimpses.pop(0)
            self.opens = False
        return stretch


def survey(
    path: Path, *, start_s: float | None = None, end_s: float | None = None
) -> Iterator[Stretch]:
    """Stretches of a video's scenes, overlapping each other, a bounded length at a time.

    start_s, end_s: as for `iterate_frames`. Raises VideoError where there is no frame.
    """
    camera = CameraMotion()
    scene = _Scene(after_cut=False)
    frames = iterate_frames(
        path, start_s=start_s, end_s=end_s, max_side=SURVEY_SIDE_PX, rate_hz=SURVEY_RATE_HZ
    )
    for frame in frames:
        step = camera.step(cv2.cvtColor(frame.image, cv2.COLOR_RGB2GRAY))
        if step.is_cut:
            stretch = scene.stretch(closes=True)
            if stretch is not None:
                yield stretch
            scene = _Scene(after_cut=True)
        if not scene.glimpses and not scene.waiting:
            height, width = frame.image.shape[:2]
            scene.size = (width, height)
            scene.scale = max(frame.source_size) / max(width, height)
        scene.observe(frame, step.matrix, step.is_known, step.is_frozen)
        if scene.due():
            stretch = scene.stretch(closes=False)
            if stretch is not None:
                yield stretch
    stretch = scene.stretch(closes=True)
    if stretch is not None:
        yield stretch
