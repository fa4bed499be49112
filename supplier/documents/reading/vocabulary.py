"""The words by which papers ask for things and say whose they are, in their makers' languages.

One table for all families: a word, or a few words that belong together, and what it stands for.
A new word is written once here and is then known wherever a field asks for what it stands for.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Term(StrEnum):
    """What a word of a label stands for: a thing that is asked for, or somebody it is asked of."""

    # What is asked for.
    #: A name that only a company has, and one that a person may have as well.
    FIRM = "firm"
    NAME = "name"
    TRADE_NAME = "trade_name"
    FAMILY = "family"
    GIVEN = "given"
    ADDRESS = "address"
    SEAT = "seat"
    NUMBER = "number"
    SIREN = "siren"
    REGISTRATION = "registration"
    VAT = "vat"
    FORM = "form"
    CAPITAL = "capital"
    DAY = "day"
    ISSUE = "issue"
    SIGNATURE = "signature"
    EFFECT = "effect"
    END = "end"
    PERIOD = "period"
    SITUATION = "situation"
    BIRTH = "birth"
    IBAN = "iban"
    BIC = "bic"
    ACCOUNT = "account"
    CODE = "code"
    SECURITY = "security"
    DELIVERY = "delivery"
    AMOUNT = "amount"
    HEADCOUNT = "headcount"
    PAYROLL = "payroll"
    ROLE = "role"
    #: Known on forms, and nothing that a field reads.
    OTHER = "other"
    # Whose it is.
    COMPANY = "company"
    INSURED = "insured"
    POLICY = "policy"
    INSURER = "insurer"
    HOLDER = "holder"
    BANK = "bank"
    EMPLOYER = "employer"
    WORKER = "worker"
    PERSON = "person"
    SIGNER = "signer"
    ISSUER = "issuer"
    CLIENT = "client"
    SELLER = "seller"
    PREMISES = "premises"
    PAPER = "paper"
    INVOICE = "invoice"
    #: Joins the others: articles, prepositions, adjectives that change nothing.
    GLUE = "glue"


#: Words by what they stand for; several that belong together are joined by "_". Plurals, feminine
#: forms and abbreviations that end with a point are found by the grammar.
_WORDS: Mapping[Term, str] = {
    Term.FIRM: """
        denomination denomination_sociale raison_sociale nom_commercial_et_denomination
        nom_ou_raison nom_de_l'entreprise nom_de_la_societe
        company_name legal_name registered_name business_name
        firma firmenname firmenwortlaut firmenbezeichnung handelsname_und_firma
        bedrijfsnaam maatschappelijke_naam statutaire_naam
        denominazione ragione_sociale denominazione_sociale
        razon_social denominacion denominacion_social
        denominacao denominacao_social firma_o_denominacion
        firma_spolki nazwa_firmy nazwa_podmiotu nazwa_spolki obchodni_firma denumire
    """,
    Term.NAME: """
        nom identite nom_complet intitule appellation
        name full_name bezeichnung naam nominativo nombre nome nazwa numm
    """,
    Term.TRADE_NAME: """
        nom_commercial enseigne sigle nom_d'usage_commercial trading_name trade_name handelsname
        nome_comercial nombre_comercial handelsnaam
    """,
    Term.FAMILY: """
        nom_de_famille nom_de_naissance nom_d'usage surname family_name last_name nachname
        familienname nazwisko cognome apellido achternaam apelido
    """,
    Term.GIVEN: """
        prenom forename first_name given_name vorname vornamen imie imiona voornaam voornamen
    """,
    Term.ADDRESS: """
        adresse coordonnees domicile domiciliation_fiscale address anschrift geschaftsanschrift
        adres indirizzo domicilio direccion morada
    """,
    Term.SEAT: """
        siege siege_social adresse_du_siege seat registered_office head_office sitz zetel sede
        sede_legale siedziba domicilio_social
    """,
    Term.NUMBER: """
        n° numero no num nr reference identifiant identification matricule number id nummer numer
        referenz referentie numero_unique identification_unique codice ref
    """,
    Term.SIREN: "siren siret siren/siret numero_unique_d'identification",
    Term.REGISTRATION: """
        rcs r_c_s registre registre_du_commerce registre_du_commerce_et_des_societes
        immatriculation inscription rne repertoire_des_metiers registration register handelsregister
        registernummer handelsregisternummer firmenbuchnummer company_registration
        registration_number registered_number company_number enterprise_number
        ondernemingsnummer kvk kvk-nummer codice_fiscale numero_rea rea cif nif nipc krs regon
        nip identificacni_cislo ico cui cod_unic_de_inregistrare numar_de_ordine uid ide
        identifikationsnummer unternehmensnummer numero_d'entreprise bce wpis rejestracja
    """,
    Term.VAT: """
        tva n°_tva tva_intracommunautaire intracommunautaire intracom vat ust ust-id ust-idnr
        umsatzsteuer btw iva partita_iva tax
    """,
    Term.FORM: """
        forme_juridique forme_legale categorie_juridique statut_juridique legal_form rechtsform
        rechtsvorm forma_prawna forma_giuridica forma_juridica natura_giuridica
    """,
    Term.CAPITAL: """
        capital capital_social stammkapital grundkapital share_capital kapitaal capitale_sociale
    """,
    Term.DAY: "date jour datum data date_du_jour dated fecha tag dnia",
    Term.ISSUE: """
        delivrance emission edition etablissement_du_document etablissement_de_l'attestation
        impression redaction creation_du_document extraction consultation fait delivre etabli edite
        emis imprime emise genere produit telecharge date_d'etablissement
        issue issued printed produced extracted
        ausstellung ausgestellt ausdruck abruf erstellt ausgedruckt stand
        afgifte opgemaakt afgeleverd uitgereikt toestand
        stichtag ausgabe afgegeven vervaardigd
        eliberarii
        rilascio emissione estrazione expedicion expedida expedido expide
        emision emitido emitida emissao consulta
        wydania wydruku pobrania wydano
    """,
    Term.SIGNATURE: "signature signe signed unterschrift ondertekening",
    Term.EFFECT: """
        effet prise_d'effet debut commencement valable_du valable_a_compter_du
        a_compter_du a_partir_du a_effet_du entree_en_vigueur
        starting_date start_date from beginning anfangsdatum beginn von data_inizio
        fecha_de_inicio begindatum data_rozpoczecia data_inicio valid_from gultig_ab
    """,
    Term.END: """
        fin echeance expiration terme jusqu'au valable_jusqu'au valide_jusqu'au
        date_limite_de_validite
        ending_date end_date until expiry enddatum ende bis data_fine einddatum data_zakonczenia
        fecha_de_fin data_fim valid_until gultig_bis
    """,
    Term.PERIOD: """
        periode validite duree garantie couverture assurance valable couvert garanti
        periode_de_validite periode_de_garantie valid validity period cover
    """,
    Term.SITUATION: "situation situation_au arretee_au arrete_au a_la_date_du",
    Term.BIRTH: "naissance nee ne birth geburt geburtsdatum geboren nascita nacimiento urodzenia",
    Term.IBAN: "iban international_bank_account_number identifiant_international",
    Term.BIC: """
        bic swift code_bic bic-adresse_swift bic/swift adresse_swift bank_identifier_code
        bank_identification_code code_swift identifiant_international_de_l'etablissement
    """,
    Term.ACCOUNT: """
        compte rib compte_bancaire account konto conto cuenta rekening rachunek rachunku conta
        kontonummer cle cle_rib guichet code_guichet code_banque code_etablissement bankleitzahl blz
        rekeningnummer domiciliation sort_code
    """,
    Term.CODE: "code kode codigo",
    Term.SECURITY: "securite verification controle authentification",
    Term.DELIVERY: "numero_de_delivrance n°_de_delivrance no_de_delivrance",
    Term.AMOUNT: "montant total solde amount betrag devise currency prix",
    Term.HEADCOUNT: "effectif nombre_de_salaries effectif_salarie",
    Term.PAYROLL: "masse_salariale remunerations total_des_remunerations",
    Term.ROLE: "qualite fonction role title funktion functie",
    Term.OTHER: """
        telephone tel courriel mel e-mail email mail fax telecopie site site_internet page objet
        duree_de_la_personne_morale activite activite_tva nacebel code_ape code_naf ape naf aprm
        nature type nationalite commune pays country ville lieu place code_postal postcode
        date_de_cloture cloture exercice profession metier statut observation mention
        etat_membre member_state mitgliedstaat panstwo_czlonkowskie staat stato lidstaat
        rubrique designation quantite reglement paiement mode_de_reglement conditions
        date_de_creation creation mise_a_jour derniere_mise_a_jour residence departement canton
        securite_sociale numero_de_securite_sociale n°_de_securite_sociale chantier
        chiffre_d'affaires franchise plafond motif annee millesime
        gestion n°_de_gestion souscription domiciliataire
    """,
    Term.COMPANY: """
        societe entreprise personne_morale exploitant exploitation cotisant adherent redevable
        contribuable declarant_social etablissement_cotisant usager allocataire affilie membre
        entite structure organisation concerne compagnie_cliente unternehmen gesellschaft
        company business enterprise entity bedrijf onderneming vennootschap empresa sociedad
        sociedade societa azienda spolka przedsiebiorca podmiot travailleur_independant
        beneficiaire_de_l'attestation
        beneficiaire_du_certificat
    """,
    Term.INSURED: """
        assure preneur_d'assurance preneur souscripteur societaire contractant titulaire_du_contrat
        titulaire_de_la_police beneficiaire_des_garanties insured policyholder policy_holder
        versicherungsnehmerassure
    """,
    Term.POLICY: """
        contrat police contrat_d'assurance police_d'assurance adhesion contrat_groupe policy
        versicherungsschein
    """,
    Term.INSURER: """
        assureur compagnie compagnie_d'assurance compagnie_d'assurances societe_d'assurance
        societe_d'assurances mutuelle entreprise_d'assurance organisme_assureur insurer
        versicherer porteur_du_risque
    """,
    Term.HOLDER: """
        titulaire titulaire_du_compte titulaire_de_compte beneficiaire account_holder holder
        account_owner owner beneficiary kontoinhaber kontoinhaberin inhaber inhaberin rekeninghouder
        intestatario intestazione titolare titular titular_de_la_cuenta posiadacz wlasciciel
        compte_ouvert_au_nom_de compte_au_nom_de au_nom_de client_titulaire delivre_a delivree_a
        etabli_pour etablie_pour emis_pour emise_pour issued_to ausgestellt_fur
    """,
    Term.BANK: """
        banque bancaire etablissement_bancaire agence bank kreditinstitut geldinstitut
        credit_institution
        entidad banco banca etablissement_teneur etablissement_teneur_du_compte
        etablissement_teneur_de_compte banque_teneuse_du_compte branch filiale
    """,
    Term.EMPLOYER: """
        employeur employer arbeitgeber werkgever pracodawca pracodawcy datore_di_lavoro empleador
    """,
    Term.WORKER: """
        salarie travailleur employe worker employee arbeitnehmer werknemer pracownik
    """,
    Term.PERSON: """
        representant representant_legal dirigeant gerant president mandataire directeur associe
        interlocuteur contact representative director signataire_legal vertreter geschaftsfuhrer
    """,
    Term.SIGNER: "signataire declarant soussigne signatory unterzeichner",
    Term.ISSUER: """
        organisme caisse centre service service_gestionnaire emetteur_du_document gestionnaire
        organisme_emetteur courtier intermediaire agent_general expert-comptable cabinet
        greffe tribunal
    """,
    Term.CLIENT: "client destinataire acheteur donneur_d'ordre maitre_d'ouvrage customer kunde",
    Term.SELLER: "vendeur fournisseur prestataire emetteur seller supplier verkaufer",
    Term.PREMISES: """
        etablissement etablissement_principal principal_etablissement etablissement_secondaire local
    """,
    Term.PAPER: """
        attestation certificat justificatif extrait document releve certificate extract
        auszug uittreksel visura odpis bescheinigung declaration
        nota nota_simple nota_informativa certificado certificacion informe certidao
    """,
    Term.INVOICE: "facture facturation invoice rechnung avoir",
    Term.GLUE: """
        de du des d' la le les l' un une au aux a en et ou & / pour par sur ce cette cet ces son sa
        ses votre vos notre nos mon ma mes s e es
        complet exact legal social juridique principal officiel actuel present presente
        declare ci-dessous ci-dessus ci-apres suivant designe mentionne concerne
        of the and or for your our on am den il vom und oder der die das dem den van het een di del
        della dello da do dos y o i w z na dla im il lo gli el los las
        unique propre francais fr national valide souscrit conclu en_vigueur
        precedemment libelle
    """,
}


#: Every entry with what it stands for: what stands for something comes before what only joins.
ENTRIES: tuple[tuple[str, Term], ...] = tuple(
    (entry.replace("_", " "), term) for term, words in _WORDS.items() for entry in words.split()
)
