"""Dives to learn the late layers from: what fixed weights make of each, one small file a view.

The trunks cost nearly everything. Where they stay as they are, a dive need go through them but once
a view, and a CPU teaches the rest in minutes.
"""

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from fpcli.errors import DataError
from fpcli.model.build import outline
from fpcli.model.fineparser import FineParser
from fpcli.model.inference import InferenceNetwork, prepare
from fpcli.model.late_layers import Halfway
from fpcli.model.mask_refiner import certain_logits
from fpcli.model.silhouette import silhouettes
from fpcli.training.augment import Augmentation, Batch, prepare_batch
from fpcli.training.samples import Pool, known_durations, known_transitions, load_sample
from fpcli.training.supply import Supply
from fpcli.training.workers import each_done
from fpcli.video.transform import InputGeometry
from fpcli.weights.bundle import Bundle, load_bundle
from fpcli.weights.part_file import written_whole

HALFWAY_SUFFIX = ".halfway.safetensors"
VIEWS = 2  # of a dive: as it is, and changed as in training
MASK_FRAMES = 12  # of a view, kept to learn the refiner from
EARLY_LAYERS = ("spatial_trunk.", "dynamic_trunk.", "mask_head.", "static_encoder.backbone.")
PER_BYTE = 12  # steps of a logit; a byte reaches to 10


@dataclass(frozen=True, eq=False)
class HalfwayBatch(Batch):
    """What the late layers learn from: clips and masks hold a few of the frames, to refine.

    halfway: of all frames. coarse: (B, M, H, W) logits of the M masks, which are not refined yet.
    """

    halfway: Halfway
    coarse: Tensor


class HalfwaySupply(Supply):
    """Views of a pool's dives that were made before.

    folder: where `make_halfway` left them.
    """

    def __init__(self, pool: Pool, folder: Path, device: torch.device | str = "cpu") -> None:
        super().__init__(pool, device)
        self._folder = folder

    def prepared(
        self,
        places: Sequence[int],
        geometry: InputGeometry,
        change: Augmentation | None,
        rng: torch.Generator,
    ) -> HalfwayBatch:
        """One view of each dive, chosen by chance; the dive as it is where nothing is to change.

        The changes are those of the augmentation that the views were made with. Raises DataError
        when a view's file is damaged.
        """
        rows = []
        for place in places:
            view = 0 if change is None else int(torch.randint(VIEWS, (), generator=rng))
            rows.append(_load(_path(self._folder, self.labels[place].key, view)))
        found = {name: torch.stack([row[name] for row in rows]) for name in rows[0]}
        found = {name: value.to(self._device) for name, value in found.items()}
        mean, deviation = _colours(geometry, self._device)
        spatial = found["spatial"].float()
        return HalfwayBatch(
            clips=(found["pictures"].float() / 255 - mean) / deviation,
            masks=found["masks"].float() / 255,
            transitions=found["transitions"],
            durations_s=found["duration_s"],
            halfway=Halfway(
                found["dynamic"].float() if "dynamic" in found else spatial,
                spatial,
                found["frames"].float(),
                found["silhouettes"].float(),
            ),
            coarse=found["coarse"].float() / PER_BYTE,
        )


def make_halfway(
    folder: Path,
    pool: Pool,
    start: Path,
    seed: int,
    *,
    workers: int | None = None,
    on_view: Callable[[int], None] = lambda present: None,
) -> None:
    """Make the views that a folder lacks, with the trunks of the bundle `start`.

    Each is changed as its dive's name and the seed decide. workers: processes; None for one a core.
    on_view: told how many are there. Raises DataError for a damaged dive and OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [
        (path, _path(folder, label.key, view), start, seed, view)
        for view in range(VIEWS)
        for path, label in zip(pool.paths, pool.labels, strict=True)
    ]
    absent = [job for job in jobs if not job[1].exists()]
    present = len(jobs) - len(absent)
    processes = min(workers or os.cpu_count() or 1, len(absent))
    on_view(present)
    with closing(each_done(_make_view, absent, processes)) as made:
        for _ in made:
            present += 1
            on_view(present)


Job = tuple[Path, Path, Path, int, int]


def _make_view(job: Job) -> None:
    path, target, start, seed, view = job
    network, bundle = _early_layers(start)
    sample = load_sample(path)
    rng = torch.Generator().manual_seed(crc32(f"{seed} {target.name}".encode()))
    batch = prepare_batch(
        sample.frames[None],
        sample.masks[None],
        known_transitions([sample.label]),
        known_durations([sample.label]),
        bundle.geometry,
        Augmentation() if view else None,
        rng,
    )
    seen, masks = network.halfway(batch.clips, masked=True)
    assert masks is not None
    chosen = torch.randperm(masks.shape[1], generator=rng)[:MASK_FRAMES].sort().values
    mean, deviation = _colours(bundle.geometry, "cpu")
    shown = batch.clips[0][:, chosen] * deviation + mean
    logits = certain_logits(masks[0, chosen])
    found = {
        "spatial": seen.spatial[0].half(),
        "frames": seen.frames[0].half(),
        "silhouettes": silhouettes(masks)[0].half(),
        "transitions": batch.transitions[0],
        "duration_s": batch.durations_s[0],
        "pictures": (shown * 255).round().clamp(0, 255).to(torch.uint8),
        "coarse": (logits * PER_BYTE).round().to(torch.int8),
        "masks": (batch.masks[0, chosen] * 255).round().to(torch.uint8),
    }
    if seen.dynamic is not seen.spatial:
        found["dynamic"] = seen.dynamic[0].half()
    with written_whole(target) as stream:
        stream.write(
            safetensors.torch.save({name: value.contiguous() for name, value in found.items()})
        )


@functools.cache
def _early_layers(start: Path) -> tuple[InferenceNetwork, Bundle]:
    """The trunks of a bundle, once a process."""
    bundle = load_bundle(start)
    network = outline(bundle.config)
    network.load_state_dict(bundle.state, assign=True)
    return prepare(network), bundle


def freeze_early_layers(network: FineParser) -> None:
    """Let the trunks, the masks made of them and the ResNet stay as they are."""
    for name, value in network.named_parameters():
        if name.startswith(EARLY_LAYERS):
            value.requires_grad_(False)


def keep_early_layers(network: FineParser, fresh: Mapping[str, Tensor]) -> None:
    """Give all other layers their weights in `fresh`, as far as it has them."""
    late = {name: value for name, value in fresh.items() if not name.startswith(EARLY_LAYERS)}
    network.load_state_dict(late, strict=False)


def _colours(geometry: InputGeometry, device: torch.device | str) -> tuple[Tensor, Tensor]:
    """Mean and deviation of the network's pictures, to be laid over (B, 3, T, H, W)."""
    mean, deviation = (
        torch.tensor(values, device=device).view(3, 1, 1, 1)
        for values in (geometry.mean, geometry.std)
    )
    return mean, deviation


def _path(folder: Path, key: str, view: int) -> Path:
    return folder / f"{key}-{view}{HALFWAY_SUFFIX}"


def _load(path: Path) -> dict[str, Tensor]:
    try:
        return safetensors.torch.load_file(path)
    except (OSError, SafetensorError) as error:
        raise DataError(
            f"{path.name} is not a complete view of a dive ({error}).",
            "Delete it and train again with --resume.",
        ) from error
