"""Sends files to Microintern's briefs and gets them back: large ones in parts, whatever happens to the connection.

    from microintern_client import Api, LocalFile, upload

    api = Api("https://….execute-api.us-east-1.amazonaws.com", token)
    (sent,) = upload(api, brief_id, [LocalFile.at("report.pdf", deliverable="report")])

Called again after a failure, `upload` sends what is missing and nothing else: what has arrived, the server knows.
"""

from microintern_client.api import Api, Refused, Unreachable
from microintern_client.downloading import download
from microintern_client.errors import ClientError, InputError
from microintern_client.local import LocalFile
from microintern_client.progress import Bar, NoProgress, Progress
from microintern_client.uploading import Sent, upload

__all__ = [
    "Api",
    "Bar",
    "ClientError",
    "InputError",
    "LocalFile",
    "NoProgress",
    "Progress",
    "Refused",
    "Sent",
    "Unreachable",
    "download",
    "upload",
]
