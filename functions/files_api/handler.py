"""Upload forms and download links; the files themselves go straight between people and S3."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.audit import DynamoAudit
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.files import S3FileStore
from microintern.adapters.previews import S3Previews
from microintern.app import files, previews, requests, uploading
from microintern.app.views.files import Download, FileView, PartLinks, PartsView, PreviewView, Upload
from microintern.settings import FilesApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import BriefId, Commander, FileId, Reader

settings = load(FilesApiSettings)
policy = settings.policy
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table, settings.account_table)
store = S3FileStore(client("s3"), settings.files_bucket)
audit = DynamoAudit(client("dynamodb"), settings.audit_table)
shown = S3Previews(client("s3"), settings.files_bucket)
clock = SystemClock()
app = Api()


@app.post("/briefs/<brief_id>/files", tags=["Files"], summary="Announce a file", status_code=201)
def announce(brief_id: BriefId, body: Annotated[requests.UploadRequest, Body()], by: Commander) -> Upload:
    """Gives a form that takes exactly this file, key, media type, size and SHA-256 pinned; large ones go in parts."""
    file, form = files.ask_upload(by, brief_id, body, briefs=briefs, files=store, clock=clock, policy=policy)
    return Upload.of(file, form, policy.upload_url_s)


@app.post("/briefs/<brief_id>/files/<file_id>/parts", tags=["Files"], summary="Get links to send parts by")
def link_parts(
    brief_id: BriefId, file_id: FileId, body: Annotated[requests.PartsRequest, Body()], by: Commander
) -> PartLinks:
    """For one's own large file. Each link takes exactly one part: its number, size and SHA-256 are pinned."""
    return uploading.link_parts(by, brief_id, file_id, body, briefs=briefs, files=store, clock=clock, policy=policy)


@app.get("/briefs/<brief_id>/files/<file_id>/parts", tags=["Files"], summary="Which parts have arrived")
def parts(brief_id: BriefId, file_id: FileId, by: Reader) -> PartsView:
    """An upload that was interrupted goes on with those that are missing, from any machine, for a day."""
    return uploading.parts_of(by, brief_id, file_id, briefs=briefs, files=store)


@app.post(
    "/briefs/<brief_id>/files/<file_id>/completion", tags=["Files"], summary="Complete an upload", status_code=202
)
def complete_upload(brief_id: BriefId, file_id: FileId, by: Commander) -> FileView:
    """Once every part has arrived. As with every file, it counts as received when S3 says so."""
    return FileView.of(uploading.complete_upload(by, brief_id, file_id, briefs=briefs, files=store, clock=clock))


@app.get("/briefs/<brief_id>/files/<file_id>/download", tags=["Files"], summary="Get a download link")
def download(brief_id: BriefId, file_id: FileId, by: Reader) -> Download:
    """For the two parties of the brief; while it is disputed, for operators too, which is recorded."""
    wired: dict[str, Any] = {"briefs": briefs, "files": store, "audit": audit, "clock": clock, "policy": policy}
    url = files.download(by, brief_id, file_id, **wired)
    return Download(url=url, expires_in_s=policy.download_url_s)


@app.get("/briefs/<brief_id>/files/<file_id>/preview", tags=["Files"], summary="Get a preview")
def preview(brief_id: BriefId, file_id: FileId, by: Reader) -> PreviewView:
    """For those who may download it: pictures of pictures and pages, drawn anew, or the beginning of a text."""
    wired: dict[str, Any] = {"briefs": briefs, "previews": shown, "audit": audit, "clock": clock, "policy": policy}
    return previews.preview(by, brief_id, file_id, **wired)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
