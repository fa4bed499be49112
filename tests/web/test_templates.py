"""Layouts and macros: they render, strictly, and keep to what the CSP and readers need."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import flash, render_template, render_template_string
from flask.testing import FlaskClient

from supplier.documents.states import State as DocumentState
from supplier.vigilance.coverage import State as RequirementState
from supplier.web import assets
from supplier.web.intervals import State as IntervalState
from tests.web import guide

TEMPLATES = guide.ROOT / "templates" / "shared"
EXTRAS: dict[str, dict[str, Any]] = {
    "shared/error.html": {"status": 404, "message": "This page does not exist.", "reference": "7F"},
    "shared/error_static.html": {"number": "ab12cd34", "status": 500},
    "shared/confirm.html": {
        "title": "Retirer cette pièce ?",
        "words": "Elle restera dans l’historique.",
        "action": "/withdraw",
        "act": "Retirer",
        "back_url": "/back",
    },
    "shared/styleguide.html": {},
    "shared/portal.html": {"visitor": guide.Person("Nadia", (("7", "Lebrun"),), "7")},
    "shared/desk.html": {},
    "shared/auth.html": {},
}


class Outline(HTMLParser):
    """What a page holds: its elements with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def snippet(source: str, **values: Any) -> str:
    app = guide.make_app()
    with app.test_request_context("/"):
        return render_template_string('{% import "shared/ui.html" as ui %}' + source, **values)


@pytest.fixture(scope="module")
def page() -> str:
    return guide.render()


@pytest.mark.parametrize("template", EXTRAS)
def test_every_layout_renders_without_an_undefined_value(template: str) -> None:
    html = guide.render(template, **EXTRAS[template])
    assert html.rstrip().endswith("</html>")
    assert '<main class="' in html


@pytest.mark.parametrize("template", ["portal", "desk", "auth"])
def test_a_layout_needs_nothing_but_itself(template: str) -> None:
    """An error may come before anything is known: no value is compulsory."""
    app = guide.make_app()
    with app.test_request_context("/"):
        assert "</html>" in render_template(f"shared/{template}.html")


def test_every_macro_is_in_the_guide() -> None:
    names = re.findall(r"\{%- set ([^=%]+) = ", (TEMPLATES / "ui.html").read_text("utf-8"))
    exported = {name.strip() for group in names for name in group.split(",")}
    shown = (TEMPLATES / "styleguide.html").read_text("utf-8")
    used_inside = {"state_word", "csrf_field", "error_summary", "check", "choices", "sheet_head"}
    missing = {name for name in exported - used_inside if f"ui.{name}(" not in shown}
    assert missing == {"portal_head"}


def test_every_macro_is_in_the_readme() -> None:
    names = re.findall(r"\{%- set ([^=%]+) = ", (TEMPLATES / "ui.html").read_text("utf-8"))
    readme = (TEMPLATES / "README.md").read_text("utf-8")
    exported = {name.strip() for group in names for name in group.split(",")}
    assert {name for name in exported if f"ui.{name}" not in readme} == set()


