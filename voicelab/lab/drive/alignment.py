"""Finds what arrives at a provider in what the server has sent.

A bridge may resample what it gets, compress it, cut it up differently, drop some of it
and fill gaps with silence. What arrives is still the server's audio, so its place can
be found by ear: each block is compared with what follows the block before it and, if
that is not it, looked for in everything that was sent. Where a cut lies within a block
is decided sample by sample.

Positions of arrived audio count samples since the leg was opened. Places are those of
the `Reference`. What a resampler of the bridge delays by a few milliseconds needs no
measuring apart: content is compared, so the place that is found is that of the content.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from voicelab.audio.pcm import Samples
from voicelab.lab.drive.matching import Match, find, likeness, loudness
from voicelab.lab.drive.reference import Floats, Reference
from voicelab.units import MS_PER_S

BLOCK_MS = 20
"""How much is compared at once; only the last of what arrives may be less."""

SEARCH_MS = 120
"""How much audio is collected before it is looked for everywhere: less than this may
sound alike in several places, as periods of one vowel do."""

QUIET = 24.0
"""The level below which blocks may pass as silence, as a root mean square of 16-bit
samples: 63 dB below full scale, where µ-law and A-law begin to change the shape."""

SURE = 0.98
"""A block this alike is what was expected. If as little as a millisecond of 20 were
something else, equally loud, it would be less."""

_NEAR_ENOUGH = 0.8  # a long stretch this alike, where expected, needs no search
_FOUND = 0.75  # and this alike where it was looked for
_SOMEWHAT = 0.3  # and this alike, where expected, if it is found nowhere
_BETTER = 0.05  # so much more alike another place must be than the expected one
_SLIP_MS = 2  # rounding of a bridge that resamples each piece by itself
_SHORT_MS = 5  # less cannot be recognised
_SLIP_GAIN = 0.002
_LOOK_BACK_MS = 2_000
_LOOK_FAR_BACK_MS = 20_000
_LOOK_AHEAD_MS = 1_000
_SLACK_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Stretch:
    """Arrived audio, and where it comes from.

    Attributes:
        start: its first sample, counted in all that has arrived.
        end: the one after its last.
        place: the reference's sample that its first one is; None if nothing that
            the server sent: silence that was put in, or a sound of the bridge's own.
        silent: whether it is silence.
    """

    start: int
    end: int
    place: int | None
    silent: bool = False


class Alignment:
    """Finds the place of what arrives, block by block.

    Args:
        reference: what was sent; it grows meanwhile.
    """

    def __init__(self, reference: Reference) -> None:
        rate_hz = reference.leg_hz
        self.arrived = 0
        self.settled = 0
        self.expected = 0
        """The place that the next sample should come from."""
        self._reference = reference
        self._pending: Floats = np.empty(0, np.float32)
        self._found: list[Stretch] = []
        self._cleared = False
        self._floor = 0
        self._block = rate_hz * BLOCK_MS // MS_PER_S
        self._search = rate_hz * SEARCH_MS // MS_PER_S
        self._slip = rate_hz * _SLIP_MS // MS_PER_S
        self._short = rate_hz * _SHORT_MS // MS_PER_S
        self._look_back = rate_hz * _LOOK_BACK_MS // MS_PER_S
        self._look_far_back = rate_hz * _LOOK_FAR_BACK_MS // MS_PER_S
        self._ahead = rate_hz * _LOOK_AHEAD_MS // MS_PER_S
        self._searched = -self._ahead  # in vain, last

    def take(self, samples: Samples) -> list[Stretch]:
        """Take audio that has arrived; return what is settled by it, in order."""
        self.arrived += len(samples)
        self._pending = np.concatenate([self._pending, samples.astype(np.float32)])
        while len(self._pending) >= self._block and self._step(enough=False):
            pass
        return self._told()

    def settle(self) -> list[Stretch]:
        """Settle what is left as well as can be, without waiting for more."""
        while len(self._pending):
            self._step(enough=True)
        return self._told()

    def cleared(self) -> None:
        """The bridge had the provider drop what was not played.

        It will go on elsewhere, as a rule with the beginning of an item.
        """
        self._cleared = True
        self.paused()

    def paused(self) -> None:
        """What arrives next comes after a pause.

        A resampler that is late keeps the last millisecond of an item until then.
        What of it comes out after a pause is heard by nobody.
        """
        end = self._reference.piece_end(self.expected)
        if 0 < end - self.expected <= self._short:
            self.expected = end
        self._floor = self.expected

    def _told(self) -> list[Stretch]:
        told, self._found = self._found, []
        return told

    # -- one block ------------------------------------------------------------

    def _step(self, *, enough: bool) -> bool:
        """Settle a block; return False if more has to arrive first."""
        block = self._pending[: self._block]
        if loudness(block) <= QUIET:
            self._settle_quiet(block)
        elif not self._settle_expected(block):
            if not enough and len(self._pending) < self._search:
                return False
            self._settle_searched(block)
        return True

    def _settle_quiet(self, block: Floats) -> None:
        """Silence goes on if it does in the reference; else an item may begin.

        What is nearly silent may still be recognised.
        """
        starts = self._reference.starts_after(self.expected + 1)
        here = [] if self._cleared else [self.expected]
        for place in (self.expected, *starts):
            if self._likeness(block, place) >= _FOUND:
                break
        else:
            quiet = (each for each in [*here, *starts] if self._is_quiet(each, block))
            first = next(quiet, None)
            if first is None:
                self._settle(len(block), None, silent=True)
                return
            place = first
        self._cleared = self._cleared and place == self.expected
        self._settle(len(block), place)

    def _is_quiet(self, place: int, block: Floats) -> bool:
        there = self._reference.audio[place : place + len(block)]
        return len(there) == len(block) and loudness(there) <= 2 * QUIET

    def _settle_expected(self, block: Floats) -> bool:
        """Settle a block if it is what was expected, to within a sample."""
        place = self.expected
        alike = self._likeness(block, place)
        for beside in (place - 1, place + 1):
            if (more := self._likeness(block, beside)) > alike + _SLIP_GAIN:
                place, alike = beside, more
        if alike < SURE:
            return False
        self._cleared = False
        self._settle(len(block), place)
        return True

    def _likeness(self, audio: Floats, place: int) -> float:
        there = self._reference.audio[max(place, 0) : max(place, 0) + len(audio)]
        if place < 0 or len(there) < len(audio):
            return 0.0
        return likeness(audio, there)

    # -- looking for it -------------------------------------------------------

    def _settle_searched(self, block: Floats) -> None:
        """Look for what follows the block, and decide where in it it begins."""
        after = self._pending[len(block) : self._search]
        wanted = after if loudness(after) > QUIET else self._pending[: self._search]
        skip = len(block) if wanted is after else 0
        found = self._look_for(wanted, self.expected + skip)
        if found is None:
            self._settle_strange(block)
        elif abs(found.position - skip - self.expected) <= self._slip:
            self._settle(len(block), found.position - skip)
        else:
            self._settle_cut(found.position - skip)

    def _look_for(self, wanted: Floats, place: int) -> Match | None:
        """Return where audio stands: where it should, or in all that was sent."""
        line = self._reference.audio
        near = find(wanted, line, place - self._slip, place + self._slip + 1)
        if near is not None and near.likeness >= _NEAR_ENOUGH:
            better = self._at_an_item(wanted)
            return better if better and better.likeness > SURE > near.likeness else near
        for found in self._elsewhere(wanted):
            if found is not None and found.likeness >= _FOUND:
                if near is not None and found.likeness < near.likeness + _BETTER:
                    return near
                return found
        self._searched = self.settled
        return near if near is not None and near.likeness >= _FOUND - _BETTER else None

    def _elsewhere(self, wanted: Floats) -> Iterator[Match | None]:
        """Look where it is likely, then everywhere, as far as it must be.

        Looking everywhere takes long, so after a search in vain it is not done again
        for a second: a sound of the bridge's own goes on for a while.
        """
        line = self._reference.audio
        yield self._at_an_item(wanted)
        yield find(wanted, line, self.expected, self.expected + self._ahead)
        if self.settled < self._searched + self._ahead:
            return
        here = self._reference.piece_start(self.expected)
        least = min(here, self.expected - self._look_back)
        yield find(wanted, line, least, len(line))
        yield find(wanted, line, least - self._look_far_back, least)

    def _at_an_item(self, wanted: Floats) -> Match | None:
        """Look near the beginning of each item that has not begun to arrive."""
        found = [
            find(
                wanted, self._reference.audio, start, start + self._block + self._search
            )
            for start in self._reference.starts_after(self.expected)
        ]
        matches = [match for match in found if match is not None]
        sure = [match for match in matches if match.likeness >= SURE - _BETTER]
        return max(sure, key=lambda match: match.likeness, default=None)

    def _settle_strange(self, block: Floats) -> None:
        """A sound that nobody sent, or a remnant that is too short or too bad to tell.

        A bridge that leaves samples out without a filter turns an s into noise.
        """
        alike = self._likeness(self._pending[: self._search], self.expected)
        goes_on = len(block) < self._short or alike >= _SOMEWHAT
        self._settle(len(block), self.expected if goes_on else None)

    def _settle_cut(self, place: int) -> None:
        """Settle the end of the old, any silence, and let the new begin.

        Args:
            place: where the first pending sample would stand if it were new already.
        """
        pending = self._pending[: self._search]
        count = len(pending)
        old = _part(self._reference.audio, self.expected, count)
        new = _part(self._reference.audio, place, count)
        begin = self._reference.piece_start(place + count) - place
        old_end, new_start = cut(pending, old, new, begin)
        self._settle(old_end, self.expected)
        self._settle(new_start - old_end, None, silent=True)
        self.expected = place + new_start
        self._cleared = False
        if new_start == 0:
            self._settle(min(self._block, count), place)

    # -- the result -----------------------------------------------------------

    def _settle(self, count: int, place: int | None, *, silent: bool = False) -> None:
        if count == 0:
            return
        if place is not None and 0 < self._floor - place <= min(self._short, count):
            late = self._floor - place
            self._settle(late, None, silent=True)
            self._settle(count - late, self._floor)
            return
        stretch = Stretch(self.settled, self.settled + count, place, silent)
        last = self._found[-1] if self._found else None
        if last is not None and goes_on(last, stretch):
            self._found[-1] = Stretch(last.start, stretch.end, last.place, silent)
        else:
            self._found.append(stretch)
        self.settled += count
        self._pending = self._pending[count:]
        if place is not None:
            self.expected = place + count


def goes_on(last: Stretch, stretch: Stretch) -> bool:
    """Whether a stretch is where the one before it leaves off."""
    if last.place is None or stretch.place is None:
        return last.place is stretch.place and last.silent == stretch.silent
    return last.place + last.end - last.start == stretch.place


def _part(line: Floats, place: int, count: int) -> Floats:
    """Return `count` samples from a place on; outside the line there is silence."""
    part = np.zeros(count, np.float32)
    low, high = max(place, 0), min(place + count, len(line))
    if low < high:
        part[low - place : high - place] = line[low:high]
    return part


def cut(pending: Floats, old: Floats, new: Floats, begin: int) -> tuple[int, int]:
    """Return where the old ends, and where the new begins, in what has arrived.

    Between the two is silence. Of all ways to cut, the one is taken that leaves the
    smallest difference; of several that are nearly as good, the one at which an item
    begins.

    Args:
        pending: what has arrived, [n].
        old: what it would be if it went on as before, [n].
        new: what it would be if it were new from the first sample on, [n].
        begin: where in it the new item begins; may lie outside.
    """
    old_cost = _running(pending - old)
    silence_cost = _running(pending)
    new_cost = _running(pending - new)
    through_old = old_cost - silence_cost
    best_old = np.minimum.accumulate(through_old)
    total = best_old + silence_cost + new_cost[-1] - new_cost
    first = max(begin, 0)
    starts = np.arange(len(total))
    total = np.where(starts < first, np.inf, total) if first < len(total) else total
    new_start = int(np.argmin(total))
    if 0 <= begin < len(total) and total[begin] <= total[new_start] + _slack(pending):
        new_start = begin
    old_end = int(np.argmin(through_old[: new_start + 1]))
    return old_end, new_start


def _running(difference: Floats) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.concatenate(([0.0], np.cumsum(np.square(difference, dtype=np.float64))))


def _slack(pending: Floats) -> float:
    """Return the difference that counts as none: that of silence, or of a millisecond.

    At a millisecond of speech that happens to be quiet, any cut is as good.
    """
    energy = float(np.sum(np.square(pending, dtype=np.float64)))
    return len(pending) * QUIET**2 + _SLACK_SHARE * energy
