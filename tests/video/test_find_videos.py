import os
from pathlib import Path

import pytest

from fpcli.errors import VideoError
from fpcli.video.find import find_videos


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A club's folder: videos, notes, a clip of pictures, hidden things, and a folder below."""
    for name in ("b.mp4", "a.MOV", "notes.txt", ".hidden.mp4", "later/c.avi", "later/notes.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    clip = tmp_path / "clip"
    clip.mkdir()
    for number in range(16):
        (clip / f"{number}.jpg").write_bytes(b"")
    return tmp_path


def names(paths: list[Path], root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in paths]


def test_folder_gives_its_videos_and_picture_folders_in_order(tree: Path) -> None:
    videos, skipped = find_videos([tree])
    assert names(videos, tree) == ["a.MOV", "b.mp4", "clip"]
    assert names(skipped, tree) == ["notes.txt"]


def test_recursive_looks_below(tree: Path) -> None:
    videos, skipped = find_videos([tree], recursive=True)
    assert names(videos, tree) == ["a.MOV", "b.mp4", "clip", "later/c.avi"]
    assert names(skipped, tree) == ["later/notes.csv", "notes.txt"]


def test_nothing_comes_twice(tree: Path) -> None:
    videos, _ = find_videos([tree, tree / "b.mp4", str(tree / "*.mp4")])
    assert names(videos, tree) == ["a.MOV", "b.mp4", "clip"]


def test_picture_folder_is_one_video(tree: Path) -> None:
    assert find_videos([tree / "clip"]) == ([tree / "clip"], [])


def test_few_pictures_are_no_clip(tmp_path: Path) -> None:
    (tmp_path / "dive.mp4").touch()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "1.jpg").touch()
    assert find_videos([tmp_path]) == ([tmp_path / "dive.mp4"], [])


def test_pictures_beside_videos_are_no_clip(tree: Path) -> None:
    (tree / "clip" / "dive.mp4").touch()
    videos, skipped = find_videos([tree / "clip"])
    assert videos == [tree / "clip" / "dive.mp4"]
    assert len(skipped) == 16


def test_pattern_matches_as_in_a_shell(tree: Path) -> None:
    assert names(find_videos([str(tree / "*.m*")])[0], tree) == ["b.mp4"]
    assert names(find_videos([str(tree / "**" / "*.avi")])[0], tree) == ["later/c.avi"]


def test_name_with_brackets_is_a_name_where_it_exists(tree: Path) -> None:
    path = tree / "dive [final].mp4"
    path.touch()
    assert find_videos([path]) == ([path], [])


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links on this system")
def test_linked_folder_is_not_followed_round_and_round(tree: Path) -> None:
    (tree / "later" / "again").symlink_to(tree, target_is_directory=True)
    videos, _ = find_videos([tree], recursive=True)
    assert len(videos) == 4


@pytest.mark.parametrize("recursive", [False, True])
def test_a_folder_below_that_may_not_be_read_stops_nothing(
    tree: Path, recursive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused by hand, as root may read whatever its mode forbids."""
    listed = Path.iterdir

    def refused(path: Path) -> object:
        if path.name == "lost+found":
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    (tree / "lost+found").mkdir()
    monkeypatch.setattr(Path, "iterdir", refused)
    videos, skipped = find_videos([tree], recursive=recursive)
    assert names(videos, tree)[:3] == ["a.MOV", "b.mp4", "clip"]
    assert "lost+found" in names(skipped, tree)
    with pytest.raises(VideoError, match="permission denied"):
        find_videos([tree / "lost+found"])


def test_a_folder_named_as_a_video_is_passed_over_or_looked_into(tree: Path) -> None:
    (tree / "export.mp4").mkdir()
    (tree / "export.mp4" / "real.mp4").touch()
    assert tree / "export.mp4" in find_videos([tree])[1]
    videos, skipped = find_videos([tree], recursive=True)
    assert tree / "export.mp4" / "real.mp4" in videos
    assert tree / "export.mp4" not in skipped


@pytest.mark.parametrize("name", ["missing.mp4", "*.xyz"])
def test_what_matches_nothing_is_named(tree: Path, name: str) -> None:
    with pytest.raises(VideoError) as refused:
        find_videos([tree / "b.mp4", tree / name])
    assert name in refused.value.message


def test_folder_without_videos_suggests_to_look_below(tree: Path) -> None:
    (tree / "empty" / "deep").mkdir(parents=True)
    with pytest.raises(VideoError) as refused:
        find_videos([tree / "empty"])
    assert "no video" in refused.value.message
    assert "--recursive" in refused.value.hint
    with pytest.raises(VideoError) as refused:
        find_videos([tree / "empty"], recursive=True)
    assert "--recursive" not in refused.value.hint


def test_a_name_may_begin_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "~final.mp4").touch()
    assert find_videos(["~final.mp4"]) == ([Path("~final.mp4")], [])
    assert find_videos(["~final*"]) == ([Path("~final.mp4")], [])
    with pytest.raises(VideoError, match="no file or folder"):
        find_videos(["~nobody-of-this-name/a.mp4"])
