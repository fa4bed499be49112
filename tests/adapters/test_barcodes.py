from __future__ import annotations

import io

import pytest
import segno
from PIL import Image

from supplier.adapters.barcodes import imitates_infogreffe, parse_infogreffe, read_barcodes

CHECK = "https://www.infogreffe.fr/controle/verif?codeVerif=aB3dEfGhI0"
COMPANY = (
    "https://www.infogreffe.fr/societes/entreprise-societe/"
    "999000201-SOCIETE-EXEMPLE--940118B99999.html"
)


def page_with(text: str, *, at: tuple[int, int], turned: int = 0) -> Image.Image:
    buffer = io.BytesIO()
    segno.make(text, micro=False).save(buffer, kind="png", scale=5)
    page = Image.new("L", (1654, 2339), 255)
    page.paste(Image.open(buffer).convert("L").rotate(turned, expand=True, fillcolor=255), at)
    return page


@pytest.mark.parametrize("turned", [0, 90, 12])
def test_a_code_is_read_with_its_place(turned: int) -> None:
    (code,) = read_barcodes(page_with(CHECK, at=(1200, 100), turned=turned), page=2)
    assert (code.text, code.format, code.page) == (CHECK, "QRCode", 2)
    assert 1200 / 1654 < code.box.x0 < code.box.x1 < 0.9
    assert 100 / 2339 < code.box.top < code.box.bottom < 0.2


def test_a_page_without_code_has_none() -> None:
    assert read_barcodes(Image.new("RGB", (400, 400), "white"), page=1) == ()


def test_the_check_page_gives_the_code_as_printed() -> None:
    found = parse_infogreffe(CHECK)
    assert found is not None
    assert found.verification_code == "aB3dEfGhI0"
    assert found.siren == ""


def test_the_company_page_gives_siren_name_court_and_number() -> None:
    found = parse_infogreffe(COMPANY)
    assert found is not None
    assert found.verification_code == ""
    assert (found.siren, found.company_name) == ("999000201", "SOCIETE EXEMPLE")
    assert (found.registry_code, found.management_number) == ("9401", "18B99999")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bonjour",
        "https://www.infogreffe.fr/",
        "https://infogreffe.fr.attacker.example/controle/verif?codeVerif=aB3dEfGhI0",
        "https://attacker.example/?u=infogreffe.fr&codeVerif=aB3dEfGhI0",
        "https://[infogreffe.fr/controle?codeVerif=x",
    ],
)
def test_an_address_elsewhere_proves_nothing(text: str) -> None:
    assert parse_infogreffe(text) is None


@pytest.mark.parametrize(("text", "imitates"), [
    (CHECK, False),
    ("https://controle.infogreffe.fr/controle", False),
    ("https://attacker.example/?u=infogreffe.fr", False),
    ("bonjour infogreffe", False),
    ("https://[infogreffe.fr/", False),
    ("https://infogreffe.fr.attacker.example/controle/verif?codeVerif=aB3dEfGhI0", True),
    ("https://www.infogreffe-controle.fr/verif", True),
])  # fmt: skip
def test_a_site_by_the_name_of_the_registers_that_is_not_theirs_is_told(
    text: str, imitates: bool
) -> None:
    assert imitates_infogreffe(text) is imitates
