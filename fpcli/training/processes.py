"""The processes that train one network together: usually one, with torchrun one a GPU.

All draw the same batch; each encodes its part of it, and the features, which are small, are joined
for the comparisons. So a batch gives the same pairs however many share it.
"""

import datetime
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed, nn
from torch.autograd.function import Function

from fpcli.errors import UsageError

# While the first process makes or converts dives, or measures, the others wait.
PATIENCE = datetime.timedelta(hours=12)

Part = TypeVar("Part")


class Processes:
    """One process alone: everything is its own. `Several` overrides all of it."""

    size, rank = 1, 0

    @property
    def first(self) -> bool:
        """Whether this process measures and writes."""
        return self.rank == 0

    def own(self, batch: Sequence[Part]) -> Sequence[Part]:
        """This process's part of a batch."""
        return batch

    def wrapped(self, module: nn.Module) -> nn.Module:
        """A module whose gradients are the mean over the processes."""
        return module

    def synchronised(self, network: nn.Module) -> nn.Module:
        """A network whose batch norms see the whole batch, where the device can."""
        return network

    def together(self, part: Tensor) -> Tensor:
        """The whole batch of what each process has (B / size, …) of, with gradients."""
        return part

    def mean(self, values: Tensor) -> Tensor:
        """Means over the processes."""
        return values

    def most(self, value: float) -> float:
        """The largest of the processes' values: clocks and signals differ, decisions must not."""
        return value

    def each(self, state: Tensor) -> list[Tensor]:
        """Every process's state, in the order of their ranks."""
        return [state]

    def after_first(self, work: Callable[[], Part]) -> Part:
        """Do the work in the first process, then in the others, which find it done."""
        return work()


class Several(Processes):
    """This process among those that torchrun started; to be used within `joined`."""

    def __init__(self) -> None:
        self.size, self.rank = distributed.get_world_size(), distributed.get_rank()

    def own(self, batch: Sequence[Part]) -> Sequence[Part]:
        """Every process gets as many. Raises UsageError where the batch cannot be shared so."""
        if len(batch) % self.size:
            raise UsageError(
                f"{self.size} processes cannot share batches of {len(batch)} dives evenly.",
                "Start as many processes as divide the batch, and use more dives than one holds.",
            )
        count = len(batch) // self.size
        return batch[self.rank * count : (self.rank + 1) * count]

    def wrapped(self, module: nn.Module) -> nn.Module:
        """DistributedDataParallel; every parameter must have a part in every step's losses."""
        for parameter in module.parameters():
            if parameter.requires_grad and 1 in parameter.shape:
                parameter.register_hook(partial(_laid_out_as, parameter.stride()))
        return nn.parallel.DistributedDataParallel(module)

    def synchronised(self, network: nn.Module) -> nn.Module:
        """Batch norms over all processes on CUDA; PyTorch has none for the CPU."""
        if next(network.parameters()).is_cuda:
            return nn.SyncBatchNorm.convert_sync_batchnorm(network)
        return network

    def together(self, part: Tensor) -> Tensor:
        """Join the parts; each gets the gradients that all processes have for it."""
        whole: Tensor = _Together.apply(part, self.size, self.rank)
        return whole

    def mean(self, values: Tensor) -> Tensor:
        """Means over the processes."""
        values = values.clone()
        distributed.all_reduce(values)
        return values / self.size

    def most(self, value: float) -> float:
        """The largest of the processes' values."""
        on = "cuda" if distributed.get_backend() == "nccl" else "cpu"
        largest = torch.tensor(value, dtype=torch.float64, device=on)
        distributed.all_reduce(largest, distributed.ReduceOp.MAX)
        return float(largest)

    def each(self, state: Tensor) -> list[Tensor]:
        """Every process's state, in the order of their ranks."""
        states: list[Any] = [None] * self.size
        distributed.all_gather_object(states, state)
        return states

    def after_first(self, work: Callable[[], Part]) -> Part:
        """Do the work in the first process, then in the others, whatever comes of it."""
        if not self.first:
            distributed.barrier()
            return work()
        try:
            return work()
        finally:
            distributed.barrier()


def _laid_out_as(strides: tuple[int, ...], gradient: Tensor) -> Tensor:
    """A gradient with its kernel's strides, where they differ along sides of one element alone.

    Such strides mean nothing, but channels-last kernels of 1×1×1 have others than their gradients,
    and DistributedDataParallel warns of that and takes a slower way.
    """
    pairs = zip(gradient.shape, gradient.stride(), strides, strict=True)
    if all(ours == theirs for size, ours, theirs in pairs if size > 1):
        return gradient.as_strided(gradient.shape, strides)
    return gradient


class _Together(Function):
    """Concatenation over processes whose backward pass sums what all want of each part."""

    @staticmethod
    def forward(ctx: Any, part: Tensor, size: int, rank: int) -> Tensor:
        ctx.rank, ctx.count = rank, len(part)
        parts = [torch.empty_like(part) for _ in range(size)]
        distributed.all_gather(parts, part.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        whole = gradients[0].clone()
        distributed.all_reduce(whole)
        return whole[ctx.rank * ctx.count : (ctx.rank + 1) * ctx.count], None, None


def started_by_torchrun() -> bool:
    """Whether this process is one of several."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def local_device(device: torch.device) -> torch.device:
    """This process's own device: torchrun counts the processes of a machine as CUDA its GPUs."""
    if device.type != "cuda" or not started_by_torchrun():
        return device
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


@contextmanager
def joined(device: torch.device) -> Iterator[Processes]:
    """The processes of this run, joined while the block runs."""
    if not started_by_torchrun():
        yield Processes()
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    backend = "nccl" if device.type == "cuda" else "gloo"
    distributed.init_process_group(backend, timeout=PATIENCE)
    try:
        yield Several()
    finally:
        distributed.destroy_process_group()
