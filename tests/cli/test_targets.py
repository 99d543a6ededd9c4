"""Where results may be written is known before any work is done for them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fpcli.cli.drawing import Drawing
from fpcli.cli.targets import require_folder, require_free
from fpcli.errors import ExitCode, OutputError

Refuse = Callable[[Path], None]


def free(target: Path) -> None:
    require_free(target, [], overwrite=True)


def overlay(target: Path) -> None:
    Drawing(target, None, None, None, overwrite=True).check(Path("dive.mp4"))


def stills(target: Path) -> None:
    Drawing(None, None, None, target, overwrite=True).check(Path("dive.mp4"))


@pytest.mark.parametrize(
    ("refuse", "target"),
    [
        (free, "new.mp4"),
        (free, "old.mp4"),
        (require_folder, "."),
        (require_folder, "a/b"),
        (overlay, "new.mp4"),
        (stills, "a"),
    ],
    ids=["a file", "a file to be replaced", "a folder", "a folder to be made", "overlay", "stills"],
)
def test_a_folder_that_may_not_be_written_to_is_refused(
    tmp_path: Path, refuse: Refuse, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests may run as a user who may write anywhere, so the system's answer is made up."""
    (tmp_path / "old.mp4").touch()
    refuse(tmp_path / target)
    access = os.access

    def read_only(place: Path, mode: int) -> bool:
        return access(place, mode) and not (place == tmp_path and mode & os.W_OK)

    monkeypatch.setattr(os, "access", read_only)
    with pytest.raises(OutputError, match="may not be written to") as refused:
        refuse(tmp_path / target)
    assert str(tmp_path) in refused.value.message
    assert refused.value.exit_code == ExitCode.USAGE
