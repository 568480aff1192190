"""Webhooks to an organisation's own systems: where its events go, what became of them, and once more."""

import secrets
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.clock import SystemClock
from microintern.adapters.organisations import DynamoOrganisations
from microintern.adapters.sealing import KmsSealer
from microintern.adapters.webhooks import DynamoDeliveries, DynamoEndpoints
from microintern.app import endpoints, requests
from microintern.app.views.webhooks import DeliveryPage, EndpointList, EndpointView, IssuedEndpoint
from microintern.settings import WebhooksApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import Commander, Cursor, DeliveryId, EndpointId, Limit, OrganisationId, Reader

settings = load(WebhooksApiSettings)
switchboard = endpoints.Switchboard(
    endpoints=DynamoEndpoints(client("dynamodb"), settings.account_table),
    deliveries=DynamoDeliveries(client("dynamodb"), settings.webhook_table),
    organisations=DynamoOrganisations(client("dynamodb"), settings.account_table),
    sealer=KmsSealer(client("kms"), settings.secrets_key),
    clock=SystemClock(),
    policy=settings.policy,
    random=secrets.token_bytes,
    loopback=settings.webhooks_to_loopback,
)
app = Api()


@app.post(
    "/organisations/<organisation_id>/webhooks",
    tags=["Webhooks"],
    summary="Have events sent somewhere",
    status_code=201,
)
def create_webhook(
    organisation_id: OrganisationId, body: Annotated[requests.WebhookRequest, Body()], by: Commander
) -> IssuedEndpoint:
    """By an owner. Messages are Standard Webhooks, signed with the secret that is shown here once."""
    return IssuedEndpoint.of(endpoints.create(by, organisation_id, body, on=switchboard))


@app.get("/organisations/<organisation_id>/webhooks", tags=["Webhooks"], summary="Where events are sent")
def webhooks(organisation_id: OrganisationId, by: Reader) -> EndpointList:
    """For owners; secrets are not shown again."""
    return endpoints.all_of(by, organisation_id, on=switchboard)


@app.put("/organisations/<organisation_id>/webhooks/<endpoint_id>", tags=["Webhooks"], summary="Change an endpoint")
def change_webhook(
    organisation_id: OrganisationId,
    endpoint_id: EndpointId,
    body: Annotated[requests.WebhookChangeRequest, Body()],
    by: Commander,
) -> EndpointView:
    """By an owner. What happens while it is disabled is kept for 30 days, to be sent on demand."""
    return EndpointView.of(endpoints.change(by, organisation_id, endpoint_id, body, on=switchboard))


@app.post(
    "/organisations/<organisation_id>/webhooks/<endpoint_id>/removal", tags=["Webhooks"], summary="Delete an endpoint"
)
def remove_webhook(organisation_id: OrganisationId, endpoint_id: EndpointId, by: Commander) -> EndpointView:
    """By an owner. Nothing more is sent; address and secrets are taken away."""
    return EndpointView.of(endpoints.remove(by, organisation_id, endpoint_id, on=switchboard))


@app.post(
    "/organisations/<organisation_id>/webhooks/<endpoint_id>/rotation", tags=["Webhooks"], summary="Make a new secret"
)
def rotate_webhook(organisation_id: OrganisationId, endpoint_id: EndpointId, by: Commander) -> IssuedEndpoint:
    """By an owner. For a day, messages carry a signature by the former secret beside that by the new one."""
    return IssuedEndpoint.of(endpoints.rotate(by, organisation_id, endpoint_id, on=switchboard))


@app.post(
    "/organisations/<organisation_id>/webhooks/<endpoint_id>/test",
    tags=["Webhooks"],
    summary="Send a test event",
    status_code=202,
)
def test_webhook(organisation_id: OrganisationId, endpoint_id: EndpointId, by: Commander) -> EndpointView:
    """By an owner. An event `webhook.test` comes within seconds; the deliveries say what became of it."""
    return EndpointView.of(endpoints.test(by, organisation_id, endpoint_id, on=switchboard))


@app.post(
    "/organisations/<organisation_id>/webhooks/<endpoint_id>/replay",
    tags=["Webhooks"],
    summary="Send everything again since an instant",
    status_code=202,
)
def replay_webhook(
    organisation_id: OrganisationId,
    endpoint_id: EndpointId,
    body: Annotated[requests.ReplayRequest, Body()],
    by: Commander,
) -> EndpointView:
    """By an owner. What was held while the endpoint was disabled is sent, too; each under the id that it had."""
    return EndpointView.of(endpoints.replay(by, organisation_id, endpoint_id, body, on=switchboard))


@app.get(
    "/organisations/<organisation_id>/webhooks/<endpoint_id>/deliveries", tags=["Webhooks"], summary="What was sent"
)
def webhook_deliveries(
    organisation_id: OrganisationId, endpoint_id: EndpointId, by: Reader, limit: Limit = 50, cursor: Cursor = None
) -> DeliveryPage:
    """For owners: events of the last 30 days, the newest first, with each attempt."""
    return endpoints.deliveries(by, organisation_id, endpoint_id, limit, cursor, on=switchboard)


@app.post(
    "/organisations/<organisation_id>/webhooks/<endpoint_id>/deliveries/<delivery_id>/replay",
    tags=["Webhooks"],
    summary="Send one event again",
    status_code=202,
)
def replay_delivery(
    organisation_id: OrganisationId, endpoint_id: EndpointId, delivery_id: DeliveryId, by: Commander
) -> EndpointView:
    """By an owner; under the same `webhook-id`, so that a receiver can tell that it has it already."""
    return EndpointView.of(endpoints.replay_one(by, organisation_id, endpoint_id, delivery_id, on=switchboard))


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
