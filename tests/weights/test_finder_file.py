"""The finder's file is read, or refused in a sentence that says what is true of it."""

from pathlib import Path

import pytest

from fpcli.errors import WeightsError
from fpcli.weights.finder_file import load_finder


def test_a_file_without_a_finder_is_refused(tmp_path):
    path = tmp_path / "finder.safetensors"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(WeightsError, match="holds no finder"):
        load_finder(path)


def test_a_file_that_may_not_be_read_is_not_called_empty(tmp_path, monkeypatch):
    """Refused by hand, as root may read whatever its mode forbids."""

    def refused(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(WeightsError, match=r"cannot be read: permission denied\."):
        load_finder(tmp_path / "finder.safetensors")
