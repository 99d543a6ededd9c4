"""Long recordings and slow motion, simulated: `python tests/recordings_table.py FOLDER`.

A recording is two minutes of one camera: three dives from one board, each of whose divers walks
out, waits and swims away, while others walk, swim and jump in. Slow motion is one dive, filmed so
that it is played at 2 and at 4 times its length. Both are drawn once, into FOLDER, which takes a
quarter of an hour for a recording.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from locate_table import SIMULATED_FRAMES, STANDARD_RATE_HZ

from fpcli.analysis.finding import bundled_diver_finder
from fpcli.analysis.locate import LocatedDive, locate_dives
from fpcli.simulation.clip import film
from fpcli.simulation.take import Take, prepare
from fpcli.simulation.waiting import accompanied_take, long_take
from fpcli.video.write import VideoWriter

CAMERAS = ("handheld", "stand", "phone", "far")
SIZE = (252, 448)  # height, width
DIVES = 3  # a recording
COMPANY = 3  # people beside the usual ones, a dive
SLOWNESSES = (2.0, 4.0)
PART_FRAMES = 90  # drawn at once
SEED = 95_000


@dataclass(frozen=True)
class Filmed:
    """A video whose dives are known.

    flights_s: take-off and entry of each, seconds of the video.
    """

    path: Path
    slowness: float
    flights_s: tuple[tuple[float, float], ...]


def recordings(folder: Path, first: int, count: int, length_s: float) -> Iterator[Filmed]:
    for place in range(first, first + count):
        camera = CAMERAS[place % len(CAMERAS)]
        path = folder / f"recording-{place:02d}-{camera}-{length_s:.0f}s.mp4"
        yield _known(path) or _draw(path, _recorded(camera, SEED + 10 * place, length_s))


def slow_dives(folder: Path, first: int, count: int) -> Iterator[Filmed]:
    for place in range(first, first + count):
        camera = CAMERAS[place % len(CAMERAS)]
        for slowness in SLOWNESSES:
            path = folder / f"slow-{place:02d}-{camera}-{slowness:.0f}.mp4"
            take = prepare(SEED + 500 + 10 * place, camera=camera, synchro=False)
            yield _known(path) or _draw(path, [_slowed(take, slowness)])


def _recorded(camera: str, seed: int, length_s: float) -> Iterator[Take]:
    """The takes of a recording: one camera, place and board, another dive each."""
    board_m = None
    for number in range(DIVES):
        take = prepare(
            seed + number, camera=camera, synchro=False, height_m=board_m, event_seed=seed
        )
        board_m = take.attempt.height_m
        idle_s = length_s / DIVES - (take.end_s - take.start_s)
        lasting = long_take(_slowed(take, 1.0), 0.6 * idle_s, 0.4 * idle_s)
        yield accompanied_take(lasting, COMPANY)


def _slowed(take: Take, slowness: float) -> Take:
    camera = replace(take.scene.camera, slow_motion=slowness)
    return replace(take, scene=replace(take.scene, camera=camera))


def _known(path: Path) -> Filmed | None:
    facts = path.with_suffix(".json")
    if not facts.is_file():
        return None
    said = json.loads(facts.read_text())
    flights = tuple((float(takeoff), float(entry)) for takeoff, entry in said["flights_s"])
    return Filmed(path, float(said["slowness"]), flights)


def _draw(path: Path, takes: Iterator[Take] | list[Take]) -> Filmed:
    """Film takes one after another into one video, and note its dives beside it."""
    written = 0
    flights: list[tuple[float, float]] = []
    slowness = frame_s = 1.0
    height, width = SIZE
    with VideoWriter(path, width=width, height=height, overwrite=True) as writer:
        for take in takes:
            camera, motion = take.scene.camera, take.motions[0]
            slowness, frame_s = camera.slow_motion, 1 / camera.frame_rate
            begun_s = written * frame_s
            takeoff_s, entry_s = (
                begun_s + (moment - take.start_s) * slowness
                for moment in (motion.takeoff_s, motion.entry_s)
            )
            flights.append((takeoff_s, entry_s))
            for picture in _pictures(take):
                writer.write(picture, written * frame_s)
                written += 1
    facts = {"slowness": slowness, "flights_s": flights}
    path.with_suffix(".json").write_text(json.dumps(facts))
    return Filmed(path, slowness, tuple(flights))


def _pictures(take: Take) -> Iterator[np.ndarray]:
    """A take's pictures, (H, W, 3) uint8, a part at a time so that memory stays bounded."""
    camera = take.scene.camera
    part_s = PART_FRAMES / camera.frame_rate / camera.slow_motion
    for start_s in np.arange(take.start_s, take.end_s - part_s / 2, part_s):
        part = replace(take, start_s=float(start_s), end_s=float(start_s) + part_s)
        yield from film(part, size=SIZE).frames


def measure(videos: Iterator[Filmed], about: str) -> None:
    """Print a row a dive, and what share of them is right; moments in frames of the dive's time."""
    finder = bundled_diver_finder()
    count = found = false = right = 0
    print(f"{about:38s} {'take-off':>9s} {'entry':>7s} {'slow':>5s}   frames at 30 a second")
    for video in videos:
        dives = list(locate_dives(video.path, finder=finder).dives)
        for flight in video.flights_s:
            count += 1
            dive = next((dive for dive in dives if _is_of(dive, flight)), None)
            if dive is None:
                print(f"{video.path.name:38s} {flight[0]:8.1f} s: no dive found")
                continue
            dives.remove(dive)
            found += 1
            errors = np.array([dive.takeoff_s, dive.entry_s]) - np.array(flight)
            errors *= STANDARD_RATE_HZ / video.slowness
            right += bool((np.abs(errors) <= SIMULATED_FRAMES).all())
            print(f"{video.path.name:38s} {errors[0]:+9.1f} {errors[1]:+7.1f} {dive.slowness:5.1f}")
        false += len(dives)
        for dive in dives:
            print(f"{video.path.name:38s} {dive.takeoff_s:8.1f} s: none, but taken for one")
    print(f"found: {found} of {count}, and {false} that are none")
    print(f"both moments within {SIMULATED_FRAMES} frames: {right} of {count}\n")


def _is_of(dive: LocatedDive, flight_s: tuple[float, float]) -> bool:
    """Whether a dive that was found shares time with a flight."""
    return dive.takeoff_s < flight_s[1] and dive.entry_s > flight_s[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the videos are kept")
    parser.add_argument("--recordings", type=int, default=1, help="how many, of one camera each")
    parser.add_argument("--seconds", type=float, default=120.0, help="length of a recording")
    parser.add_argument("--slow", type=int, default=1, help="dives, each slowed twice")
    parser.add_argument("--first", type=int, default=0, help="which of both come first")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    if asked.slow:
        measure(slow_dives(asked.folder, asked.first, asked.slow), "slow motion")
    long = recordings(asked.folder, asked.first, asked.recordings, asked.seconds)
    measure(long, "recordings of three dives")


if __name__ == "__main__":
    main()