@pytest.mark.parametrize("template", EXTRAS)
def test_pages_keep_to_the_content_security_policy(template: str) -> None:
    outline = Outline(guide.render(template, **EXTRAS[template]))
    for tag, attributes in outline.elements:
        assert "style" not in attributes, (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        for name in ("src", "href"):
            assert not (attributes.get(name) or "").startswith(("data:", "javascript:", "http"))
    assert outline.all("style") == []
    assert all(script.get("src") for script in outline.all("script"))


def test_the_stylesheet_asks_for_nothing_that_the_policy_refuses() -> None:
    """Bootstrap draws arrows and ticks with data: images; ours must override each one used."""
    css = (assets.static_folder() / "theme.css").read_text("utf-8")
    assert "data:" not in css
    assert "http" not in css.replace('a[href^="http"]', "")
    for name in re.findall(r"url\(([^)]+)\)", css):
        assert (assets.static_folder() / name).is_file(), name


def test_ids_are_unique(page: str) -> None:
    ids = Counter(a["id"] for _, a in Outline(page).elements if a.get("id"))
    assert [name for name, count in ids.items() if count > 1] == []


def test_names_that_an_element_refers_to_exist(page: str) -> None:
    elements = Outline(page).elements
    ids = {a["id"] for _, a in elements if a.get("id")}
    for tag, attributes in elements:
        for name in ("for", "aria-labelledby", "aria-describedby"):
            for target in (attributes.get(name) or "").split():
                assert target in ids, (tag, name, target)


def test_every_drawing_has_a_sentence_or_is_hidden(page: str) -> None:
    nested = re.sub(r'<svg y="0".*?</svg>', "", page, flags=re.DOTALL)
    for attributes in Outline(nested).all("svg"):
        hidden = attributes.get("aria-hidden") == "true"
        assert hidden or (
            attributes.get("role") in {"img", "group"} and attributes.get("aria-label")
        )


def test_hatching_is_defined_where_it_is_used(page: str) -> None:
    used = set(re.findall(r"url\(#([^)]+)\)", page))
    assert used == {"v-gap", "v-gap-next", "v-late"}
    assert used <= set(re.findall(r'<pattern id="([^"]+)"', page))


def test_every_post_form_carries_its_token(page: str) -> None:
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", page, flags=re.DOTALL)
    assert len(forms) >= 4
    sample = [form for form in forms if 'name="iban"' in form]
    assert [f for f in forms if 'name="csrf_token"' not in f] == sample  # its class says no


@pytest.mark.parametrize("states", [DocumentState, RequirementState, IntervalState])
def test_every_state_has_its_shape_and_its_word(states: Any) -> None:
    for state in states:
        html = snippet(
            '{% import "shared/macros/chips.html" as chips %}'
            "{{ state|string in chips.LOOKS }}|{{ ui.chip(state) }}|{{ ui.state_word(state) }}",
            state=state,
        )
        assert html.startswith("True|"), f"{state} has no shape"
        assert html.rsplit("|", 1)[1] != state.value, f"{state} has no word"


def test_what_people_typed_is_escaped() -> None:
    html = snippet(
        "{{ ui.chip('ok', evil) }}{{ ui.banner('bad', evil, evil) }}"
        "{{ ui.facts([(evil, evil)]) }}{{ ui.phone(evil) }}{{ ui.digest(evil) }}",
        evil='"><script>alert(1)</script>',
    )
    assert "<script" not in html


def test_a_wrong_field_says_so_to_eye_and_ear() -> None:
    app = guide.make_app()
    with app.test_request_context("/"):
        form = guide.SampleForm(data={"role": "Achats", "kind": "kbis"})
        form.validate()
        html = render_template_string(
            '{% import "shared/ui.html" as ui %}{% call ui.form(form) %}'
            "{{ ui.field(form.name, help='Comme sur le Kbis.') }}{% endcall %}",
            form=form,
        )
    control = next(a for a in Outline(html).all("input") if a.get("name") == "name")
    assert control["aria-invalid"] == "true"
    assert control["aria-describedby"] == "name-help name-error"
    assert 'href="#name"' in html
    assert 'role="alert"' in html


def test_a_right_form_has_no_summary() -> None:
    app = guide.make_app()
    with app.test_request_context("/"):
        html = render_template_string(
            '{% import "shared/ui.html" as ui %}{{ ui.error_summary(form) }}',
            form=guide.SampleForm(),
        )
    assert html == ""


def test_what_was_typed_stands_in_the_field_again(page: str) -> None:
    assert 'value="LT12 1000 0111 0100"' in page


def test_flashed_words_become_banners_that_readers_hear() -> None:
    app = guide.make_app()
    with app.test_request_context("/"):
        flash("Acceptée.", "ok")
        flash("<b>Refus</b>", "bad")
        html = render_template("shared/desk.html")
    assert 'v-banner v-banner-ok" role="status"' in html
    assert 'v-banner v-banner-bad" role="alert"' in html
    assert "<b>Refus</b>" not in html


def test_a_side_column_appears_only_when_it_holds_something() -> None:
    app = guide.make_app()
    source = '{% extends "shared/desk.html" %}{% block main %}M{% endblock %}'
    with app.test_request_context("/"):
        assert "<aside" not in render_template_string(source)
        assert "<aside" in render_template_string(source + "{% block aside %}A{% endblock %}")


def test_only_one_entry_of_the_rail_is_current(page: str) -> None:
    rail = page.split("v-rail-in", 1)[1].split("</header>", 1)[0]
    assert rail.count('aria-current="page"') == 1


def test_the_last_page_has_no_next() -> None:
    html = snippet("{{ ui.pagination(51, 63, 63, previous_url='/1') }}")
    assert 'rel="prev"' in html
    assert 'rel="next"' not in html


def test_the_sorted_head_tells_its_direction() -> None:
    html = snippet("{{ ui.head('Nom', url='/s', direction='descending') }}")
    assert 'aria-sort="descending"' in html


def test_the_drop_zone_is_a_plain_form_without_a_script() -> None:
    html = snippet("{{ ui.dropzone('/drop', 'Déposez', 'PDF ou photo') }}")
    form = html.split("<template", 1)[0]
    outline = Outline(form)
    files = next(a for a in outline.all("input") if a.get("name") == "files")
    assert "multiple" in files
    assert "hidden" not in files
    assert outline.all("form")[0]["enctype"] == "multipart/form-data"
    assert any(button.get("type") == "submit" for button in outline.all("button"))


def test_a_card_refreshes_itself_only_while_it_is_read() -> None:
    waiting = snippet("{{ ui.paper_card('Kbis', ui.chip('reading'), 'k.pdf', refresh_url='/c') }}")
    done = snippet("{{ ui.paper_card('Kbis', ui.chip('accepted'), 'k.pdf', 'Lu') }}")
    assert 'data-refresh-url="/c"' in waiting
    assert "data-refresh-url" not in done


def test_the_page_for_a_crash_needs_nothing_at_all() -> None:
    """No catalogue, no session, no address: only what the file itself says."""
    text = (TEMPLATES / "error_static.html").read_text("utf-8").split("#}", 1)[1]
    assert not re.search(r"url_for|_\(|extends|import|include|session|csrf", text)


def test_no_template_holds_a_colour() -> None:
    """Colours are the stylesheet's; a drawing names a class."""
    for path in TEMPLATES.rglob("*.html"):
        assert not re.search(r"#[0-9a-fA-F]{6}\b|rgb\(", path.read_text("utf-8")), path


@dataclass(frozen=True)
class Address:
    endpoint: str
    values: dict[str, Any]


def test_addresses_of_assets_change_with_their_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.css"
    path.write_text("a")
    before = assets.asset_version(path)
    assert assets.asset_version(path) == before
    path.write_text("bb")
    assert assets.asset_version(path) != before


def test_addresses_of_other_pages_are_left_alone() -> None:
    address = Address("desk.week", {"filename": "theme.css"})
    assets.add_version(address.endpoint, address.values)
    assert "v" not in address.values
    unknown = Address("static", {"filename": "no-such-file.css"})
    assets.add_version(unknown.endpoint, unknown.values)
    assert "v" not in unknown.values


def test_bootstrap_comes_from_its_package() -> None:
    assert (assets.bootstrap_folder() / "css" / "bootstrap.min.css").is_file()


def test_bootstrap_is_served_without_pictures_and_under_the_stamp_of_what_is_served(
    client: FlaskClient,
) -> None:
    path = assets.bootstrap_folder() / "css" / "bootstrap.min.css"
    assert b"data:image" in path.read_bytes()
    answer = client.get("/bootstrap/css/bootstrap.min.css")
    assert answer.status_code == 200
    assert answer.mimetype == "text/css"
    assert b".form-select{" in answer.data
    assert b"data:" not in answer.data
    assert answer.get_etag()[0] == assets.asset_version(path)


@pytest.mark.parametrize(
    "name", ["css/none.css", "../version.txt", "version.txt", "css/x/../../.css"]
)
def test_nothing_else_of_the_package_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/bootstrap/{name}").status_code == 404
