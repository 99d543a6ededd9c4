"""Key frames of a dive as pictures: take-off, mid-flight, the entry's beginning, the entry."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from fpcli.analysis.result import DiveAnalysis
from fpcli.errors import OutputError, VideoError
from fpcli.report.overlay import Scene
from fpcli.whole_file import whole_file

STILLS = ("1-take-off", "2-mid-flight", "3-entry-begins", "4-entry")
ENTRY_SHARE = 0.15  # of the entry's time: the body is passing the surface


def still_frames(analysis: DiveAnalysis) -> tuple[int, ...]:
    """Return the frames of the stills: the take-off's last, the flight's middle, and so on."""
    takeoff, flight, entry = analysis.steps
    middle_s = (flight.start_s + flight.end_s) / 2
    entering_s = entry.start_s + ENTRY_SHARE * (entry.end_s - entry.start_s)
    return (
        max(takeoff.first_frame, takeoff.last_frame),
        _frame_at(analysis, middle_s),
        analysis.transitions[1].frame,
        _frame_at(analysis, entering_s),
    )


def _frame_at(analysis: DiveAnalysis, time_s: float) -> int:
    nearest = int(np.abs(analysis.sample_times_s - time_s).argmin())
    return int(analysis.sample_frames[nearest])


def still_paths(analysis_path: Path, folder: Path) -> tuple[Path, ...]:
    """Return where a video's stills lie; the names sort in the order of the dive."""
    return tuple(folder / f"{analysis_path.stem}-{name}.png" for name in STILLS)


def check_stills(video: Path, folder: Path, *, overwrite: bool = False) -> None:
    """Refuse a folder before any work is done for it.

    Raises OutputError where it is a file or the video itself, has no folder to lie in, or holds
    stills of that name that may not be replaced.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is no folder.", "Name a folder for the stills.")
    if folder.is_dir() and video.is_dir() and folder.samefile(video):
        raise OutputError(f"{folder} is the input.", "Choose another folder for the stills.")
    if not folder.parent.is_dir():
        raise OutputError(f"There is no folder {folder.parent}.", "Make it, or choose another one.")
    for path in still_paths(video, folder):
        if path.exists() and not overwrite:
            raise OutputError(f"{path} exists.", "Choose another folder, or add --overwrite.")


def write_stills(
    analysis: DiveAnalysis, scenes: Iterator[Scene], folder: Path, *, overwrite: bool = False
) -> tuple[Path, ...]:
    """Write the stills as PNG, all of them or none; returns where they lie.

    scenes: of the dive's video, as they are to be shown. Raises OutputError as `check_stills`,
    VideoError where the video is another one now, OSError where the disk refuses.
    """
    check_stills(analysis.source.path, folder, overwrite=overwrite)
    frames = still_frames(analysis)
    pictures: dict[int, bytes] = {}
    for scene in scenes:
        if scene.frame in frames:
            shown = cv2.cvtColor(scene.draw(), cv2.COLOR_RGB2BGR)
            pictures[scene.frame] = cv2.imencode(".png", shown)[1].tobytes()
        if len(pictures) == len(set(frames)):
            break
    if len(pictures) < len(set(frames)):
        raise VideoError(
            f"{analysis.source.path.name} is not the video that was analysed any more.",
            "Analyse it again.",
        )
    paths = still_paths(analysis.source.path, folder)
    is_new = not folder.exists()
    folder.mkdir(exist_ok=True)
    written: list[Path] = []
    try:
        for path, frame in zip(paths, frames, strict=True):
            existed = path.exists()
            with whole_file(path) as part:
                part.write_bytes(pictures[frame])
            if not existed:
                written.append(path)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        if is_new:
            folder.rmdir()
        raise
    return paths
