"""A published checkpoint, its names mapped onto ours.

The layout (paper, "A published checkpoint"): a dict of parts, each a state dict, every key possibly
with a `module.` prefix. Files are loaded with `weights_only=True`: no code of theirs runs.
"""

import pickle
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fpcli.errors import WeightsError
from fpcli.model.build import outline
from fpcli.model.config import CONFIGS, ModelConfig

# Training's bookkeeping beside the parts: real checkpoints hold it, nothing of it is needed.
BOOKKEEPING = frozenset({"optimizer", "epoch", "epoch_best_aqa", "rho_best", "L2_min", "RL2_min"})
# Tensors that the published network carries and never reads: a classifier, a third regressor.
UNUSED = re.compile(r"video_encoder\.backbone\.fc\.(weight|bias)|regressor_delta3\..+")
COUNTER = ".num_batches_tracked"  # how often a batch norm was trained; may be absent
MOST_UNPACKED = 2  # times the file's size; what torch saves is not packed
HINT = "Give a checkpoint of the published FineParser training code."

REDUCER_NAMES = ("dim_reducer3", "dim_reducer1", "dim_reducer2")  # of steps 1, 2, 3
TAP_BLOCKS = ("inc1.conv.conv", *(f"down{n}.mpconv.1.conv" for n in (4, 5, 6, 7)))

# Ours to theirs, applied one after the other to a whole name; a later rule sees the earlier's work.
RULES: tuple[tuple[str, str], ...] = (
    (r"^spatial_trunk\.", "segmenter."),
    (r"^dynamic_trunk\.", "base_model.backbone."),
    (r"\.conv\.weight$", ".conv3d.weight"),
    (r"\.norm\.(\w+)$", r".batch3d.\1"),
    (r"\.conv_1a\.", ".conv3d_1a_7x7."),
    (r"\.conv_2b\.", ".conv3d_2b_1x1."),
    (r"\.conv_2c\.", ".conv3d_2c_3x3."),
    (r"(\.mixed_\d\w)\.point\.", r"\1.branch_0."),
    (r"(\.mixed_\d\w)\.wide_reduce\.", r"\1.branch_1.0."),
    (r"(\.mixed_\d\w)\.wide\.", r"\1.branch_1.1."),
    (r"(\.mixed_\d\w)\.narrow_reduce\.", r"\1.branch_2.0."),
    (r"(\.mixed_\d\w)\.narrow\.", r"\1.branch_2.1."),
    (r"(\.mixed_\d\w)\.pooled\.", r"\1.branch_3.1."),
    (r"^mask_head\.fuse\.", "segmenter.fuse."),
    *((rf"^mask_head\.stages\.{k}\.", f"segmenter.stage{k + 1}.") for k in range(4)),
    (r"\.stage(\d)\.prepare\.", r".side_prep\1."),
    (r"\.stage(\d)\.score\.", r".score_dsn\1."),
    (r"\.stage(\d)\.enlarge\.", r".upsample\1."),
    (r"\.stage(\d)\.enlarge_score\.", r".upsample\1_."),
    *(
        (rf"^temporal_parser\.stack\.blocks\.{k}\.", f"psnet_model.{block}.")
        for k, block in enumerate(TAP_BLOCKS)
    ),
    *((rf"^temporal_parser\.head\.{2 * k}\.", f"psnet_model.tas.layer{k + 1}.") for k in range(3)),
    (r"^static_encoder\.backbone\.", "video_encoder.backbone."),
    *(
        (rf"^static_encoder\.tokens\.stacks\.{k}\.blocks\.", f"video_encoder.step{k + 1}.")
        for k in range(3)
    ),
    (r"\.step(\d)\.0\.", r".inc\1.conv.conv."),
    (r"\.step(\d)\.([1-3])\.", r".down\1\2.mpconv.1.conv."),
    *((rf"^regression\.reducers\.{k}\.", f"{name}.") for k, name in enumerate(REDUCER_NAMES)),
    (r"\.widen\.", ".inc.conv.conv."),
    (r"^(dim_reducer\d)\.tokens\.", r"\1.down1.conv."),
    *((rf"^(dim_reducer\d)\.mlp\.{2 * k}\.", rf"\1.layer{k}.") for k in range(3)),
    (r"^regression\.static\.early\.", "decoder1."),
    (r"^regression\.dynamic\.early\.", "decoder2."),
    (r"^regression\.static\.late\.", "decoder3."),
    (r"^regression\.dynamic\.late\.", "decoder4."),
    (r"^(decoder\d)\.blocks\.", r"\1.model."),
    (r"\.norm_query\.", ".norm_q."),
    (r"\.norm_context\.", ".norm_v."),
    (r"\.norm_mlp\.", ".norm2."),
    (r"^(decoder.+)\.query\.", r"\1.attn.q_map."),
    (r"^(decoder.+)\.key\.", r"\1.attn.k_map."),
    (r"^(decoder.+)\.value\.", r"\1.attn.v_map."),
    (r"^(decoder.+)\.project\.", r"\1.attn.proj."),
    (r"^(decoder.+)\.mlp\.0\.", r"\1.mlp.fc1."),
    (r"^(decoder.+)\.mlp\.2\.", r"\1.mlp.fc2."),
    (r"^regression\.dynamic\.regressor\.", "regressor_delta1."),
    (r"^regression\.static\.regressor\.", "regressor_delta2."),
    *((rf"^(regressor_delta\d)\.{2 * k}\.", rf"\1.layer{k + 1}.") for k in range(3)),
)


