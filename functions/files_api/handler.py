"""Upload forms and download links; the files themselves go straight between people and S3."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.files import S3FileStore
from microintern.app import files, requests, views
from microintern.settings import FilesApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import BriefId, Commander, FileId, Reader

settings = load(FilesApiSettings)
policy = settings.policy
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
store = S3FileStore(client("s3"), settings.files_bucket)
clock = SystemClock()
app = Api()


@app.post("/briefs/<brief_id>/files", tags=["Files"], summary="Announce a file", status_code=201)
def announce(brief_id: BriefId, body: Annotated[requests.UploadRequest, Body()], by: Commander) -> views.Upload:
    """Gives a form that takes exactly this file: its key, media type, size and SHA-256 are pinned."""
    file, form = files.ask_upload(by, brief_id, body, briefs=briefs, files=store, clock=clock, policy=policy)
    return views.Upload.of(file, form, policy.upload_url_s)


@app.get("/briefs/<brief_id>/files/<file_id>/download", tags=["Files"], summary="Get a download link")
def download(brief_id: BriefId, file_id: FileId, by: Reader) -> views.Download:
    """For the two parties of the brief only."""
    url = files.download(by, brief_id, file_id, briefs=briefs, files=store, policy=policy)
    return views.Download(url=url, expires_in_s=policy.download_url_s)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
