"""The paper of an order: PDF bytes and the pictures of its pages, in the customer's language."""

from datetime import datetime
from typing import cast

from crm_desktop.documents.letterhead import language_of
from crm_desktop.documents.order_pdf import order_sheet, render_order
from crm_desktop.documents.preview import page_pictures
from crm_desktop.documents.wording import Language
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.reader import Reader
from ui.presenters.quote_paper import DPI, Paper


def make_order_paper(store: ClientStore, order_id: str, fallback: str, made_at: datetime) -> Paper:
    """Set the paper of an order. KnownErrors of the documents part, NotFound for what is not here."""

    def read(reader: Reader) -> dict[str, object]:
        order = reader.get("order", order_id)
        row = {"contact_id": None, "account_id": None if order is None else order["account_id"]}
        return order_sheet(reader, order_id, cast(Language, language_of(reader, row, fallback)), made_at)

    sheet = store.read(read)
    pdf = render_order(sheet, made_at)
    return Paper(pdf, list(page_pictures(pdf, DPI)), f"{sheet['title']}.pdf")
