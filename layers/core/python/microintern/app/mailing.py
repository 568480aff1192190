"""What people want by e-mail: said by themselves, by a link in a mail, or by what became of one."""

from collections.abc import Callable
from typing import Literal

from microintern.app.accounts import changed, remember, repeated
from microintern.app.requests import NoticeSettingsRequest
from microintern.domain.brief import Command
from microintern.domain.mailing import ABOUT, ALWAYS, Cadence, Hold, Mailing, Subscription
from microintern.domain.problems import Invalid, no_such
from microintern.domain.states import Role
from microintern.domain.trail import Event
from microintern.ports.clock import Clock
from microintern.ports.conditions import AccountErased, StaleDocument
from microintern.ports.mailing import Mailings, MailKeys

_TRIES = 4


def settings_of(by: Command, *, mailings: Mailings) -> Mailing:
    """What one wants by e-mail."""
    return mailings.of(by.actor_id)


def save_settings(by: Command, request: NoticeSettingsRequest, *, mailings: Mailings, clock: Clock) -> Mailing:
    """Say what one wants by e-mail. Kinds that are not named go by the defaults again."""
    before = mailings.of(by.actor_id)
    if repeated(before.done, by):
        return before
    for kind in sorted(ALWAYS):
        if request.email.get(kind) is Cadence.NEVER:
            detail = f"E-mails about {ABOUT[kind]} cannot be switched off; choose `at_once` or `daily`."
            raise Invalid.field("cannot_be_switched_off", f"/email/{kind}", detail)
    said = {"email": request.email, "zone": request.zone, "digest_hour": request.digest_hour}
    lifted = {"hold": None} if request.lift_hold else {}
    event = by.did("mailing.saved", clock.now(), before.entry)
    news = {**said, **lifted, "version": before.version + 1, "event": event, "done": remember(before.done, by)}
    after = before.model_copy(update=news)
    try:
        mailings.save(after)
    except AccountErased as erased:
        raise no_such("account") from erased
    except StaleDocument as stale:
        meanwhile = mailings.of(by.actor_id)
        if repeated(meanwhile.done, by):
            return meanwhile
        raise changed() from stale
    return after


def subscription_of(token: str, *, keys: MailKeys) -> tuple[str, Subscription]:
    """The account that a link is for, and what it unsubscribes from; NotFound for a link that was not made here."""
    opened = keys.opened(token)
    if opened is None:
        raise no_such("subscription")
    return opened


def unsubscribe(token: str, *, keys: MailKeys, mailings: Mailings, clock: Clock) -> Subscription:
    """Switch off what the link is for; done already is fine."""
    account_id, subscription = subscription_of(token, keys=keys)

    def change(mailing: Mailing) -> dict[str, object]:
        without = mailing.without(subscription)
        return {"email": without} if without != mailing.email else {}

    _change(account_id, "mailing.unsubscribed", change, mailings, clock)
    return subscription


def put_on_hold(
    account_id: str,
    address: str,
    reason: Literal["bounced", "complained"],
    *,
    mailings: Mailings,
    clock: Clock,
) -> bool:
    """Send nothing more to the address with this hash; False when that is so already."""

    def change(mailing: Mailing) -> dict[str, object]:
        return {} if mailing.holds(address) else {"hold": Hold(reason=reason, since=clock.now(), address=address)}

    return _change(account_id, f"mailing.{reason}", change, mailings, clock)


def _change(
    account_id: str,
    what: str,
    change: Callable[[Mailing], dict[str, object]],
    mailings: Mailings,
    clock: Clock,
) -> bool:
    """Write what changes, if anything does; of somebody who is to be forgotten nothing is written any more."""
    for attempt in range(_TRIES):
        before = mailings.of(account_id)
        news = change(before)
        if not news:
            return False
        previous = before.entry.hash if before.entry else None
        event = Event(type=what, at=clock.now(), role=Role.SERVER, trigger="mail", previous=previous)
        try:
            mailings.save(before.model_copy(update={**news, "version": before.version + 1, "event": event}))
        except AccountErased:
            return False
        except StaleDocument:
            # Somebody else wrote at this moment: what is to change is seen anew.
            if attempt == _TRIES - 1:
                raise
            continue
        break
    return True


def named(subscription: Subscription) -> str:
    """What a link unsubscribes from, as people read it."""
    return "the daily summary" if subscription == "daily" else ABOUT[subscription]
