"""The ports of webhooks: endpoints of organisations, the log of deliveries, their queue, and what keeps secrets."""

import json
from datetime import timedelta
from math import ceil
from typing import Any

import pytest

from microintern.adapters.sealing import KmsSealer
from microintern.adapters.webhooks import MOST_DELAY_S, DynamoDeliveries, SqsDeliveryQueue, event_of
from microintern.domain.accounts import Profile
from microintern.domain.events import CloudEvent, EventType
from microintern.domain.organisations import MemberRole
from microintern.domain.states import Role
from microintern.domain.trail import Event
from microintern.domain.webhooks import Delivery, Endpoint, Message, a_delivery
from microintern.ports.conditions import StaleDocument
from microintern.ports.organisations import NotOwner, Organisations
from microintern.ports.webhooks import Deliveries, Endpoints, Sealer, TooManyEndpoints
from tests.contract import tables
from tests.contract.conftest import BOTH, Stores, calls_of, on_dynamodb, service
from tests.contract.examples import EMPLOYER, NOW
from tests.contract.test_organisations import ACME, COLLEAGUE, a_member, an_organisation, join, left
from tests.twins.webhooks import MemorySealer

MOST = 2
KEPT_S = 86_400


def an_endpoint(number: int = 1, **changes: Any) -> Endpoint:
    fields = {
        "organisation_id": ACME,
        "endpoint_id": f"endpoint-{number:04d}",
        "url": "https://hooks.example.com/in",
        "event_types": ["brief.paid", "brief.posted"],
        "secrets": [{"sealed": "sealed"}],
        "issued_by": "key",
        "created_at": NOW,
        "created_by": EMPLOYER,
        "body": "body",
        "event": {"type": "webhook.created", "at": NOW, "role": "employer", "actor_id": EMPLOYER},
    }
    return Endpoint.model_validate({**fields, **changes})


def an_event(number: int, later: dict[str, float]) -> CloudEvent:
    facts = {"brief_id": "brief-000001", "employer_id": ACME}
    at = NOW + timedelta(**later)
    return CloudEvent(
        id=f"brief-000001#{number}", type=EventType.BRIEF_PAID, subject="brief-000001", time=at, data=facts
    )


def a_sending(number: int = 1, **later: float) -> Delivery:
    return a_delivery(an_endpoint(), an_event(number, later), NOW + timedelta(**later), KEPT_S)


def changed(endpoint: Endpoint, **changes: Any) -> Endpoint:
    event = Event(type="webhook.changed", at=NOW, role=Role.EMPLOYER, actor_id=EMPLOYER)
    return endpoint.stepped(event, **changes)


@pytest.fixture(autouse=True)
def _founded(organisations: Organisations) -> None:
    assert organisations.found(an_organisation(), a_member()) is None


def test_an_endpoint_is_created_once_by_an_owner(stores: Stores) -> None:
    endpoints = stores.endpoints
    assert endpoints.read(ACME, "endpoint-0001") is None
    assert endpoints.create(an_endpoint(), MOST) is None
    assert endpoints.read(ACME, "endpoint-0001") == an_endpoint()
    assert endpoints.create(an_endpoint(url="https://other.example.com/"), MOST) == an_endpoint()
    join(stores.organisations)
    with pytest.raises(NotOwner):
        endpoints.create(an_endpoint(2, created_by=COLLEAGUE), MOST)
    with pytest.raises(NotOwner):
        endpoints.create(an_endpoint(2, created_by="nobody-0001"), MOST)
    assert endpoints.of(ACME) == [an_endpoint()]
    assert endpoints.of("other-00001") == []


def test_an_organisation_has_a_handful_and_one_that_is_deleted_makes_room(endpoints: Endpoints) -> None:
    for number in (1, 2):
        endpoints.create(an_endpoint(number), MOST)
    with pytest.raises(TooManyEndpoints):
        endpoints.create(an_endpoint(3), MOST)
    gone = an_endpoint().deleted(Event(type="webhook.deleted", at=NOW, role=Role.EMPLOYER))
    endpoints.save(gone, EMPLOYER)
    assert endpoints.read(ACME, "endpoint-0001") == gone
    assert endpoints.of(ACME) == [an_endpoint(2)]
    assert endpoints.create(an_endpoint(3), MOST) is None
    with pytest.raises(TooManyEndpoints):
        endpoints.create(an_endpoint(4), MOST)
    assert endpoints.create(an_endpoint(), MOST) == gone, "its id is not given out again"


def test_a_change_is_written_over_its_version_before_by_an_owner_only(stores: Stores) -> None:
    endpoints = stores.endpoints
    endpoints.create(an_endpoint(), MOST)
    after = changed(an_endpoint(), url="https://other.example.com/")
    join(stores.organisations)
    with pytest.raises(NotOwner):
        endpoints.save(after, COLLEAGUE)
    endpoints.save(after, EMPLOYER)
    for stale in (after, changed(after).model_copy(update={"version": 5}), changed(an_endpoint(9))):
        with pytest.raises(StaleDocument):
            endpoints.save(stale, EMPLOYER)
        with pytest.raises(StaleDocument):
            endpoints.save(stale, None)
    endpoints.save(changed(after), None)
    assert endpoints.read(ACME, "endpoint-0001") == changed(after)


