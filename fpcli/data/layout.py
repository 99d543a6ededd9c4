"""Where the parts of FineDiving and FineDiving-HM lie.

FINADiving_MTL_256s/<event>/<clip>/<number>.jpg   frames
FineDiving_HM/<event>/<clip>/<number>.jpg         masks, the same names
Annotations/*.pkl                                 five pickles (or beside the folders)
Truth/<event>/<clip>.json                         of simulated dives only
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from fpcli.errors import DataError

FRAMES_FOLDER = "FINADiving_MTL_256s"
MASKS_FOLDER = "FineDiving_HM"
ANNOTATIONS_FOLDER = "Annotations"
TRUTH_FOLDER = "Truth"
FINE_AQA = "fine-grained_annotation_aqa.pkl"
FINE = "FineDiving_fine-grained_annotation.pkl"
COARSE = "FineDiving_coarse_annotation.pkl"
TRAIN, TEST = "train_split.pkl", "test_split.pkl"

# By which a copy of MTL-AQA is known: folders without case and signs, and annotations.
MTL_AQA_FOLDERS = frozenset({"mtlaqadatasetrelease", "mtlaqasplit0data", "ready2use"})
MTL_AQA_ANNOTATIONS = "final_annotations_dict*.pkl"

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
_LAST_NUMBER = re.compile(r"(\d+)\D*$")

Key = tuple[str, int]  # event, clip: how every annotation names a dive


@dataclass(frozen=True)
class Layout:
    """The folders of a data set on disk, there or not."""

    root: Path
    frames: Path
    masks: Path
    annotations: Path
    truth: Path

    def frames_of(self, key: Key) -> Path:
        """Where the frames of a dive lie."""
        return self.frames / key[0] / str(key[1])

    def masks_of(self, key: Key) -> Path:
        """Where the masks of a dive lie."""
        return self.masks / key[0] / str(key[1])

    def truth_of(self, key: Key) -> Path:
        """Where all that is known of a simulated dive lies."""
        return self.truth / key[0] / f"{key[1]}.json"


def locate(root: Path) -> Layout:
    """Find the parts under a folder; letter case, hyphens and underscores of names do not matter.

    Raises DataError where the folder is none, or that of MTL-AQA.
    """
    try:
        children = {_bare(path.name): path for path in sorted(root.iterdir()) if path.is_dir()}
        is_mtl_aqa = not MTL_AQA_FOLDERS.isdisjoint(children) or any(root.glob(MTL_AQA_ANNOTATIONS))
    except OSError as error:
        raise DataError(
            f"{root} is no folder that can be read ({error.strerror}).",
            f"Give the folder that holds {FRAMES_FOLDER} and {MASKS_FOLDER}.",
        ) from error

    if is_mtl_aqa and _bare(FRAMES_FOLDER) not in children:
        raise DataError(
            f"{root} holds MTL-AQA, which has neither the steps of its dives nor masks of the "
            "divers, and nothing can be learned from it without.",
            "FineDiving has taken over 1369 of its dives, those with seven judges' marks: use "
            "FineDiving with FineDiving-HM.",
        )

    def child(name: str) -> Path:
        return children.get(_bare(name), root / name)

    annotations = child(ANNOTATIONS_FOLDER)
    return Layout(
        root=root,
        frames=child(FRAMES_FOLDER),
        masks=child(MASKS_FOLDER),
        annotations=annotations if annotations.is_dir() else root,
        truth=child(TRUTH_FOLDER),
    )


def is_data_set(folder: Path) -> bool:
    """Whether a folder looks like FineDiving, whole or not. Raises DataError as `locate`."""
    layout = locate(folder) if folder.is_dir() else None
    return layout is not None and (
        layout.frames.is_dir() or (layout.annotations / FINE_AQA).is_file()
    )


def is_there(path: Path) -> bool:
    """Whether a file is there; one that may not be looked at counts, as reading it tells why."""
    try:
        return path.is_file()
    except OSError:
        return True


def numbered_pictures(folder: Path) -> dict[int, str]:
    """Names of a folder's pictures by the last number in them, rising; empty where it is none.

    Raises OSError for a folder that may not be read.
    """
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if not entry.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return {}
    found = {}
    for name in sorted(names):
        stem, suffix = os.path.splitext(name)  # noqa: PTH122 - six hundred thousand names
        number = _LAST_NUMBER.search(stem)
        if number and suffix.lower() in PICTURE_SUFFIXES:
            found[int(number[1])] = name
    return dict(sorted(found.items()))


def _bare(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")
