"""The device a person asked for, or the reason why not."""

import torch

from fpcli.errors import DeviceError


def available_devices() -> list[str]:
    """Return the names that `resolve_device` accepts on this machine, the best first."""
    names = []
    if torch.cuda.is_available():
        names += [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        names.append("mps")
    return [*names, "cpu"]


def resolve_device(text: str) -> torch.device:
    """Return the device for `auto`, `cpu`, `cuda`, `cuda:N` or `mps`; auto takes the best there is.

    Raises DeviceError for any other name and for a device that is not there: it never falls back.
    """
    wanted = text.strip().lower()
    present = available_devices()
    if wanted == "auto":
        return torch.device(present[0])
    if wanted == "cuda":
        wanted = "cuda:0"
    if wanted in present:
        return torch.device(wanted)
    known = wanted in ("cpu", "mps") or wanted.removeprefix("cuda:").isdecimal()
    raise DeviceError(
        f"There is no device {text!r} here."
        if known
        else f"{text!r} is not the name of a device (auto, cpu, cuda, cuda:N, mps).",
        f"Available: {', '.join(['auto', *present])}.",
    )


def describe_device(device: torch.device) -> str:
    """Return the device in words: its name and, for a graphics card, what it is called."""
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    if device.type == "cpu":
        return f"cpu ({torch.get_num_threads()} threads)"
    return str(device)
