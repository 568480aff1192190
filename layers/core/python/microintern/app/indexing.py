"""A brief that opens can be found."""

from microintern.app.commands import load
from microintern.domain.documents import Content
from microintern.domain.events import CloudEvent, EventType
from microintern.domain.searching import listed
from microintern.domain.wording import Stem
from microintern.ports.briefs import Briefs
from microintern.ports.discovery import Index

FOLLOWED = (EventType.BRIEF_OPENED,)
"""It is found until applications close, also when it is open no longer: a search looks at the brief itself."""


def index(event: CloudEvent, *, briefs: Briefs, found_by: Index, stem: Stem) -> int:
    """Have the brief found, however often it is said to have opened; by how many terms."""
    snapshot = load(briefs, event.subject, Content.key_of)
    brief = listed(snapshot.brief, snapshot.posting, stem)
    found_by.keep(brief)
    return len(brief.terms)
