"""How many briefs a second are carried from posting to payout, with 1, 4 and 16 of them at once.

The peer are bare functions that make the calls of one brief, in as many invocations, one after the other: what the
local stack itself can do, without a rule, a workflow or an event.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.bench.lifecycle import Crew, Line
from tests.bench.peer import Calls, Peer, calls_of
from tests.e2e.people import People

ABREAST = (1, 4, 16)
BRIEFS_EACH = 2


def throughput_ratios(people: People, peer: Peer, lines: list[Line], say: Callable[[str], None]) -> dict[str, Any]:
    """By how many at once: ours and the peer's briefs a second, and ours as a share of the peer's."""
    shares = _shares(lines)
    found = {}
    for abreast in ABREAST:
        crews = [Crew.of(People(people.stack)) for _ in range(abreast)]
        for warm in (abreast // 4, abreast // 2, abreast):  # have each function started as often as it is needed
            _at_once([crew.carry for crew in crews[:warm]], 1)
        _at_once([lambda: _bare(peer, shares)] * abreast, 1)
        ours = abreast * BRIEFS_EACH / _at_once([crew.carry for crew in crews], BRIEFS_EACH)
        bare = abreast * BRIEFS_EACH / _at_once([lambda: _bare(peer, shares)] * abreast, BRIEFS_EACH)
        found[str(abreast)] = {"ours": round(ours, 2), "bare": round(bare, 2), "ratio": round(ours / bare, 2)}
        say(f"  throughput: {abreast} at once: {found[str(abreast)]}")
    return found


def _shares(lines: list[Line]) -> list[Calls]:
    """The calls of one brief, dealt out to as many invocations as it took."""
    invocations = sum(line["service"] == "lambda" for line in lines)
    calls = calls_of(lines)
    return [calls[number::invocations] for number in range(invocations)]


def _bare(peer: Peer, shares: list[Calls]) -> None:
    for share in shares:
        peer.invoke(share)


def _at_once(acts: list[Callable[[], Any]], times: int) -> float:
    """The seconds that it takes until all have been done so often; none is lost, for each raises that does not end."""

    def repeat(act: Callable[[], Any]) -> None:
        for _ in range(times):
            act()

    start_s = time.perf_counter()
    with ThreadPoolExecutor(len(acts) or 1) as pool:
        list(pool.map(repeat, acts))
    return time.perf_counter() - start_s
