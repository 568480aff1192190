"""Whoever saved a search is told of a brief that opens and fits it."""

from itertools import islice

from microintern.app.commands import load
from microintern.domain.accounts import Notice
from microintern.domain.documents import Content
from microintern.domain.events import CloudEvent
from microintern.domain.notices import MATCHED
from microintern.domain.searching import Watch, fits, listed
from microintern.domain.wording import Stem
from microintern.ports.accounts import Accounts
from microintern.ports.briefs import Briefs
from microintern.ports.discovery import Searches

_AT_ONCE = 500


def match(event: CloudEvent, *, briefs: Briefs, searches: Searches, accounts: Accounts, stem: Stem) -> int:
    """Give each student one notice of the brief, however many of their searches it fits; the number of students.

    The notice is named after the brief and the instant at which it opened, so that a repeat writes the same again.
    """
    snapshot = load(briefs, event.subject, Content.key_of)
    brief = listed(snapshot.brief, snapshot.posting, stem)
    if not brief.open:
        return 0
    found: dict[str, Watch] = {}
    for watch in searches.watching(brief.terms):
        if fits(brief, watch.wanted):
            found[watch.account_id] = min(found.get(watch.account_id, watch), watch, key=lambda w: w.search_id)
    notices = iter([_notice(event, watch) for watch in found.values()])
    while chunk := list(islice(notices, _AT_ONCE)):
        accounts.tell(chunk)
    return len(found)


def _notice(event: CloudEvent, watch: Watch) -> Notice:
    text = f"A brief that fits your saved search “{watch.name}” is open for applications."
    named = {"account_id": watch.account_id, "notice_id": f"{event.subject}#{MATCHED}", "brief_id": event.subject}
    return Notice.model_validate({**named, "type": MATCHED, "text": text, "at": event.time})
