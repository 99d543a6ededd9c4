"""Whatever a command raises ends as a sentence, what to do next, and the documented exit code."""

import errno
import os
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from fpcli import errors
from fpcli.cli.app import register

runner = CliRunner()


def run(error, monkeypatch, *, debug=None):
    """Run a command that raises the error."""
    if debug is None:
        monkeypatch.delenv("FINEPARSER_DEBUG", raising=False)
    else:
        monkeypatch.setenv("FINEPARSER_DEBUG", debug)
    app = typer.Typer()

    def fail() -> None:
        """Fail."""
        print("partial result")
        raise error

    register(app, "fail", fail, ["fineparser fail"])
    return runner.invoke(app, [])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.FineParserError("It failed.", "Mend it."), 1),
        (errors.UsageError("It failed.", "Mend it."), 2),
        (errors.DiveNumberError("It failed.", "Mend it."), 2),
        (errors.OutputError("It failed.", "Mend it."), 2),
        (errors.DeviceError("It failed.", "Mend it."), 2),
        (errors.DataError("It failed.", "Mend it."), 2),
        (errors.VideoError("It failed.", "Mend it."), 3),
        (errors.WeightsError("It failed.", "Mend it."), 4),
    ],
)
def test_our_errors_say_what_to_do_and_have_their_code(monkeypatch, error, code):
    result = run(error, monkeypatch)
    assert result.exit_code == code
    assert result.stderr == "Error: It failed.\nMend it.\n"
    assert result.stdout == "partial result\n"


def test_an_interruption_is_130_and_quiet(monkeypatch):
    result = run(KeyboardInterrupt(), monkeypatch)
    assert result.exit_code == 130
    assert result.stdout == "partial result\n"
    assert result.stderr == ""


def test_a_defect_says_that_it_is_one_and_how_to_see_where(monkeypatch):
    result = run(ZeroDivisionError("division by zero"), monkeypatch)
    assert result.exit_code == 1
    assert "unexpected ZeroDivisionError: division by zero" in result.stderr
    assert "FINEPARSER_DEBUG=1" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), errors.VideoError("No dive.", "Look.")])
def test_debug_shows_the_traceback_and_keeps_the_code(monkeypatch, error):
    plain = run(error, monkeypatch)
    assert run(error, monkeypatch, debug="0").stderr == plain.stderr
    result = run(error, monkeypatch, debug="1")
    assert result.exit_code == plain.exit_code
    assert result.stderr.startswith("Traceback")
    assert result.stderr.endswith(plain.stderr)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "out.mp4"), "The disk is full"),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full."),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "The disk is full."),
        (PermissionError(errno.EACCES, "Permission denied", "out.mp4"), "Permission denied: out"),
        (ImportError("libGL.so.1: cannot open shared object file"), "library of the system"),
        (MemoryError(), "not enough memory"),
        (type("OutOfMemoryError", (RuntimeError,), {})("CUDA"), "not enough memory"),
    ],
)
def test_what_the_machine_refuses_is_no_defect(monkeypatch, error, sentence):
    result = run(error, monkeypatch)
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert "defect" not in result.stderr


def test_names_in_errors_cannot_steer_the_terminal(monkeypatch):
    result = run(errors.VideoError("a\x1b]0;title\x07.mp4 is empty."), monkeypatch)
    assert "\x1b" not in result.stderr
    assert "\x07" not in result.stderr


@pytest.mark.parametrize("code", [0, 1, 4])
def test_an_exit_code_that_a_command_chose_is_kept(monkeypatch, code):
    assert run(typer.Exit(code), monkeypatch).exit_code == code


def test_a_closed_pipe_is_quiet():
    read, write = os.pipe()
    os.close(read)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "fpcli", "weights", "list", "--json"],
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        os.close(write)
    assert ended.stderr == ""
    assert ended.returncode == 130


def test_output_that_the_encoding_lacks_is_escaped_and_no_crash():
    run = subprocess.run(
        [sys.executable, "-m", "fpcli", "weights", "list"],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert run.returncode == 0, run.stderr
    assert b"s-simulated" in run.stdout


@pytest.mark.parametrize("closed", ["stdin", "stdout", "stderr"])
def test_a_stream_that_the_caller_closed_is_no_defect(closed):
    """As a service may be started, or `2>&-` asks for."""
    number = ["stdin", "stdout", "stderr"].index(closed)
    code = f"import os, sys; os.close({number}); os.execv(sys.executable, sys.argv[1:])"
    command = [sys.executable, "-m", "fpcli", "dive", "107B"]
    ended = subprocess.run(
        [sys.executable, "-c", code, *command], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ("3½ somersaults" in ended.stdout) == (closed != "stdout")


def test_no_file_takes_the_number_of_a_closed_stream():
    """Else what a library says on stderr would go into a result."""
    code = (
        "import os; os.close(2); from fpcli.cli.streams import open_closed_streams;"
        "open_closed_streams(); print(os.open(os.devnull, os.O_RDONLY) > 2)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "True\n"
