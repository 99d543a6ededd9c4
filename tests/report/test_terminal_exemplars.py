"""Own exemplars on a terminal: one line each, at any width, whatever their names hold."""

import io

import pytest
import torch
from rich.cells import cell_len
from rich.console import Console

from fpcli.analysis.own_exemplars import OwnExemplar
from fpcli.model.features import DiveFeatures
from fpcli.report.terminal_exemplars import render_exemplars

NO_FEATURES = DiveFeatures(torch.empty(0), torch.empty(0), torch.empty(0))


def own(key: str, path: str = "/videos/a.mp4") -> OwnExemplar:
    return OwnExemplar(
        key=key,
        path=path,
        video_sha256="",
        size_bytes=0,
        dive_number="5253B",
        height_m=7.5,
        difficulty=3.2,
        score_points=76.8,
        mark=8.0,
        start_s=None,
        end_s=None,
        weights_name="some-weights",
        weights_sha256="4f0c" * 16,
        added="2026-01-01",
        features=NO_FEATURES,
    )


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_a_line_each_that_fits(width: int):
    known = [own("ann"), own("k" * 200, "/very/long" * 40 + "/final.mp4"), own("a\x1b[2J\nb")]
    console = Console(file=io.StringIO(), width=width)
    console.print(render_exemplars(known))
    lines = console.file.getvalue().splitlines()
    assert len(lines) == 4
    assert max(map(cell_len, lines)) <= width
    assert "\x1b" not in "".join(lines)
    assert "5253B" in lines[1]
    assert ("final.mp4" in lines[2]) == (width >= 120)