def test_who_is_no_owner_any_more_changes_nothing(stores: Stores) -> None:
    stores.endpoints.create(an_endpoint(), MOST)
    colleague = join(stores.organisations)
    owner = colleague.model_copy(update={"role": MemberRole.OWNER, "version": 2})
    stores.organisations.appoint(colleague, owner, EMPLOYER)
    stores.organisations.leave(a_member(), left(a_member()), EMPLOYER)
    with pytest.raises(NotOwner):
        stores.endpoints.save(changed(an_endpoint()), EMPLOYER)
    with pytest.raises(NotOwner):
        stores.endpoints.create(an_endpoint(2), MOST)
    stores.endpoints.save(changed(an_endpoint()), COLLEAGUE)


def test_the_server_disables_an_endpoint_as_it_was_read_and_leaves_the_rest_alone(endpoints: Endpoints) -> None:
    endpoints.create(an_endpoint(), MOST)
    endpoints.failing(an_endpoint(), NOW)
    disabled = an_endpoint().disabled("gone", NOW)
    endpoints.disable(disabled)
    found = endpoints.read(ACME, "endpoint-0001")
    assert found == disabled.model_copy(update={"failing_since": NOW})
    for late in (disabled, an_endpoint(9).disabled("gone", NOW)):
        with pytest.raises(StaleDocument):
            endpoints.disable(late)


def test_that_one_fails_is_noted_without_a_step_and_of_the_version_only_that_was_read(endpoints: Endpoints) -> None:
    endpoints.create(an_endpoint(), MOST)
    endpoints.failing(an_endpoint(), NOW)
    assert endpoints.read(ACME, "endpoint-0001") == an_endpoint(failing_since=NOW)
    endpoints.failing(an_endpoint(), None)
    assert endpoints.read(ACME, "endpoint-0001") == an_endpoint()
    endpoints.save(changed(an_endpoint()), EMPLOYER)
    endpoints.failing(an_endpoint(), NOW)
    endpoints.failing(an_endpoint(9), NOW)
    assert endpoints.read(ACME, "endpoint-0001") == changed(an_endpoint())
    assert endpoints.read(ACME, "endpoint-0009") is None


def test_endpoints_have_a_place_in_the_trail(stores: Stores) -> None:
    stores.endpoints.create(an_endpoint(), MOST)
    stores.endpoints.failing(an_endpoint(), NOW)
    stores.accounts.save_profile(Profile(account_id="somebody-01", name="Ada"))
    assert an_endpoint().entry in stores.accounts.steps(ACME)


def test_the_same_event_is_one_delivery(deliveries: Deliveries) -> None:
    first = a_sending()
    assert deliveries.add(first) is None
    assert deliveries.add(a_sending()) == first
    tried = first.held()
    deliveries.save(tried)
    assert deliveries.add(a_sending()) == tried
    assert deliveries.read(first.endpoint_id, first.delivery_id) == tried
    assert deliveries.read("endpoint-0002", first.delivery_id) is None


def test_a_delivery_is_written_over_its_version_before_only(deliveries: Deliveries) -> None:
    first = a_sending()
    with pytest.raises(StaleDocument):
        deliveries.save(first.held())
    deliveries.add(first)
    after = first.held()
    deliveries.save(after)
    for stale in (after, after.model_copy(update={"version": 5})):
        with pytest.raises(StaleDocument):
            deliveries.save(stale)
    assert deliveries.read(first.endpoint_id, first.delivery_id) == after


def test_the_log_pages_the_newest_event_first(deliveries: Deliveries) -> None:
    made = [a_sending(number, minutes=number) for number in (2, 5, 1, 4, 3)]
    for delivery in made:
        deliveries.add(delivery)
    ordered = sorted(made, key=lambda d: d.event.time, reverse=True)
    first = deliveries.newest("endpoint-0001", 2)
    second = deliveries.newest("endpoint-0001", 2, first.next)
    last = deliveries.newest("endpoint-0001", 2, second.next)
    assert [*first.items, *second.items, *last.items] == ordered
    assert last.next is None
    assert deliveries.newest("endpoint-0002", 2).items == []


def test_a_span_of_the_log_is_from_an_instant_to_before_another_the_oldest_first(deliveries: Deliveries) -> None:
    for number in range(6):
        deliveries.add(a_sending(number, minutes=number))
    span = (NOW + timedelta(minutes=1), NOW + timedelta(minutes=4))
    found = deliveries.between("endpoint-0001", *span, 9)
    assert [d.event.id for d in found] == [f"brief-000001#{number}" for number in (1, 2, 3)]
    assert deliveries.between("endpoint-0001", *span, 2) == found[:2]
    assert deliveries.between("endpoint-0002", *span, 9) == []


