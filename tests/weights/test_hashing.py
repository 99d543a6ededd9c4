"""Hashes of files, against values that other tools gave."""

import hashlib

import pytest

from fpcli.weights.hashing import HashKind, PublishedHash, git_blob_sha1_of, sha256_of

HELLO_SHA256 = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
HELLO_GIT_BLOB = "ce013625030ba8dba906f756967f9e9ca394464a"  # git hash-object


@pytest.fixture
def hello(tmp_path):
    path = tmp_path / "hello.txt"
    path.write_bytes(b"hello\n")
    return path


def test_a_file_hashes_to_what_sha256sum_and_git_say(hello):
    assert sha256_of(hello) == HELLO_SHA256
    assert git_blob_sha1_of(hello) == HELLO_GIT_BLOB


def test_a_file_longer_than_a_block_is_hashed_whole(tmp_path):
    content = bytes(range(256)) * 5000
    path = tmp_path / "long"
    path.write_bytes(content)
    assert sha256_of(path) == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("kind", "value", "matches"),
    [
        (HashKind.SHA256, HELLO_SHA256, True),
        (HashKind.SHA256, "0" * 64, False),
        (HashKind.SHA256_PREFIX, HELLO_SHA256[:8], True),
        (HashKind.SHA256_PREFIX, HELLO_SHA256[8:16], False),  # inside, not in front
        (HashKind.GIT_BLOB_SHA1, HELLO_GIT_BLOB, True),
        (HashKind.GIT_BLOB_SHA1, "0" * 40, False),
    ],
)
def test_a_published_hash_matches_its_file_only(hello, kind, value, matches):
    assert PublishedHash(kind, value).matches(hello) is matches


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (HashKind.SHA256, HELLO_SHA256[:-1]),  # too short
        (HashKind.SHA256, HELLO_SHA256.upper()),
        (HashKind.SHA256_PREFIX, ""),  # would match everything
        (HashKind.GIT_BLOB_SHA1, HELLO_SHA256),
    ],
)
def test_what_cannot_be_a_hash_is_refused(kind, value):
    with pytest.raises(ValueError, match="hexadecimal"):
        PublishedHash(kind, value)
