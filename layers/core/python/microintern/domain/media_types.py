"""The media types that uploads may have: those whose content can be told, and looked into where something is packed."""

from enum import StrEnum


class Kind(StrEnum):
    """How the content of a media type is told."""

    TEXT = "text"
    SIGNATURE = "signature"
    ZIP = "zip"
    OFFICE = "office"
    OPEN_DOCUMENT = "open_document"
    TAR = "tar"
    GZIP = "gzip"


_OOXML = "application/vnd.openxmlformats-officedocument"
OFFICE_PARTS = {
    f"{_OOXML}.wordprocessingml.document": "word/",
    f"{_OOXML}.spreadsheetml.sheet": "xl/",
    f"{_OOXML}.presentationml.presentation": "ppt/",
}
"""Where the main part of each Office document lies in its zip."""

_OPEN_DOCUMENTS = (
    "application/epub+zip",
    *(f"application/vnd.oasis.opendocument.{kind}" for kind in ("text", "spreadsheet", "presentation", "graphics")),
)

SIGNATURES = {
    "application/pdf": {".pdf"},
    "application/rtf": {".rtf"},
    "application/msword": {".doc"},
    "application/vnd.ms-excel": {".xls"},
    "application/vnd.ms-powerpoint": {".ppt"},
    "application/vnd.sqlite3": {".sqlite", ".db", ".sqlite3"},
    "audio/flac": {".flac"},
    "audio/mpeg": {".mp3"},
    "audio/ogg": {".ogg"},
    "audio/wav": {".wav"},
    "image/bmp": {".bmp"},
    "image/gif": {".gif"},
    "image/jpeg": {".jpg", ".jpeg", ".jfif"},
    "image/png": {".png"},
    "image/tiff": {".tif", ".tiff"},
    "image/vnd.adobe.photoshop": {".psd"},
    "image/webp": {".webp"},
    "video/mp4": {".mp4"},
    "video/quicktime": {".mov"},
    "video/webm": {".webm"},
}
"""What a signature has to be that of, as file name extensions."""

_KINDS = {
    **dict.fromkeys(SIGNATURES, Kind.SIGNATURE),
    **dict.fromkeys(OFFICE_PARTS, Kind.OFFICE),
    **dict.fromkeys(_OPEN_DOCUMENTS, Kind.OPEN_DOCUMENT),
    **dict.fromkeys(("application/zip", "application/java-archive"), Kind.ZIP),
    **dict.fromkeys(("application/json", "application/xml", "application/yaml", "application/sql"), Kind.TEXT),
    "image/svg+xml": Kind.TEXT,
    "application/x-tar": Kind.TAR,
    "application/gzip": Kind.GZIP,
}


def kind_of(media_type: str) -> Kind | None:
    """How its content is told; None for what is not accepted: 7z and rar, for one, cannot be looked into."""
    if media_type.startswith("text/") or media_type.endswith(("+json", "+xml")):
        return Kind.TEXT
    return _KINDS.get(media_type)


def accepted(media_type: str) -> str:
    """The media type; ValueError when its content could not be told."""
    if kind_of(media_type) is None:
        raise ValueError(f"{media_type} is not accepted: its content cannot be checked; send a zip, or a usual format")
    return media_type
