"""Whose dives vote: those that come with the weights, a coach's own, or all of them."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from fpcli.analysis.exemplar_file import own_exemplars_folder
from fpcli.analysis.file_stamp import stamp_of
from fpcli.analysis.own_exemplars import (
    OwnExemplar,
    OwnExemplarStore,
    digest,
    video_hash,
)
from fpcli.analysis.request import ExemplarSource
from fpcli.errors import UsageError
from fpcli.model.features import DiveFeatures
from fpcli.weights.bundle import ExemplarBank

OWN_PREFIX = "mine/"  # before the key of an own exemplar, wherever it votes
ADD_AGAIN = (
    "Encode them again: fineparser exemplars list --csv > mine.csv, then fineparser exemplars "
    "import mine.csv --overwrite"
)


class References:
    """The banks that one set of weights can be asked to compare with.

    bundled: with its features on the network's device. store: of the own exemplars; the usual one
    if left out. The own ones are read once.
    """

    def __init__(
        self, bundled: ExemplarBank, weights_sha256: str, store: OwnExemplarStore | None = None
    ) -> None:
        self._bundled = bundled
        self._weights_sha256 = weights_sha256
        self._store = store
        self._asked: tuple[ExemplarSource, tuple[OwnExemplar, ...]] | None = None
        self._answer = bundled

    def bank(self, source: ExemplarSource, video: Path) -> ExemplarBank:
        """Return the dives that may vote on a video; the video itself never does.

        Raises UsageError where no own exemplar may vote, DataError for a damaged file of them.
        """
        if source is ExemplarSource.BUNDLED:
            return self._bundled
        own = self._usable
        if not own:
            raise self._none_usable()
        own = _without(video, own)
        if source is ExemplarSource.MINE and not own:
            raise UsageError(
                "The only exemplar of your own is this video itself.",
                "Add others, or let those of the weights vote too: --exemplars both",
            )
        if not own:
            return self._bundled
        if self._asked != (source, own):  # a dive asks twice, and most videos of a batch the same
            bank = own_bank(own, self._bundled.features.dynamic.device)
            self._answer = bank if source is ExemplarSource.MINE else join(self._bundled, bank)
            self._asked = (source, own)
        return self._answer

    def own_sha256(self, source: ExemplarSource) -> str | None:
        """Return the hash of the own exemplars that could vote; None where none could."""
        if source is ExemplarSource.BUNDLED or not self._usable:
            return None
        return digest(self._usable)

    def of_other_weights(self, source: ExemplarSource) -> tuple[str, ...]:
        """Return the keys of own exemplars that cannot vote: other weights encoded them."""
        if source is ExemplarSource.BUNDLED:
            return ()
        usable = {own.key for own in self._usable}
        return tuple(own.key for own in self._all if own.key not in usable)

    @cached_property
    def _all(self) -> tuple[OwnExemplar, ...]:
        store = self._store or OwnExemplarStore(own_exemplars_folder())
        return store.read()

    @cached_property
    def _usable(self) -> tuple[OwnExemplar, ...]:
        shapes = [tensor.shape[1:] for tensor in _tensors(self._bundled.features)]
        return tuple(
            own
            for own in self._all
            if own.weights_sha256 == self._weights_sha256
            and [tensor.shape[1:] for tensor in _tensors(own.features)] == shapes
        )

    def _none_usable(self) -> UsageError:
        if not self._all:
            return UsageError(
                "You have no exemplars of your own.",
                "Add one: fineparser exemplars add VIDEO --dive 107B --score 62",
            )
        return UsageError(
            f"None of your {len(self._all)} exemplars was encoded with these weights; features of "
            "other weights cannot be compared.",
            ADD_AGAIN,
        )


def own_bank(own: Sequence[OwnExemplar], device: torch.device) -> ExemplarBank:
    """Return own exemplars as a bank on a device."""
    return ExemplarBank(
        keys=tuple(OWN_PREFIX + exemplar.key for exemplar in own),
        dive_numbers=tuple(exemplar.dive_number for exemplar in own),
        heights_m=np.array([exemplar.height_m for exemplar in own], np.float32),
        difficulties=np.array([exemplar.difficulty for exemplar in own], np.float32),
        marks=np.array([exemplar.mark for exemplar in own], np.float32),
        features=DiveFeatures.concatenate([exemplar.features for exemplar in own]).to(device),
    )


def join(first: ExemplarBank, second: ExemplarBank) -> ExemplarBank:
    """Return one bank of both banks' dives, whose keys must differ."""
    return ExemplarBank(
        keys=first.keys + second.keys,
        dive_numbers=first.dive_numbers + second.dive_numbers,
        heights_m=np.concatenate([first.heights_m, second.heights_m]),
        difficulties=np.concatenate([first.difficulties, second.difficulties]),
        marks=np.concatenate([first.marks, second.marks]),
        features=DiveFeatures.concatenate([first.features, second.features]),
    )


def _tensors(features: DiveFeatures) -> tuple[torch.Tensor, ...]:
    return (features.dynamic, features.static, features.transitions)


def _without(video: Path, own: Sequence[OwnExemplar]) -> tuple[OwnExemplar, ...]:
    """Leave out the video itself, under whatever name it was added."""
    size_bytes = stamp_of(video).size_bytes
    if all(exemplar.size_bytes != size_bytes for exemplar in own):
        return tuple(own)
    sha256 = video_hash(video)
    return tuple(exemplar for exemplar in own if exemplar.video_sha256 != sha256)
