"""A bare application that renders the design system with sample data: for tests and for the eye."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from babel.dates import format_date
from flask import Flask, render_template
from flask_babel import Babel
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import StrictUndefined
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from supplier.kernel.pages import Box
from supplier.web import assets, charts, cloud, timeline
from supplier.web.filters import show_page_ranges
from supplier.web.intervals import Interval, Row, State, combine

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Item:
    label: str
    url: str
    icon: str
    count: int | None = None
    current: bool = False
    group: str = "main"


@dataclass(frozen=True)
class Person:
    name: str
    mandates: tuple[tuple[str, str], ...] = ()
    acting_supplier_id: str = ""


NAVIGATION = (
    Item("Cette semaine", "#", "week"),
    Item("À examiner", "#", "eye", 12),
    Item("Fournisseurs", "#", "people", current=True),
    Item("Contrats et factures", "#", "contract"),
    Item("Évaluation", "#", "evaluation"),
    Item("Comptes bancaires", "#", "bank", 3, group="control"),
    Item("Conservation", "#", "history", group="control"),
    Item("Droits des personnes", "#", "shield", 1, group="control"),
    Item("Dossiers de preuve", "#", "proof", group="control"),
    Item("Règles et accès", "#", "rules", group="administration"),
)


class SampleForm(FlaskForm):
    class Meta:
        csrf = False

    name = StringField("Dénomination", [DataRequired("Indiquez le nom de la société.")])
    iban = StringField("Tapez le nouvel IBAN", [Length(min=27, message="Il manque 4 chiffres.")])
    kind = SelectField("Sorte", choices=["kbis", "rib"])
    note = TextAreaField("Qui a répondu, et quoi ?")
    role = RadioField("Rôle", choices=["Achats", "Comptabilité"])
    confirmed = BooleanField("Je confirme", [DataRequired("Cochez pour confirmer.")])


def make_app(language: str = "fr") -> Flask:
    """An application with the templates, strict about undefined values, without a database."""
    app = Flask(
        "guide",
        template_folder=str(ROOT / "templates"),
        static_folder=str(assets.static_folder()),
        static_url_path="/static",
    )
    app.config.update(SECRET_KEY="guide", TESTING=True, WTF_CSRF_ENABLED=True)
    app.config.update(BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "supplier" / "translations"))
    Babel(app, locale_selector=lambda: language)
    CSRFProtect(app)
    app.url_defaults(assets.add_version)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters.update(
        date=lambda day: format_date(day, "dd/MM/yyyy"),
        long_date=lambda day: format_date(day, "d MMMM yyyy", locale=language),
        money=lambda euros: f"{euros:,.0f} €".replace(",", "\u202f"),
        days=lambda count: f"{count} jours",
        number=lambda value: f"{value:,.0f}".replace(",", "\u202f"),
        page_ranges=show_page_ranges,
        siren=lambda siren: f"{siren[:3]} {siren[3:6]} {siren[6:]}",
    )
    folder = assets.bootstrap_folder()
    app.add_url_rule("/bootstrap/<path:filename>", "bootstrap", lambda filename: filename)
    assert folder.is_dir()
    return app


def shell(**values: Any) -> dict[str, Any]:
    """What the layouts may be given."""
    return {
        "language": "fr",
        "languages": ("fr", "en", "de"),
        "language_url": "/language",
        "visitor": Person("Camille Roussel"),
        "visitor_role": "Achats",
        "navigation": lambda: list(NAVIGATION),
        "sign_out_url": "/sign-out",
        "search_url": "/desk/search",
        "group_name": "Groupe Kerlan",
        "footer_links": (("Confidentialité", "#"), ("Accessibilité", "#")),
        **values,
    }


def timeline_rows() -> list[Row]:
    """The contract of the mock-up: every state of a requirement is there once."""

    def days(first: date, last: date, state: State, label: str = "", **more: Any) -> Interval:
        return Interval(first, last, state, label, **more)

    covered, soon, gap, to_come = State.COVERED, State.EXPIRING, State.GAP, State.GAP_TO_COME
    end = date(2027, 3, 31)
    return [
        Row(
            "Vigilance Urssaf",
            "6 mois, art. D8222-5 1°",
            (
                days(date(2025, 10, 20), date(2026, 4, 19), covered),
                days(date(2026, 4, 20), date(2026, 5, 3), gap),
                days(
                    date(2026, 5, 4), date(2026, 11, 3), covered, "émise le 4 mai, jusqu’au 3 nov."
                ),
                days(date(2026, 11, 4), TODAY, gap, "20 j, 46 850 €"),
                days(date(2026, 11, 24), end, to_come, "si rien ne vient"),
            ),
            url="#",
        ),
        Row(
            "Extrait Kbis",
            "3 mois, règle du groupe",
            (
                days(date(2026, 1, 11), date(2026, 4, 11), covered),
                days(date(2026, 4, 12), date(2026, 7, 9), covered, "jusqu’au 9 juil."),
                days(date(2026, 7, 10), date(2026, 7, 14), gap),
                days(date(2026, 7, 15), date(2026, 10, 14), covered, "jusqu’au 14 oct."),
                days(date(2026, 10, 15), date(2027, 1, 11), covered, "11 janv."),
                days(date(2027, 1, 12), end, to_come, "à demander dès le 1er déc."),
            ),
        ),
        Row(
            "Régularité fiscale",
            "la première des deux fins",
            (
                days(date(2026, 1, 8), date(2026, 7, 7), covered, "jusqu’au 7 juil."),
                days(
                    date(2026, 7, 8),
                    date(2026, 12, 31),
                    soon,
                    "pièce 31 déc., règle 7 janv.",
                    second_end=date(2027, 1, 7),
                ),
                days(date(2027, 1, 1), end, to_come, "à demander dès le 1er déc."),
            ),
        ),
        Row(
            "Salariés étrangers",
            "6 mois, art. D8254-4",
            (
                days(date(2026, 3, 1), date(2026, 3, 11), gap),
                days(date(2026, 3, 12), date(2026, 9, 11), covered, "aucun, déclaré le 12 mars"),
                days(date(2026, 9, 12), TODAY, gap),
                days(date(2026, 11, 24), end, to_come),
            ),
        ),
        Row(
            "Assurance décennale",
            "période portée sur la pièce",
            (
                days(date(2026, 1, 1), date(2026, 12, 31), soon, "jusqu’au 31 déc."),
                days(date(2027, 1, 1), date(2027, 12, 31), State.PENDING, "2027, en lecture"),
            ),
        ),
        Row(
            "Congés payés BTP",
            "dispense de K. Benali",
            (
                days(date(2026, 1, 1), date(2026, 5, 14), covered, "jusqu’au 14 mai"),
                days(date(2026, 5, 15), date(2026, 6, 14), State.LATE),
                days(date(2026, 6, 15), end, State.WAIVED, "dispense jusqu’au 31 mars"),
            ),
        ),
    ]


def sample_timeline(locale: str = "fr") -> timeline.Timeline:
    return timeline.draw_timeline(
        timeline_rows(),
        window_start=date(2026, 3, 1),
        window_end=date(2027, 5, 31),
        today=TODAY,
        contract_start=date(2025, 9, 1),
        contract_end=date(2027, 3, 31),
        locale=locale,
    )


def sample_horizon() -> charts.Horizon:
    euros = (184_300, 2_100, 18_400, 0, 31_200, 96_800, 1_800, 52_000, 0, 9_000, 24_600, 1_000, 0)
    return charts.draw_horizon(
        [
            charts.Week(
                date.fromordinal(TODAY.toordinal() + 7 * index),
                Decimal(amount),
                1 if amount else 0,
                open_now=index == 0,
                url="#" if amount else "",
            )
            for index, amount in enumerate(euros)
        ],
        locale="fr",
    )


def values() -> dict[str, Any]:
    """What styleguide.html needs."""
    horizon = sample_horizon()
    drawn = timeline.draw_strip(
        combine(timeline_rows(), today=TODAY),
        window_start=date(2026, 3, 1),
        window_end=date(2027, 8, 31),
        today=TODAY,
    )
    box = Box(0.55, 0.05, 0.9, 0.13)
    form = SampleForm(data={"iban": "LT12 1000 0111 0100", "role": "Achats", "kind": "kbis"})
    form.validate()
    share = (91.6, 92, 91.8, 92.4, 92.6, 92.2, 92.8, 90, 88, 91, 92.9, 93.4)
    stages = (8412, 7905, 7000, 6100, 5200, 4100, 3300, 2500, 1700, 1100, 640)
    return {
        "timeline": sample_timeline(),
        "horizon": horizon,
        "horizon_rows": [
            (bar.week.start.isoformat(), bar.week.count, bar.week.euros) for bar in horizon.bars
        ],
        "suppliers": [
            ("Étanchéité du Golfe", "999000128", "missing", "En trou, 41 j", drawn, 71_200, "KB"),
            ("Voltéa Maintenance", "999000371", "in_review", "À examiner", drawn, 0, "LD"),
            ("Carrelages Ménez", "999000441", "expiring", "Se termine, 35 j", drawn, 0, "KB"),
        ],
        "zones": [
            (1, Box(0.6, 0.16, 0.92, 0.22), False, "Titulaire"),
            (2, Box(0.16, 0.27, 0.27, 0.29), False, "SIREN"),
            (3, Box(0.73, 0.06, 0.84, 0.09), True, "Émise le"),
        ],
        "fields": [
            (1, "Titulaire", "SARL Menuiserie Lebrun et Fils", "texte, 100 %", False, False),
            (2, "SIREN", "999 000 417", "texte, 100 %", False, True),
            (3, "Émise le", "17/11/2026 ou 17/05/2026", "texte et image", True, False),
            ("", "Effectif", "non lu", "", False, False),
        ],
        "box": box,
        "sample_form": form,
        "states": [
            *("covered", "expiring", "to_verify", "in_review", "refused", "missing", "waived"),
            *("dormant", "not_required", "received", "held", "read", "unreadable", "accepted"),
            *("withdrawn", "superseded", "erased", "submitted", "approved_once", "cooling_off"),
            *("active", "blocked", "replaced", "pay", "hold", "refuse", "frozen", "executed"),
        ],
        "icon_names": sorted(_icon_names()),
        "dates": timeline.draw_dates(
            [
                timeline.DateMark(date(2026, 12, 31), "soon", "Décennale"),
                timeline.DateMark(date(2027, 1, 11), "ok", "Kbis"),
                timeline.DateMark(date(2027, 3, 31), "contract", "Fin du contrat"),
            ],
            today=TODAY,
            until=date(2027, 4, 30),
            locale="fr",
        ),
        "curve": charts.draw_curve(
            [
                charts.Point(
                    "déc. 2025" if i == 0 else "nov. 2026" if i == 11 else "",
                    v,
                    note="août, 88 %" if v == 88 else "",
                )
                for i, v in enumerate(share)
            ],
            low=86,
            high=95,
        ),
        "steps_curve": charts.draw_curve(
            [charts.Point(str(2026 + i), float(v)) for i, v in enumerate(stages)],
            low=0,
            height=170,
            head=20,
            stepped=True,
            levels=(4000, 8000),
        ),
        "bars": charts.draw_bars(
            [
                charts.Item("Trop ancienne", 47, "47 %"),
                charts.Item("Autre société", 21, "21 %"),
                charts.Item("Illisible", 16, "16 %"),
            ]
        ),
        "columns": charts.draw_columns(
            [
                charts.Item("T3 25", 81, "81"),
                charts.Item("T4", None, "non noté"),
                charts.Item("T1 26", 84, "84"),
                charts.Item("T2", 77, "77"),
                charts.Item("T3", 68, "68"),
            ]
        ),
        "cloud": cloud.draw_cloud(
            [
                cloud.Spot("Béton de Rhuys", Decimal(390_000), 94, named=True),
                cloud.Spot("Menuiserie Lebrun", Decimal(148_000), 68),
                cloud.Spot("Étanchéité du Golfe", Decimal(230_000), 54),
                cloud.Spot("Peintures Guivarch", Decimal(9_000), 91),
                cloud.Spot("Serrurerie Kermarrec", Decimal(21_000), 66),
            ]
        ),
    }


def _icon_names() -> set[str]:
    text = (ROOT / "templates/shared/macros/icons.html").read_text(encoding="utf-8")
    return {line.split("'")[1] for line in text.splitlines() if line.startswith("  '")}


def render(template: str = "shared/styleguide.html", **more: Any) -> str:
    """Render a template with the sample data inside a request."""
    app = make_app()
    with app.test_request_context("/guide"):
        return render_template(template, **shell(**{**values(), **more}))


if __name__ == "__main__":
    import sys

    sys.stdout.write(render())
