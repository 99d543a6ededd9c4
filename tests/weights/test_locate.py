"""From a typed name to a file."""

import dataclasses

import pytest
from typer.testing import CliRunner

from fpcli.analysis.exemplar_file import described_exemplars, own_exemplars_folder
from fpcli.cli.app import app
from fpcli.errors import ExitCode, UsageError, WeightsError
from fpcli.weights import locate
from fpcli.weights.locate import cache_folder, entry_path, find_weights
from fpcli.weights.registry import load_registry


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FINEPARSER_CACHE", str(tmp_path / "cache"))
    folder = cache_folder()
    folder.mkdir(parents=True)
    return folder


def test_the_cache_is_where_the_environment_says(cache, tmp_path):
    assert cache == tmp_path / "cache" / "weights"


def test_without_a_wish_the_platform_chooses_the_cache(monkeypatch, tmp_path):
    monkeypatch.delenv("FINEPARSER_CACHE", raising=False)
    assert "fineparser" in cache_folder().parts


def test_without_a_home_what_comes_with_the_program_works_and_the_rest_says_why(monkeypatch):
    """As a service may run, under a user whom the system does not know."""
    for name in ("FINEPARSER_CACHE", "HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)

    def nobody(*_, **__):
        raise RuntimeError("could not determine the home directory")

    monkeypatch.setattr("platformdirs.user_cache_path", nobody)
    monkeypatch.setattr("platformdirs.user_data_path", nobody)
    assert find_weights(None).is_file()
    with pytest.raises(WeightsError, match="not on this machine"):
        find_weights("resnet34-imagenet")
    assert described_exemplars() == []
    for place in (cache_folder, own_exemplars_folder):
        with pytest.raises(UsageError, match="no home folder") as caught:
            place()
        assert "FINEPARSER_CACHE" in caught.value.hint
    doctor = CliRunner().invoke(app, ["doctor"])
    assert doctor.exit_code == ExitCode.SOME_FAILED
    assert "no home folder" in doctor.stderr
    assert "good" in doctor.stdout


def test_downloaded_weights_are_found_by_name(cache):
    entry = load_registry().get("resnet34-imagenet")
    (cache / entry.file).write_bytes(b"downloaded")
    assert find_weights("resnet34-imagenet") == cache / entry.file


def test_weights_that_are_not_here_say_how_to_fetch_them(cache):
    with pytest.raises(WeightsError) as caught:
        find_weights("kinetics-i3d-rgb")
    assert "fineparser weights download kinetics-i3d-rgb" in caught.value.hint


def test_bundled_weights_that_are_missing_cannot_be_downloaded(cache):
    registry = load_registry()
    default = registry.get(registry.default)
    missing = dataclasses.replace(default, file="nowhere.safetensors")
    with pytest.raises(WeightsError, match="come with the program"):
        entry_path(missing)


def test_no_name_means_the_default(cache, monkeypatch, tmp_path):
    registry = load_registry()
    file = tmp_path / registry.get(registry.default).file
    file.write_bytes(b"bundle")
    monkeypatch.setattr(locate, "bundled_folder", lambda: tmp_path)
    assert find_weights(None) == file


def test_a_path_is_taken_as_it_is(cache, tmp_path):
    file = tmp_path / "mine.safetensors"
    file.write_bytes(b"mine")
    assert find_weights(str(file)) == file


def test_a_registered_name_wins_over_a_file_of_that_name(cache, tmp_path, monkeypatch):
    entry = load_registry().get("resnet34-imagenet")
    (cache / entry.file).write_bytes(b"downloaded")
    (tmp_path / "resnet34-imagenet").write_bytes(b"a file that happens to be called so")
    monkeypatch.chdir(tmp_path)
    assert find_weights("resnet34-imagenet") == cache / entry.file
    assert find_weights("./resnet34-imagenet").read_bytes().startswith(b"a file")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("xs-simulatd", "no weights called"),
        ("missing.safetensors", "no file of weights"),
        ("folder/missing", "no file of weights"),
        (".", "is a folder"),
    ],
)
def test_what_is_neither_name_nor_file_is_refused(cache, tmp_path, monkeypatch, typed, sentence):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WeightsError, match=sentence):
        find_weights(typed)


@pytest.mark.parametrize("name", ["x" * 300, "x" * 300 + ".safetensors"])
def test_a_name_that_no_file_can_have_ends_in_a_short_sentence(name):
    with pytest.raises(WeightsError, match="file name too long") as caught:
        find_weights(name)
    assert len(caught.value.message) < 300


def test_a_home_that_is_nobodys_is_a_folder_like_any_other(monkeypatch):
    monkeypatch.setenv("FINEPARSER_CACHE", "~nobody-of-that-name/cache")
    assert cache_folder().parts[0] == "~nobody-of-that-name"
    with pytest.raises(WeightsError, match="no file of weights"):
        find_weights("~nobody-of-that-name/mine.safetensors")
