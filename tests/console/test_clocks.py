"""Deadlines on the clock of whoever reads them."""

import pytest
from playwright.sync_api import Browser, expect

from tests.console.visitors import Served, signed_in

pytestmark = pytest.mark.local_stack


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("America/New_York", ["Mar 12, 2027, 5:00 PM EST", "Mar 26, 2027, 5:00 PM EDT"]),
        ("Europe/Berlin", ["Mar 12, 2027, 11:00 PM GMT+1", "Mar 26, 2027, 10:00 PM GMT+1"]),
    ],
)
def test_deadlines_are_right_on_every_clock_over_a_change(
    served: Served, chrome: Browser, zone: str, shown: list[str]
) -> None:
    timeline = {
        "zone": "America/New_York",
        "applications_close_at": "2027-03-12T17:00:00.000-05:00",
        "submission_due_at": "2027-03-26T17:00:00.000-04:00",
    }
    brief_id = served.people.posted(timeline=timeline)
    employer = signed_in(served, chrome, "employer", zone)
    employer.go(f"/briefs/{brief_id}")
    for text in shown:
        expect(employer.page.get_by_text(text).first).to_be_visible()
