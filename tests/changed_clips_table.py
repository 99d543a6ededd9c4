"""How finding holds on changed real clips: `python tests/changed_clips_table.py [FOLDER]`.

The clips of ../shared/clips are drawn again as other people's footage might look (`changed_clips`).
Prints a row a change, and below it what was missed. FOLDER keeps the changed clips; without it they
are thrown away.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from changed_clips import CHANGES, Change, Known, draw
from locate_table import CLIPS, REAL_FRAMES, REAL_IOU, STANDARD_RATE_HZ, overlap, real_clips

from fpcli.analysis.finding import DiverFinder, bundled_diver_finder
from fpcli.analysis.locate import LocatedDive, locate_dives
from fpcli.errors import FineParserError

AROUND_S = 0.5  # of a labelled dive, in which the one found must lie


def known_clips() -> Iterator[Known]:
    for clip in real_clips():
        rate = clip.frame_rate_hz
        boxes = tuple((frame / rate, *corners) for frame, *corners in clip.boxes)
        yield Known(clip.path, (clip.takeoff_frame / rate, clip.entry_frame / rate), boxes)
    for path in sorted((CLIPS / "not_dives").iterdir()):
        yield Known(path)


@dataclass
class Row:
    """What became of all clips under one change."""

    dives: int = 0
    found: int = 0
    timed: int = 0
    others: int = 0
    overlaps: list[float] = field(default_factory=list)
    empty: int = 0
    refused: int = 0
    misses: list[str] = field(default_factory=list)

    def take(self, truths: Sequence[Known], dives: Iterable[LocatedDive]) -> None:
        """Compare what was found in a clip with what is known of it."""
        left, name = list(dives), truths[0].path.stem
        if truths[0].moments_s is None:
            self.empty += 1
            self.refused += not left
            self.misses += [f"{name}: {len(left)} found"] if left else []
            return
        for truth in truths:
            self.dives += 1
            dive = next((dive for dive in left if _same(dive, truth)), None)
            if dive is None:
                self.overlaps += [0.0] * len(truth.boxes)
                self.misses.append(f"{name}: not found")
                continue
            left.remove(dive)
            self.found += 1
            here = [overlap(dive, time_s, tuple(box)) for time_s, *box in truth.boxes]
            self.overlaps += here
            found_s = np.array([dive.takeoff_s, dive.entry_s])
            errors = (found_s - np.array(truth.moments_s)) * STANDARD_RATE_HZ
            is_timed = bool((np.abs(errors) <= REAL_FRAMES).all()) and not dive.is_slow
            self.timed += is_timed
            if not is_timed or min(here, default=1.0) < REAL_IOU:
                slow = f", {dive.slowness:.1f} times slower" if dive.is_slow else ""
                self.misses.append(
                    f"{name}: take-off {errors[0]:+.1f}, entry {errors[1]:+.1f}{slow}, "
                    f"IoU {' '.join(f'{each:.2f}' for each in here)}"
                )
        self.others += len(left)
        self.misses += [f"{name}: one more at {dive.takeoff_s:.1f} s" for dive in left]

    def text(self, name: str) -> str:
        inside = sum(each >= REAL_IOU for each in self.overlaps)
        return (
            f"{name:24s} {self.found:3d}/{self.dives:<3d} {self.timed:3d}/{self.dives:<3d} "
            f"{inside:4d}/{len(self.overlaps):<4d} {self.refused:3d}/{self.empty:<3d} "
            f"{self.others:4d}"
        )


def _same(dive: LocatedDive, truth: Known) -> bool:
    """Whether a dive that was found lies where one is known to be."""
    takeoff, entry = truth.moments_s or (0.0, 0.0)
    return dive.entry_s > takeoff - AROUND_S and dive.takeoff_s < entry + AROUND_S


def measured(clips: Sequence[Known], change: Change, folder: Path, finder: DiverFinder) -> Row:
    row = Row()
    for clip in clips:
        target = folder / f"{clip.path.stem}-{change.name.replace(' ', '_').replace(':', '')}.mp4"
        truths = draw(clip, change, target)
        try:
            row.take(truths, locate_dives(target, finder=finder).dives)
        except FineParserError as error:
            row.misses.append(f"{target.stem}: {error.message}")
            row.take(truths, ())
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="where changed clips are kept")
    names = [change.name for change in CHANGES]
    parser.add_argument("--only", nargs="+", choices=names, metavar="CHANGE", help=", ".join(names))
    asked = parser.parse_args()
    if asked.folder is not None:
        asked.folder.mkdir(parents=True, exist_ok=True)
    clips, finder = list(known_clips()), bundled_diver_finder()
    print(
        f"{'change':24s} {'found':>7s} {'timed':>7s} {'boxes':>9s} {'refused':>7s} {'others':>6s}"
    )
    for change in CHANGES:
        if asked.only and change.name not in asked.only:
            continue
        with TemporaryDirectory() if asked.folder is None else nullcontext(asked.folder) as folder:
            row = measured(clips, change, Path(folder), finder)
        print(row.text(change.name), flush=True)
        for miss in row.misses:
            print(f"    {miss}", flush=True)
    print(
        f"timed: both moments within {REAL_FRAMES} frames at {STANDARD_RATE_HZ:.0f} a second; "
        f"boxes: IoU >= {REAL_IOU}; refused: of clips without a dive; others: dives that are none"
    )


if __name__ == "__main__":
    main()
