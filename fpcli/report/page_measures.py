"""The page's section of measures: what the track and the masks tell by themselves."""

from fpcli.analysis.result import DiveAnalysis
from fpcli.report.measure_words import (
    MEASURED,
    closing_words,
    interval_head,
    observation_words,
    shown_measures,
)
from fpcli.report.page_parts import Markup, element, joined
from fpcli.report.page_tables import heads, number, table


def measured(analysis: DiveAnalysis) -> Markup:
    """Return the section: the observations, a table of measures, and what was not measured."""
    measures = analysis.measures
    rows = [
        element(
            "tr",
            element("th", shown.title, scope="row"),
            *(number(cell) for cell in (shown.value, shown.interval)),
            element("td", shown.frame, class_="number wide"),
        )
        for shown in shown_measures(measures)
    ]
    parts = [element("h2", MEASURED)]
    seen = [element("li", sentence) for sentence in observation_words(analysis.observations)]
    if seen:
        parts.append(element("ul", *seen, class_="facts"))
    if rows:
        headings = joined(
            heads("Measure", "#measured", f"#{interval_head(measures)}"),
            element("th", "frame", scope="col", class_="number wide"),
        )
        parts.append(table(headings, rows, class_="measures"))
    parts.append(element("p", closing_words(measures), class_="small quiet"))
    return element("section", *parts, class_="measured")
