"""A connection to a server that may be slow, broken or hostile: bytes, or a reason."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse, IncompleteRead
from time import monotonic
from typing import Any, Protocol

from fpcli.text import shorten

TIMEOUT_S = 30.0  # without a byte
SLOWEST = 1000  # bytes a second, over the time-out
BLOCK_BYTES = 1 << 18
MOST_WORDS = 200  # characters of what a server says, in a sentence


class ConnectionStopped(Exception):  # noqa: N818 - the reason, within a sentence
    """A connection that did not bring what was asked for.

    code: the server's answer, where it gave one.
    """

    def __init__(self, reason: str, code: int | None = None) -> None:
        lines = reason.strip().splitlines() or ["the server says nothing that can be read"]
        super().__init__(shorten(lines[0].rstrip("."), MOST_WORDS))
        self.code = code


class Opener(Protocol):
    """What opens a URL; urllib's OpenerDirector is one."""

    def open(self, url: urllib.request.Request, /, *, timeout: float) -> HTTPResponse:
        """Open a request, following redirects."""
        ...


class SecureRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to https only."""

    def redirect_request(  # noqa: D102 - urllib's own
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        fp.close()  # else urllib reads whatever comes with the redirect, however much it is
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


def opened(opener: Opener, request: urllib.request.Request) -> HTTPResponse:
    """Open a request and return the answer, whose bytes are still to come.

    Raises ConnectionStopped.
    """
    try:
        return opener.open(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        with error:
            reason = f"the server answers {error.code} {error.reason}"
            raise ConnectionStopped(reason, error.code) from error
    except urllib.error.URLError as error:
        raise ConnectionStopped(str(error.reason)) from error
    except (HTTPException, OSError, ValueError) as error:
        raise _stopped(error) from error


def blocks(response: HTTPResponse, most: int | None) -> Iterator[bytes]:
    """Yield the bytes as they come, up to `most` of them; None for all.

    Raises ConnectionStopped where the connection breaks, or hardly anything comes.
    """
    since, came = monotonic(), 0
    while most is None or most > 0:
        try:
            block = response.read1(BLOCK_BYTES if most is None else min(BLOCK_BYTES, most))
        except (HTTPException, OSError, ValueError) as error:
            raise _stopped(error) from error
        if not block:
            return
        yield block
        most = None if most is None else most - len(block)
        came += len(block)
        if (passed := monotonic() - since) >= TIMEOUT_S:
            if came < SLOWEST * passed:
                raise ConnectionStopped(f"fewer than {SLOWEST} bytes a second come")
            since, came = monotonic(), 0


def _stopped(error: Exception) -> ConnectionStopped:
    """Return the reason for what urllib or http.client raised."""
    if isinstance(error, TimeoutError):
        return ConnectionStopped(f"nothing came for {TIMEOUT_S:g} s")
    if isinstance(error, IncompleteRead):
        return ConnectionStopped("the connection ended before the file did")
    if isinstance(error, OSError):
        return ConnectionStopped(f"the connection broke ({error})")
    return ConnectionStopped(f"the server's answer makes no sense ({type(error).__name__})")
