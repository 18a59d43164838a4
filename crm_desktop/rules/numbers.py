"""Numbers of papers. A quote's number is made on the device and stays for ever."""

import hashlib

_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U


def quote_number(device_code: str, counter: int, quote_id: str) -> str:
    """Number such as D7F-00012-K4: device code, counter, two characters of the quote's id.

    The last part keeps two laptops cloned from one another from giving one number to two quotes.
    """
    digest = hashlib.sha256(quote_id.encode()).digest()
    check = _BASE32[digest[0] % 32] + _BASE32[digest[1] % 32]
    return f"{device_code}-{counter:05d}-{check}"
