"""The tables of the pages: headings, rows, numbers and differences."""

from fpcli.report import numbers
from fpcli.report.page_parts import Markup, element, joined


def heads(*names: str) -> Markup:
    """Return column headings; a name that begins with # heads numbers."""
    return joined(
        *(
            element(
                "th",
                name.removeprefix("#"),
                scope="col",
                class_="number" if name.startswith("#") else None,
            )
            for name in names
        )
    )


def table(headings: Markup, rows: list[Markup], class_: str) -> Markup:
    """Return a table that scrolls where it is too wide for its place."""
    head = element("thead", element("tr", headings))
    whole = element("table", head, element("tbody", *rows), class_=class_)
    return element("div", whole, class_="scroll")


def number(shown: str) -> Markup:
    """Return a cell with a number."""
    return element("td", shown, class_="number")


def gain(points: float) -> Markup:
    """Return a cell with a difference in points, its sign and its colour."""
    shown = numbers.signed_points(points)
    way = "" if shown == "0.0" else " gain" if points > 0 else " loss"
    return element("td", shown, class_=f"number{way}")
