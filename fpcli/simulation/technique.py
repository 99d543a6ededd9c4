"""How one diver does one dive: all that is chosen or goes wrong before physics takes over."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Technique:
    """Quantities of one dive; the defaults are faultless.

    rise_m_s, out_m_s, aside_m_s: speed of the mass centre at take-off, up, away from the board and
    to the side. lean_deg: of the body out over the water at take-off. close_s: from take-off until
    the flight position is reached. opened_s: opened for the entry this long before the water.
    loose_deg: hips less bent than a tight pike or tuck. knees_deg, feet_apart_deg, toes_deg: bent
    knees (pike and straight), feet apart, toes not pointed in flight. somersault_error_deg: past
    (+) or short of (-) the vertical at the water. twist_error_deg: of twist when it is stopped; the
    rest of the flight lets it grow some twenty-fold.
    arms_apart_deg, elbows_deg, entry_hips_deg (+ pike, - arch), entry_knees_deg, entry_feet_deg:
    the line at the entry.
    """

    rise_m_s: float
    out_m_s: float
    lean_deg: float
    close_s: float
    opened_s: float
    aside_m_s: float = 0.0
    loose_deg: float = 0.0
    knees_deg: float = 0.0
    feet_apart_deg: float = 0.0
    toes_deg: float = 0.0
    somersault_error_deg: float = 0.0
    twist_error_deg: float = 0.0
    arms_apart_deg: float = 0.0
    elbows_deg: float = 0.0
    entry_hips_deg: float = 0.0
    entry_knees_deg: float = 0.0
    entry_feet_deg: float = 0.0


@dataclass(frozen=True)
class Controls:
    """What is solved for, so that the dive ends as its technique wants.

    momentum: kg m²/s about the board's cross line, in the sense of the dive. twisted_s: the twist
    is stopped, seconds from take-off. throw, check: shares of a full asymmetric arm swing that
    start and stop it.
    throw_hips_deg: hips bent while the twist is thrown, which makes the throw tilt the body more.
    lean_aside_deg: tilt that the diver takes along from the board.
    """

    momentum: float
    twisted_s: float = 0.0
    throw: float = 1.0
    check: float = 0.0
    throw_hips_deg: float = 0.0
    lean_aside_deg: float = 0.0
