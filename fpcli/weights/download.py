"""Fetch registered weights: checked before they get their name, continued where they broke off."""

import os
import urllib.request
from collections.abc import Callable
from http.client import HTTPResponse
from pathlib import Path

from fpcli import __version__
from fpcli.errors import WeightsError
from fpcli.weights.answer import Answer, UnusableAnswer, read_answer
from fpcli.weights.begun_file import BegunFile, Notes, begun_file
from fpcli.weights.connection import (
    ConnectionStopped,
    Opener,
    blocks,
    opened,
    secure_opener,
)
from fpcli.weights.registry import Entry

OFFLINE_VARIABLE = "FINEPARSER_OFFLINE"
REQUESTS = 5  # of one download, at most
MOST_OF_PUBLISHED = 2.0  # times the size that the registry says roughly
RANGE_NOT_SATISFIABLE = 416
WEAK = "W/"  # before an entity tag that does not vouch for every byte

Progress = Callable[[int, int | None], None]  # bytes so far, bytes in all where it is known


class _Unfit(Exception):  # noqa: N818 - the reason, within a sentence
    """What is kept of an earlier fetch and what the server sends do not make one file."""


def offline() -> bool:
    """Return whether the environment forbids the network."""
    return os.environ.get(OFFLINE_VARIABLE, "") not in ("", "0")


def download(
    entry: Entry, folder: Path, *, opener: Opener | None = None, progress: Progress | None = None
) -> Path:
    """Fetch registered weights into a folder and return their path.

    A file that is there already and has the right hash is left alone; one with a wrong hash is
    replaced. The bytes gather in a .part file, which is checked, then renamed. Where it breaks off
    and the server can send the rest, it is kept and continued, at once and by later calls; else
    nothing is kept. Raises WeightsError, naming URL, hash and place, when offline, when the network
    fails, and when the bytes are not the published ones; OSError when they cannot be written.
    """
    target = folder / entry.file
    if target.is_file() and entry.hash.matches(target):
        return target
    if entry.url is None:
        raise WeightsError(
            f"The weights {entry.name} come with the program and cannot be downloaded.",
            "Install fineparser again if they are damaged.",
        )
    if offline():
        raise WeightsError(
            f"{entry.name} was not downloaded: {OFFLINE_VARIABLE} forbids the network.",
            by_hand(entry, target),
        )
    folder.mkdir(parents=True, exist_ok=True)
    with begun_file(target, entry.url) as begun:
        _complete(begun, entry, opener or secure_opener(), progress)
    return target


def by_hand(entry: Entry, target: Path) -> str:
    """Say how a person without a network here brings the file."""
    return f"Fetch {entry.url} elsewhere ({entry.hash}) and put it at {target}."


def _complete(begun: BegunFile, entry: Entry, opener: Opener, progress: Progress | None) -> None:
    """Fetch what is missing, check all, and give it its name. Raises WeightsError, OSError."""
    for _ in range(REQUESTS):
        before = begun.size
        try:
            if not begun.is_whole:
                _fetch(begun, entry, opener, progress)
        except ConnectionStopped as stopped:
            failure = _failed(entry, begun, str(stopped))
            if not begun.can_go_on or begun.size <= before:
                break
        except _Unfit as unfit:
            begun.begin(None)
            failure = _failed(entry, begun, str(unfit))
            if not before:
                break
        else:
            found = entry.hash.of(begun.path)
            if entry.hash.allows(found):
                begun.finish()
                return
            begun.begin(None)
            failure = _wrong(entry, begun, found)
            if not before:  # else what was kept may be to blame
                break
    raise failure


def _fetch(begun: BegunFile, entry: Entry, opener: Opener, progress: Progress | None) -> None:
    """Add the bytes that are missing, or put all in their place where the server sends all.

    Raises ConnectionStopped if they do not all come, _Unfit, OSError.
    """
    limit = round(entry.size_mb * 1e6 * MOST_OF_PUBLISHED)
    with _asked(begun, opener) as response:
        try:
            answer = read_answer(response.status, response.headers)
        except UnusableAnswer as unusable:
            raise _Unfit(str(unusable)) from unusable
        if max(answer.total or 0, answer.end or 0) > limit:
            raise _Unfit("the server announces far more than was published")
        _place(begun, answer)
        room = None if answer.end is None else answer.end - begun.size
        for block in blocks(response, room):
            if begun.size + len(block) > limit:
                raise _Unfit("the server sends far more than was published")
            begun.add(block)
            if progress:
                progress(begun.size, answer.total)
    expected = answer.total or answer.end
    if expected is not None and begun.size < expected:
        raise ConnectionStopped(f"the connection ended after {begun.size} of {expected} bytes")


def _asked(begun: BegunFile, opener: Opener) -> HTTPResponse:
    """Ask for what is missing, on condition that the file is still the same; return the answer.

    Raises ConnectionStopped, _Unfit.
    """
    headers = {"User-Agent": f"fineparser/{__version__}", "Accept-Encoding": "identity"}
    if begun.size:
        headers["Range"] = f"bytes={begun.size}-"
        if begun.notes and begun.notes.etag and not begun.notes.etag.startswith(WEAK):
            headers["If-Range"] = begun.notes.etag
    try:
        return opened(opener, urllib.request.Request(begun.url, headers=headers))
    except ConnectionStopped as stopped:
        if begun.size and stopped.code == RANGE_NOT_SATISFIABLE:
            raise _Unfit(str(stopped)) from stopped
        raise


def _place(begun: BegunFile, answer: Answer) -> None:
    """Make room for the bytes that follow: behind those that are here, or instead of them.

    Raises _Unfit where they belong to neither place, or to another state of the file.
    """
    if answer.first == 0:
        notes = Notes(begun.url, answer.etag, answer.modified, answer.total)
        begun.begin(notes if answer.ranges else None)
        return
    if answer.first != begun.size:
        raise _Unfit("the server sends another part of the file than was asked for")
    if begun.notes is None or _differ(begun.notes, answer):
        raise _Unfit("the file has changed on the server")


def _differ(notes: Notes, answer: Answer) -> bool:
    """Whether an answer tells of another state of the file than the notes, in what both tell."""
    pairs = (
        (notes.etag, answer.etag),
        (notes.modified, answer.modified),
        (notes.total, answer.total),
    )
    return any(None not in (old, new) and old != new for old, new in pairs)


def _failed(entry: Entry, begun: BegunFile, reason: str) -> WeightsError:
    """Build the error for a fetch that did not come to its end."""
    again = "Check the network and try again"
    if begun.can_go_on:
        again = f"Check the network and run it again, to go on after {begun.size / 1e6:.1f} MB"
    return WeightsError(
        f"{entry.name} could not be downloaded: {reason}.",
        f"{again}, or: {by_hand(entry, begun.target)}",
    )


def _wrong(entry: Entry, begun: BegunFile, found: str) -> WeightsError:
    """Build the error for bytes that are not the published ones."""
    return WeightsError(
        f"What {entry.url} sent is not {entry.name}: {entry.hash.kind} {found} instead of "
        f"{entry.hash.value}.",
        f"Nothing was kept; try again, or: {by_hand(entry, begun.target)}",
    )
