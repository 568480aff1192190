"""The files on students' pages, apart from the pages: this alone can read files, and looks at their records first."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.files import S3FileStore
from microintern.adapters.portfolios import DynamoPortfolios
from microintern.app import exhibiting
from microintern.settings import PortfolioFilesSettings, load
from microintern.web.api import Api
from microintern.web.parameters import FileId, PageHandle

settings = load(PortfolioFilesSettings)
pages = DynamoPortfolios(client("dynamodb"), settings.portfolio_table)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
store = S3FileStore(client("s3"), settings.files_bucket)
app = Api()

LINK_LIFE_S = 60
"""Whoever takes a file back need not wait longer than this."""


@app.get(
    "/portfolios/<handle>/files/<file_id>", tags=["Portfolio"], summary="A file on a student's page", status_code=303
)
def public_file(handle: PageHandle, file_id: FileId) -> Response[str]:
    """Leads to the file, if its student shows it, the employer consents, and it is still there and clean."""
    wired: dict[str, Any] = {"portfolios": pages, "briefs": briefs, "files": store, "life_s": LINK_LIFE_S}
    return Response(303, "text/plain", "", headers={"Location": exhibiting.file_url(handle, file_id, **wired)})


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
