"""The device that was asked for, or a refusal; never another one."""

import pytest
import torch

from fpcli.errors import DeviceError, ExitCode
from fpcli.model.device import available_devices, describe_device, resolve_device


@pytest.fixture
def cards(monkeypatch):
    """Pretend that so many graphics cards are there."""

    def pretend(count):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)

    return pretend


@pytest.mark.parametrize(
    ("count", "asked", "given"),
    [
        (0, "auto", "cpu"),
        (0, "cpu", "cpu"),
        (0, " CPU ", "cpu"),
        (2, "auto", "cuda:0"),
        (2, "cuda", "cuda:0"),
        (2, "cuda:1", "cuda:1"),
        (2, "cpu", "cpu"),
    ],
)
def test_what_is_there_is_given(cards, count, asked, given):
    cards(count)
    assert resolve_device(asked) == torch.device(given)


@pytest.mark.parametrize(
    ("count", "asked"),
    [(0, "cuda"), (0, "cuda:0"), (2, "cuda:2"), (2, "mps"), (0, "tpu"), (2, "cuda:-1"), (0, "")],
)
def test_what_is_not_there_is_refused_with_what_there_is(cards, count, asked):
    cards(count)
    with pytest.raises(DeviceError) as caught:
        resolve_device(asked)
    assert caught.value.exit_code is ExitCode.USAGE
    for name in ("auto", *available_devices()):
        assert name in caught.value.hint


def test_a_device_is_described_in_words():
    assert describe_device(torch.device("cpu")).startswith("cpu (")
