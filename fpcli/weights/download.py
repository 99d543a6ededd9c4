"""Fetch registered weights: checked before they get their name, or not there at all."""

import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any, Protocol

from fpcli import __version__
from fpcli.errors import WeightsError
from fpcli.weights.part_file import written_whole
from fpcli.weights.registry import Entry

OFFLINE_VARIABLE = "FINEPARSER_OFFLINE"
TIMEOUT_S = 30.0  # without a byte
BLOCK_BYTES = 1 << 18
LIMIT_BYTES = 2 << 30  # several times the largest file that is registered

Progress = Callable[[int, int | None], None]  # bytes so far, bytes in all where it is known


class Opener(Protocol):
    """What opens a URL; urllib's OpenerDirector is one."""

    def open(self, url: urllib.request.Request, /, *, timeout: float) -> IO[bytes]:
        """Open a request, following redirects."""
        ...


class SecureRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to https only."""

    def redirect_request(  # noqa: D102 - urllib's own
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if not newurl.lower().startswith("https://"):
            raise urllib.error.URLError(f"it redirects to {newurl}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def secure_opener() -> urllib.request.OpenerDirector:
    """Build an opener that knows https and nothing else; the environment's proxies are used."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPSHandler(),
        SecureRedirects(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def offline() -> bool:
    """Return whether the environment forbids the network."""
    return os.environ.get(OFFLINE_VARIABLE, "") not in ("", "0")


def download(
    entry: Entry, folder: Path, *, opener: Opener | None = None, progress: Progress | None = None
) -> Path:
    """Fetch registered weights into a folder and return their path.

    A file that is there already and has the right hash is left alone; one with a wrong hash is
    replaced. The bytes go into a .part file, which is checked, then renamed, and removed whatever
    else happens. Raises WeightsError, naming URL, hash and place, when offline, when the network
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
    with written_whole(target) as stream:
        _fetch(entry, target, stream, opener or secure_opener(), progress)
        stream.flush()
        part = Path(stream.name)
        if not entry.hash.matches(part):
            raise WeightsError(
                f"What {entry.url} sent is not {entry.name}: {entry.hash.kind} "
                f"{entry.hash.of(part)} instead of {entry.hash.value}.",
                f"Nothing was kept; try again, or: {by_hand(entry, target)}",
            )
    return target


def by_hand(entry: Entry, target: Path) -> str:
    """Say how a person without a network here brings the file."""
    return f"Fetch {entry.url} elsewhere ({entry.hash}) and put it at {target}."


def _fetch(
    entry: Entry, target: Path, stream: IO[bytes], opener: Opener, progress: Progress | None
) -> None:
    """Copy the URL's bytes into the stream. Raises WeightsError if they do not all come."""
    assert entry.url is not None
    request = urllib.request.Request(entry.url, headers={"User-Agent": f"fineparser/{__version__}"})
    try:
        with opener.open(request, timeout=TIMEOUT_S) as response:
            length = _announced(response)
            limit = LIMIT_BYTES if length is None else length
            done = 0
            while block := response.read(BLOCK_BYTES):
                done += len(block)
                if done > limit or done > LIMIT_BYTES:
                    raise _failed(entry, target, "it sends more than it should")
                stream.write(block)
                if progress:
                    progress(done, length)
            if length is not None and done < length:
                raise _failed(entry, target, f"the connection ended after {done} of {length} bytes")
    except urllib.error.HTTPError as error:
        raise _failed(entry, target, f"the server answers {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise _failed(entry, target, str(error.reason)) from error
    except (HTTPException, TimeoutError, ConnectionError, ssl.SSLError) as error:
        raise _failed(entry, target, str(error) or type(error).__name__) from error


def _failed(entry: Entry, target: Path, reason: str) -> WeightsError:
    """Build the error for a fetch that did not come to its end."""
    return WeightsError(
        f"{entry.name} could not be downloaded: {reason}.",
        f"Check the network and try again, or: {by_hand(entry, target)}",
    )


def _announced(response: IO[bytes]) -> int | None:
    """Return the length that a response announces, if it does."""
    text = getattr(response, "headers", {}).get("Content-Length")
    return int(text) if text and text.isdecimal() else None
