"""Ways through the handlers that no journey takes, and that need permissions of their own."""

import json
from datetime import timedelta

from microintern.domain.states import State
from tests.functions.world import DELIVERIES, World, command, the_brief


def test_the_sweeper_stirs_up_a_brief_that_should_have_moved_on(world: World) -> None:
    brief = the_brief(State.AWARDED)
    world.seed(brief)
    assert brief.lapse_at is not None
    world.clock.at = brief.lapse_at + timedelta(hours=1)
    before = world.control(brief.brief_id)
    assert world.call("sweep/scheduled")["nudged"] == 1
    assert world.control(brief.brief_id) != before


def test_an_account_that_is_being_checked_is_told_of_later(world: World) -> None:
    name = "payout_account_api/save_payout_account"
    answer = world.call(name, command(name, body={"destination": "sandbox-pending-account"}))
    assert (answer["statusCode"], json.loads(answer["body"])["status"]) == (200, "pending")
    (message,) = world.messages(DELIVERIES)
    assert "sandbox-pending-account" in message
