"""Open briefs can be found, and are found no more when they are not open any longer."""

from microintern.app.commands import load
from microintern.domain.documents import Content
from microintern.domain.events import CloudEvent, EventType
from microintern.domain.searching import listed
from microintern.domain.wording import Stem
from microintern.ports.briefs import Briefs
from microintern.ports.discovery import Index

FOLLOWED = (
    EventType.BRIEF_OPENED,
    EventType.BRIEF_AWARDED,
    EventType.BRIEF_AWARD_WITHDRAWN,
    EventType.BRIEF_EXPIRED,
    EventType.BRIEF_CANCELLED,
)
"""The events after which a brief opens, or is open no longer."""


def index(event: CloudEvent, *, briefs: Briefs, found_by: Index, stem: Stem) -> bool:
    """Have the brief found if it is open; whether it is. Events may come in any order: what counts is how it is now."""
    snapshot = load(briefs, event.subject, Content.key_of)
    brief = listed(snapshot.brief, snapshot.posting, stem)
    found_by.keep(brief)
    return brief.open
