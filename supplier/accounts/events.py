"""The words for what the journal says about accounts."""

from __future__ import annotations

from supplier.kernel.i18n import N_

EVENT_LABELS: dict[str, str] = {
    "signed_in": N_("Signed in"),
    "signed_out": N_("Signed out"),
    "sign_in_refused": N_("Sign-in refused"),
    "code_refused": N_("Code refused"),
    "stepped_up": N_("Proved again who they are"),
    "step_up_refused": N_("Proof refused"),
    "link_asked": N_("Link asked for"),
    "password_reset_asked": N_("New password asked for"),
    "password_changed": N_("Password changed"),
    "factor_added": N_("Second factor added"),
    "factor_removed": N_("Second factor removed"),
    "factor_reset": N_("Second factor reset"),
    "recovery_used": N_("Recovery code used"),
    "sso_linked": N_("Account of the group linked"),
    "sso_unlinked": N_("Account of the group unlinked"),
    "invited": N_("Invited"),
    "invitation_used": N_("Link used"),
    "invitation_refused": N_("Link refused"),
    "mandate_given": N_("Mandate given"),
    "mandate_ended": N_("Mandate ended"),
    "role_granted": N_("Role given"),
    "role_approved": N_("Role approved"),
    "role_suspended": N_("Role waits for a second administrator again"),
    "role_ended": N_("Role taken away"),
    "sessions_ended": N_("Sessions ended"),
    "locked": N_("Locked"),
    "unlocked": N_("Unlocked"),
    "address_changed": N_("Address changed"),
    "api_client_created": N_("Program created"),
    "api_client_approved": N_("Program approved for bank data"),
    "api_client_refused": N_("Program refused"),
    "api_client_revoked": N_("Program revoked"),
}
