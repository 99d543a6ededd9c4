"""Controls of faultless dives found earlier: where solving starts, never what it answers.

    python -m fpcli.simulation.starts

solves the dives of `programme` again and rewrites `starts.json` beside this file.
"""

import json
import sys
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from fpcli.simulation.technique import Controls

STARTS_FILE: Final = Path(__file__).with_name("starts.json")
DECIMALS: Final = 4


@dataclass(frozen=True)
class Start:
    """controls: of the faultless dive. out_m_s: the speed that clears the board."""

    controls: Controls
    out_m_s: float


def known_start(text: str, height_m: float, sex: str) -> Start | None:
    """The start for a number, a height (metres) and a sex, or None where none was found."""
    stored = _stored().get(_key(text, height_m, sex))
    if stored is None:
        return None
    out_m_s, *controls = stored
    return Start(Controls(*controls), out_m_s)


def write_starts(starts: dict[tuple[str, float, str], Start]) -> None:
    """Store starts by number, height and sex, beside those already known."""
    table = dict(_stored())
    for (text, height_m, sex), start in starts.items():
        values = [start.out_m_s, *asdict(start.controls).values()]
        table[_key(text, height_m, sex)] = [round(value, DECIMALS) for value in values]
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(table[key])}" for key in sorted(table))
    part = STARTS_FILE.with_suffix(".part")
    part.write_text("{\n" + lines + "\n}\n", encoding="utf-8")
    part.replace(STARTS_FILE)
    _stored.cache_clear()


@lru_cache(maxsize=1)
def _stored() -> dict[str, list[float]]:
    if not STARTS_FILE.exists():
        return {}
    table: dict[str, list[float]] = json.loads(STARTS_FILE.read_text(encoding="utf-8"))
    return table


def _key(text: str, height_m: float, sex: str) -> str:
    return f"{text} {height_m:g} {sex}"


def main() -> None:
    """Solve the faultless dives of the programme and store their controls."""
    from fpcli.diving.numbers import parse
    from fpcli.errors import DiveNumberError
    from fpcli.simulation.dive import standard_dive
    from fpcli.simulation.programme import FREQUENCIES, programme_heights

    for text in FREQUENCIES:
        if not parse(text).half_twists:
            continue
        for height_m in programme_heights(parse(text)):
            for sex in ("female", "male"):
                try:
                    dive = standard_dive(text, height_m, sex)
                except DiveNumberError as refused:
                    sys.stderr.write(f"{refused.message}\n")
                    continue
                start = Start(dive.controls, dive.technique.out_m_s)
                write_starts({(text, height_m, sex): start})


if __name__ == "__main__":
    main()
