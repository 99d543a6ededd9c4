"""The house rules that no linter knows."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "fpcli").rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short_enough_to_read(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= 400, f"{path.name} has {lines} lines: split it"


def test_a_room_opens_without_dragging_in_another() -> None:
    for path in (ROOT / "fpcli").rglob("__init__.py"):
        imports = [line for line in path.read_text().splitlines() if "import" in line.split()]
        assert not imports, f"{path.relative_to(ROOT)} must stay free of imports"
