"""The stages: one typed place for everything that differs between the laptop, development and production."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args
from urllib.parse import urlsplit

from aws_cdk import RemovalPolicy
from aws_cdk.aws_logs import RetentionDays

from infra.bundling import LAMBDA, Platform, local_platform
from microintern.domain.parts import MEBIBYTE
from microintern.domain.payments import ProviderName
from microintern.domain.policy import Policy

Scanner = Literal["guardduty", "yara"]

SHORT_WINDOWS = Policy(
    funding_window_s=8,
    review_window_s=8,
    revision_window_s=8,
    dispute_window_s=8,
    resolution_window_s=8,
    reopening_window_s=6,
    payout_cooling_off_s=6,
    retry_failed_after_s=4,
    overdue_after_s=3,
    handover_grace_s=4,
    feedback_window_s=20,
    remind_before_s=5,
    standing_remembered_s=1,
    status_list_kept_s=4,
    most_open_applications=1_000,
    most_applications_per_day=10_000,
    most_same_statements=1_000,
    multipart_above_bytes=5 * MEBIBYTE,
    part_bytes=5 * MEBIBYTE,
    webhook_pauses_s=(1, 2),
    webhook_give_up_s=12,
    webhook_overlap_s=8,
)
"""Deadlines that pass while a test waits, and parts that a small file has several of."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What a deployment of this system can be set to. The defaults are those of `dev`."""

    name: str
    policy: Policy = Policy()
    platform: Platform = LAMBDA
    local_credentials: bool = False
    """Deploy with the caller's own keys: a local AWS has no bootstrap roles to take on."""
    keeps_data: bool = False
    """Whether tables, files and accounts are protected from deletion and outlive their stack."""
    memory_mb: int = 1_024
    """CPU comes with memory: below this, starting a function takes longer than it saves."""
    log_retention: RetentionDays = RetentionDays.ONE_MONTH
    locks_files: bool = False
    """Whether work that was handed in is locked (S3 Object Lock); a bucket has locks from its beginning, or never."""
    quarantine_days: int = 30
    """How long infected files are kept where nobody can have them."""
    preview_days: int = 270
    """How long a preview is kept: longer than the longest brief with its disputes takes."""
    archive_days: int | None = 7
    """How long published events can be replayed; the local AWS has no archives in its CloudFormation."""
    stream_record_age_s: int = 6 * 3_600
    """After how long a failing record is given up; until then it holds back its neighbours."""
    scanner: Scanner = "guardduty"
    """What looks for malware in uploads: GuardDuty, or where there is none a function with YARA."""
    payments: ProviderName = "sandbox"
    sandbox_late_s: int = 60
    """How long the sandbox takes for what it is told to be late with."""
    sweep_every_min: int = 5
    requests_per_s: int = 50
    burst_requests: int = 100
    requests_per_address: int = 2_000
    """From one address, in five minutes; more is refused at the edge."""
    edge: bool = True
    """Whether CloudFront and its firewall stand before the API, and the API answers nobody who goes around them."""
    domain: str | None = None
    """The API's public name, with the certificate for it; CloudFront gives it one otherwise."""
    certificate_arn: str | None = None
    origin_key: str = "1"
    """Raised to have CloudFront take the key anew that it shows to the API."""
    tls_only: bool = True
    """Whether files are refused to anyone who comes without TLS; the local AWS speaks plain HTTP."""
    password_sign_in: bool = False
    """USER_PASSWORD_AUTH sends the password itself: handy in scripts against a laptop, nowhere else."""
    threat_protection: bool = False
    """Cognito's Plus plan: costs per user, so only where real users are."""
    webhooks_to_loopback: bool = False
    """Whether webhooks may go to this machine itself, by plain HTTP: on a laptop only."""
    alarm_email: str | None = None
    email_from: str | None = None
    """Whom notices by e-mail come from, an address that SES has verified or `Name <address>`; none are sent without."""
    web_origin: str | None = None
    """The one web site whose pages may call the API and upload files; none by default."""
    console: bool = True
    """Whether the console's bucket and CloudFront are made; a laptop serves it by itself."""
    console_certificate_arn: str | None = None
    """The certificate of the web origin, if that is to be the console's name; CloudFront gives it one otherwise."""
    endpoint: str | None = None
    """Where a local AWS answers, API included; on AWS, each service has an address of its own."""

    @property
    def console_domain(self) -> str | None:
        """The console's own name, where it has one."""
        return urlsplit(self.web_origin).hostname if self.web_origin and self.console_certificate_arn else None

    @property
    def removal_policy(self) -> RemovalPolicy:
        """What happens to data when its stack is deleted."""
        return RemovalPolicy.RETAIN if self.keeps_data else RemovalPolicy.DESTROY


