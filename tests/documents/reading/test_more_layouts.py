"""Honest papers, each in another maker's layout and words: all are accepted by the machine."""

from __future__ import annotations

import pytest

from supplier.documents.kinds import DocumentKind
from tests.documents.reading.test_wordings import ACCEPTED, NAME, RIB, Row, answer, judged

K = DocumentKind
S = "526 018 155"
SPACED = " ".join(RIB[at : at + 4] for at in range(0, len(RIB), 4))


def pair(label: str, value: str, x: float = 280) -> Row:
    return ((60, label), (x, value))


OURS: dict[str, tuple[DocumentKind, tuple[Row, ...]]] = {
    "decennial in one sentence": (K.DECENNIAL_INSURANCE, (
        "SMABTP", "Attestation d'assurance de responsabilité décennale",
        f"La SMABTP certifie que le sociétaire {NAME}, SIREN {S}, est assuré auprès d'elle",
        "sous le contrat CAP 2000 n° 1234567 P pour les chantiers ouverts entre le 01/01/2026 et "
        "le 31/12/2026.",
        "Code des assurances, article L. 241-1.", "Fait à Paris le 5 janvier 2026", "Le directeur",
    )),
    "decennial in pairs": (K.DECENNIAL_INSURANCE, (
        "L'Auxiliaire", "Certificat d'assurance décennale obligatoire (art. A 243-3 du code des "
        "assurances)", pair("Désignation de l'assuré", NAME), pair("Siren", S),
        pair("Contrat souscrit", "n° 045-12345"),
        pair("Période couverte", "du 01/01/2026 au 31/12/2026"),
        "Cachet et signature de l'assureur",
    )),
    "decennial with a contract in groups of figures": (K.DECENNIAL_INSURANCE, (
        "Attestation d'assurance décennale",
        "MAAF Assurances SA certifie que le client ci-dessous :",
        NAME, "12 rue des Clefs", "68000 COLMAR", f"immatriculé sous le SIREN {S}",
        "Contrat n° : 146 789 123", "valable du 1er janvier 2026 au 31 décembre 2026.",
        "Garantie décennale selon l'article 1792 du code civil.", "Signature de l'assureur",
    )),
    "national register's own proof": (K.RNE_EXTRACT, (
        "INPI - Registre National des Entreprises", "Justificatif d'immatriculation au RNE",
        pair("Nom de l'entreprise", NAME), pair("SIREN", S), pair("Immatriculée le", "03/05/2010"),
        "Justificatif délivré le 5 octobre 2026",
    )),
    "register": (K.KBIS, (
        "Greffe du tribunal de commerce de Rennes", "EXTRAIT KBIS",
        "Immatriculation principale au registre du commerce et des sociétés",
        "À jour au 5 octobre 2026", pair("N° RCS", f"{S} R.C.S. Rennes"),
        pair("Date d'immatriculation", "03/05/2010"), pair("Nom de la société", NAME),
        pair("Siège", "12 rue des Clefs 68000 COLMAR"), "Code de vérification : aB3dEfGhI0",
        "FIN DE L'EXTRAIT",
    )),
    "national register": (K.RNE_EXTRACT, (
        "REGISTRE NATIONAL DES ENTREPRISES", "Attestation d'immatriculation",
        f"L'INPI atteste que l'entreprise {NAME}, SIREN {S}, est immatriculée au RNE depuis le",
        "03/05/2010 en tant qu'entreprise du secteur des métiers et de l'artisanat.",
        pair("Dénomination", NAME), "Attestation générée le 05/10/2026",
    )),
    "social in lines": (K.URSSAF_VIGILANCE, (
        "Attestation de vigilance", "Émetteur : Urssaf Lorraine", f"Délivrée à : {NAME}",
        f"SIREN : {S}", "Date de délivrance : 12/10/2026", "Situation au : 30/09/2026",
        "Code de sécurité : AB12CD34EF56GH7",
        "Paiement des cotisations : l'entreprise est en situation régulière.",
        "Fourniture des déclarations sociales : effectuée.",
    )),
    "social in a table": (K.URSSAF_VIGILANCE, (
        "URSSAF Bretagne", "Attestation de vigilance", "(articles L. 243-15 et D. 8222-5)",
        pair("Identité du cotisant", NAME), pair("Numéro SIREN", S),
        pair("Situation arrêtée au", "30/09/2026"),
        pair("Date d'édition du document", "12/10/2026"), "Code de sécurité : AB12CD34EF56GH7",
        "Il est attesté que l'employeur susvisé s'acquitte de l'ensemble de ses obligations de",
        "déclaration et de paiement des cotisations sociales.",
    )),
    "letter of the bank": (K.BANK_DETAILS, (
        "CREDIT MUTUEL", "Colmar, le 05/10/2026", "Objet : attestation de compte",
        f"Par la présente, nous confirmons que la société {NAME} dispose dans nos livres du",
        "compte courant dont les coordonnées sont les suivantes :", f"IBAN : {SPACED}",
        "BIC : CMCIFR2A", "Nous délivrons la présente attestation à la demande de notre client.",
    )),
    "statement": (K.FOREIGN_WORKERS_NONE, (
        "DÉCLARATION DE NON-EMPLOI DE SALARIÉS ÉTRANGERS", pair("Nom de l'entreprise", NAME),
        pair("N° d'immatriculation", S),
        pair("Nom et qualité du signataire", "Paul MARTIN, gérant"),
        "Nous certifions ne pas avoir recours à des salariés étrangers soumis à autorisation de "
        "travail.", "Article D. 8254-2 du code du travail", "Fait à Colmar le 05/10/2026",
    )),
    "invoice": (K.INVOICE, (
        "Facture 2026-117", f"Vendeur : {NAME} - SIREN {S}", "Acheteur : VIGIE",
        "Date d'émission : 2 octobre 2026", "Total hors taxe : 1 000,00 €",
        "TVA à 20 % : 200,00 €", "Total toutes taxes comprises : 1 200,00 €",
    )),
}  # fmt: skip

