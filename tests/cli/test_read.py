"""`supplier read`: one answer for each file, in order, whatever the files are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from supplier.cli.read import read_command

CORPUS = Path(__file__).parent.parent / "corpus"
TRUTH = [json.loads(line) for line in (CORPUS / "truth.jsonl").read_text("utf-8").splitlines()]
NATIVE = [row for row in TRUTH if row["source"] == "native" and "outlines" not in row["layout"]]


def run(*arguments: str) -> tuple[int, list[dict[str, object]]]:
    result = CliRunner().invoke(read_command, [*arguments, "--json", "--workers", "2"])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_requests_of_a_file_are_answered_in_the_order_asked(tmp_path: Path) -> None:
    rows = NATIVE[:6]
    requests = tmp_path / "requests.jsonl"
    requests.write_text(
        "\n".join(
            json.dumps(
                {
                    "file": str(CORPUS / row["file"]),
                    "supplier": row["supplier"],
                    "expected_kind": row["expected_kind"],
                    "today": row["today"],
                }
            )
            for row in rows
        ),
        "utf-8",
    )
    code, answers = run("--from", str(requests))
    assert code == 0
    assert [answer["file"] for answer in answers] == [str(CORPUS / row["file"]) for row in rows]
    assert [answer["verdict"] for answer in answers] == [row["verdict"] for row in rows]
    first = answers[0]
    assert isinstance(first["fields"], dict)
    assert first["fields"]["siren"]["page"] == 1
    assert len(first["fields"]["siren"]["box"]) == 4


def test_options_name_the_supplier_the_kind_and_the_day() -> None:
    row = NATIVE[0]
    arguments = [str(CORPUS / row["file"]), "--supplier", row["supplier"]["siren"],
                 "--expect", row["kind"], "--today", row["today"]]  # fmt: skip
    code, (answer,) = run(*arguments)
    assert (code, answer["verdict"]) == (0, "accept")
    code, (answer,) = run(*arguments[:-1], "2027-12-01")
    assert (code, answer["reasons"]) == (0, ["too_old"])


def test_a_file_named_relative_to_its_requests_is_found_beside_them(tmp_path: Path) -> None:
    (tmp_path / "one.pdf").write_bytes((CORPUS / NATIVE[0]["file"]).read_bytes())
    (tmp_path / "requests.jsonl").write_text('{"file": "one.pdf"}', "utf-8")
    code, (answer,) = run("--from", str(tmp_path / "requests.jsonl"))
    assert (code, answer["file"], answer["kind"]) == (0, "one.pdf", NATIVE[0]["kind"])


def test_what_cannot_be_opened_or_understood_is_said_and_the_rest_goes_on(tmp_path: Path) -> None:
    requests = tmp_path / "requests.jsonl"
    good = str(CORPUS / NATIVE[0]["file"])
    requests.write_text(
        f'{{"file": "{tmp_path}/absent.pdf"}}\nnot json\n{{"file": "{good}", "today": "soon"}}\n'
        f'{{"file": "{good}"}}\n',
        "utf-8",
    )
    code, answers = run("--from", str(requests))
    assert code == 1
    assert len(answers) == 4
    assert all("error" in answer for answer in answers[:3])
    assert answers[3]["kind"] == NATIVE[0]["kind"]


@pytest.mark.parametrize(
    "content", [b"", b"<html></html>", b"%PDF-", b"PK\x03\x04", b"\xff\xd8\xff"]
)
def test_a_file_that_is_no_paper_is_refused_with_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(content)
    code, (answer,) = run(str(path))
    assert code == 0
    assert answer["verdict"] == "refuse"
    findings = answer["findings"]
    assert isinstance(findings, list)
    assert findings[0]["message"]


def test_a_broken_pdf_is_called_broken_and_a_stranger_no_document(tmp_path: Path) -> None:
    """The name says what a file was meant to be: the portal words it alike."""
    data = bytes(range(256)) * 8
    for name, reason in (("kbis.pdf", "unreadable"), ("kbis.bin", "not_a_document")):
        file = tmp_path / name
        file.write_bytes(data)
        _, [answer] = run(str(file), "--today", "2026-11-23")
        assert answer["verdict"] == "refuse"
        assert answer["reasons"] == [reason]
