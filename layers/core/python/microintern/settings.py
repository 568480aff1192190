"""The one place that reads the environment. A function names the settings class that lists what it needs."""

import json
import os
from typing import TypeVar

from microintern.domain.base import Frozen
from microintern.domain.policy import Policy


class BriefsApiSettings(Frozen):
    """For the commands of a brief's life."""

    brief_table: str
    account_table: str
    policy: Policy


class BrowseApiSettings(Frozen):
    """For everything that is only read."""

    brief_table: str
    account_table: str
    ledger_table: str


class FilesApiSettings(Frozen):
    """For the routes that hand out upload and download forms."""

    brief_table: str
    files_bucket: str
    policy: Policy


class AccountsApiSettings(Frozen):
    """For the routes of one's own account."""

    account_table: str


class RolesApiSettings(Frozen):
    """For the operator's route that assigns roles."""

    user_pool_id: str


class OpenapiSettings(Frozen):
    """The description of the API needs nothing."""


class SignUpSettings(Frozen):
    """The user pool names itself in its event."""


class BriefStreamSettings(Frozen):
    """For the consumer of the brief table's stream."""

    brief_table: str
    event_bus: str
    state_machine_arn: str
    schedule_group: str
    lapse_function_arn: str
    scheduler_role_arn: str
    schedule_dlq_arn: str


class LapseSettings(Frozen):
    """For the function that a deadline's schedule calls."""

    brief_table: str
    policy: Policy


class SettlementSettings(Frozen):
    """For the only function that moves money."""

    brief_table: str
    account_table: str
    ledger_table: str
    sandbox_table: str


class FileReceivedSettings(Frozen):
    """For the function that records what S3 received."""

    brief_table: str
    files_bucket: str


class NotifySettings(Frozen):
    """For the function that tells people what happened."""

    brief_table: str
    account_table: str


S = TypeVar("S", bound=Frozen)


def load(settings: type[S]) -> S:
    """Read a function's settings from the environment; a missing one is named in the error."""
    names = {name: name.upper() for name in settings.model_fields}
    missing = [variable for variable in names.values() if variable not in os.environ]
    if missing:
        raise RuntimeError(f"{settings.__name__}: set {', '.join(missing)} in the function's environment")
    values = {name: os.environ[variable] for name, variable in names.items()}
    return settings.model_validate({n: json.loads(v) if n == "policy" else v for n, v in values.items()})
