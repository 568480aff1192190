"""The work itself: files handed in, looked at, proved, reviewed, paid."""

import tempfile
from pathlib import Path

from infra.local.caller import Refused, SampleFile, body_of
from infra.local.demo.stage import Stage
from infra.local.sample.malware import EICAR
from infra.local.steps import StepFailed
from microintern_client.verifying import verify


def refuse_malware(on: Stage) -> None:
    """The file that every scanner knows is found, whatever it is called, and put where nobody can have it."""
    file = SampleFile("pay_floors_final.csv", "text/csv", EICAR, "cleaned-table")
    try:
        on.student.upload(on.brief_id, file, "deliverable")
    except Refused:
        on.say("platform", f"finds malware in {file.name}: puts it away, tells both sides", "")
        return
    raise StepFailed("malware was accepted")


def hand_in(on: Stage, files: list[SampleFile]) -> None:
    """The student uploads the deliverables and submits them; the employer downloads one to be sure."""
    handed_in: list[dict[str, str]] = []
    for file in files:
        file_id = on.student.upload(on.brief_id, file, "deliverable")
        handed_in.append({"deliverable": str(file.deliverable), "file_id": file_id})
        on.say("student", f"uploads {file.name}, {len(file.content):,} bytes: scanned, clean", "")
    answer = on.student.post(on.at("submissions"), {"files": handed_in})
    on.say("student", f"submits, number {answer['submissions']}", answer["state"])
    if on.employer.download(on.brief_id, handed_in[0]["file_id"]) != files[0].content:
        raise StepFailed("the employer downloaded something else than the student uploaded")
    on.say("employer", f"downloads {files[0].name}: the same bytes", "")
    look_at(on, next(done["file_id"] for done in handed_in if done["deliverable"] == "chart"))
    prove(on, answer["submissions"], files)


def look_at(on: Stage, file_id: str) -> None:
    """The employer is shown a picture that was drawn of the file, and not the file."""
    at, found = on.at(f"files/{file_id}/preview"), {"status": "pending"}

    def is_drawn() -> bool:
        found.update(on.employer.get(at))
        return found["status"] != "pending"

    on.employer.wait_until("the preview is drawn", is_drawn)
    if found["status"] != "ready":
        raise StepFailed(f"there is no preview of the chart: {found}")
    on.say("employer", "looks at a preview of the chart, drawn anew", "")


def prove(on: Stage, number: int, files: list[SampleFile]) -> None:
    """Whoever has the files, the signed manifest and the public keys needs nobody to check what was handed in."""
    signed = on.employer.get(on.at(f"submissions/{number}/manifest"))
    keys = on.employer.get("/.well-known/jwks.json")
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            Path(folder, file.name).write_bytes(file.content)
        found = verify(signed, keys, Path(folder))
    if not found.complete:
        raise StepFailed(f"what was handed in is not what was signed: {found}")
    on.say("employer", f"verifies the signed manifest of submission {number}, offline", "")


def approve(on: Stage) -> None:
    """The employer scores the revision; the student is paid."""
    on.employer.post(on.at("approval"), body_of("approval"))
    on.say("employer", "approves with scores and feedback", "approved")
    on.employer.wait_for(on.brief_id, "paid")
    on.say("platform", "settles: the student is paid", "paid")
