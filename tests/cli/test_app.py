"""The frame of the command line: help, start-up, completion, usage errors."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from fpcli import __version__
from fpcli.cli.app import app, spare_waiting_threads
from fpcli.cli.options import DIVE, INPUT, MODEL, OUTPUT, RUNTIME
from fpcli.errors import ExitCode

HEAVY = ("torch", "torchvision", "av", "cv2", "matplotlib", "numpy", "scipy", "safetensors")
PANELS = {INPUT, DIVE, MODEL, OUTPUT, RUNTIME}

runner = CliRunner()


def walk(command, path=()):
    """Yield every command that does something, with the words that lead to it."""
    for name, child in getattr(command, "commands", {}).items():
        yield from walk(child, (*path, name))
    if not hasattr(command, "commands"):
        yield path, command


COMMANDS = dict(walk(typer.main.get_command(app)))
each_command = pytest.mark.parametrize("words", COMMANDS, ids=" ".join)


@each_command
def test_help_says_what_it_does_and_ends_with_examples(words):
    result = runner.invoke(app, [*words, "--help"])
    assert result.exit_code == 0, result.output
    assert COMMANDS[words].help.splitlines()[0].endswith(".")
    heading, *examples = COMMANDS[words].epilog.split("\n\n")
    assert heading == "Examples:"
    assert 2 <= len(examples) <= 3
    for example in examples:
        assert example.startswith(f"fineparser {' '.join(words)}"), example
    flat = " ".join(result.output.split())
    assert flat.endswith(" ".join(examples[-1].split()))


@pytest.mark.parametrize("words", [(), *COMMANDS], ids=" ".join)
def test_help_shows_no_type_of_python(words):
    shown = runner.invoke(app, [*words, "--help"]).output
    assert not re.search(r"<(bool|path|list\[Path)", shown)


@each_command
def test_an_example_can_be_copied_as_one_line(words):
    for example in COMMANDS[words].epilog.split("\n\n"):
        assert len(example) <= 78  # of 80 columns; the help indents by one


@pytest.mark.parametrize("group", ["weights", "exemplars", "data"])
def test_help_of_a_group_shows_an_example_of_each_of_its_commands(group):
    shown = runner.invoke(app, [group, "--help"]).output.partition("Examples:")[2]
    for words in COMMANDS:
        if words[0] == group:
            assert f"fineparser {' '.join(words)}" in shown


def test_a_coach_finds_what_is_done_with_dives_before_what_is_not():
    shown = runner.invoke(app, ["--help"]).output
    dives, _, others = shown.partition("Learning and measuring")
    for name in ("score", "explain", "batch", "compare", "split", "dive", "exemplars"):
        assert f" {name} " in dives
    for name in ("train", "simulate", "evaluate", "bench", "data", "weights", "schema", "doctor"):
        assert f" {name} " in others


@each_command
def test_every_option_has_its_place(words):
    for parameter in COMMANDS[words].params:
        if parameter.name != "help":
            assert parameter.rich_help_panel in PANELS, f"{words} {parameter.name}"
            assert parameter.help, f"{words} {parameter.name}"


@each_command
def test_examples_parse(words):
    """Every example of the help is a command line that the parser takes."""
    for example in COMMANDS[words].epilog.split("\n\n")[1:]:
        arguments = example.partition(">")[0].split()[1 + len(words) :]
        with COMMANDS[words].make_context(words[-1], arguments):
            pass


def test_short_options_mean_the_same_everywhere():
    meanings = {}
    for words, command in COMMANDS.items():
        for parameter in command.params:
            for option in getattr(parameter, "opts", ()):
                if option.startswith("-") and not option.startswith("--"):
                    meaning = meanings.setdefault(option, parameter.opts)
                    assert set(meaning) == set(parameter.opts), f"{words} {option}"


def run_and_list_modules(*arguments, **environment):
    """Run the command line in a process of its own; return its exit code, output and modules."""
    program = (
        "import sys\n"
        "from fpcli.cli.app import main\n"
        "sys.argv[0] = 'fineparser'\n"
        "try: main()\n"
        "except SystemExit as end: code = end.code\n"
        "print(code, *sys.modules, file=sys.stderr)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | environment,
    )
    code, *modules = run.stderr.splitlines()[-1].split()
    return code, run.stdout, set(modules)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["score", "--help"], ["weights", "list"]]
)
def test_what_should_be_instant_imports_nothing_heavy(arguments):
    code, _, modules = run_and_list_modules(*arguments)
    assert code in ("0", "None")
    assert not modules.intersection(HEAVY)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("fineparser wei", "weights"),
        ("fineparser weights ver", "verify"),
        ("fineparser weights download kin", "kinetics-i3d-rgb"),
        ("fineparser score --device cu", "cuda"),
        ("fineparser score --weights s-", "s-simulated"),
        ("fineparser score --dive 525", "5253B"),
        ("fineparser dive 107", "107B"),
    ],
)
def test_completion_offers_what_fits_and_imports_nothing_heavy(typed, offered):
    _, output, modules = run_and_list_modules(
        _FINEPARSER_COMPLETE="complete_bash",
        COMP_WORDS=typed,
        COMP_CWORD=str(len(typed.split()) - 1),
    )
    assert offered in output.split()
    assert not modules.intersection(HEAVY)


def test_only_weights_that_score_are_offered_to_score_with():
    _, output, _ = run_and_list_modules(
        _FINEPARSER_COMPLETE="complete_bash",
        COMP_WORDS="fineparser score --weights ",
        COMP_CWORD="3",
    )
    assert "s-simulated" in output.split()
    assert not {"finder", "kinetics-i3d-rgb"} & set(output.split())


def test_the_version_is_the_packages():
    result = runner.invoke(app, ["--version"])
    assert result.stdout.strip() == f"fineparser {__version__}"


@pytest.mark.parametrize(
    "arguments",
    [
        [],  # help, and no success
        ["nonsense"],
        ["score"],  # without a video
        ["score", "--no-such-option", "dive.mp4"],
        ["score", "--precision", "float8", "dive.mp4"],
        ["weights"],
        ["weights", "import", "best.pth"],  # without -o
    ],
)
def test_a_wrong_command_line_exits_with_2(arguments):
    assert runner.invoke(app, arguments).exit_code == 2


def test_python_m_fpcli_is_the_same_command():
    run = subprocess.run(
        [sys.executable, "-m", "fpcli", "--version"], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == f"fineparser {__version__}"


@pytest.mark.parametrize(
    ("chosen", "spins"),
    [({}, "20000"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "active"}, None)],
)
def test_waiting_threads_are_spared_unless_somebody_chose(monkeypatch, chosen, spins):
    monkeypatch.setattr("os.environ", chosen)
    spare_waiting_threads()
    assert os.environ.get("GOMP_SPINCOUNT") == spins


INTERRUPTED_WHILE_LOADING = """
import sys

class Interrupting:
    def find_spec(self, name, *_):
        if name == "typer":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting())
from fpcli.__main__ import main
main()
"""


def test_an_interruption_while_the_program_loads_shows_no_traceback():
    found = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_WHILE_LOADING], capture_output=True, text=True
    )
    assert (found.returncode, found.stdout, found.stderr) == (ExitCode.INTERRUPTED, "", "")


def test_the_installed_command_starts_where_interruptions_are_quiet():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["scripts"] == {"fineparser": "fpcli.__main__:main"}
