"""`fineparser weights`: what it prints, what it leaves, how it exits."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from fpcli.cli.app import app
from fpcli.model.build import build
from fpcli.model.config import CONFIGS
from fpcli.model.device import available_devices
from fpcli.video.transform import CENTRE, PUBLISHED
from fpcli.weights import locate, registry
from fpcli.weights.begun_file import begun_files
from fpcli.weights.bundle import Bundle, Card, load_bundle, save_bundle
from fpcli.weights.finder_file import FINDER_FILE
from fpcli.weights.hashing import PublishedHash, sha256_of
from fpcli.weights.registry import load_registry
from fpcli.weights.storage import Storage

PUBLISHED_KEYS = Path(__file__).parents[1] / "model" / "data" / "published_keys.json"

runner = CliRunner()


def run(*arguments):
    return runner.invoke(app, ["weights", *map(str, arguments)])


@pytest.fixture(scope="module")
def bundle_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("bundle") / "mine.safetensors"
    config = CONFIGS["xs"]
    card = Card("mine", "nothing", True, "MIT", "this test", "none")
    save_bundle(Bundle(card, config, CENTRE, build(config).state_dict()), path, Storage.FLOAT16)
    return path


@pytest.fixture(autouse=True)
def installation(tmp_path, monkeypatch, bundle_file):
    """An installation whose bundled weights are a test's, with an empty cache, offline."""
    folder = tmp_path / "bundled"
    folder.mkdir()
    content = json.loads((registry.bundled_folder() / registry.REGISTRY_NAME).read_text())
    default = content["weights"][0]
    default["hash"] = {"kind": "sha256", "value": sha256_of(bundle_file)}
    (folder / default["file"]).write_bytes(bundle_file.read_bytes())
    shutil.copy(registry.bundled_folder() / FINDER_FILE, folder)
    (folder / registry.REGISTRY_NAME).write_text(json.dumps(content))
    monkeypatch.setattr(registry, "bundled_folder", lambda: folder)
    monkeypatch.setattr(locate, "bundled_folder", lambda: folder)
    monkeypatch.setenv("FINEPARSER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FINEPARSER_OFFLINE", "1")
    load_registry.cache_clear()
    yield folder
    load_registry.cache_clear()


def put_in_cache(name, content):
    folder = locate.cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / load_registry().get(name).file
    file.write_bytes(content)
    return file


def test_list_shows_every_entry_with_licence_and_place():
    result = run("list")
    assert result.exit_code == 0
    lines = {line.split()[0]: line for line in result.stdout.splitlines()[2:]}
    assert "bundled" in lines["s-simulated"]
    assert "simulated dives" in lines["s-simulated"]
    assert "not downloaded" in lines["resnet34-imagenet"]
    assert "BSD-3-Clause" in lines["resnet34-imagenet"]
    assert "Apache-2.0" in lines["kinetics-i3d-rgb"]


def test_a_narrow_list_breaks_no_word(monkeypatch):
    monkeypatch.setattr("fpcli.cli.streams.PIPED_WIDTH", 80)
    shown = run("list").stdout
    assert max(map(len, shown.splitlines())) <= 80
    for word in ("kinetics-i3d-rgb", "BSD-3-Clause", "(conversion)", "downloaded", "validated"):
        assert word in shown, shown


def test_list_as_json_is_one_object_on_stdout(bundle_file):
    put_in_cache("resnet34-imagenet", b"12345")
    result = run("list", "--json")
    rows = {row["name"]: row for row in json.loads(result.stdout)["weights"]}
    assert rows["s-simulated"]["size_bytes"] == bundle_file.stat().st_size
    assert rows["resnet34-imagenet"]["where"] == "cache"
    assert rows["resnet34-imagenet"]["size_bytes"] == 5
    assert rows["kinetics-i3d-rgb"]["path"] is None
    assert rows["kinetics-i3d-rgb"]["hash"]["kind"] == "git-blob-sha1"


def test_path_prints_the_path_and_nothing_else(installation):
    result = run("path")
    assert result.stdout == f"{installation / 's-simulated.safetensors'}\n"
    assert result.stderr == ""


def test_path_of_unknown_weights_proposes_the_nearest():
    result = run("path", "kinetics-i3d")
    assert result.exit_code == 4
    assert result.stdout == ""
    assert "Did you mean kinetics-i3d-rgb?" in result.stderr


def test_verify_is_content_with_good_weights():
    result = run("verify")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "s-simulated: good"


def test_verify_finds_one_changed_byte(installation):
    file = installation / "s-simulated.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    for arguments in ([], ["s-simulated"]):
        result = run("verify", *arguments)
        assert result.exit_code == 4
        assert "not what its hash says" in result.stderr


@pytest.mark.parametrize("file", ["s-simulated.safetensors", FINDER_FILE])
def test_verify_finds_missing_bundled_weights(installation, file):
    (installation / file).unlink()
    result = run("verify")
    assert result.exit_code == 4
    assert "not on this machine" in result.stderr


