"""The registry that comes with the program, and files that are none."""

import json

import pytest

from fpcli.errors import WeightsError
from fpcli.weights.hashing import HashKind
from fpcli.weights.registry import Kind, bundled_folder, load_registry, read_registry
from fpcli.weights.verify import Status, check


def test_every_entry_states_licence_and_origin_and_comes_over_https():
    for entry in load_registry().entries:
        assert entry.licence, entry.name
        assert entry.terms, entry.name
        assert entry.origin, entry.name
        assert entry.trained_on, entry.name
        assert entry.url is None or entry.url.startswith("https://"), entry.name


def test_start_weights_are_pinned_to_the_publishers_own_hashes():
    registry = load_registry()
    resnet = registry.get("resnet34-imagenet")
    assert resnet.kind is Kind.START
    assert resnet.hash.kind is HashKind.SHA256_PREFIX
    assert f"-{resnet.hash.value}.pth" in resnet.url  # torchvision writes the hash into the name
    i3d = registry.get("kinetics-i3d-rgb")
    assert i3d.hash.kind is HashKind.GIT_BLOB_SHA1
    assert "/786fbae06a6fd5df419e1961cd32e32fbe8b396d/" in i3d.url  # a commit, never a branch


def test_the_default_is_a_bundle_that_comes_with_the_program():
    registry = load_registry()
    default = registry.get(registry.default)
    assert default.kind is Kind.BUNDLE
    assert default.url is None


def test_the_bundled_weights_are_what_the_registry_says():
    registry = load_registry()
    result = check(registry.get(registry.default))
    if result.status is Status.ABSENT:
        pytest.skip(f"{result.entry.file} has not been made yet")
    assert result.status is Status.GOOD


def test_an_unknown_name_is_answered_with_the_nearest_and_all_known():
    with pytest.raises(WeightsError) as caught:
        load_registry().get("resnet-34-imagenet")
    assert "Did you mean resnet34-imagenet?" in caught.value.hint
    assert "kinetics-i3d-rgb" in caught.value.hint


@pytest.mark.parametrize(
    "change",
    [
        {"registry_version": 99},
        {"default": "nobody"},
        {"weights": [{"name": "half an entry"}]},
        {"weights": None},
    ],
)
def test_a_wrong_registry_is_an_error_and_not_a_crash(tmp_path, change):
    good = json.loads((bundled_folder() / "registry.json").read_text())
    path = tmp_path / "registry.json"
    path.write_text(json.dumps(good | change))
    with pytest.raises(WeightsError, match="registry"):
        read_registry(path)


def test_a_registered_file_cannot_point_out_of_its_folder(tmp_path):
    good = json.loads((bundled_folder() / "registry.json").read_text())
    good["weights"][0]["file"] = "../outside.safetensors"
    path = tmp_path / "registry.json"
    path.write_text(json.dumps(good))
    with pytest.raises(WeightsError, match="plain file name"):
        read_registry(path)
