"""The certificate of an erasure: what went, by which rule, on whose word; no name, no content."""

from __future__ import annotations

import io
from collections import Counter
from datetime import datetime
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from supplier.retention.models import ErasureBatch, ErasureItem
from supplier.retention.schedule import SCHEDULE, RuleCode

_HEAD = ("Objet", "Identifiant", "Règle", "Départ", "Effaçable dès le", "Suite")
_OUTCOMES = {
    "erased": "effacé",
    "held": "conservé : gel",
    "not_due": "conservé : délai non échu",
    "already_gone": "déjà absent",
}
_KINDS = {
    "document": "pièce",
    "contract": "contrat",
    "purchase_order": "bon de commande",
    "invoice": "facture",
    "bank_account": "coordonnées bancaires",
    "contact": "contact",
    "supplier": "identité d’une personne",
    "user": "compte d’une personne",
    "invitation": "lien d’accès",
    "import_batch": "fichier d’import",
    "rights_request": "demande de droits",
    "outbox_message": "courriel",
    "follow_up": "note d’appel",
    "waiver": "dispense",
    "campaign": "campagne d’invitation",
}


def draw_certificate(batch: ErasureBatch, *, now: datetime) -> bytes:
    """A PDF in French, the language of the law it answers to. The same batch, the same bytes."""
    buffer = io.BytesIO()
    document = SimpleDocTemplate(
        buffer, pagesize=A4, title="Certificat d’effacement", author="Vigie", invariant=1
    )
    styles = getSampleStyleSheet()
    small = ParagraphStyle("small", parent=styles["Normal"], fontSize=8, leading=10)
    document.build(
        [
            Paragraph("Certificat d’effacement", styles["Title"]),
            *(Paragraph(line, styles["Normal"]) for line in _introduction(batch, now)),
            Spacer(1, 12),
            *(Paragraph(line, small) for line in _rules(batch)),
            Spacer(1, 12),
            _table(batch, small),
        ]
    )
    return buffer.getvalue()


def _introduction(batch: ErasureBatch, now: datetime) -> list[str]:
    outcomes = Counter(item.outcome for item in batch.items)
    counted = ", ".join(f"{_OUTCOMES[str(name)]} : {count}" for name, count in outcomes.items())
    return [
        f"Lot {batch.id}, proposé pour le {batch.day:%d/%m/%Y}.",
        f"Approuvé par {escape(str(batch.approved_by_name))} "
        f"le {batch.approved_at:%d/%m/%Y %H:%M} UTC.",
        f"Exécuté le {now:%d/%m/%Y %H:%M} UTC. {counted}.",
        "Effacer veut dire : le fichier, ses copies, ses aperçus, ce qui en a été lu, les noms. "
        "Les sauvegardes antérieures sont purgées de ces objets à leur restauration.",
    ]


def _rules(batch: ErasureBatch) -> list[str]:
    return [
        f"{code} : {escape(SCHEDULE[RuleCode(code)].basis)}"
        for code in sorted({item.rule for item in batch.items})
    ]


def _table(batch: ErasureBatch, style: ParagraphStyle) -> Table:
    rows = [[Paragraph(f"<b>{words}</b>", style) for words in _HEAD]]
    rows += [[Paragraph(words, style) for words in _row(item)] for item in batch.items]
    table = Table(rows, repeatRows=1, colWidths=(70, 150, 85, 65, 75, 75))
    table.setStyle(TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.25, "#bccacd")]))
    return table


def _row(item: ErasureItem) -> tuple[str, ...]:
    return (
        _KINDS.get(item.subject_type, item.subject_type),
        str(item.subject_id),
        item.rule,
        f"{item.starts_on:%d/%m/%Y}",
        f"{item.first_erasable_on:%d/%m/%Y}",
        _OUTCOMES[str(item.outcome)],
    )
