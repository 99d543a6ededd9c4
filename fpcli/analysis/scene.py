"""A scene as it is watched: pictures between two cuts, in coordinates that stand still."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from fpcli.analysis.camera_motion import CameraStep
from fpcli.analysis.flight_path import Sightings
from fpcli.analysis.lookout import Look, Lookout
from fpcli.analysis.moving import Pieces
from fpcli.analysis.surroundings import Surrounded, Surroundings
from fpcli.video.orientation import Box

ASKEW_RAD = 0.2  # from which a first picture is no measure of what is upright
ZOOMED = 1.4  # and of how large a pixel is, to either side


@dataclass(frozen=True, eq=False)
class Glimpse:
    """One picture of a scene.

    time_s: of the source's frame. to_scene: (3, 3) from the source's pixels to the scene, in which
    the background stands still. pieces: what may be a diver, in the source's pixels; None where it
    was not looked for.
    """

    time_s: float
    to_scene: np.ndarray
    pieces: Pieces | None

    @property
    def zoom(self) -> float:
        """Scene units a pixel."""
        return float(np.hypot(self.to_scene[0, 0], self.to_scene[1, 0]))

    def pixels(self, places: np.ndarray) -> np.ndarray:
        """Scene places (N, 2) as pixels of the source."""
        back = np.linalg.inv(self.to_scene)
        pixels: np.ndarray = places @ back[:2, :2].T + back[:2, 2]
        return pixels


@dataclass(frozen=True, eq=False)
class Stretch:
    """Successive pictures of one scene.

    glimpses: in order. size_px: (width, height) of the source's pictures. grain: pixels of the
    source that a pixel of the searched pictures spans. closes: whether the scene ends with it.
    after_cut: whether another scene came before. inset: what bars leave of the source's pictures,
    None where there are none.
    """

    glimpses: tuple[Glimpse, ...]
    size_px: tuple[int, int]
    grain: float
    closes: bool
    after_cut: bool
    inset: Box | None = None

    @property
    def times_s(self) -> np.ndarray:
        """(K,) seconds."""
        return np.array([glimpse.time_s for glimpse in self.glimpses])

    def sightings(self) -> Sightings:
        """All that may be a diver, in the scene's coordinates."""
        looked = [glimpse for glimpse in self.glimpses if glimpse.pieces is not None]
        pieces = [glimpse.pieces for glimpse in looked if glimpse.pieces is not None]
        centres = [
            each.centres @ glimpse.to_scene[:2, :2].T + glimpse.to_scene[:2, 2]
            for glimpse, each in zip(looked, pieces, strict=True)
        ]
        stature = [
            each.stature_px * glimpse.zoom for glimpse, each in zip(looked, pieces, strict=True)
        ]
        counts = [len(each.weight) for each in pieces]
        return Sightings(
            picture_times_s=np.array([glimpse.time_s for glimpse in looked]),
            picture=np.repeat(np.arange(len(looked)), counts),
            centres=np.concatenate([np.empty((0, 2)), *centres]),
            stature=np.concatenate([np.empty(0), *stature]),
            weight=np.concatenate([np.empty(0), *(each.weight for each in pieces)]),
            phases=np.concatenate([np.empty((0, 3)), *(each.phases for each in pieces)]),
            is_found=np.concatenate([np.empty(0, bool), *(each.is_found for each in pieces)]),
            grain=self.grain,
        )


@dataclass(frozen=True, eq=False)
class View:
    """What is looked at of a frame.

    picture: (H, W, 3) uint8. size_px: (width, height) of the source. left, top: its upper left
    corner in the source, pixels. grain: pixels of the source that one of its pixels spans.
    """

    picture: np.ndarray
    size_px: tuple[int, int]
    left: float = 0.0
    top: float = 0.0
    grain: float = 1.0

    @property
    def to_source(self) -> np.ndarray:
        """(3, 3) from its pixels to the source's."""
        return np.array([[self.grain, 0, self.left], [0, self.grain, self.top], [0, 0, 1.0]])


