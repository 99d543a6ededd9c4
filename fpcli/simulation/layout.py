"""Simulated dives on disk exactly as FineDiving and FineDiving-HM lay theirs out.

    FINADiving_MTL_256s/<event>/<clip>/<number>.jpg   frames
    FineDiving_HM/<event>/<clip>/<number>.jpg         masks, the same names
    Annotations/*.pkl                                 five pickles
    Truth/<event>/<clip>.json                         all that the simulation knows

A clip's folder appears complete or not at all; the annotations name complete clips only.
"""

import json
import pickle
import shutil
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from fpcli.errors import DISK_FULL, DiskFullError, OutputError
from fpcli.simulation.clip import SimulatedClip
from fpcli.simulation.dataset import PlannedDive, split
from fpcli.simulation.step_labels import frame_labels, step_names
from fpcli.whole_file import whole_file

FRAMES_FOLDER = "FINADiving_MTL_256s"
MASKS_FOLDER = "FineDiving_HM"
ANNOTATIONS_FOLDER = "Annotations"
TRUTH_FOLDER = "Truth"
FINE_AQA = "fine-grained_annotation_aqa.pkl"
FINE = "FineDiving_fine-grained_annotation.pkl"
COARSE = "FineDiving_coarse_annotation.pkl"
TRAIN, TEST = "train_split.pkl", "test_split.pkl"


def prepare_folder(folder: Path, overwrite: bool) -> None:
    """Make an empty folder to write into.

    Raises OutputError where something is there already and overwrite is false, or where the
    folder cannot be made; DiskFullError where there is no room for it.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            if not overwrite:
                raise OutputError(
                    f"{folder} exists and is not empty.",
                    "Choose another folder, or replace it with --overwrite.",
                )
            if not folder.is_dir():
                raise OutputError(f"{folder} is a file.", "Choose a folder to write into.")
            for name in (FRAMES_FOLDER, MASKS_FOLDER, ANNOTATIONS_FOLDER, TRUTH_FOLDER):
                shutil.rmtree(folder / name, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refusal(folder, error) from error


def _refusal(folder: Path, error: OSError) -> OutputError:
    """Build the error for a folder that the system does not let us write to."""
    if error.errno in DISK_FULL:
        return DiskFullError(
            f"The disk is full: {folder} takes no more dives.",
            "Free some space, or choose another folder.",
        )
    return OutputError(
        f"{folder} cannot be written: {error.strerror}.", "Choose a folder you may write to."
    )


class FineDivingWriter:
    """Writes dives one by one and the annotations at the end.

    root: an empty folder, see `prepare_folder`. encode: turns a picture (H, W, 1 or 3) uint8, grey
    or RGB, into the bytes of a JPEG file.
    """

    def __init__(self, root: Path, encode: Callable[[np.ndarray], bytes]) -> None:
        self.root, self.encode = root, encode
        self._fine_aqa: dict[tuple[str, int], list[Any]] = {}
        self._fine: dict[tuple[str, int], dict[str, Any]] = {}
        self._coarse: dict[tuple[str, int], dict[str, Any]] = {}
        self._planned: list[PlannedDive] = []

    def add(self, planned: PlannedDive, clip: SimulatedClip) -> None:
        """Write one dive's frames, masks and truth.

        Raises OutputError where that fails, DiskFullError where there is no room.
        """
        event, number = planned.key
        complete = False
        try:
            self._write_pictures(MASKS_FOLDER, planned.key, clip.masks[..., None])
            self._write_pictures(FRAMES_FOLDER, planned.key, clip.frames)
            write_truth(self.root / TRUTH_FOLDER / event / f"{number}.json", planned, clip)
            complete = True
        except OSError as error:
            raise _refusal(self.root, error) from error
        finally:
            if not complete:
                self._withdraw(event, number)
        self._annotate(planned, clip)

    def _withdraw(self, event: str, number: int) -> None:
        """Leave nothing of a dive that was not written whole, nor folders without one."""
        for kind in (FRAMES_FOLDER, MASKS_FOLDER, TRUTH_FOLDER):
            folder = self.root / kind
            shutil.rmtree(folder / event / str(number), ignore_errors=True)
            for emptied in (folder / event, folder):
                if emptied.is_dir() and not any(emptied.iterdir()):
                    emptied.rmdir()

    def _write_pictures(self, under: str, key: tuple[str, int], pictures: np.ndarray) -> None:
        """Write (T, H, W, 1 or 3) uint8 as 00001.jpg, 00002.jpg, … into a folder of their own."""
        folder = self.root / under / key[0] / str(key[1])
        part = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        try:
            for number, picture in enumerate(pictures, start=1):
                (part / f"{number:05d}.jpg").write_bytes(self.encode(picture))
            part.replace(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def _annotate(self, planned: PlannedDive, clip: SimulatedClip) -> None:
        truth, key = clip.truth, planned.key
        labels = frame_labels(planned.number, clip.transitions, len(clip.frames))
        self._planned.append(planned)
        self._fine_aqa[key] = [
            planned.number.lower(),
            float(truth.score),
            float(truth.difficulty),
            clip.transitions.copy(),
            labels,
        ]
        self._fine[key] = {
            "action_type": planned.number,
            "dive_score": float(truth.score),
            "difficulty": float(truth.difficulty),
            "steps_transit_frames": clip.transitions.copy(),
            "frames_labels": labels,
            "sub-action_types": step_names(planned.number),
        }
        self._coarse[key] = {
            "action_type": planned.number,
            "start_frame": 0,
            "end_frame": len(clip.frames) - 1,
            "dive_score": float(truth.score),
            "difficulty": float(truth.difficulty),
            "judge_scores": [float(mark) for mark in truth.marks],
        }

    def finish(self) -> None:
        """Write the five annotation files of the dives added so far; none where there are none.

        Raises OutputError where that fails, DiskFullError where there is no room.
        """
        if not self._planned:
            return
        train, test = split(self._planned)
        folder = self.root / ANNOTATIONS_FOLDER
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, content in (
                (FINE_AQA, self._fine_aqa),
                (FINE, self._fine),
                (COARSE, self._coarse),
                (TRAIN, train),
                (TEST, test),
            ):
                with whole_file(folder / name) as part:
                    part.write_bytes(pickle.dumps(content, protocol=4))
        except OSError as error:
            raise _refusal(self.root, error) from error


def write_truth(path: Path, planned: PlannedDive, clip: SimulatedClip) -> None:
    """Write all that is known of a dive as JSON; the file appears complete or not at all."""
    content = {
        "event": planned.event,
        "clip": planned.clip,
        "seed": planned.seed,
        "event_seed": planned.event_seed,
        "dive_number": planned.number,
        "height_m": planned.height_m,
        "synchro": planned.synchro,
        "simulated": True,
        "slow_motion": clip.camera.slow_motion,
        "frame_times_s": clip.frame_times_s,
        "transitions": clip.transitions,
        "takeoff_frame": clip.takeoff_frame,
        "entry_frame": clip.entry_frame,
        "boxes_px": [None if np.isnan(box).any() else box for box in clip.boxes],
        "camera": clip.camera,
        "truth": clip.truth.to_dict(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        part.write_text(json.dumps(content, default=_plain), encoding="utf-8")


def _plain(value: object) -> object:
    """Turn what JSON does not know into what it does."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Enum):
        return value.name.lower()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} has no place in a truth file")
