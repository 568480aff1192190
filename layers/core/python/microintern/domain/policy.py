"""The numbers a stage can set: windows, fees and caps. Everything else about the life of a brief is fixed."""

from typing import Annotated

from pydantic import Field

from microintern.domain.base import Frozen

Seconds = Annotated[int, Field(gt=0)]
BasisPoints = Annotated[int, Field(ge=0, le=10_000)]
DAY_S = 86_400


class Policy(Frozen):
    """Windows in seconds, shares in basis points (1/100 of a percent) of the pay.

    A review window of 14 days is what marketplaces use where silence approves (Upwork, Sharetribe); the dispute
    window of 5 business days (Upwork) is given as 7 days; the kill fee is this platform's own policy.
    """

    funding_window_s: Seconds = 3 * DAY_S
    review_window_s: Seconds = 14 * DAY_S
    revision_window_s: Seconds = 7 * DAY_S
    dispute_window_s: Seconds = 7 * DAY_S
    resolution_window_s: Seconds = 30 * DAY_S
    reopening_window_s: Seconds = DAY_S
    """A decision on a dispute stands this long before money moves; in it an operator can open the dispute again."""
    payout_cooling_off_s: Seconds = 3 * DAY_S
    """After a change of where a student is paid: time to notice that somebody else made it."""
    retry_failed_after_s: Seconds = DAY_S
    """When a refund that the provider could not make is tried again."""
    overdue_after_s: Seconds = 120
    """How long something may take that takes a moment, before the sweeper sees to it."""
    handover_grace_s: Seconds = 900
    """After a submission deadline: files received in time may still be handed in, nothing later is accepted."""
    longest_brief_s: Seconds = 180 * DAY_S
    feedback_window_s: Seconds = 7 * DAY_S
    """How long both sides may write of each other after the end; then what was written is shown."""
    remind_before_s: Seconds = DAY_S
    """So long before a deadline whoever has to act is reminded, unless they were told of it later than that."""
    amendment_window_s: Seconds = 3 * DAY_S
    """How long the other side has to accept a change of scope or deadline, if the work is not due before."""
    fee_bp: BasisPoints = 1_000
    kill_fee_bp: BasisPoints = 2_500
    most_open_applications: Annotated[int, Field(gt=0)] = 20
    most_applications_per_day: Annotated[int, Field(gt=0)] = 30
    most_same_statements: Annotated[int, Field(gt=0)] = 3
    """So many briefs get the same text of one student, of the latest forty."""
    most_saved_searches: Annotated[int, Field(gt=0, le=50)] = 10
    """Of one student; they are kept in one item."""
    most_uploads_per_day: Annotated[int, Field(gt=0)] = 300
    most_bytes_per_day: Annotated[int, Field(gt=0)] = 20 * 2**30
    most_messages_per_day: Annotated[int, Field(gt=0)] = 100
    """Of one account, on all briefs together."""
    most_questions_per_brief: Annotated[int, Field(gt=0)] = 10
    """Of one student."""
    most_messages_per_thread: Annotated[int, Field(gt=0, le=5_000)] = 1_000
    keep_messages_s: Seconds = 365 * DAY_S
    """After the day that the work was due: longer than any dispute about it can last."""
    self_dealing_window_s: Seconds = 180 * DAY_S
    """So long after leaving an organisation a student is on its side; no brief outlives it."""
    invitation_window_s: Seconds = 7 * DAY_S
    most_members: Annotated[int, Field(gt=0, le=100)] = 50
    standing_remembered_s: Annotated[int, Field(ge=0)] = 10
    """How long a function goes by what it knows of an account: a suspension takes effect after this at the latest."""
    status_list_kept_s: Seconds = 300
    """How long a status list may be kept by whoever asked for it: a revocation is seen everywhere after that."""
    request_window_s: Seconds = 600
    most_requests: Annotated[int, Field(gt=0)] = 3_000
    """Of one account in one such window, on all routes together."""
    keep_candidates_s: Seconds = 730 * DAY_S
    """How long an organisation keeps a student in view whom it has nothing to do with any more."""
    most_students: Annotated[int, Field(gt=0, le=1_000)] = 300
    """Of one cohort."""
    cohort_code_s: Seconds = 30 * DAY_S
    cohort_seen_s: Seconds = 90 * DAY_S
    """After a cohort's last day: so long its students can be seen, and credit be granted."""
    at_risk_before_s: Seconds = 2 * DAY_S
    """A deadline that is nearer than this puts a student at risk who has handed nothing in."""
    most_revision_rounds: Annotated[int, Field(ge=0, le=5)] = 3
    multipart_above_bytes: Annotated[int, Field(ge=5 * 1_048_576)] = 64 * 1_048_576
    """Larger files are uploaded in parts, so that a connection that breaks costs one part."""
    part_bytes: Annotated[int, Field(ge=5 * 1_048_576)] = 8 * 1_048_576
    """S3 takes no smaller ones, but for the last."""
    parts_life_s: Seconds = DAY_S
    """How long an upload in parts may take; then S3 drops it."""
    upload_url_s: Annotated[int, Field(gt=0, le=3_600)] = 300
    download_url_s: Annotated[int, Field(gt=0, le=3_600)] = 300
    scan_timeout_s: Seconds = 600
    """How long a file may wait for its receipt and its scan before the sweeper asks again."""
    keep_files_s: Seconds = 365 * DAY_S
    """How long a settled brief's files are kept."""
    keep_strays_s: Seconds = DAY_S
    """How old an object must be that no record asks for before it is cleared away."""
    most_rescans: Annotated[int, Field(ge=0, le=10)] = 3
    webhook_pauses_s: tuple[Seconds, ...] = (5, 60, 600, 3_600, 10_800, 25_200, 43_200)
    """Between the attempts to deliver a webhook: eight of them, the last some 23 hours after the first."""
    webhook_give_up_s: Seconds = 5 * DAY_S
    """An endpoint that took nothing for so long is disabled when one more delivery has run out of attempts."""
    webhook_overlap_s: Seconds = DAY_S
    """So long a webhook's former secret signs beside the new one."""
    keep_deliveries_s: Seconds = 30 * DAY_S
    most_webhooks: Annotated[int, Field(gt=0, le=20)] = 5
    """Of one organisation."""
    most_replayed: Annotated[int, Field(gt=0, le=1_000)] = 500
    """Deliveries that one command has sent again."""
