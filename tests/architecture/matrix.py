"""Who may open what: one row a route, written by hand, to be compared with what the routes say.

The letters: P purchasing, V bank validator, A accounting, D data protection officer, U auditor,
X administrator, S a supplier's person, Y whoever signed in, K a program's key, O everybody.
"""

from __future__ import annotations

from supplier.accounts.permissions import Role

LETTERS = {
    "P": Role.PURCHASING, "V": Role.BANK_VALIDATOR, "A": Role.ACCOUNTING,
    "D": Role.DATA_PROTECTION, "U": Role.AUDITOR, "X": Role.ADMINISTRATOR,
}  # fmt: skip

#: Room, letters, and the routes of the room that exactly these people may open.
_TABLE: tuple[tuple[str, str, str], ...] = (
    # The door and one's own account.
    ("signin", "O", "home sign_in check_password code check_code passkey_options check_passkey"
     " sign_out language ask_link send_link mail_sent forgot send_reset open_link spend_link"
     " enrol check_enrolment enrol_drawing enrol_passkey_options check_enrolment_passkey"
     " start_sso finish_sso"),
    ("signin", "Y", "account end_session codes make_codes change_password new_totp add_totp"
     " totp_drawing remove_totp new_passkey new_passkey_options add_passkey remove_passkey"
     " prove check_proof prove_by_mail prove_passkey_options check_proof_passkey"
     " prove_sso unlink_sso"),
    ("health", "O", "live ready metrics"),
    ("api_description", "O", "openapi"),
    ("api_bank", "K", "list_bank_accounts"),
    # The supplier's own space.
    ("portal", "S", "home"),
    ("portal", "Y", "choose act"),
    ("portal_bank", "S", "show confirm submit_read typing submit_typed withdraw block"),
    ("portal_company", "S", "show answer new_contact add_contact contact change_contact"
     " end_contact"),
    ("portal_deposit", "S", "show submit card"),
    ("portal_statements", "S", "choose none sign_none typed sign_list"),
    ("portal_papers", "S", "show page_image original contest withdraw history receipt"
     " receipt_file"),
    ("portal_people", "S", "show invite end who_sees"),
    ("portal_help", "S", "show calendar"),
    ("portal_privacy", "O", "notice"),
    # Staff are answered 404 by the pages themselves, but for the notice.
    ("portal_privacy", "Y", "acknowledge my_data copy_json copy_pdf ask show_request"),
    # The desk: everybody's.
    ("desk", "PVADUX", "week"),
    ("desk_search", "PVDUX", "show"),
    # Suppliers, their papers and duties.
    ("desk_suppliers", "PVDUX", "index show history known relations export open_suppliers_view"
     " save_suppliers_view forget_suppliers_view"),
    ("desk_suppliers", "P", "create change"),
    ("desk_suppliers_acts", "P", "ask add_contact change_contact contact_left invite write_again"
     " engage person resume waive end_waiver note_call"),
    ("desk_imports", "P", "index show remap carry_out report"),
    ("desk_campaigns", "P", "index show new send discard"),
    ("desk_mails", "PVDUX", "index"),
    ("desk_mails", "P", "retry"),
    ("desk_review", "PVU", "index show start image original"),
    ("desk_review", "PV", "accept accept_obvious refuse_paper ask_again confirm_sample revoke"
     " correct_kind say_purpose correct"),
    ("desk_versions", "PVU", "show image"),
    ("desk_review", "PV", "whole"),
    ("desk_issuer", "P", "index start show"),
    ("desk_issuer", "PVU", "capture"),
    ("desk_second_reading", "PV", "show keep machine_right machine_wrong"),
    ("desk_quality", "PUX", "index"),
    ("desk_quality", "X", "decide"),
    # The work itself.
    ("desk_contracts", "PDU", "index show invoices show_invoice orders"),
    ("desk_contracts", "PDU", "save_contracts_view open_contracts_view forget_contracts_view"),
    ("desk_contracts", "PDU", "save_orders_view open_orders_view forget_orders_view"),
    ("desk_contracts", "PDU", "save_invoices_view open_invoices_view forget_invoices_view"),
    ("desk_contracts", "PU", "download download_invoice"),
    ("desk_contracts", "P", "choose create change amend terminate attach create_order"
     " create_invoice attach_invoice pay end_relation"),
    ("desk_evaluation", "PU", "index show export grids"),
    ("desk_evaluation", "PU", "save_evaluation_view open_evaluation_view"
     " forget_evaluation_view"),
    ("desk_evaluation", "P", "rate new_grid retire_grid open_period compute close"),
    # Money: never the administrator.
    ("desk_bank", "VU", "index show save_bank_view open_bank_view forget_bank_view"),
    ("desk_bank", "V", "paper approve call_back refuse block"),
    ("desk_bank", "P", "enter"),
    ("desk_accounting", "A", "index download"),
    ("desk_api_approvals", "VA", "index approve refuse revoke"),
    # Data protection and the journal.
    ("desk_retention", "DU", "index lines schedule batch certificate list_holds"
     " save_lines_view open_lines_view forget_lines_view"),
    ("desk_retention", "D", "work_out propose confirm approve reject place_hold lift_hold"),
    ("desk_rights", "DU", "index show save_rights_view open_rights_view forget_rights_view"),
    ("desk_rights", "D", "create answer extend refuse work_out"),
    ("desk_journal", "DU", "index export verify"),
    # Administration.
    ("desk_users", "X", "index show invite resend grant approve end lock unlock address"
     " reset_factors unlink_sso end_sessions end_mandate"),
    ("desk_api_clients", "X", "index create revoke"),
    ("desk_buyers", "X", "index create change"),
    ("desk_rules", "X", "index decide rehearsed apply"),
)  # fmt: skip

MATRIX: dict[str, str] = {
    f"{room}.{route}": letters for room, letters, routes in _TABLE for route in routes.split()
}

#: What an auditor may send: views of their own, a question to the journal, their own account.
AUDITOR_SENDS = frozenset(
    {
        "desk_suppliers.save_suppliers_view",
        "desk_suppliers.forget_suppliers_view",
        *(
            f"desk_contracts.{act}_{name}_view"
            for act in ("save", "forget")
            for name in ("contracts", "orders", "invoices")
        ),
        *(
            f"desk_{room}.{act}_{name}_view"
            for act in ("save", "forget")
            for room, name in (
                ("evaluation", "evaluation"),
                ("bank", "bank"),
                ("retention", "lines"),
                ("rights", "rights"),
            )
        ),
        "desk_journal.verify",
    }
)
#: Files that the framework serves, without a visitor.
FILES = frozenset({"static", "bootstrap"})
