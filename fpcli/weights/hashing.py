"""Hashes of files, in the three forms in which weights are published."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

BLOCK_BYTES = 1 << 20
HEXADECIMAL = frozenset("0123456789abcdef")


class HashKind(StrEnum):
    """What a published hash is a hash of."""

    SHA256 = "sha256"
    SHA256_PREFIX = "sha256-prefix"
    GIT_BLOB_SHA1 = "git-blob-sha1"


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


def _feed(path: Path, digest: _Hash) -> str:
    """Stream a file through a hash and return it in hexadecimal."""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, in bounded memory. Raises OSError."""
    return _feed(Path(path), hashlib.sha256())


def git_blob_sha1_of(path: Path) -> str:
    """Return the name that git gives a file's content. Raises OSError.

    SHA-1 of `blob <size>`, a zero byte and the content.
    """
    path = Path(path)
    header = f"blob {path.stat().st_size}\0".encode()
    return _feed(path, hashlib.sha1(header, usedforsecurity=False))


@dataclass(frozen=True)
class PublishedHash:
    """What a file's content must hash to, as its publisher states it."""

    kind: HashKind
    value: str

    def __post_init__(self) -> None:
        """Check that the value can be a hash of its kind."""
        lengths = {HashKind.SHA256: 64, HashKind.GIT_BLOB_SHA1: 40}
        expected = lengths.get(self.kind, len(self.value))
        if not self.value or len(self.value) != expected or set(self.value) - HEXADECIMAL:
            raise ValueError(f"{self.value!r} is not a {self.kind} in lower-case hexadecimal")

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"

    def of(self, path: Path) -> str:
        """Return the file's own hash of this kind, in full."""
        if self.kind is HashKind.GIT_BLOB_SHA1:
            return git_blob_sha1_of(path)
        return sha256_of(path)

    def matches(self, path: Path) -> bool:
        """Return whether the file is the published one."""
        return self.allows(self.of(path))

    def allows(self, found: str) -> bool:
        """Return whether a file's own hash of this kind, in full, is what was published."""
        if self.kind is HashKind.SHA256_PREFIX:
            return found.startswith(self.value)
        return found == self.value
