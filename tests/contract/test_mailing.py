"""The ports of what goes out by e-mail."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from microintern.adapters import secrets
from microintern.adapters.mailer import SecretMailKeys, SesMailer
from microintern.domain.mailing import Cadence, Due, Hold, Mailing, NoticeKind
from microintern.domain.standing import Standing, StandingState
from microintern.domain.states import Role
from microintern.domain.trail import Event
from microintern.ports.accounts import Accounts
from microintern.ports.conditions import AccountErased, StaleDocument
from microintern.ports.mailing import Agenda, Mail, Mailings, MailKeys, NotSent, SentMail
from tests.contract.conftest import BOTH, Stores, service
from tests.contract.examples import NOW, STUDENT
from tests.contract.test_accounts import notice
from tests.twins.mailing import MemoryMailer, MemoryMailKeys

SENDER = "notices@example.com"


@pytest.fixture
def mailings(stores: Stores) -> Mailings:
    return stores.mailings


@pytest.fixture
def agenda(stores: Stores) -> Agenda:
    return stores.agenda


@pytest.fixture
def sent(stores: Stores) -> SentMail:
    return stores.sent_mail


def mailing(version: int = 1, **changes: Any) -> Mailing:
    event = Event(type="mailing.saved", at=NOW, role=Role.STUDENT, actor_id=STUDENT)
    said = {"email": {NoticeKind.SEARCHES: Cadence.NEVER}, "zone": "Asia/Tokyo", "digest_hour": 6, **changes}
    return Mailing(account_id=STUDENT, version=version, event=event, done=["a b"], **said)


def test_what_is_wanted_is_written_over_the_version_before_only(mailings: Mailings, accounts: Accounts) -> None:
    assert mailings.of(STUDENT) == Mailing(account_id=STUDENT)
    with pytest.raises(StaleDocument):
        mailings.save(mailing(2))
    mailings.save(mailing())
    held = mailing(2, hold=Hold(reason="bounced", since=NOW, address="hash"))
    mailings.save(held)
    for late in (mailing(), mailing(2), mailing(4)):
        with pytest.raises(StaleDocument):
            mailings.save(late)
    assert mailings.of(STUDENT) == held
    assert [step.subject for step in accounts.steps(STUDENT)] == ["mailing"]
    accounts.forget(STUDENT)
    assert mailings.of(STUDENT) == Mailing(account_id=STUDENT)


def test_nothing_is_written_for_who_is_erased(stores: Stores) -> None:
    stores.mailings.save(mailing())
    stores.standings.erase(Standing(account_id=STUDENT, state=StandingState.ERASED, since=NOW, version=1))
    for late in (mailing(2), mailing(4)):
        with pytest.raises(AccountErased):
            stores.mailings.save(late)
    assert stores.mailings.of(STUDENT) == mailing()


def due(minutes: int, subject: str = STUDENT, item: str = "", agenda: Any = "digest") -> Due:
    return Due(agenda=agenda, at=NOW + timedelta(minutes=minutes), subject=subject, item=item)


def test_what_is_due_is_found_in_its_order_over_hours_and_no_other(agenda: Agenda) -> None:
    rows = [due(200), due(-1), due(0), due(1, item="b"), due(1, item="a"), due(1, "another-account"), due(90)]
    agenda.add(rows)
    agenda.add([due(1, item="a"), due(30, agenda="feedback")])
    found = list(agenda.between("digest", NOW, NOW + timedelta(minutes=199)))
    assert found == [due(1, "another-account"), due(1, item="a"), due(1, item="b"), due(90)]
    assert list(agenda.between("feedback", NOW, NOW + timedelta(minutes=30))) == [due(30, agenda="feedback")]
    assert list(agenda.between("digest", NOW + timedelta(minutes=200), NOW + timedelta(minutes=300))) == []


def test_however_many_are_due_all_are_found(agenda: Agenda) -> None:
    agenda.add([due(5, item=f"{'notice' * 80}-{number:04d}") for number in range(400)])
    assert len(list(agenda.between("digest", NOW, NOW + timedelta(minutes=5)))) == 400


def test_how_far_one_has_come_is_kept_by_name(agenda: Agenda) -> None:
    assert agenda.seen_to("reminders") is None
    for later in (timedelta(0), timedelta(hours=1)):
        agenda.advance("reminders", NOW + later)
        assert agenda.seen_to("reminders") == NOW + later
    assert agenda.seen_to("digests") is None


def test_a_mail_is_claimed_once_until_it_is_dropped(sent: SentMail, accounts: Accounts) -> None:
    assert not sent.has(STUDENT, "one")
    assert [sent.claim(STUDENT, "one", NOW) for _ in range(2)] == [True, False]
    assert sent.claim(STUDENT, "two", NOW)
    sent.drop(STUDENT, "one")
    sent.drop(STUDENT, "one")
    assert [sent.has(STUDENT, name) for name in ("one", "two")] == [False, True]
    assert accounts.notices(STUDENT, 10).items == []
    accounts.forget(STUDENT)
    assert not sent.has(STUDENT, "two")


def test_notices_are_found_by_their_keys(accounts: Accounts) -> None:
    given = [notice(number) for number in range(3)]
    accounts.tell([*given, notice(1, "another-account")])
    assert accounts.notices_at(STUDENT, [given[2].key, given[0].key, "nothing"]) == [given[0], given[2]]
    assert accounts.notices_at(STUDENT, []) == []


def a_mail(address: str = "amara@example.com", unsubscribe: str | None = "https://api.example.com/u/x") -> Mail:
    said = {"subject": "Aufträge für dich ✓", "text": "Plain.", "html": "<p>Rich.</p>", "unsubscribe": unsubscribe}
    return Mail.model_validate({"account_id": STUDENT, "address": address, "address_hash": "hash_-1", **said})


@contextmanager
def asked_of(client: Any) -> Iterator[list[dict[str, Any]]]:
    asked: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        asked.append(params)

    client.meta.events.register("provide-client-params.sesv2.SendEmail", note)
    yield asked
    client.meta.events.unregister("provide-client-params.sesv2.SendEmail", note)


@pytest.fixture
def ses(aws: None) -> Any:
    client = service("sesv2")
    client.create_email_identity(EmailIdentity=SENDER)
    return client


@pytest.mark.parametrize("side", BOTH)
def test_a_mail_is_taken_or_surely_not(side: str, ses: Any) -> None:
    verified, refusing = (
        (MemoryMailer(), MemoryMailer("amara@example.com"))
        if side == "memory"
        else (SesMailer(ses, SENDER, "set"), SesMailer(ses, "nobody@elsewhere.example", "set"))
    )
    verified.send(a_mail())
    with pytest.raises(NotSent):
        refusing.send(a_mail())


def test_ses_is_told_both_forms_how_to_leave_and_whom_it_is_about(ses: Any) -> None:
    with asked_of(ses) as asked:
        SesMailer(ses, f"Microintern <{SENDER}>", "microintern-dev").send(a_mail())
        SesMailer(ses, SENDER, "microintern-dev").send(a_mail(unsubscribe=None))
    first, always = asked
    assert first["FromEmailAddress"] == f"Microintern <{SENDER}>"
    assert first["Destination"] == {"ToAddresses": ["amara@example.com"]}
    assert first["ConfigurationSetName"] == "microintern-dev"
    assert first["EmailTags"] == [{"Name": "account", "Value": STUDENT}, {"Name": "address", "Value": "hash_-1"}]
    simple = first["Content"]["Simple"]
    assert simple["Body"] == {
        "Text": {"Data": "Plain.", "Charset": "UTF-8"},
        "Html": {"Data": "<p>Rich.</p>", "Charset": "UTF-8"},
    }
    headers = {header["Name"]: header["Value"] for header in simple["Headers"]}
    assert headers == {
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": "<https://api.example.com/u/x>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert [header["Name"] for header in always["Content"]["Simple"]["Headers"]] == ["Auto-Submitted"]


class Failing:
    """A service that fails in one way."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    def send_email(self, **_: Any) -> None:
        raise self.failure


