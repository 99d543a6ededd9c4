"""What a server says of the bytes that it is about to send, believed as far as it can be true."""

import re
from dataclasses import dataclass
from email.message import Message

OK, PARTIAL_CONTENT = 200, 206
COUNT = re.compile(r"[0-9]{1,18}")
CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/(?:([0-9]{1,18})|\*)")
ENTITY_TAG = re.compile(r'(?:W/)?"[!#-~]{0,200}"')  # RFC 9110, 8.8.3, in ASCII
DATE = re.compile(r"[ -~]{1,60}")


class UnusableAnswer(Exception):  # noqa: N818 - the reason, within a sentence
    """An answer that is not one to the request for a file or a part of it."""


@dataclass(frozen=True)
class Answer:
    """Which bytes of a file follow.

    first, end: places in the file of the first byte and after the last; end is None where it is
    not said. total: bytes of the whole file. etag, modified: the server's names for this state of
    the file. ranges: whether the server sends parts of it.
    """

    first: int
    end: int | None
    total: int | None
    etag: str | None
    modified: str | None
    ranges: bool


def read_answer(status: int, headers: Message) -> Answer:
    """Return what a successful answer announces (RFC 9110, 14 and 15.3).

    Raises UnusableAnswer.
    """
    encoding = headers.get("Content-Encoding", "identity").strip().lower()
    if encoding != "identity":
        raise UnusableAnswer("it sends the file in an encoding that was not asked for")
    length = _matching(COUNT, headers.get("Content-Length"))
    announced = None if length is None else int(length)
    places: tuple[int, int | None, int | None] = (0, announced, announced)
    if status == PARTIAL_CONTENT:
        places = _content_range(headers.get("Content-Range", ""), announced)
    elif status != OK:
        raise UnusableAnswer(f"the server answers {status} instead of sending the file")
    return Answer(
        *places,
        etag=_matching(ENTITY_TAG, headers.get("ETag")),
        modified=_matching(DATE, headers.get("Last-Modified")),
        ranges=status == PARTIAL_CONTENT
        or headers.get("Accept-Ranges", "").strip().lower() == "bytes",
    )


def _content_range(text: str, announced: int | None) -> tuple[int, int, int | None]:
    """Return the first place, the one after the last, and the file's size. Raises UnusableAnswer.

    announced: the length of what is sent, where it is said.
    """
    found = CONTENT_RANGE.fullmatch(text.strip())
    if found is None:
        raise UnusableAnswer("it sends a part of the file and does not say which")
    first, end = int(found[1]), int(found[2]) + 1
    total = None if found[3] is None else int(found[3])
    if (
        first >= end
        or (total is not None and end > total)
        or (announced is not None and announced != end - first)
    ):
        raise UnusableAnswer("it sends a part of the file and contradicts itself in which")
    return first, end, total


def _matching(pattern: re.Pattern[str], text: str | None) -> str | None:
    """Return a header's value if it is what it should be, else None."""
    return text.strip() if text is not None and pattern.fullmatch(text.strip()) else None
