"""The local scanner finds what it has rules for, however it is packed, and says so when it cannot look."""

import io
from pathlib import Path

import pytest

from infra.local.sample.malware import EICAR
from microintern.scanning import engine
from microintern.scanning.engine import Unscannable, YaraEngine
from tests.unit.contents import LOCKED_ZIP, gzipped, nested, program, zipped

SCANNER = YaraEngine()
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
FOUND = ["eicar_test_file"]


def threats(content: bytes) -> list[str]:
    return SCANNER.threats(io.BytesIO(content))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (EICAR, "eicar_test_file"),
        (b"Please see the attachment.\n" + EICAR, "eicar_test_file"),
        (zipped(("readme.txt", EICAR)), "eicar_test_file"),
        (nested(3, EICAR), "eicar_test_file"),
        (gzipped(EICAR), "eicar_test_file"),
        (program(), "disguised_windows_program"),
        (zipped(("invoice.pdf", program())), "disguised_windows_program"),
        (b"\x7fELF" + bytes(60), "disguised_unix_program"),
        (bytes.fromhex("4c0000000114020000000000c000000000000046"), "windows_shortcut"),
        (OLE + bytes(600) + b"Sub AutoOpen()\r\nCreateObject(\"WScript.Shell\")", "office_macro_that_starts_programs"),
        (b"%PDF-1.7\n<< /OpenAction << /S /Launch /F (cmd.exe) >> >>", "pdf_that_starts_programs"),
        (b"{\\rtf1{\\object\\objupdate{\\*\\objdata 0105}}}", "rtf_object_that_loads_itself"),
        (
            b"var s = new ActiveXObject('WScript.Shell'), h = 'MSXML2.XMLHTTP', o = 'ADODB.Stream';",
            "script_that_fetches_and_runs",
        ),
    ],
)  # fmt: skip
def test_each_rule_finds_what_it_is_for(content: bytes, found: str) -> None:
    assert threats(content) == [found]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"place,rate\nUS-NY,17.00\n",
        b"%PDF-1.7\n<< /OpenAction [3 0 R /Fit] >>",
        OLE + bytes(600) + b"Sub AutoOpen()\r\nMsgBox 1",
        b"MZ is how the names of two founders begin",
        zipped(("tool.exe", program()), ("readme.md", b"# A tool\n")),
        b"The report says EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE and no more.",
    ],
)
def test_harmless_files_are_clean(content: bytes) -> None:
    assert threats(content) == []


def test_what_lies_over_the_edge_of_two_windows_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "WINDOW_BYTES", 4_096)
    monkeypatch.setattr(engine, "OVERLAP_BYTES", 128)
    for before in range(4_096 - len(EICAR), 4_097, 17):
        assert threats(bytes(before) + EICAR) == FOUND
    assert threats(bytes(5_000) + program()) == [], "a program begins where the file does"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (LOCKED_ZIP, "encrypted"),
        (nested(6, EICAR), "too deeply"),
        (zipped(("table.csv", b"a"))[:-30], "cannot be read"),
        (gzipped(bytes(100_000))[:-60] + bytes(50), "cannot be read"),
        (zipped(*((f"{n}.txt", b"") for n in range(2_001))), "2001 members"),
    ],
    ids=[
        "locked",
        "nested",
        "cut zip",
        "cut gzip",
        "crowded",
    ],  # archives carry the time and would name themselves anew
)
def test_what_cannot_be_looked_into_is_not_called_clean(content: bytes, why: str) -> None:
    with pytest.raises(Unscannable, match=why):
        threats(content)


@pytest.mark.parametrize("pack", [gzipped, lambda content: zipped(("zeros.bin", content))])
def test_what_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch, pack: object) -> None:
    assert callable(pack)
    monkeypatch.setattr(engine, "MOST_NESTED_BYTES", 1_000_000)
    with pytest.raises(Unscannable, match="more than is looked through"):
        threats(pack(bytes(2_000_000)))
    monkeypatch.setattr(engine, "MOST_UNPACKED_BYTES", 500_000)
    with pytest.raises(Unscannable, match="more than is looked through"):
        threats(pack(bytes(600_000)))


def test_every_rule_says_what_it_is_about() -> None:
    rules = Path(engine.RULES).read_text(encoding="utf-8")
    assert rules.count("\nrule ") == rules.count("about = ") == 8