def answered(status: int, code: str) -> ClientError:
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "SendEmail")


@pytest.mark.parametrize(
    ("failure", "raised"),
    [
        (answered(429, "TooManyRequestsException"), NotSent),
        (answered(400, "MailFromDomainNotVerifiedException"), NotSent),
        (answered(500, "InternalFailure"), ClientError),
        (EndpointConnectionError(endpoint_url="https://email.example"), EndpointConnectionError),
    ],
)
def test_only_what_ses_refused_is_surely_not_sent(failure: Exception, raised: type[Exception]) -> None:
    with pytest.raises(raised):
        SesMailer(Failing(failure), SENDER, "set").send(a_mail())  # type: ignore[arg-type]


@pytest.fixture(params=BOTH)
def keys(request: pytest.FixtureRequest) -> MailKeys:
    return MemoryMailKeys() if request.param == "memory" else made("a-key-of-the-tests")


def made(key: str) -> SecretMailKeys:
    secrets._kept[f"mail-{key}"] = (json.dumps({"key": key}), float("inf"))
    return SecretMailKeys(f"mail-{key}")


@pytest.mark.parametrize("subscription", [*NoticeKind, "daily"])
def test_a_link_opens_as_what_it_was_made_for(keys: MailKeys, subscription: Any) -> None:
    token = keys.token(STUDENT, subscription)
    assert keys.opened(token) == (STUDENT, subscription)
    assert keys.token(STUDENT, subscription) == token
    another = "daily" if subscription != "daily" else NoticeKind.WORK
    forged = token.replace(f".{subscription}.", f".{another}.x"), f"x{token}", f"{token}x", "", "...", "a.b.c"
    assert [keys.opened(text) for text in forged] == [None] * len(forged)


def test_an_address_has_one_hash_however_it_is_written(keys: MailKeys) -> None:
    assert keys.hash_of(" Amara@Example.com ") == keys.hash_of("amara@example.com") != keys.hash_of("b@example.com")


def test_what_was_signed_for_one_thing_or_by_another_key_is_good_for_nothing() -> None:
    ours, theirs = made("one"), made("another")
    for keys, other in ((ours, "two"), (theirs, "three")):
        assert made(other).opened(keys.token(STUDENT, "daily")) is None
    assert "amara" not in ours.hash_of("amara@example.com")