ABROAD: dict[str, tuple[DocumentKind, str, tuple[Row, ...]]] = {
    "Austria": (K.FOREIGN_REGISTER_EXTRACT, "Ried Metallbau GmbH", (
        "FIRMENBUCH", "Auszug mit aktuellen Daten", "Stichtag 05.10.2026",
        pair("Firmenbuchnummer", "FN 123456 a"), pair("Firma", "Ried Metallbau GmbH"),
        pair("Rechtsform", "Gesellschaft mit beschränkter Haftung"), pair("Sitz", "Wien"),
    )),
    "Luxembourg": (K.FOREIGN_REGISTER_EXTRACT, "Ferblanterie Sàrl", (
        "Registre de commerce et des sociétés de Luxembourg", "Certificat",
        "Il est certifié que la société Ferblanterie Sàrl est inscrite sous le numéro B150133.",
        "Luxembourg, le 5 octobre 2026",
    )),
    "Switzerland": (K.FOREIGN_REGISTER_EXTRACT, "Ried Metallbau AG", (
        "Handelsregisteramt des Kantons Basel-Stadt", "Handelsregisterauszug",
        pair("Identifikationsnummer", "CHE-123.456.789"), pair("Firmenname", "Ried Metallbau AG"),
        pair("Rechtsform", "Aktiengesellschaft"), "Basel, 05.10.2026",
    )),
    "Netherlands": (K.FOREIGN_REGISTER_EXTRACT, "Van Dijk Bouw B.V.", (
        "Kamer van Koophandel", "Uittreksel Handelsregister", pair("KvK-nummer", "72322919"),
        pair("Naam", "Van Dijk Bouw B.V."), "Uittreksel afgegeven op 05-10-2026",
    )),
    "Italy": (K.A1_CERTIFICATE, "Ponteggi Srl", (
        "A1 Certificato relativo alla legislazione di sicurezza sociale",
        "Regolamenti 883/04 e 987/09", pair("1.2 Cognome", "Rossi"), pair("1.3 Nome", "Luca"),
        pair("2.1 Stato membro", "IT"), pair("2.2 Data inizio", "01/10/2026"),
        pair("2.3 Data fine", "30/09/2027"), "4. DATORE DI LAVORO",
        pair("4.4 Denominazione", "Ponteggi Srl"),
    )),
    "Germany": (K.INVOICE, "Ried Metallbau GmbH", (
        "Rechnung Nr. 2026-117", "Ried Metallbau GmbH", "USt-IdNr. DE123456789",
        pair("Rechnungsdatum", "02.10.2026"), pair("Nettobetrag", "1.000,00 EUR"),
        pair("Gesamtbetrag", "1.000,00 EUR"),
    )),
}  # fmt: skip


@pytest.mark.parametrize("layout", OURS)
def test_a_paper_of_another_maker_is_accepted(layout: str) -> None:
    kind, rows = OURS[layout]
    assert judged(answer(kind, rows, step=16)) == ACCEPTED


@pytest.mark.parametrize("country", ABROAD)
def test_a_paper_from_abroad_is_accepted(country: str) -> None:
    kind, name, rows = ABROAD[country]
    assert judged(answer(kind, rows, siren=None, name=name, step=16)) == ACCEPTED


@pytest.mark.parametrize("layout", OURS)
def test_the_same_paper_of_another_company_is_not(layout: str) -> None:
    kind, rows = OURS[layout]
    other = answer(kind, rows, siren="732829320", name="CHARPENTES DU RIED", step=16)
    assert other.verdict.value != "accept"
