"""The products whose exports are understood as they are, one module each."""

from surveys.imports.product import Product
from surveys.imports.products import amocrm, bitrix24, freshdesk, omnidesk, usedesk, zendesk

PRODUCTS: dict[str, Product] = {
    each.PRODUCT.code: each.PRODUCT for each in (zendesk, freshdesk, usedesk, omnidesk, bitrix24, amocrm)
}


def recognise(header: list[str]) -> str:
    """The code of the product that writes such a header, or ""."""
    return next((code for code, product in PRODUCTS.items() if product.is_of(header)), "")
