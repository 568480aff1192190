"""What follows a change of a brief, read from the table's stream.

The stream's image is the outbox: the audit trail, the published event, the deadline's schedule and the workflow all
follow from it. Each step can be repeated and none depends on another, so a batch that fails half-way is read again.
"""

from typing import NamedTuple

from microintern.domain.amendments import Amendments
from microintern.domain.change import Change
from microintern.domain.check_ins import CheckIns, asked_at
from microintern.domain.credentials import Credential
from microintern.domain.documents import Application, StoredFile
from microintern.domain.events import (
    CloudEvent,
    of_amendments,
    of_application,
    of_brief,
    of_check_ins,
    of_credential,
    of_feedback,
    of_file,
    of_mentor,
    of_message,
)
from microintern.domain.feedback import Feedback
from microintern.domain.mentors import Mentor
from microintern.domain.messages import Message
from microintern.domain.trail import Entry
from microintern.domain.workflow import answer_to_wait, main_next
from microintern.ports.trail import Trail
from microintern.ports.workflow import Deadlines, EventBus, Workflow


class Followed(NamedTuple):
    """What came of a write: the entry that belongs into the day's journal, and the event that was published."""

    entry: Entry | None = None
    published: CloudEvent | None = None


def follow(change: Change, *, trail: Trail, bus: EventBus, deadlines: Deadlines, workflow: Workflow) -> Followed:
    """Let everything follow a change of a brief."""
    after, followed = change.after, Followed()
    if change.moved or change.nudged:
        new = trail.keep(after.entry)
        _keep_deadline(change, deadlines)
        published = of_brief(after)
        bus.publish([published.model_dump(mode="json")])
        followed = Followed(after.entry if new or change.moved else None, published)
    if change.before is None:
        workflow.start(after.brief_id)
    if change.wait is not None:
        answer = answer_to_wait(change.wait.state, after.state, settled=after.settled_at is not None)
        if answer is not None:
            workflow.move(change.wait.token, answer, main=answer == main_next(change.wait.state))
    return followed


def follow_application(application: Application, *, trail: Trail, bus: EventBus) -> Followed:
    """Publish that somebody applied or withdrew; that somebody was picked, the brief's own event says."""
    trail.keep(application.entry)
    if application.awarded_at is not None and application.withdrawn_at is None:
        return Followed(application.entry)
    event = of_application(application)
    bus.publish([event.model_dump(mode="json")])
    return Followed(application.entry, event)


def follow_message(message: Message, *, trail: Trail, bus: EventBus) -> Followed:
    """Publish that somebody said something; the words are in the message alone."""
    trail.keep(message.entry)
    event = of_message(message)
    bus.publish([event.model_dump(mode="json")])
    return Followed(message.entry, event)


def follow_mentor(mentor: Mentor, *, trail: Trail, bus: EventBus) -> Followed:
    """Publish who is named as the contact of a brief."""
    trail.keep(mentor.entry)
    event = of_mentor(mentor)
    bus.publish([event.model_dump(mode="json")])
    return Followed(mentor.entry, event)


def follow_amendments(proposed: Amendments, *, trail: Trail, bus: EventBus) -> Followed:
    """Keep what was done to an amendment, and publish it; that it was accepted, the brief's own event says."""
    trail.keep(proposed.entry)
    event = of_amendments(proposed)
    if event is not None:
        bus.publish([event.model_dump(mode="json")])
    return Followed(proposed.entry, event)


def follow_check_ins(said: CheckIns, *, trail: Trail, bus: EventBus) -> Followed:
    """Publish that a student said how the work is going; the words are in the item alone."""
    trail.keep(said.entry)
    event = of_check_ins(said)
    bus.publish([event.model_dump(mode="json")])
    return Followed(said.entry, event)


def follow_file(file: StoredFile, *, trail: Trail, bus: EventBus) -> Followed:
    """Keep that a file was announced; publish that it turned out to be of no use, so that people are told."""
    new = file.entry is not None and trail.keep(file.entry)
    event = of_file(file)
    if event is not None:
        bus.publish([event.model_dump(mode="json")])
    return Followed(file.entry if new or file.version == 1 else None, event)


def follow_feedback(feedback: Feedback, *, trail: Trail, bus: EventBus) -> Followed:
    """Keep and publish that a side gave feedback, and that both have if it was the second."""
    new = feedback.entry is not None and trail.keep(feedback.entry)
    events = of_feedback(feedback)
    if events:
        bus.publish([event.model_dump(mode="json") for event in events])
    return Followed(feedback.entry if new else None, events[-1] if events else None)


def follow_credential(credential: Credential, *, trail: Trail, bus: EventBus) -> Followed:
    """Keep what was done to a credential, and publish it."""
    trail.keep(credential.entry)
    event = of_credential(credential)
    if event is not None:
        bus.publish([event.model_dump(mode="json")])
    return Followed(credential.entry, event)


def _keep_deadline(change: Change, deadlines: Deadlines) -> None:
    """Set the new deadline, then drop the old one: a crash in between leaves one too many, not too few."""
    before_at = change.before.lapse_at if change.before else None
    after_at = change.after.lapse_at
    if after_at is not None and (change.nudged or before_at != after_at):
        deadlines.set(change.after.brief_id, after_at)
    if before_at is not None and before_at != after_at:
        deadlines.drop(change.after.brief_id, before_at)
    _keep_check_ins(change, deadlines)


def _keep_check_ins(change: Change, deadlines: Deadlines) -> None:
    """The same for when it is asked how the work is going."""
    before, after = set(asked_at(change.before) if change.before else []), set(asked_at(change.after))
    for at in sorted(after if change.nudged else after - before):
        deadlines.set(change.after.brief_id, at)
    for at in sorted(before - after - {change.after.lapse_at}):  # a schedule is named after its instant alone
        deadlines.drop(change.after.brief_id, at)
