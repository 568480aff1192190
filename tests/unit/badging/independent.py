"""Verification by libraries that share no code with what signs: Digital Bazaar's, run by Node."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from microintern.badging.canonical import FILES
from tests.unit.builders import ROOT

SCRIPT = Path(__file__).with_name("verify.mjs")
NODE = ROOT / ".venv/bin/node"
MULTIKEY = "https://w3id.org/security/multikey/v1"
_ID_AND_TYPE = {"id": "@id", "type": "@type"}
_KEYS: dict[str, Any] = {
    **_ID_AND_TYPE,
    "Multikey": {
        "@id": "https://w3id.org/security#Multikey",
        "@context": {
            "publicKeyMultibase": {
                "@id": "https://w3id.org/security#publicKeyMultibase",
                "@type": "https://w3id.org/security#multibase",
            }
        },
    },
    "controller": {"@id": "https://w3id.org/security#controller", "@type": "@id"},
    "verificationMethod": {"@id": "https://w3id.org/security#verificationMethod", "@type": "@id"},
    "assertionMethod": {"@id": "https://w3id.org/security#assertionMethod", "@type": "@id", "@container": "@set"},
}
"""What the contexts of keys say of the few terms that a verifier looks for."""


def verified(
    credentials: Sequence[Mapping[str, Any]],
    issuer: Mapping[str, Any],
    lists: Mapping[str, Any] | None,
    now: datetime,
) -> list[str | None]:
    """For each document what is wrong with it; None where nothing is. With `lists`, its status is looked up too."""
    contexts = {url: json.loads(path.read_text(encoding="utf-8")) for url, path in FILES.items()}
    contexts |= {url: {"@context": _KEYS} for url in (MULTIKEY, "https://www.w3.org/ns/cid/v1")}
    given = {
        "issuer": issuer,
        "contexts": contexts,
        "credentials": list(credentials),
        "lists": lists,
        "now": now.isoformat(),
    }
    done = subprocess.run(
        [NODE, SCRIPT], input=json.dumps(given), capture_output=True, text=True, cwd=ROOT, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    answers: list[str | None] = json.loads(done.stdout)
    return answers
