"""An interruption while weights are read ends the program, and blames no file."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fpcli.analysis.own_exemplars import OwnExemplarStore
from fpcli.weights import bundle, finder_file
from fpcli.weights.finder_file import bundled_finder, load_finder
from fpcli.weights.undisturbed import undisturbed


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """As in a terminal; a shell that starts the tests in the background ignores Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class InterruptedFile:
    """As torch reads a tensor: an interruption amid it becomes an error of the tensor."""

    def __init__(self, *_: Any, **__: Any) -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt:
            raise ValueError("could not determine the shape of an object") from None

    def __enter__(self) -> "InterruptedFile":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def metadata(self) -> dict[str, str]:
        return {}


def test_weights_are_not_called_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "safe_open", InterruptedFile)
    with pytest.raises(KeyboardInterrupt):
        bundle.load_bundle(bundled_finder())


def test_a_finder_is_not_called_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finder_file.safetensors, "safe_open", InterruptedFile)
    with pytest.raises(KeyboardInterrupt):
        load_finder(bundled_finder())


def test_own_exemplars_are_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fpcli.analysis.own_exemplars.safe_open", InterruptedFile)
    store = OwnExemplarStore(tmp_path)
    store.file.write_bytes(b"anything")
    with pytest.raises(KeyboardInterrupt):
        store.read()


def test_the_interruption_comes_after_the_block_and_once() -> None:
    done = []

    def read() -> None:
        with undisturbed():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            done.append("all")

    with pytest.raises(KeyboardInterrupt):
        read()
    assert done == ["all"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_other_threads_read_all_the_same() -> None:
    done = []

    def read() -> None:
        with undisturbed():
            done.append("all")

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert done == ["all"]
