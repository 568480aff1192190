"""What anybody with the link sees of a student's page, and the files that may be had there."""

from microintern.app.views.portfolios import PublicPortfolio, address
from microintern.domain.documents import StoredFile
from microintern.domain.portfolio import Kept, exhibits, hashed
from microintern.domain.problems import no_such
from microintern.ports.briefs import Briefs
from microintern.ports.files import FileStore
from microintern.ports.portfolios import Portfolios


def page(handle: str, *, portfolios: Portfolios, public_url: str) -> PublicPortfolio:
    """The page that this link leads to, if it still does."""
    return PublicPortfolio.of(_kept(handle, portfolios), address(public_url, handle))


def file_url(
    handle: str, file_id: str, *, portfolios: Portfolios, briefs: Briefs, files: FileStore, life_s: int
) -> str:
    """A link to a file that is on the page, and is still what was handed in and clean."""
    for exhibit in exhibits(_kept(handle, portfolios)):
        for shown in exhibit.facts.files:
            if shown.file_id == file_id:
                stored = briefs.find_files([(exhibit.brief_id, file_id)]).get((exhibit.brief_id, file_id))
                if shown.is_still(stored):
                    assert isinstance(stored, StoredFile)
                    return files.download_url(stored, life_s)
    raise no_such("file")


def _kept(handle: str, portfolios: Portfolios) -> Kept:
    account_id = portfolios.linked(hashed(handle))
    kept = portfolios.read(account_id) if account_id else None
    # A link that was taken back still knows its account; the page knows which one leads to it.
    if kept is None or kept.portfolio.handle != handle:
        raise no_such("page")
    return kept
