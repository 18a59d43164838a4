"""Every entity, declared once. `ENTITIES` lists them in the order in which roots come before children."""

from crm_desktop.model.accounts import Account, Address, Channel, Contact, Tag
from crm_desktop.model.catalogue import (
    Company,
    CustomerCondition,
    PriceItem,
    PriceList,
    Product,
    TaxRate,
)
from crm_desktop.model.contracts import Contract
from crm_desktop.model.decisions import Conflict, Quarantine
from crm_desktop.model.fields import Record
from crm_desktop.model.files import Attachment
from crm_desktop.model.leads import Lead
from crm_desktop.model.people import Territory, User
from crm_desktop.model.policies import DiscountCeiling, OpportunityStage, VisitRhythm
from crm_desktop.model.sales import Order, OrderLine, Quote, QuoteLine, QuoteRevision
from crm_desktop.model.service import Case
from crm_desktop.model.work import Activity, Opportunity, Task, Visit

_ALL: tuple[type[Record], ...] = (
    User,
    Territory,
    Company,
    Tag,
    TaxRate,
    Product,
    PriceList,
    PriceItem,
    DiscountCeiling,
    VisitRhythm,
    OpportunityStage,
    Account,
    Contact,
    Address,
    Channel,
    CustomerCondition,
    Lead,
    Visit,
    Activity,
    Task,
    Case,
    Opportunity,
    Contract,
    Quote,
    QuoteRevision,
    QuoteLine,
    Order,
    OrderLine,
    Conflict,
    Quarantine,
    Attachment,
)
ENTITIES: dict[str, type[Record]] = {record.FACTS.name: record for record in _ALL}

__all__ = [
    "ENTITIES",
    "Account",
    "Activity",
    "Address",
    "Attachment",
    "Case",
    "Channel",
    "Company",
    "Conflict",
    "Contact",
    "Contract",
    "CustomerCondition",
    "DiscountCeiling",
    "Lead",
    "Opportunity",
    "OpportunityStage",
    "Order",
    "OrderLine",
    "PriceItem",
    "PriceList",
    "Product",
    "Quarantine",
    "Quote",
    "QuoteLine",
    "QuoteRevision",
    "Record",
    "Tag",
    "Task",
    "TaxRate",
    "Territory",
    "User",
    "Visit",
    "VisitRhythm",
]
