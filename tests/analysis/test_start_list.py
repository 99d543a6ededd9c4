"""Start lists as meet offices send them: read whatever their form, refused with every reason."""

import os
from pathlib import Path

import pytest

from fpcli.analysis import listed_videos
from fpcli.analysis.listed_videos import Listed, StartListError, follow_start_list
from fpcli.analysis.request import AnalysisRequest
from fpcli.analysis.start_list import read_start_list
from fpcli.errors import UsageError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.mp4", "b.MOV", "day 2/a.mp4", "left.mp4"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.touch()
    return tmp_path


def follow(folder: Path, text: str | bytes, *videos: str, **asked: object) -> Listed:
    path = folder / "meet.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    given = [folder / name for name in videos or ("a.mp4", "b.MOV")]
    return follow_start_list(path, given, AnalysisRequest(**asked))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "file,diver,dive,height,dd,score\na.mp4,Ann,107b,3,3.1,65.1\n",
        "\ufeffFile Name;ATHLETE;Dive No.;Board (m);DD;Points\r\na.mp4;Ann;107 B;3 m;3,1;65,1\r\n",
        "\n".join(["video\tName\tNumber\tHeight_m\tTariff\tAward", "a\tAnn\t107B\t3.0\t3.1\t65.1"]),
        'sep=;\nfile;diver;dive;height;dd;score\n"A.MP4";Ann;107B;3;3,1;"65,1"\n;;;;;\n',
        "file;diver;dive;height;dd;score\na.mp4;Ann;107B;3;3,1;65,1".encode("utf-16"),
        "nation,file,diver,dive,height,difficulty,panel_points\n,./a.mp4,Ann,107B,3m,3.1,65.1\n",
        "\r\n  \n,,,,,\nfile,diver,dive,height,dd,score\na.mp4,Ann,107B,3,3.1,65.1\n",
        "\nsep=;\n\nfile;diver;dive;height;dd;score\na.mp4;Ann;107B;3;3,1;65,1\n",
        "file,diver,dive,height,dd,score\na.mp4,Ann,107B,3,3.1,65.1\n".encode("utf-16-le"),
        "file,diver,dive,height,dd,score\na.mp4,Ann,107B,3,3.1,65.1\n".encode("utf-32"),
        'file;"diver, of club, of nation";name;dive;height;dd;score\na.mp4;;Ann;107B;3;3.1;65.1\n',
        'file, diver, dive, height, dd, score\n"a.mp4", "Ann", "107B", "3", "3,1", "65,1"\n',
        "\tfile\tdiver\tdive\theight\tdd\tscore\n7\ta.mp4\tAnn\t107B\t3\t3.1\t65.1\n",
        "file,diver,dive,height,dd,score\ra.mp4,Ann,107B,3,3.1,65.1\r",
        "file,diver,dive,board,dd,score\na.mp4,Ann,107 b,3m Springboard,3.1,65.1\n",
        "file,diver,dive,board,dd,score\na.mp4,Ann,107b,Springboard,3.1,65.1\n",
    ],
    ids=[
        "plain",
        "spreadsheet",
        "tabs",
        "sep line",
        "utf-16",
        "other columns",
        "blank lines first",
        "blank lines before and after the sep line",
        "utf-16 without a mark",
        "utf-32",
        "quoted headings with other separators",
        "spaces before quotes",
        "an empty heading first",
        "old Macintosh",
        "a board in words",
        "a board that the difficulty tells",
    ],
)
def test_every_way_of_writing_a_list_says_the_same(folder: Path, text: str | bytes):
    (request,) = follow(folder, text).requests.values()
    assert (request.diver, request.dive_number, request.height_m) == ("Ann", "107B", 3)
    assert (request.difficulty, request.panel_points) == (3.1, 65.1)


def test_old_encodings_keep_their_names(folder: Path):
    (request,) = follow(folder, "file;diver\na.mp4;Zoë Müller\n".encode("cp1252")).requests.values()
    assert request.diver == "Zoë Müller"


