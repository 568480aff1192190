"""`make screenshots`: the README's pictures of the console, of the sample data on a local AWS of their own."""

from datetime import UTC, datetime
from pathlib import Path

from infra.local.browsing import Visitor, browser, chromium, visit
from infra.local.caller import Caller, body_of
from infra.local.console import Console
from infra.local.run import address, sample_accounts
from infra.local.sample.briefs import post_samples
from infra.local.sample.work import first_attempt
from infra.local.stack import LocalStack
from infra.local.steps import ROOT, StepFailed, exit_with_reason, step

SIZE = (1240, 860)
DOCS = ROOT / "docs"


def main() -> None:
    """Bring the first sample brief to its review, and take a picture of it and of the posting of another."""
    if chromium() is None:
        raise StepFailed("There is no Chromium on this machine (Debian: apt-get install chromium).")
    with Console() as console, LocalStack() as stack:
        stack.deploy(web_origin=console.origin)
        console.serve(stack.outputs, stack.endpoint)
        accounts = sample_accounts(stack)
        with step("sample briefs"):
            tokens = {role: account.access_token for role, account in accounts.items()}
            brief_id = post_samples(stack.outputs.api_url, tokens)[0]
            bring_to_review(stack.outputs.api_url, tokens, brief_id)
        with browser() as launched:
            employer = visit(launched, console.origin, SIZE, timezone_id="America/New_York")
            employer.sign_in(address("employer"))
            picture_brief(employer, brief_id, DOCS / "console-brief.png")
            picture_posting(employer, DOCS / "console-posting.png")


def bring_to_review(api_url: str, tokens: dict[str, str], brief_id: str) -> None:
    """Award the brief to the student who applied, and hand the work in."""
    employer, student = Caller(api_url, tokens["employer"]), Caller(api_url, tokens["student"])
    (application,) = employer.pages(f"/briefs/{brief_id}/applications")
    employer.post(f"/briefs/{brief_id}/award", body_of("award", application_id=application["application_id"]))
    files = [
        {"deliverable": file.deliverable, "file_id": student.upload(brief_id, file, "deliverable")}
        for file in first_attempt(datetime.now(UTC).date())
    ]
    student.post(f"/briefs/{brief_id}/submissions", {"files": files})


def picture_brief(employer: Visitor, brief_id: str, path: Path) -> None:
    """The brief's own page."""
    employer.go(f"/briefs/{brief_id}")
    employer.page.locator(".timeline li").first.wait_for()
    take(employer, path)


def picture_posting(employer: Visitor, path: Path) -> None:
    """A posting from a template, with what is said beside it."""
    employer.go("/post")
    employer.page.get_by_role("button", name="Use this").first.click()
    employer.page.get_by_role("heading", name="What it costs").wait_for()
    take(employer, path)


def take(employer: Visitor, path: Path) -> None:
    """A picture of what stands on the screen."""
    with step(f"docs/{path.name}"):
        employer.page.screenshot(path=path, animations="disabled")


if __name__ == "__main__":
    exit_with_reason(main)
