"""What to know of many dives: said once, and told by letters which dive it is about."""

from collections import Counter
from collections.abc import Iterator, Sequence
from string import ascii_lowercase

from fpcli.analysis.result import DiveAnalysis
from fpcli.report.notices import notices


class Footnotes:
    """The notices of many dives.

    common: sentences that hold for every dive. letters: those of some dives only, with the letter
    that stands for each.
    """

    def __init__(self, analyses: Sequence[DiveAnalysis]) -> None:
        self._said = [[told.of_many for told in notices(analysis)] for analysis in analyses]
        times = Counter(sentence for sentences in self._said for sentence in sentences)
        self.common = [sentence for sentence, count in times.items() if count == len(analyses)]
        some = [sentence for sentence, count in times.items() if count < len(analyses)]
        self.letters = {sentence: _letter(place) for place, sentence in enumerate(some)}

    def of_each(self) -> Iterator[str]:
        """Yield the letters of each dive's notices, in the order of the dives."""
        for said in self._said:
            yield " ".join(letter for sentence, letter in self.letters.items() if sentence in said)


def _letter(place: int) -> str:
    """Return a, b, ... z, aa, ab, ..."""
    first, last = divmod(place, len(ascii_lowercase))
    return (_letter(first - 1) if first else "") + ascii_lowercase[last]
