"""The command line: list, upload, download, manifest, verify."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from microintern_client.api import Api
from microintern_client.downloading import download
from microintern_client.errors import ClientError, InputError
from microintern_client.listing import read_listing, write_listing
from microintern_client.local import PURPOSES, LocalFile, hashed
from microintern_client.progress import Bar, NoProgress, Progress
from microintern_client.uploading import PARALLEL, Sent, idempotency_key_of, upload
from microintern_client.verifying import verify

WRONG_INPUT, FAILED, INTERRUPTED = 2, 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it was done, 1 when it was not, 2 when it makes no sense."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except InputError as error:
        print(f"microintern: {error}", file=sys.stderr)
        return WRONG_INPUT
    except ClientError as error:
        print(f"microintern: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("microintern: stopped; run the same again to go on.", file=sys.stderr, flush=True)
        os._exit(INTERRUPTED)  # threads that are still sending would be waited for
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="microintern-client",
        description="Files of Microintern's briefs. Whatever fails: run the same again, and it goes on.",
        epilog="The access token is read from MICROINTERN_TOKEN or a file, never from the command line.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = _command(commands, "list", _list, "write a list of files, with sizes and SHA-256, to upload by")
    listing.add_argument("--out", type=Path, default=Path("files.json"), help="where to write it (files.json)")
    _describe_files(listing)
    sending = _online(_command(commands, "upload", _upload, "send files to a brief"))
    sending.add_argument("--list", type=Path, dest="listing", metavar="JSON", help="send what this list names")
    sending.add_argument("--parallel", type=int, default=PARALLEL, help=f"parts at once ({PARALLEL})")
    sending.add_argument("--submit", action="store_true", help="then hand in the deliverables, as one submission")
    sending.add_argument("--note", help="a note to the submission")
    _describe_files(sending)
    getting = _online(_command(commands, "download", _download, "get files of a brief"))
    getting.add_argument("--to", type=Path, default=Path(), help="a folder, or a path for one file (here)")
    getting.add_argument("file_ids", nargs="+", metavar="FILE_ID")
    fetching = _online(_command(commands, "manifest", _manifest, "get a submission's signed manifest, and the keys"))
    fetching.add_argument("--to", type=Path, default=Path(), help="a folder (here)")
    fetching.add_argument("number", type=int, help="the submission's number")
    checking = _command(commands, "verify", _verify, "check a signed manifest, and files against it, offline")
    checking.add_argument("--keys", type=Path, required=True, help="the platform's public keys (jwks.json)")
    checking.add_argument("manifest", type=Path, help="the signed manifest")
    checking.add_argument("folder", type=Path, nargs="?", help="where the files are")
    return parser


def _command(commands: Any, name: str, run: Callable[[Any], None], text: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    command.add_argument("--quiet", action="store_true", help="no progress bar")
    command.set_defaults(run=run)
    return command


def _online(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    url = os.environ.get("MICROINTERN_URL")
    command.add_argument("--api", default=url, required=url is None, help="address of the API (MICROINTERN_URL)")
    command.add_argument("--token-file", type=Path, help="read the access token from here, anew for each request")
    command.add_argument("--brief", required=True, help="the brief's id")
    return command


def _describe_files(command: argparse.ArgumentParser) -> None:
    command.add_argument("--purpose", choices=PURPOSES, default="deliverable")
    command.add_argument("--media-type", help="of all files; told by their endings if not given")
    command.add_argument(
        "files", nargs="*", metavar="[DELIVERABLE=]PATH", help="such as report=report.pdf; without a name for materials"
    )


def _list(options: argparse.Namespace) -> None:
    found = [hashed(file, _progress(options)) for file in _named(options)]
    write_listing(options.out, found)
    print(f"{options.out}: {len(found)} files")


def _upload(options: argparse.Namespace) -> None:
    if bool(options.listing) == bool(options.files):
        raise InputError("Name files, or a list of files; not both, and not neither.")
    if options.parallel < 1:
        raise InputError("--parallel: at least one part at a time.")
    files = read_listing(options.listing) if options.listing else _named(options)
    if options.submit and any(file.deliverable is None for file in files):
        raise InputError("--submit: only deliverables can be handed in.")
    with _api(options) as api:
        sent = upload(api, options.brief, files, progress=_progress(options), parallel=options.parallel)
        result: dict[str, Any] = {"files": [_shown(one) for one in sent]}
        if options.submit:
            result["submission"] = _submit(api, options, sent)["submissions"]
    print(json.dumps(result, indent=2))


def _submit(api: Api, options: argparse.Namespace, sent: Sequence[Sent]) -> Any:
    body: dict[str, Any] = {
        "files": [{"deliverable": one.file.deliverable, "file_id": one.file_id} for one in sent],
        **({"note": options.note} if options.note else {}),
    }
    return api.post(f"/briefs/{options.brief}/submissions", idempotency_key_of("submit", options.brief, body), body)


def _download(options: argparse.Namespace) -> None:
    if len(options.file_ids) > 1 and not options.to.is_dir():
        raise InputError(f"{options.to} is not a folder; several files need one.")
    with _api(options) as api:
        for file_id in options.file_ids:
            print(download(api, options.brief, file_id, options.to, progress=_progress(options)))


def _manifest(options: argparse.Namespace) -> None:
    if not options.to.is_dir():
        raise InputError(f"{options.to} is not a folder.")
    with _api(options) as api:
        signed = api.get(f"/briefs/{options.brief}/submissions/{options.number}/manifest")
        keys = api.get("/.well-known/jwks.json")
    for name, content in ((f"submission-{options.number}.json", signed), ("jwks.json", keys)):
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        (options.to / name).write_text(text, encoding="utf-8")
        print(options.to / name)


def _verify(options: argparse.Namespace) -> None:
    found = verify(_read_json(options.manifest), _read_json(options.keys), options.folder)
    about = found.manifest
    print(f"genuine: submission {about['submission_number']} of {about['brief_id']}, received {about['received_at']}")
    for name in found.matching:
        print(f"{name}: as it was handed in")
    for name in found.differing:
        print(f"{name}: another file than was handed in")
    for name in found.missing:
        print(f"{name}: missing")
    if not found.complete:
        raise ClientError("Not every file of the submission is there as it was handed in.")


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise InputError(f"{path} is not JSON: {error}.") from error


def _named(options: argparse.Namespace) -> list[LocalFile]:
    if not options.files:
        raise InputError("Name at least one file.")
    found = []
    for named in options.files:
        deliverable, separator, path = named.partition("=")
        about = {"purpose": options.purpose, "media_type": options.media_type}
        found.append(
            LocalFile.at(path if separator else named, deliverable=deliverable if separator else None, **about)
        )
    return found


def _shown(sent: Sent) -> dict[str, Any]:
    told = {"file_id": sent.file_id, "name": sent.file.name, "size_bytes": sent.size_bytes, "sha256": sent.sha256}
    return {**told, "deliverable": sent.file.deliverable} if sent.file.deliverable else told


def _api(options: argparse.Namespace) -> Api:
    if options.token_file:
        if not options.token_file.is_file():
            raise InputError(f"There is no file {options.token_file} with an access token.")
        return Api(options.api, lambda: options.token_file.read_text(encoding="utf-8").strip())
    token = os.environ.get("MICROINTERN_TOKEN", "").strip()
    if not token:
        raise InputError("Set MICROINTERN_TOKEN to your access token, or name a file with --token-file.")
    return Api(options.api, token)


def _progress(options: argparse.Namespace) -> Progress:
    return NoProgress() if options.quiet else Bar()
