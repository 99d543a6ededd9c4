"""The table of errors of finding and following: `python tests/locate_table.py [FOLDER]`.

Over the real clips of ../shared/clips and over simulated dives of every camera (drawn once, into
FOLDER, a few minutes of drawing each dozen). Prints a row a clip and what share of them is right.
"""

import argparse
import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fpcli.analysis.finding import bundled_diver_finder
from fpcli.analysis.locate import LocatedDive, locate_dives
from fpcli.video.follow import at_times

CLIPS = Path(__file__).parents[2] / "shared" / "clips"
REAL_FRAMES, SIMULATED_FRAMES = 5, 3  # of error that count as right, at 30 a second
REAL_IOU, SIMULATED_IOU = 0.3, 0.5
STANDARD_RATE_HZ = 30.0
SIZES = {
    "phone": (360, 640),
    "handheld": (360, 640),
    "far": (720, 1280),  # divers of 20 pixels and more
    "stand": (288, 512),
    "broadcast": (256, 455),
}


@dataclass(frozen=True)
class Labelled:
    """A clip whose dive is known; boxes are (frame, x0, y0, x1, y1).

    number, mark: of a real dive, empty where nobody knows. stature_px: of the diver standing, the
    flight's median; not known of real ones.
    """

    path: Path
    frame_rate_hz: float
    takeoff_frame: int
    entry_frame: int
    boxes: tuple[tuple[float, ...], ...]
    number: str = ""
    mark: str = ""
    stature_px: float | None = None


def real_clips() -> Iterator[Labelled]:
    boxes: dict[str, list[tuple[float, ...]]] = {}
    with (CLIPS / "boxes.csv").open() as stream:
        for row in csv.DictReader(stream):
            corners = tuple(float(row[key]) for key in ("frame", "x0", "y0", "x1", "y1"))
            boxes.setdefault(row["clip"], []).append(corners)
    with (CLIPS / "labels.csv").open() as stream:
        for row in csv.DictReader(stream):
            yield Labelled(
                CLIPS / "dives" / row["clip"],
                float(row["fps"]),
                int(row["takeoff_frame"]),
                int(row["entry_frame"]),
                tuple(boxes[row["clip"]]),
                row["dive"],
                row["mark"],
            )


def simulated_clips(folder: Path, first: int, each: int) -> Iterator[Labelled]:
    for place in range(first, first + each):
        for number, camera in enumerate(SIZES):
            path = folder / f"{camera}-{place:02d}.mp4"
            known = path.with_suffix(".json")
            if not known.is_file():
                _draw(path, known, camera, drawn_seed(place, number))
            said = json.loads(known.read_text())
            if said["in_picture"]:
                boxes = tuple(tuple(box) for box in said["boxes"])
                moments = said["takeoff_frame"], said["entry_frame"]
                stature_px = said["stature_px"]
                yield Labelled(path, said["frame_rate_hz"], *moments, boxes, stature_px=stature_px)


def drawn_seed(place: int, camera: int) -> int:
    """The seed of a camera's dive, by their places."""
    return 90_000 + 10 * place + camera


def _draw(path: Path, known: Path, camera: str, seed: int) -> None:
    from fpcli.simulation.clip import simulate_clip
    from fpcli.video.write import VideoWriter

    clip = simulate_clip(seed, camera=camera, size=SIZES[camera], synchro=False)
    height, width = clip.frames.shape[1:3]
    with VideoWriter(path, width=width, height=height, overwrite=True) as writer:
        for picture, time_s in zip(clip.frames, clip.frame_times_s, strict=True):
            writer.write(picture, float(time_s))
    flight = slice(clip.takeoff_frame, clip.entry_frame + 1)
    room = np.array([width, height]) - clip.track.centres[flight]
    inside = np.minimum(clip.track.centres[flight], room).min() > 0
    boxes = [
        [frame, *box.tolist()]
        for frame, box in enumerate(clip.boxes)
        if flight.start <= frame < flight.stop and np.isfinite(box).all()
    ]
    facts = {
        "frame_rate_hz": clip.camera.frame_rate,
        "takeoff_frame": int(clip.takeoff_frame),
        "entry_frame": int(clip.entry_frame),
        "in_picture": bool(inside),
        "boxes": boxes,
        "stature_px": round(float(np.median(clip.track.stature_px[flight])), 1),
    }
    known.write_text(json.dumps(facts))


def overlap(dive: LocatedDive, time_s: float, box: tuple[float, ...]) -> float:
    """IoU of a box with one of the same shape around the track's middle.

    A track says where the middle is and how tall the diver stands, not how he is folded: what is
    measured is the following.
    """
    track = dive.track
    x, y = at_times(np.array([time_s]), track.times_s, track.centres)[0]
    width, height = box[2] - box[0], box[3] - box[1]
    across = min(box[2], x + width / 2) - max(box[0], x - width / 2)
    down = min(box[3], y + height / 2) - max(box[1], y - height / 2)
    shared = max(across, 0.0) * max(down, 0.0)
    return float(shared / (2 * width * height - shared))


def measure(clips: Iterator[Labelled], frames: int, least_iou: float) -> None:
    finder = bundled_diver_finder()
    right = count = found = more = 0
    overlaps: list[float] = []
    print(f"{'clip':38s} {'stature':>8s} {'take-off':>9s} {'entry':>7s} {'IoU':>5s}")
    for clip in clips:
        count += 1
        search = locate_dives(clip.path, finder=finder)
        tall = "" if clip.stature_px is None else f"{clip.stature_px:.0f} px"
        if not search.dives:
            print(f"{clip.path.name:38s} {tall:>8s} no dive found")
            overlaps += [0.0] * len(clip.boxes)
            continue
        found += 1
        more += len(search.dives) - 1
        dive = max(search.dives, key=lambda dive: dive.evidence)
        truth = np.array([clip.takeoff_frame, clip.entry_frame]) / clip.frame_rate_hz
        errors = (np.array([dive.takeoff_s, dive.entry_s]) - truth) * STANDARD_RATE_HZ
        here = [overlap(dive, frame / clip.frame_rate_hz, box) for frame, *box in clip.boxes]
        overlaps += here
        right += bool((np.abs(errors) <= frames).all())
        print(
            f"{clip.path.name:38s} {tall:>8s} {errors[0]:+9.1f} {errors[1]:+7.1f} "
            f"{np.mean(here):5.2f}",
            flush=True,
        )
    share = float(np.mean(np.array(overlaps) >= least_iou)) if overlaps else 0.0
    print("errors in frames at 30 a second")
    print(f"found: {found} of {count}, and {more} that are none")
    print(f"both moments within {frames} frames: {right} of {count}")
    print(f"boxes with IoU >= {least_iou}: {share:.0%} of {len(overlaps)}\n")


def refuse() -> None:
    finder = bundled_diver_finder()
    for path in sorted((CLIPS / "not_dives").iterdir()):
        dives = locate_dives(path, finder=finder).dives
        print(f"{path.name:38s} {'refused' if not dives else f'{len(dives)} found: WRONG'}")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="where simulated clips are kept")
    parser.add_argument("--each", type=int, default=4, help="simulated dives a camera")
    parser.add_argument("--first", type=int, default=0, help="which of them come first")
    asked = parser.parse_args()
    if CLIPS.is_dir():
        measure(real_clips(), REAL_FRAMES, REAL_IOU)
        refuse()
    if asked.folder is not None:
        asked.folder.mkdir(parents=True, exist_ok=True)
        measure(
            simulated_clips(asked.folder, asked.first, asked.each), SIMULATED_FRAMES, SIMULATED_IOU
        )


if __name__ == "__main__":
    main()
