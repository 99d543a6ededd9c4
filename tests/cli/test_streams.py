"""Results on stdout, talk on stderr, and nothing that steers a terminal."""

import io
from pathlib import Path

import pytest

from fpcli.cli.streams import Streams, Verbosity, make_console, open_streams
from fpcli.errors import UsageError


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def colourful(monkeypatch):
    """Return to an environment that would allow colour."""
    for variable in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.mark.usefixtures("colourful")
@pytest.mark.parametrize(
    ("stream", "variables", "plain"),
    [
        (Terminal(), {}, False),
        (Terminal(), {"NO_COLOR": "1"}, True),
        (Terminal(), {"TERM": "dumb"}, True),
        (io.StringIO(), {}, True),
        (io.StringIO(), {"FORCE_COLOR": "1"}, True),  # a pipe stays plain whatever is forced
    ],
)
def test_colour_only_where_it_is_wanted(monkeypatch, stream, variables, plain):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    make_console(stream).print("loud", style="bold red")
    assert ("\x1b" not in stream.getvalue()) is plain


def test_a_pipe_has_no_edge_and_brackets_are_no_markup():
    stream = io.StringIO()
    line = "[red]not markup[/red] :smile: " + "x" * 150
    make_console(stream).print(line)
    assert stream.getvalue() == line + "\n"


def streams_into(verbosity, *, machine=False):
    return Streams(make_console(Terminal()), make_console(Terminal()), verbosity, machine)


@pytest.mark.parametrize(
    ("verbosity", "heard"),
    [
        (Verbosity.QUIET, []),
        (Verbosity.NORMAL, ["note", "warning"]),
        (Verbosity.VERBOSE, ["note", "warning", "detail"]),
    ],
)
def test_talk_goes_to_stderr_as_far_as_it_is_wanted(verbosity, heard):
    streams = streams_into(verbosity)
    streams.note("note")
    streams.warn("warning")
    streams.detail("detail")
    said = streams.talk.file.getvalue()
    assert [word for word in ("note", "warning", "detail") if word in said] == heard
    assert streams.out.file.getvalue() == ""


def test_data_is_written_exactly_as_it_is():
    streams = streams_into(Verbosity.QUIET)
    line = '{"path": "[bold]' + "y" * 500 + '"}'
    streams.data(line)
    assert streams.out.file.getvalue() == line + "\n"


@pytest.mark.usefixtures("colourful")
@pytest.mark.parametrize(
    ("verbosity", "machine", "shown"),
    [
        (Verbosity.NORMAL, False, True),
        (Verbosity.NORMAL, True, False),
        (Verbosity.QUIET, False, False),
    ],
)
def test_progress_is_for_people_who_watch(verbosity, machine, shown):
    streams = streams_into(verbosity, machine=machine)
    with streams.progress() as progress:
        progress.add_task("encoding", total=3)
        progress.refresh()
    assert ("encoding" in streams.talk.file.getvalue()) is shown
    assert streams.out.file.getvalue() == ""


def test_progress_is_silent_in_a_pipe():
    streams = Streams(make_console(io.StringIO()), make_console(io.StringIO()))
    with streams.progress(in_bytes=True) as progress:
        progress.update(progress.add_task("weights", total=None), completed=5, total=10)
    assert streams.talk.file.getvalue() == ""


def test_quiet_and_verbose_exclude_each_other():
    with pytest.raises(UsageError, match="exclude"):
        open_streams(quiet=True, verbose=True)


def test_a_path_is_shown_on_a_terminal_and_handed_on_in_a_pipe():
    path = Path("dives") / "\x1b[2Jdive-001.mp4"
    for stream, written in ((Terminal(), r"\x1b[2Jdive-001.mp4"), (io.StringIO(), path.name)):
        Streams(make_console(stream), make_console(io.StringIO())).path(path)
        assert stream.getvalue() == f"dives/{written}\n"
