import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from reading_pages import HOSTILE

from fpcli.analysis.result import Flag, Measure
from fpcli.report import numbers
from fpcli.report.figure import NOTICE_CELLS, write_figure
from fpcli.report.notices import notices


def svg_text(analysis, folder: Path) -> str:
    write_figure(analysis, folder / "figure.svg")
    root = ElementTree.parse(folder / "figure.svg").getroot()
    return "\n".join(text for each in root.iter() if (text := (each.text or "").strip()))


@pytest.mark.parametrize(
    ("name", "signature"), [("a.png", b"\x89PNG"), ("a.SVG", b"<?xml"), ("a.pdf", b"%PDF")]
)
def test_a_figure_is_the_same_each_time(make_analysis, tmp_path, name, signature):
    written = []
    for _ in range(2):
        write_figure(make_analysis(), tmp_path / name)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    assert written[0].startswith(signature)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_readers_own_matplotlib_settings_change_nothing(make_analysis, tmp_path):
    import matplotlib

    write_figure(make_analysis(), tmp_path / "one.svg")
    with matplotlib.rc_context({"font.size": 30, "figure.dpi": 20, "axes.facecolor": "red"}):
        write_figure(make_analysis(), tmp_path / "other.svg")
        assert matplotlib.rcParams["font.size"] == 30
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "other.svg").read_bytes()


def test_notices_are_under_the_figure(make_analysis, tmp_path):
    analysis = make_analysis(flags=tuple(Flag))
    text = svg_text(analysis, tmp_path)
    assert all(notice.sentence[:40] in text for notice in notices(analysis))


def test_a_long_notice_is_wrapped_and_not_cut(make_analysis, tmp_path):
    board = Measure(3.2, 2.3, 4.1, 71, 2.4)
    analysis = make_analysis(flags=(Flag.HEIGHT_DOUBTED,), measures={"board_m": board})
    text = svg_text(analysis, tmp_path)
    (told,) = notices(analysis)
    assert len(str(told)) > NOTICE_CELLS
    assert all(word in text.split() for word in str(told).split())
    assert "…" not in text


def test_hostile_names_are_drawn_as_text(make_analysis, tmp_path):
    analysis = make_analysis(
        source={"path": Path("$\\frac{1}{0}$" + HOSTILE.replace("/", "∕"))},
        dive={"description": HOSTILE},
        provenance={"weights_name": HOSTILE},
    )
    text = svg_text(analysis, tmp_path)
    assert "$\\frac{1}{0}$" in text
    assert "<script>alert(1)</script>" in text
    assert not re.search("[\x1b\u202e]", (tmp_path / "figure.svg").read_text("utf-8"))
    for suffix in ("png", "pdf"):
        write_figure(analysis, tmp_path / f"figure.{suffix}")


def test_a_dive_without_differences_is_drawn_too(make_analysis, tmp_path):
    analysis = make_analysis(transition_probabilities=make_analysis().transition_probabilities * 0)
    assert numbers.points(analysis.score_points) in svg_text(analysis, tmp_path)


def test_a_full_disk_leaves_the_older_figure(make_analysis, tmp_path, monkeypatch):
    def fail(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "figure.png"
    target.write_bytes(b"older")
    monkeypatch.setattr("matplotlib.figure.Figure.savefig", fail)
    with pytest.raises(OSError, match="No space"):
        write_figure(make_analysis(), target)
    assert target.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [target]