def test_all_of_an_endpoints_log_can_be_forgotten_at_once_and_twice(deliveries: Deliveries) -> None:
    other = a_sending().model_copy(update={"endpoint_id": "endpoint-0002"})
    for delivery in (*(a_sending(number) for number in range(30)), other):
        deliveries.add(delivery)
    for _ in range(2):
        deliveries.forget("endpoint-0001")
        assert deliveries.newest("endpoint-0001", 9).items == []
    assert deliveries.newest("endpoint-0002", 9).items == [other]


def test_dynamodb_forgets_a_delivery_by_itself(dynamodb: Any) -> None:
    DynamoDeliveries(dynamodb, tables.WEBHOOKS).add(a_sending())
    (item,) = dynamodb.scan(TableName=tables.WEBHOOKS)["Items"]
    assert int(item["forget_at"]["N"]) == ceil(NOW.timestamp()) + KEPT_S


@pytest.mark.parametrize(
    ("later_s", "delay_s"), [(-5, 0), (0, 0), (0.2, 1), (60, 60), (MOST_DELAY_S, 900), (86_400, 900)]
)
def test_the_queue_hides_a_message_until_it_is_due_or_as_long_as_it_can(
    aws: None, later_s: float, delay_s: int
) -> None:
    sqs = service("sqs")
    url = sqs.create_queue(QueueName="webhooks")["QueueUrl"]
    delivery = a_sending().model_copy(update={"due_at": NOW + timedelta(seconds=later_s)})
    sent: list[dict[str, Any]] = []
    sqs.meta.events.register("provide-client-params.sqs.SendMessage", lambda params, **_: sent.append(dict(params)))
    SqsDeliveryQueue(sqs, url).send(delivery, NOW)
    assert sent[-1]["DelaySeconds"] == delay_s
    assert Message.model_validate_json(sent[-1]["MessageBody"]) == Message.of(delivery)


@pytest.fixture(params=BOTH)
def sealer(request: pytest.FixtureRequest) -> Sealer:
    if request.param == "memory":
        return MemorySealer()
    request.getfixturevalue("aws")
    return KmsSealer(service("kms"), service("kms").create_key()["KeyMetadata"]["Arn"])


WHAT = {"organisation_id": ACME, "endpoint_id": "endpoint-0001"}


def test_what_is_sealed_can_be_opened_for_the_same_thing_only(sealer: Sealer) -> None:
    sealed = sealer.seal("whsec_c2VjcmV0", WHAT)
    assert "whsec_c2VjcmV0" not in sealed
    assert sealer.open(sealed, WHAT) == "whsec_c2VjcmV0"
    assert sealer.open(sealed, dict(reversed(WHAT.items()))) == "whsec_c2VjcmV0"
    for other in ({**WHAT, "endpoint_id": "endpoint-0002"}, {"endpoint_id": "endpoint-0001"}, {}):
        with pytest.raises(Exception, match=r"InvalidCiphertext|something else"):
            sealer.open(sealed, other)


def test_what_was_opened_is_remembered_for_a_while(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    kms = service("kms")
    sealer = KmsSealer(kms, kms.create_key()["KeyMetadata"]["Arn"])
    sealed, clock_s = sealer.seal("secret", WHAT), [1_000.0]
    monkeypatch.setattr("time.monotonic", lambda: clock_s[0])
    with calls_of(kms) as calls:
        for _ in range(3):
            assert sealer.open(sealed, WHAT) == "secret"
        assert calls == ["Decrypt"]
        clock_s[0] += 301
        assert sealer.open(sealed, WHAT) == "secret"
    assert calls == ["Decrypt"] * 2


def image(endpoint: Endpoint) -> dict[str, Any]:
    client = service("dynamodb")
    at = {"pk": {"S": endpoint.organisation_id}, "sk": {"S": endpoint.key}}
    item: dict[str, Any] = client.get_item(TableName=tables.ACCOUNTS, Key=at)["Item"]
    return item


def test_what_follows_from_a_step_is_published_once_and_nothing_else_is(dynamodb: Any) -> None:
    endpoints = on_dynamodb(dynamodb).endpoints
    on_dynamodb(dynamodb).organisations.found(an_organisation(), a_member())
    endpoints.create(an_endpoint(), MOST)
    created = image(an_endpoint())
    assert event_of(None, created) is None, "nothing follows from that"
    tested = an_endpoint().stepped(Event(type="webhook.test", at=NOW, role=Role.EMPLOYER))
    endpoints.save(tested, EMPLOYER)
    published = event_of(created, image(tested))
    assert published
    assert (published["type"], published["id"]) == ("webhook.test", "endpoint-0001#2")
    assert published["data"] == {"organisation_id": ACME, "endpoint_id": "endpoint-0001", "version": 2}
    before = image(tested)
    endpoints.failing(tested, NOW)
    assert event_of(before, image(tested)) is None
    endpoints.disable(tested.disabled("gone", NOW))
    disabled = event_of(before, image(tested))
    assert disabled
    assert disabled["data"]["reason"] == "gone"
    assert event_of(image(tested), None) is None
    assert "sealed" not in json.dumps([published, disabled])
