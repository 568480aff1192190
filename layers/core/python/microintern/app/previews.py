"""Previews for the review page: what is shown of a file without handing it out."""

from microintern.app.files import readable
from microintern.app.views.files import PreviewPart, PreviewView
from microintern.domain.brief import Command
from microintern.domain.policy import Policy
from microintern.ports.briefs import Briefs
from microintern.ports.clock import Clock
from microintern.ports.files import Previews
from microintern.ports.trail import Audit


def preview(
    by: Command,
    brief_id: str,
    file_id: str,
    *,
    briefs: Briefs,
    previews: Previews,
    audit: Audit,
    clock: Clock,
    policy: Policy,
) -> PreviewView:
    """Links to what is shown of a file, for those who may download it."""
    file = readable(by, brief_id, file_id, briefs=briefs, audit=audit, clock=clock)
    found = previews.find(file)
    if found is None:
        return PreviewView(status="pending", expires_in_s=policy.download_url_s)
    parts = [
        PreviewPart(**part.model_dump(exclude={"name"}), url=previews.url(file, part, policy.download_url_s))
        for part in found.parts
    ]
    about = found.model_dump(include={"pages", "cut", "reason"})
    return PreviewView(status="ready" if parts else "none", parts=parts, expires_in_s=policy.download_url_s, **about)
