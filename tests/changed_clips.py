"""Real clips changed as other people's footage might look: mirrored, dark, cut short, in bars."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from unittest.mock import patch

import av
import cv2
import numpy as np
from locate_table import STANDARD_RATE_HZ

from fpcli.video.copy_part import repeat_video
from fpcli.video.read import iterate_frames, open_source
from fpcli.video.write import ENCODERS, VideoWriter

TITLE_S = 2.0
BEFORE_S, AFTER_S = 0.4, 0.6  # of a clip cut close around its dive
PORTRAIT, STANDARD, WIDE = 9 / 16, 4 / 3, 16 / 9  # width over height
TREMBLE_SHARE = 0.006  # of the longer side, that a hand trembles
TREMBLE_HZ = ((2.3, 5.1), (3.1, 6.7))  # across and down
MARGIN = 0.06  # of the picture that is given up so that a tremble has room
SETTLED_S, SETTLES_S = 0.7, 0.5  # before the take-off a camera is steady, and how long it settles
REFLECTED = cv2.BORDER_REFLECT
NOISE_LEVELS = 14.0  # standard deviation


@dataclass(frozen=True, eq=False)
class Known:
    """A clip of which is known whether it shows a dive.

    moments_s: take-off and entry, None where there is no dive. boxes: (time, x0, y0, x1, y1).
    """

    path: Path
    moments_s: tuple[float, float] | None = None
    boxes: tuple[tuple[float, ...], ...] = ()

    def middle_x(self, width: int) -> float:
        """Where the diver is across a picture."""
        corners = [x for _, x0, _, x1, _ in self.boxes for x in (x0, x1)]
        return (min(corners) + max(corners)) / 2 if corners else width / 2


Shown = tuple[np.ndarray, float]  # a picture and its second
Step = Callable[[np.ndarray, float, Known], tuple[np.ndarray, np.ndarray]]
"""A picture at a second, and (2, 3) from the old one's pixels to the new one's."""


@dataclass(frozen=True, eq=False)
class Change:
    """What is done to a clip: to each picture, to their times, by the encoder, to the file."""

    name: str
    steps: tuple[Step, ...] = ()
    retime: Callable[[Iterator[Shown], Known], Iterator[Shown]] = lambda shown, _: shown
    encoder: dict[str, str] = field(default_factory=dict)
    finish: Callable[[Path], None] | None = None
    times: int = 1  # that the clip is played


def recoloured(colour: Callable[[np.ndarray], np.ndarray]) -> Step:
    return lambda picture, _time_s, _clip: (colour(picture), np.eye(2, 3))


def mirrored(picture: np.ndarray, _: float, __: Known) -> tuple[np.ndarray, np.ndarray]:
    turned = np.array([[-1.0, 0.0, picture.shape[1]], [0.0, 1.0, 0.0]])
    return np.ascontiguousarray(picture[:, ::-1]), turned


def scaled(factor: float) -> Step:
    def step(picture: np.ndarray, _: float, __: Known) -> tuple[np.ndarray, np.ndarray]:
        size = tuple(round(length * factor) for length in picture.shape[1::-1])
        smaller = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        return smaller, factor * np.eye(2, 3)

    return step


def cropped(aspect: float) -> Step:
    """As much as fits of another aspect around the diver's way."""

    def step(picture: np.ndarray, _: float, clip: Known) -> tuple[np.ndarray, np.ndarray]:
        height, width = picture.shape[:2]
        kept = min(round(height * aspect), width)
        left = int(np.clip(clip.middle_x(width) - kept / 2, 0, width - kept))
        matrix = np.array([[1.0, 0.0, -left], [0.0, 1.0, 0.0]])
        return np.ascontiguousarray(picture[:, left : left + kept]), matrix

    return step


