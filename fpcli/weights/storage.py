"""How tensors lie in a file: exact, in half the room, or in a quarter of it."""

from collections.abc import Mapping
from enum import StrEnum

import torch
from torch import Tensor

SCALE = ".scale"  # after the name of a tensor that is stored in bytes
HALF_ERROR = 2.0**-10  # of a tensor's largest magnitude: what rounding to float16 may change
LARGEST_BYTE = 127
SMALLEST_IN_BYTES = 4096  # numbers; what is smaller takes no room to speak of


class Storage(StrEnum):
    """What matrices and kernels are stored as; vectors (biases, norms) stay exact.

    FLOAT16 where that changes a tensor by at most 2⁻¹⁰ of its largest magnitude. INT8: whole steps
    of a 127th of the largest magnitude in each output channel, small tensors as FLOAT16.
    """

    FLOAT32 = "float32"
    FLOAT16 = "float16"
    INT8 = "int8"


def stored(name: str, tensor: Tensor, storage: Storage) -> dict[str, Tensor]:
    """Return a tensor as it goes into the file, under one name or, with its scale, under two."""
    tensor = tensor.detach().cpu().contiguous().clone()
    if storage == Storage.FLOAT32 or tensor.ndim < 2 or tensor.dtype != torch.float32:
        return {name: tensor}
    if storage == Storage.INT8 and tensor.numel() >= SMALLEST_IN_BYTES:
        scale = (tensor.abs().flatten(1).amax(dim=1) / LARGEST_BYTE).clamp(min=1e-30)
        steps = (tensor / _along(scale, tensor)).round().to(torch.int8)
        return {name: steps, name + SCALE: scale}
    shortened = tensor.half()
    change = (shortened.float() - tensor).abs().max()
    return {name: shortened if change <= HALF_ERROR * tensor.abs().max() else tensor}


def restored(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors read from a file as they are used: numbers as float32, scales multiplied in.

    Raises KeyError for a tensor in bytes without its scale, ValueError where the two do not fit.
    """
    result = {}
    for name, tensor in tensors.items():
        if tensor.dtype == torch.int8:
            scale = tensors[name + SCALE].to(torch.float32)
            if tensor.ndim < 2 or scale.shape != tensor.shape[:1]:
                raise ValueError(f"the scale of tensor {name!r} does not fit it")
            result[name] = tensor.to(torch.float32) * _along(scale, tensor)
        elif not _is_scale(name, tensors):
            target = torch.float32 if tensor.is_floating_point() else tensor.dtype
            result[name] = tensor.to(target, copy=True)
    return result


def _is_scale(name: str, tensors: Mapping[str, Tensor]) -> bool:
    """Whether a tensor is another one's scale."""
    scaled = tensors.get(name.removesuffix(SCALE)) if name.endswith(SCALE) else None
    return scaled is not None and scaled.dtype == torch.int8


def _along(scale: Tensor, tensor: Tensor) -> Tensor:
    """One scale an output channel, shaped to multiply the tensor."""
    return scale.view(-1, *[1] * (tensor.ndim - 1))
