"""Briefs for a stack that somebody wants to look around in: one in each of the early states."""

from typing import Any

from infra.local.caller import Caller, body_of, employ, posting
from infra.local.sample.work import materials

FUNDING_LIMIT_S = 180
"""The first time, every function on the way starts: on a busy machine that takes a while."""

_MORE: list[dict[str, Any]] = [
    {"title": "Summarise twelve customer interviews", "field": "research", "skills": ["interviews", "writing"]},
    {"title": "Draft a week of posts for a museum", "field": "marketing", "skills": ["writing", "social-media"]},
    {"title": "Check a pay table for accessibility", "field": "design", "skills": ["accessibility", "html"]},
]


def post_samples(api_url: str, tokens: dict[str, str]) -> list[str]:
    """Post briefs as the employer, fund all but the last, apply to the first as the student; their ids."""
    employer, student = Caller(api_url, tokens["employer"]), Caller(api_url, tokens["student"])
    employer.put("/me/profile", {"name": "Noor Haddad"})
    employ(employer, Caller(api_url, tokens["operator"]), "Open Wages Institute")
    student.put("/me/profile", {"name": "Amara Okafor", "about": "Second-year statistics student."})
    student.put("/me/payout-account", {"destination": "sandbox-account"})
    ids: list[str] = [employer.post("/briefs", posting(**changes))["brief_id"] for changes in ({}, *_MORE)]
    for brief_id in ids[:-1]:
        employer.post(f"/briefs/{brief_id}/funding", body_of("funding"))
        employer.wait_for(brief_id, "open", limit_s=FUNDING_LIMIT_S)
    for material in materials():
        employer.upload(ids[0], material, "material")
    student.post(f"/briefs/{ids[0]}/applications", body_of("applications"))
    return ids