def _local() -> Stage:
    platform = local_platform()
    return Stage(
        name="local",
        # The few people of a laptop apply for everything.
        policy=Policy(most_open_applications=1_000, most_applications_per_day=10_000),
        platform=platform,
        local_credentials=True,
        archive_days=None,
        stream_record_age_s=60,  # the local AWS counts no attempts, only this
        scanner="yara",
        sandbox_late_s=4,
        sweep_every_min=1,
        tls_only=False,
        password_sign_in=True,
        webhooks_to_loopback=True,
        email_from="Microintern <notices@example.com>",  # only shown: the local AWS sends nothing anywhere
        edge=False,  # the local AWS has no firewall that would refuse anything
        console=False,
    )


def _dev() -> Stage:
    return Stage(name="dev")


def _prod() -> Stage:
    return Stage(
        name="prod",
        keeps_data=True,
        locks_files=True,
        log_retention=RetentionDays.ONE_YEAR,
        archive_days=365,
        requests_per_s=500,
        burst_requests=1_000,
        threat_protection=True,
    )


STAGES: dict[str, Callable[[], Stage]] = {"local": _local, "dev": _dev, "prod": _prod}


def _payments(name: str | None) -> ProviderName:
    known = get_args(ProviderName)
    if name is not None and name not in known:
        raise SystemExit(f"Unknown payment provider {name!r}: choose one of {', '.join(known)}.")
    return "stripe" if name == "stripe" else "sandbox"


def _sender(text: str | None) -> str | None:
    if text is not None and not re.fullmatch(r"(?:[^<>@\r\n]+ <)?[^<>@\s]+@[^<>@\s]+\.[^<>@\s]+>?", text):
        raise SystemExit(f"{text!r} is no sender: give an address, alone or as `Name <you@example.com>`.")
    return text


def stage_from(context: Callable[[str], str | None]) -> Stage:
    """The stage that `-c stage=… -c payments=… -c windows=short …` ask for; each by the name of its setting."""
    name, windows = context("stage") or "dev", context("windows")
    if name not in STAGES:
        raise SystemExit(f"Unknown stage {name!r}: choose one of {', '.join(STAGES)}.")
    if context("edge") not in (None, "on", "off"):
        raise SystemExit("The edge can only be `on` or `off`.")
    if (context("domain") is None) != (context("certificate_arn") is None):
        raise SystemExit("A domain comes with the ARN of its certificate (domain=… certificate_arn=…).")
    if context("console_certificate_arn") and not (context("web_origin") or "").startswith("https://"):
        raise SystemExit("The console's certificate comes with its address (web_origin=https://…).")
    stage = replace(
        STAGES[name](),
        alarm_email=context("alarm_email"),
        web_origin=context("web_origin"),
        email_from=_sender(context("email_from")) or STAGES[name]().email_from,
        endpoint=context("endpoint"),
        payments=_payments(context("payments")),
        domain=context("domain"),
        certificate_arn=context("certificate_arn"),
        origin_key=context("origin_key") or "1",
        console_certificate_arn=context("console_certificate_arn"),
    )
    stage = replace(stage, edge=stage.edge and context("edge") != "off")
    if windows is None:
        return stage
    if windows != "short" or name != "local":
        raise SystemExit("Windows can only be `short`, and only in the stage `local`.")
    return replace(stage, policy=SHORT_WINDOWS)