@pytest.mark.parametrize("name", ["Ann, of Ulm", "Ann\u2028Ulm", "Ann\x0bUlm", "Ann\nUlm"])
def test_a_quoted_cell_is_one_cell_and_lines_are_counted_as_an_editor_does(folder: Path, name: str):
    (request, _) = follow(folder, f'file,diver\na.mp4,"{name}"\nb,Bo\n').requests.values()
    assert request.diver == name
    with pytest.raises(StartListError) as refused:
        follow(folder, f'file,diver,dive\na.mp4,"{name}",\nb,Bo,9X\n')
    (problem,) = refused.value.problems
    assert problem.line == 3 + name.count("\n")


def test_an_encoding_without_a_name_is_read_all_the_same(folder: Path):
    (request,) = follow(folder, b"file,diver\na.mp4,Zo\x81\n").requests.values()
    assert request.diver == "Zo\x81"


def test_links_that_lead_nowhere_stop_no_list(folder: Path):
    (folder / "gone.mp4").symlink_to(folder / "nowhere.mp4")
    (folder / "round.mp4").symlink_to(folder / "round.mp4")
    (video,) = follow(folder, "file\na.mp4\n", "gone.mp4", "a.mp4").requests
    assert video.name == "a.mp4"
    (video,) = follow(folder, "file\ngone.mp4\n", "gone.mp4", "a.mp4").requests
    assert video.name == "gone.mp4"
    for name in ("gone.mp4", "round.mp4"):
        with pytest.raises(StartListError, match="A line"):
            follow(folder, f"file\n{name}\n")


@pytest.mark.parametrize("name", ["x" * 300 + ".mp4", "x/" * 3000 + "a.mp4"])
def test_a_name_that_no_file_can_have_is_a_short_problem(folder: Path, name: str):
    with pytest.raises(StartListError) as refused:
        follow(folder, f"file\n{name}\n")
    assert "there is no video x" in str(refused.value.problems[0])
    assert len(str(refused.value.problems[0])) < 300


def test_the_row_comes_before_the_options_and_says_what_it_gave(folder: Path):
    listed = follow(
        folder, "file,dive,height\na.mp4,107B,\nb,,3\n", dive_number="103B", height_m=1.0
    )
    first, second = listed.requests.values()
    assert (first.dive_number, first.height_m) == ("107B", 1)
    assert (second.dive_number, second.height_m) == ("103B", 3)
    assert first.listed == {"dive_number"}
    assert second.listed == {"height_m"}


def test_all_that_is_wrong_is_told_at_once_by_line(folder: Path):
    text = (
        "file,diver,dive,height,score\n"
        "a.mp4,Ann,107E,3,\n"  # 2: no position E
        "b.MOV,Bo,612B,3,\n"  # 3: an armstand from a springboard
        "c.mp4,Cy,103B,3,\n"  # 4: no such file
        "\n"
        ",Dee,103B,3,\n"  # 6: no file
        "a.mp4,Eve,103B,3,\n"  # 7: listed before
        "b.MOV,Flo,103B,three,\n"  # 8: no height, and listed before
        "a.mp4,Gus,103B,3,1,2\n"  # 9: a cell too many
    )
    with pytest.raises(StartListError) as refused:
        follow(folder, text)
    told = [str(problem) for problem in refused.value.problems]
    assert {problem.line for problem in refused.value.problems} == {2, 3, 4, 6, 7, 8, 9}
    assert "Did you mean" in told[0]
    assert "armstand" in told[1]
    assert "c.mp4" in told[2]
    assert refused.value.exit_code == 2
    assert "7 lines" in refused.value.message


@pytest.mark.parametrize(
    ("name", "meant"),
    [("day 2/a.mp4", "day 2/a.mp4"), ("day 2\\A", "day 2/a.mp4"), ("B.mov", "b.MOV")],
)
def test_a_name_is_found_however_it_is_written(folder: Path, name: str, meant: str):
    videos = ("a.mp4", "b.MOV", "day 2/a.mp4")
    (video,) = follow(folder, f"file\n{name}\n", *videos).requests
    assert video == folder / meant


def test_a_name_that_could_be_two_files_is_refused_with_both(folder: Path):
    (folder / "day 1").mkdir()
    (folder / "day 1" / "a.mp4").touch()
    with pytest.raises(StartListError) as refused:
        follow(folder, "file\nA.mp4\n", "day 1/a.mp4", "day 2/a.mp4")
    assert "day 1" in str(refused.value.problems[0])
    assert "day 2" in str(refused.value.problems[0])