def published_name(name: str) -> str:
    """Return what the published checkpoint calls one of our tensors, as `<part>.<key>`."""
    for pattern, replacement in RULES:
        name = re.sub(pattern, replacement, name)
    return name


def import_published(path: Path) -> tuple[ModelConfig, dict[str, Tensor]]:
    """Read a published checkpoint into our names.

    Returns the `paper` configuration and its float32 state dict, for `load_state_dict`. Raises
    WeightsError if the file cannot be read, or naming the first tensor that is missing, extra or of
    another shape.
    """
    found = named_tensors(load_plain(path), path)
    expected = outline(CONFIGS["paper"]).state_dict()
    names = {ours: published_name(ours) for ours in expected}
    for ours, theirs in names.items():
        if theirs not in found and ours.endswith(COUNTER):
            found[theirs] = torch.zeros((), dtype=torch.long)
        if theirs not in found:
            raise WeightsError(f"{path.name} lacks the tensor {theirs}.", HINT)
        shape, right = tuple(found[theirs].shape), tuple(expected[ours].shape)
        if shape != right:
            raise WeightsError(f"{path.name}: {theirs} has shape {shape}, not {right}.", HINT)
    for extra in found.keys() - names.values():
        if not UNUSED.fullmatch(extra):
            raise WeightsError(f"{path.name} has a tensor that does not belong: {extra}.", HINT)
    state = {}
    for ours, theirs in names.items():
        if not found[theirs].isfinite().all():
            raise WeightsError(f"{path.name}: {theirs} holds numbers that are not finite.", HINT)
        state[ours] = found[theirs].detach().to(expected[ours].dtype).contiguous()
    return CONFIGS["paper"], state


def load_plain(path: Path) -> Mapping[str, Any]:
    """Load a checkpoint of tensors and plain numbers; raises WeightsError for anything else."""
    # Best metrics were saved as numpy scalars: their constructor and types, under the old name too.
    scalar: Any = np.float64(0).__reduce__()[0]
    harmless: list[Callable[..., Any] | tuple[Callable[..., Any], str]] = [
        np.dtype,
        *(type(np.dtype(kind)) for kind in (np.float32, np.float64, np.int32, np.int64)),
        (scalar, "numpy.core.multiarray.scalar"),
        (scalar, "numpy._core.multiarray.scalar"),
    ]
    try:
        if _unpacks_to_more(path):
            raise WeightsError(
                f"{path.name} is packed tightly, and torch never packs what it saves.",
                "Unpack it with torch.load if you trust it, and save it again with torch.save.",
            )
        with torch.serialization.safe_globals(harmless):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}.") from error
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, LookupError) as error:
        raise WeightsError(
            f"{path.name} holds more than plain tensors and numbers, or is damaged.",
            "Save it again with torch.save of state dicts only, without other Python objects.",
        ) from error
    if not isinstance(content, dict):
        raise WeightsError(f"{path.name} holds no dict of parts.", HINT)
    return content


def _unpacks_to_more(path: Path) -> bool:
    """Whether a file would take much more memory than it has bytes. Raises OSError."""
    try:
        with zipfile.ZipFile(path) as packed:
            unpacked_bytes = sum(entry.file_size for entry in packed.infolist())
    except zipfile.BadZipFile:
        return False  # as torch saved of old, or damaged: reading tells
    return unpacked_bytes > MOST_UNPACKED * path.stat().st_size


def named_tensors(content: Mapping[str, Any], path: Path) -> dict[str, Tensor]:
    """Return every tensor of the parts as `<part>.<key>`, without `module.` prefixes."""
    tensors = {}
    for part, state in content.items():
        if part in BOOKKEEPING:
            continue
        if not isinstance(state, dict):
            raise WeightsError(f"{path.name} has an entry that is no part: {part}.", HINT)
        for key, value in state.items():
            name = f"{part}.{str(key).removeprefix('module.')}"
            if not isinstance(value, Tensor):
                raise WeightsError(f"{path.name}: {name} is not a tensor.", HINT)
            tensors[name] = value
    return tensors
