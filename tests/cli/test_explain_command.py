"""`fineparser explain`: the reasons in words, and as a video."""

import json
from pathlib import Path

import av
import pytest

pytestmark = pytest.mark.usefixtures("load_once")


def test_terminal_shows_how_each_exemplar_voted(run, small_video: Path):
    result = run("explain", small_video, "--dive", "107B", "--height", 3)
    assert result.exit_code == 0, result.output
    assert "exemplar-0" in result.stdout
    assert "take-off" in result.stdout


def test_overlay_has_the_sources_size_and_frames(run, small_video: Path, tmp_path: Path):
    target = tmp_path / "out.mp4"
    result = run("explain", small_video, "--overlay", target, "--json")
    assert result.exit_code == 0, result.output
    json.loads(result.stdout)
    with av.open(target) as container:
        frames = list(container.decode(video=0))
    assert (frames[0].width, frames[0].height) == (96, 64)
    assert len(frames) == 40
    assert sorted(tmp_path.iterdir()) == [target]


def test_existing_target_is_refused_before_any_work(run, small_video: Path, tmp_path: Path):
    target = tmp_path / "out.mp4"
    target.write_text("mine")
    result = run("explain", small_video, "--overlay", target)
    assert result.exit_code == 2
    assert "--overwrite" in result.stderr
    assert target.read_text() == "mine"
    assert result.stdout == ""


def test_input_is_never_written_to(run, small_video: Path):
    before = small_video.read_bytes()
    result = run("explain", small_video, "--overlay", small_video, "--overwrite")
    assert result.exit_code == 2
    assert small_video.read_bytes() == before


def test_what_is_no_video_leaves_no_overlay(run, unreadable: Path):
    before = sorted(unreadable.parent.iterdir())
    result = run("explain", unreadable, "--overlay", unreadable.parent / "out.mp4")
    assert result.exit_code == 3
    assert sorted(unreadable.parent.iterdir()) == before


@pytest.mark.parametrize(
    ("failure", "code"),
    [(OSError(28, "No space left on device", "out.mp4"), 1), (KeyboardInterrupt(), 130)],
    ids=["disk full", "Ctrl-C"],
)
def test_overlay_cut_short_leaves_nothing(
    run, small_video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure, code: int
):
    def fail(*arguments: object) -> None:
        raise failure

    monkeypatch.setattr("fpcli.report.overlay.DiveAnnotator.annotate", fail)
    result = run("explain", small_video, "--overlay", tmp_path / "out.mp4")
    assert result.exit_code == code
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_page_and_figure_are_written_beside_the_words(run, small_video: Path, tmp_path: Path):
    page, figure = tmp_path / "report.html", tmp_path / "figure.svg"
    result = run("explain", small_video, "--html", page, "--figure", figure, "--json")
    assert result.exit_code == 0, result.output
    score = f"{json.loads(result.stdout)['score_points']:.1f}"
    assert score in page.read_text("utf-8")
    assert score in figure.read_text("utf-8")
    assert sorted(tmp_path.iterdir()) == [figure, page]


@pytest.mark.parametrize("option", ["--html", "--figure"])
def test_pages_and_figures_are_refused_before_any_work(
    run, small_video: Path, tmp_path: Path, option: str
):
    existing = tmp_path / {"--html": "a.html", "--figure": "a.png"}[option]
    existing.write_text("mine")
    for target in (existing, tmp_path / "a.doc", tmp_path / "absent" / existing.name):
        result = run("explain", small_video, option, target)
        assert result.exit_code == 2
        assert result.stdout == ""
    assert existing.read_text() == "mine"
    assert run("explain", small_video, option, existing, "--overwrite").exit_code == 0
    assert existing.read_bytes() != b"mine"


def frames_of(path: Path) -> list[av.VideoFrame]:
    with av.open(path) as container:
        assert not container.streams.audio
        return list(container.decode(video=0))


def test_another_dive_is_shown_beside_it_in_slow_motion(run, small_video: Path, tmp_path: Path):
    target = tmp_path / "out.mp4"
    result = run(
        *("explain", small_video, "--overlay", target, "--side-by-side", small_video),
        *("--slow", 0.25, "--stills", tmp_path / "stills", "--json"),
    )
    assert result.exit_code == 0, result.output
    assert "without sound" in result.stderr
    json.loads(result.stdout)
    frames = frames_of(target)
    assert len(frames) == 40
    assert frames[0].width > 2 * 96
    plain = [frame.time for frame in frames_of(small_video)]
    assert [frame.time for frame in frames] == pytest.approx([4 * t for t in plain], abs=0.01)
    stills = sorted(path.name for path in (tmp_path / "stills").iterdir())
    kinds = ("1-take-off", "2-mid-flight", "3-entry-begins", "4-entry")
    assert stills == [f"{small_video.stem}-{kind}.png" for kind in kinds]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--slow", "0.25"], "--overlay"),
        (["--side-by-side", "VIDEO"], "--overlay"),
        (["--other-dive", "107B"], "--side-by-side"),
        (["--overlay", "TARGET", "--slow", "2"], "no slow motion"),
        (["--overlay", "TARGET", "--slow", "0"], "no slow motion"),
        (["--overlay", "TARGET", "--slow", "nan"], "no slow motion"),
        (["--overlay", "TARGET", "--side-by-side", "absent.mp4"], "absent.mp4"),
    ],
)
def test_pictures_that_cannot_be_drawn_are_refused_before_any_work(
    run, small_video: Path, tmp_path: Path, options: list[str], words: str
):
    places = {"VIDEO": str(small_video), "TARGET": str(tmp_path / "out.mp4")}
    result = run("explain", small_video, *(places.get(word, word) for word in options))
    assert result.exit_code == (3 if words == "absent.mp4" else 2)
    assert words in " ".join(result.stderr.split())
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_the_other_dive_is_never_written_to(run, small_video: Path, tmp_path: Path):
    other = tmp_path / "other.mp4"
    other.write_bytes(small_video.read_bytes())
    result = run(
        *("explain", small_video, "--overlay", other, "--side-by-side", other, "--overwrite")
    )
    assert result.exit_code == 2
    assert other.read_bytes() == small_video.read_bytes()