@dataclass(frozen=True, eq=False)
class _Waiting:
    """A picture whose surroundings are not complete."""

    view: View
    to_scene: np.ndarray
    is_looked_at: bool


@dataclass(frozen=True, eq=False)
class _Seen:
    """A picture that is completely watched, while it may still be searched."""

    time_s: float
    to_scene: np.ndarray
    placed: "_Placed | None"

    def glimpse(self, to_scene: np.ndarray) -> Glimpse:
        """The same with what was found. to_scene: (3, 3) as in a glimpse."""
        return Glimpse(self.time_s, to_scene, None if self.placed is None else self.placed.pieces())


@dataclass(frozen=True, eq=False)
class _Placed:
    """A search, and where in the source it looks."""

    look: Look
    left: float
    top: float
    grain: float

    def pieces(self) -> Pieces:
        """What it found, in the source's pixels."""
        return self.look.pieces().placed(self.left, self.top, self.grain)


class Scene:
    """Watches one scene, picture by picture."""

    def __init__(self, lookout: Lookout, *, after_cut: bool) -> None:
        self._lookout = lookout
        self._after_cut = after_cut
        self._surroundings = Surroundings()
        self._waiting: list[_Waiting] = []
        self._seen: list[_Seen] = []
        self._to_scene = np.eye(3)
        self._before: View | None = None

    def watch(self, time_s: float, view: View, step: CameraStep, *, is_looked_at: bool) -> None:
        """Take the next picture. step: in the source's pixels. is_looked_at: search it."""
        self._to_scene = self._to_scene @ np.linalg.inv(step.matrix)
        before = view if self._before is None else self._before
        from_before = np.linalg.inv(view.to_source) @ step.matrix @ before.to_source
        self._before = view
        self._waiting.append(_Waiting(view, self._to_scene, is_looked_at))
        self._take(self._surroundings.add(view.picture, time_s, from_before))

    def _take(self, complete: Iterator[Surrounded]) -> None:
        for here in complete:
            waiting = self._waiting.pop(0)
            view = waiting.view
            placed = (
                _Placed(self._lookout.look(here), view.left, view.top, view.grain)
                if waiting.is_looked_at
                else None
            )
            self._seen.append(_Seen(here.time_s, waiting.to_scene, placed))

    @property
    def newest_s(self) -> float:
        """When the last picture was that is completely watched, seconds."""
        return self._seen[-1].time_s if self._seen else -np.inf

    def stretch(self, held_s: float) -> Stretch | None:
        """What was watched so far, and forget what lies longer ago than `held_s`."""
        return self._stretch(held_s, closes=False)

    def close(self) -> Stretch | None:
        """What was watched to the scene's end."""
        self._take(self._surroundings.finish())
        return self._stretch(np.inf, closes=True)

    def _stretch(self, held_s: float, *, closes: bool) -> Stretch | None:
        if not self._seen or self._before is None:
            return None
        to_scene = as_mostly_held([seen.to_scene for seen in self._seen])
        stretch = Stretch(
            tuple(map(_Seen.glimpse, self._seen, to_scene)),
            self._before.size_px,
            self._before.grain,
            closes,
            self._after_cut,
        )
        since = self.newest_s - held_s
        self._seen = [seen for seen in self._seen if seen.time_s >= since]
        return stretch


def as_mostly_held(to_scene: Sequence[np.ndarray]) -> np.ndarray:
    """The (3, 3) ways of K pictures into a scene that is upright where the camera mostly is.

    A scene begins as its first picture does; who raises a phone while it records holds it askew
    then, and bodies would fall aside. Less than ASKEW_RAD and ZOOMED is left as it is.
    """
    ways = np.stack(to_scene)
    turn = np.median(np.unwrap(np.arctan2(ways[:, 1, 0], ways[:, 0, 0])))
    zoom = np.median(np.hypot(ways[:, 0, 0], ways[:, 1, 0]))
    if abs(turn) < ASKEW_RAD and 1 / ZOOMED < zoom < ZOOMED:
        return ways
    cos, sin = np.cos(turn) / zoom, np.sin(turn) / zoom
    upright: np.ndarray = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1.0]]) @ ways
    return upright
