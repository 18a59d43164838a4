"""Telephone numbers as people write them: which digits are the number itself."""

from crm_desktop.rules.folding import digits

FEWEST = 6  # digits that tell a line from an extension


def national_number(text: str, region: str = "DE") -> str:
    """The digits behind the country code and the leading 0; '' where the text holds no whole number.

    `region`: ISO code of the country a number without prefix belongs to.
    """
    import phonenumbers

    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        plain = digits(text).lstrip("0")
        return plain if len(plain) >= FEWEST else ""
    number = str(parsed.national_number)
    return number if len(number) >= FEWEST else ""