def boxed(aspect: float, *, blurred: bool = False) -> Step:
    """Bars on two sides make up another aspect, black or of the blurred picture itself."""

    def step(picture: np.ndarray, _: float, __: Known) -> tuple[np.ndarray, np.ndarray]:
        height, width = picture.shape[:2]
        size = max(width, round(height * aspect)), max(height, round(width / aspect))
        canvas = np.zeros((size[1], size[0], 3), np.uint8)
        if blurred:
            scale = max(size[0] / width, size[1] / height)
            larger = cv2.resize(picture, None, fx=scale, fy=scale)
            top, left = ((larger.shape[axis] - size[1 - axis]) // 2 for axis in (0, 1))
            canvas = larger[top : top + size[1], left : left + size[0]]
            canvas = cv2.GaussianBlur(np.ascontiguousarray(canvas), (0, 0), size[0] / 50)
        left, top = (size[0] - width) // 2, (size[1] - height) // 2
        canvas[top : top + height, left : left + width] = picture
        return canvas, np.array([[1.0, 0.0, left], [0.0, 1.0, top]])

    return step


def captioned(picture: np.ndarray, _: float, __: Known) -> tuple[np.ndarray, np.ndarray]:
    """A broadcaster's band below, and a mark in a corner."""
    shown = picture.copy()
    height, width = picture.shape[:2]
    shown[round(0.87 * height) : round(0.96 * height), round(0.05 * width) : round(0.6 * width)] = (
        20,
        40,
        120,
    )
    at = (round(0.07 * width), round(0.935 * height))
    cv2.putText(shown, "1. DIVER 103B", at, 0, height / 500, (255, 255, 255), 2)
    cv2.circle(shown, (round(0.93 * width), round(0.08 * height)), height // 25, (230, 230, 0), -1)
    return shown, np.eye(2, 3)


def trembling(picture: np.ndarray, time_s: float, _: Known) -> tuple[np.ndarray, np.ndarray]:
    height, width = picture.shape[:2]
    reach = TREMBLE_SHARE * max(width, height)
    corner = [
        MARGIN / 2 * length
        + reach * sum(np.sin(2 * np.pi * hertz * time_s + axis) / (n + 1) for n, hertz in tones)
        for axis, (length, tones) in enumerate(
            ((width, enumerate(TREMBLE_HZ[0])), (height, enumerate(TREMBLE_HZ[1])))
        )
    ]
    matrix = np.array([[1.0, 0.0, -corner[0]], [0.0, 1.0, -corner[1]]])
    size = round(width * (1 - MARGIN)), round(height * (1 - MARGIN))
    return cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR), matrix


def settling(degrees: float = 0.0, zoom: float = 1.0) -> Step:
    """A camera that is held askew, or zoomed in, until shortly before the dive."""

    def step(picture: np.ndarray, time_s: float, clip: Known) -> tuple[np.ndarray, np.ndarray]:
        height, width = picture.shape[:2]
        settled_s = (clip.moments_s or (2.0, 0.0))[0] - SETTLED_S
        left = float(np.clip((settled_s - time_s) / SETTLES_S, 0, 1))
        middle = width / 2, height / 2
        matrix = cv2.getRotationMatrix2D(middle, degrees * left, zoom**left)
        return cv2.warpAffine(picture, matrix, (width, height), borderMode=REFLECTED), matrix

    return step


def noisy(picture: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(int(picture[::16, ::16].sum()))
    noise = rng.normal(0, NOISE_LEVELS, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def lit(gain: float, gamma: float, picture: np.ndarray) -> np.ndarray:
    levels = 255 * np.clip(gain * (np.arange(256) / 255) ** gamma, 0, 1)
    return levels.astype(np.uint8)[picture]


def grey(picture: np.ndarray) -> np.ndarray:
    return np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)


def at_rate(hertz: float, shown: Iterator[Shown], _: Known) -> Iterator[Shown]:
    """The picture last shown, so many times a second."""
    count, last = 0, None
    for picture, time_s in shown:
        while last is not None and count / hertz < time_s - 1e-6:
            yield last, count / hertz
            count += 1
        last = picture


def missing_fourth(shown: Iterator[Shown], _: Known) -> Iterator[Shown]:
    return (one for place, one in enumerate(shown) if place % 4 != 3)


def stalled(shown: Iterator[Shown], clip: Known) -> Iterator[Shown]:
    """A picture stands for a fifth of a second in the middle of the dive."""
    first = np.mean(clip.moments_s or (1.0, 1.0))
    last = None
    for picture, time_s in shown:
        last = picture if last is None or not first <= time_s < first + 0.2 else last
        yield last, time_s


def flashed(shown: Iterator[Shown], clip: Known) -> Iterator[Shown]:
    """A photographer's flash in one picture of the dive."""
    moment = np.mean(clip.moments_s or (1.0, 1.0))
    before_s = -np.inf
    for picture, time_s in shown:
        is_lit = before_s < moment <= time_s
        before_s = time_s
        yield lit(1.8, 0.6, picture) if is_lit else picture, time_s


def begun_late(shown: Iterator[Shown], clip: Known) -> Iterator[Shown]:
    first = (clip.moments_s or (1.0, 0.0))[0] - BEFORE_S
    return (one for one in shown if one[1] >= first)


def ended_early(shown: Iterator[Shown], clip: Known) -> Iterator[Shown]:
    last = (clip.moments_s or (0.0, 2.0))[1] + AFTER_S
    return (one for one in shown if one[1] <= last)


def titled(shown: Iterator[Shown], _: Known) -> Iterator[Shown]:
    for picture, time_s in shown:
        if time_s == 0:
            title = np.zeros_like(picture)
            at = (title.shape[1] // 8, title.shape[0] // 2)
            cv2.putText(title, "My best dive", at, 0, title.shape[0] / 300, (255, 255, 255), 3)
            for tick in range(round(TITLE_S * STANDARD_RATE_HZ)):
                yield title, tick / STANDARD_RATE_HZ - TITLE_S
        yield picture, time_s


def turned(picture: np.ndarray, _: float, __: Known) -> tuple[np.ndarray, np.ndarray]:
    """Stored lying on its side; `say_turned` tells the player."""
    return np.ascontiguousarray(np.rot90(picture)), np.eye(2, 3)


def say_turned(path: Path) -> None:
    lying = path.rename(path.with_suffix(".lying.mp4"))
    with av.open(str(lying)) as source, av.open(str(path), "w") as copy:
        stream = copy.add_stream_from_template(source.streams.video[0])
        stream.set_display_rotation(-90)
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                copy.mux(packet)
    lying.unlink()


def play_twice(path: Path) -> None:
    once = path.rename(path.with_suffix(".once.mp4"))
    repeat_video(once, path, 2)
    once.unlink()


CHANGES = (
    Change("as it is"),
    Change("mirrored", (mirrored,)),
    Change("half size", (scaled(1 / 2),)),
    Change("a third", (scaled(1 / 3),)),
    Change("dark", (recoloured(partial(lit, 0.45, 1.3)),)),
    Change("bright", (recoloured(partial(lit, 1.5, 0.8)),)),
    Change("grey", (recoloured(grey),)),
    Change("noise", (recoloured(noisy),)),
    Change("coarsely encoded", encoder={"crf": "38"}),
    Change("portrait", (cropped(PORTRAIT),)),
    Change("4:3 in black bars", (cropped(STANDARD), boxed(WIDE))),
    Change("portrait in blurred bars", (cropped(PORTRAIT), boxed(WIDE, blurred=True))),
    Change("captions", (captioned,)),
    Change("trembling hand", (trembling,)),
    Change("held askew at first", (settling(degrees=40.0),)),
    Change("zoomed in at first", (settling(zoom=2.5),)),
    Change("60 a second", retime=partial(at_rate, 60.0)),
    Change("24 a second", retime=partial(at_rate, 24.0)),
    Change("15 a second", retime=partial(at_rate, 15.0)),
    Change("every fourth missing", retime=missing_fourth),
    Change("a stall in flight", retime=stalled),
    Change("a flash in flight", retime=flashed),
    Change(f"begins {BEFORE_S} s before", retime=begun_late),
    Change(f"ends {AFTER_S} s after", retime=ended_early),
    Change("a title before", retime=titled),
    Change("turned by metadata", (turned,), finish=say_turned),
    Change("twice in one file", finish=play_twice, times=2),
)


def draw(clip: Known, change: Change, target: Path) -> Sequence[Known]:
    """Write a changed clip; what is then known of it, once for each time that it is played."""
    matrices: list[tuple[float, np.ndarray]] = []

    def drawn() -> Iterator[Shown]:
        for frame in iterate_frames(clip.path):
            picture, whole = frame.image, np.eye(3)
            for step in change.steps:
                picture, matrix = step(picture, frame.time_s, clip)
                whole = np.vstack([matrix, (0, 0, 1)]) @ whole
            matrices.append((frame.time_s, whole[:2]))
            yield picture, frame.time_s

    shown = change.retime(drawn(), clip)
    picture, first_s = next(shown)
    height, width = picture.shape[:2]
    encoder = patch.dict(ENCODERS["libx264"], change.encoder)
    with encoder, VideoWriter(target, width=width, height=height, overwrite=True) as writer:
        writer.write(picture, first_s)
        for picture, time_s in shown:
            writer.write(picture, time_s)
    if change.finish is not None:
        change.finish(target)
    if clip.moments_s is None:
        return [Known(target)]
    times_s = open_source(target).expected_times()
    played_s = [times_s[turn * len(times_s) // change.times] for turn in range(change.times)]
    return [_shifted(target, clip, matrices, start_s - first_s) for start_s in played_s]


def _shifted(
    path: Path, clip: Known, matrices: list[tuple[float, np.ndarray]], later_s: float
) -> Known:
    """What is known of a clip after its pictures were moved by matrices and its times shifted."""
    takeoff, entry = clip.moments_s or (0.0, 0.0)
    boxes = []
    for time_s, *corners in clip.boxes:
        _, matrix = min(matrices, key=lambda timed: abs(timed[0] - time_s))
        moved = np.array(corners).reshape(2, 2) @ matrix[:, :2].T + matrix[:, 2]
        low, high = moved.min(axis=0), moved.max(axis=0)
        if time_s + later_s >= 0:
            boxes.append((time_s + later_s, *low, *high))
    return Known(path, (takeoff + later_s, entry + later_s), tuple(boxes))
