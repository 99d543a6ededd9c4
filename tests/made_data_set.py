"""A small data set in FineDiving's layout, made by hand and broken by the tests."""

import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fpcli.data.layout import (
    ANNOTATIONS_FOLDER,
    COARSE,
    FINE,
    FINE_AQA,
    FRAMES_FOLDER,
    MASKS_FOLDER,
    TEST,
    TRAIN,
)

FRAMES = 100
WIDTH, HEIGHT = 64, 36
TRAIN_EVENTS = ("01", "FINAWorldCup_Men3m_final", "FINAWorldCup_Women10m_final")
TEST_EVENTS = ("01",)
LABELS = np.repeat([4, 25, 36], [30, 40, 30])  # a 407C


def jpeg(picture: np.ndarray) -> bytes:
    return bytes(cv2.imencode(".jpg", picture)[1])


@dataclass
class MadeDataSet:
    """Clips by key and the annotations that `write` stores; tests change either."""

    root: Path
    short: dict[Any, Any] = field(default_factory=dict)
    full: dict[Any, Any] = field(default_factory=dict)
    coarse: dict[Any, Any] = field(default_factory=dict)
    train: list[Any] = field(default_factory=list)
    test: list[Any] = field(default_factory=list)

    def add(self, key: tuple[str, int], *, frames: int = FRAMES, first: int = 1) -> None:
        """Annotate a clip and write its pictures: a light square that falls over a dark pool."""
        self.relabel(key, LABELS)
        self.coarse[key] = {"action_type": "407C", "judge_scores": [8.0, 7.5, 8.0]}
        number = f"{key[1]}"
        for under in (FRAMES_FOLDER, MASKS_FOLDER):
            (self.root / under / key[0] / number).mkdir(parents=True)
        dark = np.full((HEIGHT, WIDTH, 3), (90, 60, 20), np.uint8)
        for frame in range(frames):
            top = 2 + round(20 * frame / frames)
            name = f"{first + frame:05d}.jpg"
            picture, mask = dark.copy(), np.zeros((HEIGHT, WIDTH), np.uint8)
            picture[top : top + 12, 20:28] = (60, 120, 250)
            mask[top : top + 12, 20:28] = 255
            (self.root / FRAMES_FOLDER / key[0] / number / name).write_bytes(jpeg(picture))
            (self.root / MASKS_FOLDER / key[0] / number / name).write_bytes(jpeg(mask))

    def relabel(self, key: tuple[str, int], labels: np.ndarray, listed: Any = None) -> None:
        """Annotate a clip with these labels; listed: its transitions, the label changes if None."""
        changes = np.flatnonzero(np.diff(labels)) + 1
        transitions = changes if listed is None else np.array(listed)
        self.short[key] = ["407c", 76.8, 3.2, transitions, labels]
        self.full[key] = {
            "action_type": "407C",
            "dive_score": 76.8,
            "difficulty": 3.2,
            "steps_transit_frames": transitions,
            "frames_labels": labels,
            "sub-action_types": {int(label): "named" for label in labels},
        }

    def write(self) -> Path:
        """Store the annotations and return the root."""
        folder = self.root / ANNOTATIONS_FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (
            (FINE_AQA, self.short),
            (FINE, self.full),
            (COARSE, self.coarse),
            (TRAIN, self.train),
            (TEST, self.test),
        ):
            (folder / name).write_bytes(pickle.dumps(content))
        return self.root

    def files(self, under: str, key: tuple[str, int]) -> list[Path]:
        """The pictures of a clip, in order."""
        return sorted((self.root / under / key[0] / str(key[1])).iterdir())
