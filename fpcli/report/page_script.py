"""The pages' own scripts: small, without any address, and the pages are whole without them."""

FILM_CURSOR = """
"use strict";
(() => {
  const strip = document.querySelector(".strip");
  if (!strip) return;
  const frames = [...strip.children];
  const cursors = document.querySelectorAll(".cursor");
  const viewer = document.querySelector(".viewer");
  const chart = document.querySelector(".timeline");
  const large = document.createElement("img");
  const words = document.createElement("figcaption");
  viewer.append(large, words);
  let current = -1;
  const show = (place) => {
    place = Math.min(Math.max(place, 0), frames.length - 1);
    if (place === current) return;
    if (current >= 0) frames[current].removeAttribute("aria-current");
    current = place;
    const frame = frames[place];
    frame.setAttribute("aria-current", "true");
    for (const line of cursors) {
      line.setAttribute("x1", frame.dataset.share + "%");
      line.setAttribute("x2", frame.dataset.share + "%");
      line.classList.add("shown");
    }
    const picture = frame.querySelector("img");
    large.src = picture.src;
    large.alt = picture.alt;
    words.textContent = frame.dataset.words;
  };
  const nearest = (share) => {
    const distances = frames.map((frame) => Math.abs(Number(frame.dataset.share) - share));
    return distances.indexOf(Math.min(...distances));
  };
  document.documentElement.classList.add("scripted");
  strip.tabIndex = 0;
  frames.forEach((frame, place) => {
    frame.addEventListener("pointerenter", () => show(place));
    frame.addEventListener("click", () => show(place));
  });
  strip.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: frames.length };
    if (!(event.key in moves)) return;
    event.preventDefault();
    show(moves[event.key]);
  });
  const follow = (event) => {
    const box = chart.getBoundingClientRect();
    show(nearest((100 * (event.clientX - box.left)) / box.width));
  };
  chart.addEventListener("pointermove", follow);
  chart.addEventListener("pointerdown", follow);
  show(Number(strip.dataset.first));
})();
"""

SORTABLE_TABLE = """
"use strict";
(() => {
  const table = document.querySelector("table.sortable");
  if (!table) return;
  const body = table.tBodies[0];
  const headings = [...table.tHead.rows[0].cells];
  const value = (row, column) => {
    const key = row.cells[column].dataset.key;
    return key === undefined ? row.cells[column].textContent : Number(key);
  };
  const isMissing = (key) => key === "" || Number.isNaN(key);
  const compare = (a, b, sign) => {
    if (isMissing(a) || isMissing(b)) return isMissing(a) - isMissing(b); // last in either order
    if (typeof a === "string") return sign * a.localeCompare(b, undefined, { numeric: true });
    return sign * (a - b);
  };
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const before = heading.getAttribute("aria-sort");
      const first = heading.dataset.first || "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = before === first ? other : first;
      headings.forEach((each) => each.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const rows = [...body.rows];
      rows.sort((a, b) => compare(value(a, column), value(b, column), sign));
      body.append(...rows);
    });
  });
})();
"""