@pytest.mark.parametrize("name", ["v{}.mp4", "V{}"], ids=["as it is", "in another form"])
def test_a_season_of_videos_is_looked_at_once_and_not_once_a_row(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
):
    looks = []
    stat = Path.stat

    def counted(path: Path, **how: bool) -> os.stat_result:
        looks.append(path)
        return stat(path, **how)

    numbers = [f"{number:05d}" for number in range(500)]
    for number in numbers:
        (folder / f"v{number}.mp4").touch()
    monkeypatch.setattr(Path, "stat", counted)
    rows = "".join(f"{name.format(number)}\n" for number in numbers)
    listed = follow(folder, f"file\n{rows}", *(f"v{number}.mp4" for number in numbers))
    assert len(listed.requests) == len(numbers)
    assert len(looks) < 10 * len(numbers)


def test_of_many_wrong_names_the_first_ones_get_a_hint(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(listed_videos, "MOST_COMPARED", 4)
    with pytest.raises(StartListError) as refused:
        follow(folder, "file\na.mp5\na.mp6\na.mp7\n")  # of two videos
    told = ["Did you mean a.mp4?" in str(problem) for problem in refused.value.problems]
    assert told == [True, True, False]


def test_the_folder_one_is_in_may_be_a_clip(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(folder)
    (folder / "meet.csv").write_text("file\na.mp4\n")
    videos = [Path(), Path("a.mp4")]
    listed = follow_start_list(Path("meet.csv"), videos, AnalysisRequest())
    assert list(listed.requests) == [Path("a.mp4")]
    (folder / "meet.csv").write_text("file\nA\n")
    listed = follow_start_list(Path("meet.csv"), videos, AnalysisRequest())
    assert list(listed.requests) == [Path("a.mp4")]


def test_a_near_name_is_proposed_and_one_not_asked_for_passed_over(folder: Path):
    with pytest.raises(StartListError) as refused:
        follow(folder, "file\nb.MVO\n")
    assert "Did you mean b.MOV?" in str(refused.value.problems[0])
    listed = follow(folder, "file,shirt\na.mp4,4\nleft.mp4,5\n")
    assert [row.file for row in listed.elsewhere] == ["left.mp4"]
    assert listed.passed_over == ("shirt",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("diver,dive\nAnn,107B\n", "no column for the file"),
        ("file,video\na.mp4,b.MOV\n", "could be the file"),
        ("file,dive\n", "names no video"),
        ("", "no column"),
        (b"\x89PNG\0\0\0\0", "no text"),
        ("\n\n", "no column"),
        ('sep="\nfile"dive\na.mp4"107B\n', "no column"),  # quotation marks cannot part cells too
        ('file,diver\na.mp4,"Ann\nb.MOV,Bo\n', "quotation mark on line 2 is not closed"),
        ("file,diver\na.mp4," + "x" * 200_000, "no table of text"),
    ],
)
def test_what_is_no_start_list_is_refused(folder: Path, text: str | bytes, why: str):
    with pytest.raises(UsageError, match=why):
        follow(folder, text)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ("107B,3,,99", "cannot be reached"),
        ("103B,10,99,", "difficulty of 99"),
        ("103B,2,,", "2 m"),
        ("107B,3,,nan", "no score"),
        ("107B,-3,,", "no height"),
        ("107B," + "9" * 5000 + ",,", "no height"),
    ],
)
def test_numbers_that_no_dive_has_are_refused(folder: Path, cells: str, why: str):
    with pytest.raises(StartListError) as refused:
        follow(folder, f"file,dive,height,dd,score\na.mp4,{cells}\n")
    assert why in str(refused.value.problems[0])


def test_a_missing_list_and_hostile_cells_are_shown_as_text(folder: Path):
    with pytest.raises(UsageError, match="no start list"):
        read_start_list(folder / "none.csv")
    with pytest.raises(UsageError, match="cannot be read: File name too long"):
        read_start_list(folder / ("x" * 300))
    with pytest.raises(StartListError) as refused:
        follow(folder, "file\n\x1b[2Jgone.mp4\n")
    assert "\x1b" not in str(refused.value.problems[0])
