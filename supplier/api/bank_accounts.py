"""`GET /api/v1/bank-accounts`: what accounting pulls, and nothing else."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Date, DateTime, Integer, List, Nested, String
from apiflask.validators import Length, Range

from supplier.api.authentication import api_actor, api_buyers
from supplier.api.description import problems
from supplier.bank import queries
from supplier.bank.queries import EndedAccount, PayableAccount
from supplier.web import context
from supplier.web.guard import api_scope

blueprint = APIBlueprint("api_bank", __name__, url_prefix="/api/v1", tag="Bank accounts")


class PullQuery(Schema):
    since = String(
        load_default=None,
        validate=Length(max=200),
        metadata={"description": "The `cursor` of your last pull: only what changed since."},
    )
    limit = Integer(load_default=queries.MAX_PULL, validate=Range(1, queries.MAX_PULL))


class AccountOut(Schema):
    id = String(required=True)
    supplier_id = String(required=True)
    supplier_name = String(required=True)
    siren = String(allow_none=True)
    supplier_references = List(String())
    buyer_siren = String(
        allow_none=True, metadata={"description": "Null: for every company of the group."}
    )
    holder = String(required=True)
    iban = String(required=True)
    bic = String(allow_none=True)
    currency = String(required=True)
    version = Integer(required=True)
    active_from = DateTime(required=True)
    changed_at = DateTime(required=True)
    relationship_ended_on = Date(
        allow_none=True,
        metadata={
            "description": "The last day of the last relation that the account is for, once every "
            "one has ended: it serves for what is still to pay. Null while one goes on. As of this "
            "pull: an end alone does not bring the account again."
        },
    )


class EndedOut(Schema):
    id = String(required=True)
    supplier_id = String(required=True)
    supplier_name = String(required=True)
    siren = String(allow_none=True)
    supplier_references = List(String())
    buyer_name = String(
        allow_none=True, metadata={"description": "Null: for every company of the group."}
    )
    iban_masked = String(
        required=True, metadata={"description": "Enough to find the account in your books."}
    )
    ended_at = DateTime(required=True)
    reason = String(required=True, metadata={"description": "blocked or replaced"})


class PullOut(Schema):
    accounts = List(Nested(AccountOut))
    ended = List(Nested(EndedOut))
    cursor = String(required=True)
    more = Boolean(required=True)


@blueprint.get("/bank-accounts")
@blueprint.doc(
    summary="Active bank accounts",
    description="Accounts that two people validated and that serve now, oldest change first. "
    "`ended` lists those that served at an earlier pull and no longer do. Every pull is recorded.",
    security="ApiKey",
    responses=problems(
        {
            400: "The request is no text that can be read",
            401: "No valid key",
            404: "The key lacks the scope",
            422: "A value cannot be read, or the cursor is none of ours",
            429: "Too many wrong keys: wait for the seconds of Retry-After",
            503: "The database does not answer: try again",
        }
    ),
)
@blueprint.input(PullQuery, location="query", arg_name="asked")
@blueprint.output(PullOut)
@api_scope("bank:read")
def list_bank_accounts(asked: dict[str, Any]) -> dict[str, Any]:
    pull = queries.pull(
        buyers=api_buyers(),
        by=api_actor(),
        now=context.now(),
        media="json",
        since=asked["since"],
        limit=asked["limit"],
    )
    return {
        "accounts": [account_as_json(account) for account in pull.accounts],
        "ended": [ended_as_json(account) for account in pull.ended],
        "cursor": pull.cursor,
        "more": pull.more,
    }


def account_as_json(account: PayableAccount) -> dict[str, Any]:
    return {
        "id": str(account.id),
        "supplier_id": str(account.supplier_id),
        "supplier_name": account.supplier_name,
        "siren": account.siren,
        "supplier_references": list(account.supplier_references),
        "buyer_siren": account.buyer_siren,
        "holder": account.holder,
        "iban": account.iban,
        "bic": account.bic,
        "currency": account.currency,
        "version": account.version,
        "active_from": account.active_from,
        "changed_at": account.changed_at,
        "relationship_ended_on": account.relationship_ended_on,
    }


def ended_as_json(account: EndedAccount) -> dict[str, Any]:
    return {
        "id": str(account.id),
        "supplier_id": str(account.supplier_id),
        "supplier_name": account.supplier_name,
        "siren": account.siren,
        "supplier_references": list(account.supplier_references),
        "buyer_name": account.buyer_name,
        "iban_masked": account.iban_masked,
        "ended_at": account.ended_at,
        "reason": account.reason,
    }
