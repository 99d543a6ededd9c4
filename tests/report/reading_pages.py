"""What the tests of the pages share: a strict reading of HTML, and names that attack."""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "img", "br", "link", "input", "hr"}
HOSTILE = "<script>alert(1)</script>\"'&amp;<img src=x onerror=y>\x1b[31m\n\u202e\udcff$x$"


@dataclass
class Element:
    """An element as read: its attributes, and all text in it."""

    name: str
    attributes: dict[str, str | None]
    text: str = ""
    inside: list["Element"] = field(default_factory=list)

    def all(self, name: str) -> list["Element"]:
        found = [self] if self.name == name else []
        return found + [each for child in self.inside for each in child.all(name)]

    def everything(self) -> list["Element"]:
        return [self, *(each for child in self.inside for each in child.everything())]


class _Reader(HTMLParser):
    """Reads a page and fails where an element is not closed in its order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), f"<{tag}> has an attribute twice"
        element = Element(tag, dict(attrs))
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop().name == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        for element in self.open:
            element.text += data if element.name in ("style", "script") else f"{data}"


def read_page(html: str) -> Element:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == [reader.root], "elements are left open"
    return reader.root


def body_text(page: Element) -> str:
    """The text that a person reads, element by element with spaces between."""
    (main,) = page.all("main")
    pieces = [
        e.text for e in main.everything() if e.name in ("h1", "h2", "p", "li", "th", "td", "dd")
    ]
    return "  ".join(pieces)


def assert_sealed(html: str) -> None:
    """Nothing is loaded, nothing foreign runs, and the policy says so with the right hashes."""
    page = read_page(html)
    policies = [
        meta.attributes["content"]
        for meta in page.all("meta")
        if meta.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    (policy,) = policies
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for name in ("style", "script"):
        (source,) = page.all(name)
        digest = hashlib.sha256(source.text.encode()).digest()
        assert f"{name}-src 'sha256-{base64.b64encode(digest).decode()}'" in policy
    ids = [e.attributes["id"] for e in page.everything() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    for each in page.everything():
        assert each.name not in {"a", "link", "iframe", "object", "form", "base", "use"}
        for name, value in each.attributes.items():
            assert not name.startswith("on")
            assert name not in {"style", "href", "srcset"}
            if name == "src":
                assert value.startswith("data:image/jpeg;base64,")
            elif "url(" in (value or ""):
                assert re.fullmatch(r"url\(#([\w-]+)\)", value)[1] in ids
    assert not re.search(r"https?:|//[\w.]", re.sub(r"(base64,|sha256-)[\w+/=]+", "", html))
    assert "@import" not in html


def assert_accessible(html: str) -> None:
    """Language, one h1 with h2 below it, a text for every picture and every chart."""
    page = read_page(html)
    assert page.all("html")[0].attributes["lang"] == "en"
    assert page.all("title")[0].text.strip()
    headings = [e.name for e in page.everything() if re.fullmatch(r"h\d", e.name)]
    assert headings[0] == "h1"
    assert set(headings[1:]) <= {"h2", "h3"}
    assert all(image.attributes["alt"].strip() for image in page.all("img"))
    for table in page.all("table"):
        assert all("scope" in heading.attributes for heading in table.all("th"))
    nested = [id(e) for svg in page.all("svg") for e in svg.everything()[1:] if e.name == "svg"]
    for svg in page.all("svg"):
        if id(svg) in nested or svg.attributes.get("aria-hidden") == "true":
            continue
        assert svg.attributes["role"] == "img"
        assert svg.all("title")[0].text.strip()


def assert_shows_safely(html: str) -> None:
    """A hostile name is on the page as text, and did nothing else."""
    page = read_page(html)
    assert len(page.all("script")) == 1
    assert "alert(1)" not in page.all("script")[0].text
    assert "<script>alert(1)</script>" in page.all("main")[0].text
    assert not any(sign in html for sign in "\x1b\u202e")
    html.encode("utf-8")