def test_verify_tells_weights_that_may_not_be_read_from_wrong_ones(monkeypatch):
    """Refused by hand, as root may read whatever its mode forbids."""

    def refused(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(PublishedHash, "matches", refused)
    result = run("verify")
    assert result.exit_code == 4
    assert "s-simulated: not readable" in result.stdout
    assert "Check its permissions" in result.stderr


def test_verify_finds_a_wrong_download():
    put_in_cache("kinetics-i3d-rgb", b"not these")
    result = run("verify")
    assert result.exit_code == 4
    assert "fineparser weights download kinetics-i3d-rgb" in result.stderr


def test_verify_reads_a_file_that_nobody_registered(bundle_file, tmp_path):
    result = run("verify", bundle_file)
    assert result.exit_code == 0
    assert sha256_of(bundle_file) in result.stdout
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(bundle_file.read_bytes()[:-9])
    assert run("verify", cut).exit_code == 4


def test_download_offline_names_url_hash_and_place():
    result = run("download", "resnet34-imagenet")
    assert result.exit_code == 4
    entry = load_registry().get("resnet34-imagenet")
    for needed in (entry.url, entry.hash.value, str(locate.cache_folder() / entry.file)):
        assert needed in result.stderr
    assert not locate.cache_folder().exists()


def test_download_of_what_is_here_prints_its_place(installation):
    result = run("download", "s-simulated")
    assert result.exit_code == 0
    assert result.stdout == f"{installation / 's-simulated.safetensors'}\n"


def test_download_of_an_unknown_name_fetches_nothing_at_all():
    result = run("download", "resnet34-imagenet", "resnet35")
    assert result.exit_code == 4
    assert "resnet35" in result.stderr


def test_remove_takes_downloads_only(installation):
    file = put_in_cache("resnet34-imagenet", b"downloaded")
    assert run("remove", "resnet34-imagenet").exit_code == 0
    assert not file.exists()
    assert run("remove", "resnet34-imagenet").exit_code == 4
    assert run("remove", "s-simulated").exit_code == 2
    assert (installation / "s-simulated.safetensors").exists()


def test_remove_takes_a_download_that_broke_off():
    file = put_in_cache("resnet34-imagenet", b"")
    file.unlink()
    for begun in begun_files(file):
        begun.write_bytes(b"so far")
    assert run("remove", "resnet34-imagenet").exit_code == 0
    assert list(file.parent.iterdir()) == []


@pytest.fixture
def checkpoint(tmp_path):
    """A checkpoint of the published layout, every tensor zero and hardly any bytes."""
    layout = json.loads(PUBLISHED_KEYS.read_text())
    parts = {
        part: {f"module.{key}": blank(key, shape) for key, shape in keys.items()}
        for part, keys in layout.items()
    }
    path = tmp_path / "best.pth"
    torch.save(parts | {"epoch": 3, "rho_best": 0.9}, path)
    return path


def blank(key, shape):
    kind = torch.long if key.endswith("num_batches_tracked") else torch.float32
    return torch.zeros((), dtype=kind).expand(shape)


def test_import_writes_a_bundle_that_states_its_origin(checkpoint, tmp_path):
    output = tmp_path / "theirs.safetensors"
    result = run("import", checkpoint, "-o", output, "--training-data", "FineDiving", "--half")
    assert result.exit_code == 0, result.output
    assert sha256_of(output) in result.stdout
    back = load_bundle(output)
    assert back.config == CONFIGS["paper"]
    assert back.geometry == PUBLISHED
    assert back.bank is None
    assert (back.card.name, back.card.training_data) == ("theirs", "FineDiving")
    assert back.card.simulated is False
    assert hashlib.sha256(checkpoint.read_bytes()).hexdigest() in back.card.origin


def test_import_refuses_what_is_no_checkpoint_and_writes_nothing(tmp_path):
    text = tmp_path / "best.pth"
    text.write_text("a text, renamed")
    result = run("import", text, "-o", tmp_path / "out.safetensors")
    assert result.exit_code == 4
    assert run("import", tmp_path / "no.pth", "-o", tmp_path / "out.safetensors").exit_code == 4
    assert not list(tmp_path.glob("out*"))


def test_import_never_overwrites_unasked(checkpoint, tmp_path):
    output = tmp_path / "out.safetensors"
    output.write_bytes(b"precious")
    result = run("import", checkpoint, "-o", output)
    assert result.exit_code == 2
    assert output.read_bytes() == b"precious"
    assert run("import", checkpoint, "-o", checkpoint, "--overwrite").exit_code == 2
    assert run("import", checkpoint, "-o", tmp_path / "no" / "out.safetensors").exit_code == 2


@pytest.mark.parametrize("broken", ["hash", "file", None])
def test_doctor_exits_with_4_when_the_bundled_weights_are_wrong(installation, broken):
    file = installation / "s-simulated.safetensors"
    if broken == "hash":
        file.write_bytes(b"not these")
    elif broken == "file":
        file.unlink()
    result = runner.invoke(app, ["doctor", "--json"])
    facts = json.loads(result.stdout)
    assert result.exit_code == (4 if broken else 0), facts["problems"]
    status = {row["name"]: row["status"] for row in facts["weights"]}["s-simulated"]
    assert (status == "good") is (broken is None)
    assert bool(facts["problems"]) is bool(broken)


def test_doctor_says_what_a_bug_report_needs():
    facts = json.loads(runner.invoke(app, ["doctor", "--json"]).stdout)
    assert facts["libraries"]["torch"] == torch.__version__
    assert all(facts["libraries"].values())
    assert facts["devices"]["available"] == available_devices()
    assert facts["video"]["h264_encoder"]
    assert facts["cache"]["folder"] == str(locate.cache_folder())
    assert facts["cache"]["offline"] is True
    people = runner.invoke(app, ["doctor"]).stdout
    for value in (torch.__version__, str(locate.cache_folder()), "s-simulated", "libavcodec"):
        assert value in people
