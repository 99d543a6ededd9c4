"""Controls of faultless dives found earlier, and which dives were found to be impossible.

Controls are where solving starts, never what it answers. A search that finds nothing takes
seconds, so that is remembered as an answer.

    python -m fpcli.simulation.starts

solves the twisting dives of `programme` again, from every height that the rules allow, and
rewrites `starts.json` beside this file.
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


@dataclass(frozen=True)
class Refusal:
    """Why there is no faultless dive, and what to choose instead."""

    message: str
    hint: str


def known_start(text: str, height_m: float, sex: str) -> Start | None:
    """The start for a number, a height (metres) and a sex, or None where none was found."""
    stored = _stored().get(_key(text, height_m, sex))
    if not isinstance(stored, list):
        return None
    out_m_s, *controls = stored
    return Start(Controls(*controls), out_m_s)


def known_refusal(text: str, height_m: float, sex: str) -> Refusal | None:
    """Why physics does not allow a dive, or None where it does or nobody has tried."""
    stored = _stored().get(_key(text, height_m, sex))
    return Refusal(**stored) if isinstance(stored, dict) else None


def write_starts(found: dict[tuple[str, float, str], Start | Refusal]) -> None:
    """Store what was found by number, height and sex, beside what is already known."""
    table = dict(_stored())
    for (text, height_m, sex), one in found.items():
        if isinstance(one, Refusal):
            table[_key(text, height_m, sex)] = asdict(one)
        else:
            values = [one.out_m_s, *asdict(one.controls).values()]
            table[_key(text, height_m, sex)] = [round(value, DECIMALS) for value in values]
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(table[key])}" for key in sorted(table))
    part = STARTS_FILE.with_suffix(".part")
    part.write_text("{\n" + lines + "\n}\n", encoding="utf-8")
    part.replace(STARTS_FILE)
    _stored.cache_clear()


@lru_cache(maxsize=1)
def _stored() -> dict[str, list[float] | dict[str, str]]:
    if not STARTS_FILE.exists():
        return {}
    table: dict[str, list[float] | dict[str, str]] = json.loads(
        STARTS_FILE.read_text(encoding="utf-8")
    )
    return table


def _key(text: str, height_m: float, sex: str) -> str:
    return f"{text} {height_m:g} {sex}"


def main() -> None:
    """Solve the faultless dives with twists and store their controls, or why there are none."""
    from fpcli.diving.difficulty import heights_for
    from fpcli.diving.numbers import parse
    from fpcli.errors import DiveNumberError
    from fpcli.simulation.dive import solved_standard_dive
    from fpcli.simulation.programme import FREQUENCIES

    for text in FREQUENCIES:
        if not parse(text).half_twists:
            continue
        for height_m in heights_for(parse(text)):
            for sex in ("female", "male"):
                found: Start | Refusal
                try:
                    dive = solved_standard_dive(text, height_m, sex)
                    found = Start(dive.controls, dive.technique.out_m_s)
                except DiveNumberError as refused:
                    sys.stderr.write(f"{refused.message}\n")
                    found = Refusal(refused.message, refused.hint)
                write_starts({(text, height_m, sex): found})


if __name__ == "__main__":
    main()
