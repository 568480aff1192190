"""Lets in who may act: remembers for a few seconds how accounts stand, so that most requests cost no call."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from microintern.adapters.aws import client
from microintern.adapters.clock import SystemClock
from microintern.adapters.standings import DynamoStandings
from microintern.domain.policy import Policy
from microintern.domain.standing import Standing, StandingState, check_requests, window_at
from microintern.ports.accounts import Standings
from microintern.ports.clock import Clock
from microintern.settings import CallerSettings, load

LOT = 20
"""Requests are told of in lots: whoever asks less often than this between two looks never causes a write."""

_MOST_REMEMBERED = 1_000


@dataclass
class _Known:
    """What a function knows of an account, until when, and how many of this window's requests it has not told of."""

    standing: Standing
    until: datetime
    window: int
    untold: int

    def one_more_in(self, window: int) -> int:
        """Count a request; how many there have been in this window, as far as is known here."""
        self.untold = 1 + (self.untold if self.window == window else 0)
        self.window = window
        return self.untold + (self.standing.requests if self.standing.window == window else 0)


class Gate:
    """Everybody who calls comes by here."""

    def __init__(self, standings: Standings, clock: Clock, policy: Policy) -> None:
        self._standings, self._clock, self._policy = standings, clock, policy
        self._known: dict[str, _Known] = {}

    def admit(self, account_id: str, *, also_suspended: bool = False, for_organisation: bool = False) -> Standing:
        """Count a request, and say how who makes it stands; Forbidden for whoever may not act, TooMany for floods.

        Whoever acts `for_organisation` and had none is looked at anew: they may just have found one.
        """
        now = self._clock.now()
        window = window_at(now, self._policy)
        known = self._known.get(account_id)
        if known is None or now >= known.until or (for_organisation and known.standing.organisation_id is None):
            known = self._look(account_id, known, now, window)
        check_requests(known.one_more_in(window), now, self._policy)
        if not also_suspended or known.standing.state is StandingState.ERASED:
            known.standing.check_active()
        return known.standing

    def ties(self, standing: Standing) -> frozenset[str]:
        """The organisations that somebody is not to be a student of."""
        since = self._clock.now() - timedelta(seconds=self._policy.self_dealing_window_s)
        return frozenset(standing.ties(since))

    def forget(self) -> None:
        """Know nothing of anybody."""
        self._known.clear()

    def _look(self, account_id: str, known: _Known | None, now: datetime, window: int) -> _Known:
        untold = known.untold if known and known.window == window else 0
        if untold >= LOT:
            self._standings.count(account_id, window, untold)
            untold = 0
        if len(self._known) >= _MOST_REMEMBERED:
            self.forget()
        until = now + timedelta(seconds=self._policy.standing_remembered_s)
        found = _Known(self._standings.read(account_id), until, window, untold)
        self._known[account_id] = found
        return found


@cache
def gate() -> Gate:
    """The function's own."""
    settings = load(CallerSettings)
    return Gate(DynamoStandings(client("dynamodb"), settings.account_table), SystemClock(), settings.policy)
