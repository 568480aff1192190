"""A message came that says it is from the payment provider: check that it is, and let the money follow."""

from collections.abc import Mapping

from microintern.domain.audit import Finding, entry
from microintern.domain.events import of_hint
from microintern.domain.problems import Malformed
from microintern.ports.clock import Clock
from microintern.ports.payments import WebhookRefused, Webhooks
from microintern.ports.trail import Audit
from microintern.ports.workflow import EventBus


def receive(
    provider: str,
    headers: Mapping[str, str],
    body: str,
    *,
    webhooks: Webhooks,
    bus: EventBus,
    audit: Audit,
    clock: Clock,
) -> Finding:
    """Publish what a verified message is about, once; Malformed for one that is not the provider's, now, for us.

    Published before it is noted: a crash in between publishes it twice, and whoever hears it asks the provider.
    """
    now = clock.now()
    try:
        hint = webhooks.verify(headers, body, now)
    except WebhookRefused as refused:
        # Anyone can send anything here: one entry for each reason and hour, so that nobody can fill the table.
        hour = now.strftime("%Y-%m-%dT%H")
        audit.note(entry(Finding.WEBHOOK_REFUSED, provider, str(refused), now, hour=hour))
        raise Malformed("webhook_refused", f"The message was not accepted: {refused}.") from refused
    applied = entry(Finding.WEBHOOK_APPLIED, f"{provider}#{hint.event_id}", "published", now)
    if audit.has(applied.entry_id):
        audit.note(entry(Finding.WEBHOOK_REPLAYED, applied.subject, "it was received before", now))
        return Finding.WEBHOOK_REPLAYED
    event = of_hint(provider, hint, now)
    if event is None:
        audit.note(entry(Finding.WEBHOOK_IGNORED, applied.subject, "it is about nothing of this platform", now))
        return Finding.WEBHOOK_IGNORED
    bus.publish([event.model_dump(mode="json")])
    audit.note(applied)
    return Finding.WEBHOOK_APPLIED
