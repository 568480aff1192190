"""The canonical form of JSON-LD (RDFC-1.0), by PyLD, with the contexts that lie beside this file and no others.

Nothing is ever fetched. PyLD's own copy of the W3C's context is not taken: a signature rests on what contexts say, so
they are the published ones, and the tests know their hashes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyld import jsonld
from pyld.documentloader.frozen import FrozenDocumentLoader

from microintern.domain.data_integrity import Canonical
from microintern.domain.open_badges import CREDENTIALS_V2, EXTENSIONS, OPEN_BADGES

_FOLDER = Path(__file__).with_name("contexts")
FILES = {
    CREDENTIALS_V2: _FOLDER / "credentials-v2.json",
    OPEN_BADGES: _FOLDER / "open-badges-3.0.3.json",
    EXTENSIONS: _FOLDER / "open-badges-extensions.json",
}


def canonicaliser(contexts: Mapping[str, Path]) -> Canonical:
    """What makes documents canonical that use these contexts; JsonLdError when one is none, or asks for another."""
    load = FrozenDocumentLoader(dict(contexts))

    def canonical(document: Mapping[str, Any]) -> bytes:
        # URDNA2015 is the earlier name of RDFC-1.0; they differ in control characters only, which have no place here.
        options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}
        quads = jsonld.normalize(dict(document), options)
        assert isinstance(quads, str)
        return quads.encode()

    return canonical


canonical = canonicaliser(FILES)
