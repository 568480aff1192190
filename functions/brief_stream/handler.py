"""The brief table's stream: audit trail, published events, deadlines and the workflow follow each write."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import (
    CONTROL,
    amendments_of,
    application_of,
    change_of,
    check_ins_of,
    feedback_of,
    file_of,
    mentor_of,
    message_of,
)
from microintern.adapters.deadlines import SchedulerDeadlines
from microintern.adapters.events import EventBridgeBus
from microintern.adapters.trail import DynamoTrail
from microintern.adapters.workflow import StepFunctionsWorkflow
from microintern.app.following import (
    Followed,
    follow,
    follow_amendments,
    follow_application,
    follow_check_ins,
    follow_feedback,
    follow_file,
    follow_mentor,
    follow_message,
)
from microintern.domain.amendments import Amendments
from microintern.domain.check_ins import CheckIns
from microintern.domain.documents import Application, StoredFile
from microintern.domain.feedback import Feedback
from microintern.domain.mentors import Mentor
from microintern.domain.messages import Message
from microintern.domain.trail import Entry
from microintern.settings import BriefStreamSettings, load
from microintern.streams import follow_all

settings = load(BriefStreamSettings)
trail = DynamoTrail(client("dynamodb"), settings.trail_table)
bus = EventBridgeBus(client("events"), settings.event_bus)
workflow = StepFunctionsWorkflow(client("stepfunctions"), settings.state_machine_arn)
deadlines = SchedulerDeadlines(
    client("scheduler"),
    group=settings.schedule_group,
    target_arn=settings.lapse_function_arn,
    role_arn=settings.scheduler_role_arn,
    dead_letter_arn=settings.schedule_dlq_arn,
)
logger = Logger()

_FOLLOWED: dict[str, tuple[Callable[[dict[str, Any]], Any], Callable[..., Followed]]] = {
    Application.kind: (application_of, follow_application),
    StoredFile.kind: (file_of, follow_file),
    Feedback.kind: (feedback_of, follow_feedback),
    Mentor.kind: (mentor_of, follow_mentor),
    Amendments.kind: (amendments_of, follow_amendments),
    CheckIns.kind: (check_ins_of, follow_check_ins),
}
"""What belongs to a brief: how each kind is read from an image, and what follows from it."""

_FORGETFUL = (Amendments.kind, CheckIns.kind)
"""What is written over without a new step when somebody of it is forgotten."""


def follow_images(images: dict[str, Any]) -> Entry | None:
    """Let everything follow one write."""
    kind = images.get("NewImage", {}).get("kind", {}).get("S")
    if kind == CONTROL:
        change = change_of(images.get("OldImage"), images["NewImage"])
        followed = follow(change, trail=trail, bus=bus, deadlines=deadlines, workflow=workflow)
    elif kind == Message.kind and not images.get("OldImage"):  # one that is forgotten is said no second time
        followed = follow_message(message_of(images["NewImage"]), trail=trail, bus=bus)
    elif kind in _FORGETFUL and images.get("OldImage", {}).get("event") == images["NewImage"]["event"]:
        return None  # words were taken away, which is no step
    elif kind in _FOLLOWED:
        read, then = _FOLLOWED[kind]
        followed = then(read(images["NewImage"]), trail=trail, bus=bus)
    else:
        return None  # a batch that is handed over again has what the mapping's filter left out
    if (published := followed.published) is not None:
        with single_metric(name="BriefTransition", unit=MetricUnit.Count, value=1) as metric:
            metric.add_dimension(name="event", value=published.type)
        logger.info("published", event_id=published.id, event_type=published.type)
    return followed.entry


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Lambda's entry point."""
    return follow_all(event, context, follow_images, trail)
