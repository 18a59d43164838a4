"""Sentences of the invented visits, calls and letters, in German and English.

Slots: {contact}, {product}, {other} (products the customer buys), {percent}, {boxes}, {stock}, {year} (next year).
"""

from typing import NamedTuple


class Letter(NamedTuple):
    """An activity that is no visit."""

    kind: str
    direction: str
    subject: str
    body: str


OPENINGS = {
    "en": (
        "Went through the last deliveries with {contact}.",
        "Met {contact} in the shop, the shelves are being rebuilt until the end of the month.",
        "Good talk with {contact}, twenty minutes in the warehouse, then the figures.",
        "{contact} showed me the new cold store; they now have room for two more pallets.",
        "Short visit between two deliveries, {contact} had little time.",
        "Quarterly review with {contact}: turnover with us is stable.",
        "{contact} had collected questions about the assortment, all answered on the spot.",
        "Tasting with {contact} and two people from the kitchen.",
    ),
    "de": (
        "Mit {contact} die letzten Lieferungen durchgesehen.",
        "{contact} im Laden getroffen, bis Monatsende werden die Regale umgebaut.",
        "Gutes Gespräch mit {contact}, zwanzig Minuten im Lager, danach die Zahlen.",
        "{contact} hat mir das neue Kühlhaus gezeigt, es ist Platz für zwei Paletten mehr.",
        "Kurzer Besuch zwischen zwei Anlieferungen, {contact} hatte wenig Zeit.",
        "Quartalsgespräch mit {contact}: Der Umsatz mit uns ist stabil.",
        "{contact} hatte Fragen zum Sortiment gesammelt, alle vor Ort geklärt.",
        "Verkostung mit {contact} und zwei Leuten aus der Küche.",
    ),
}
MIDDLES = {
    "en": (
        "{product} sells well, {other} more slowly than last year.",
        "They want {product} in smaller boxes for the second branch.",
        "A competitor offers {product} {percent} % cheaper, but delivers late.",
        "The last box of {other} arrived damaged; the replacement came within two days and they were content.",
        "{stock} boxes of {other} are still in stock, they reorder every three weeks.",
        "They are thinking about a tasting week around {product} and ask for posters.",
        "{other} is to leave the range unless the price moves.",
        "Interest in a fixed delivery day; Thursday would suit them best.",
        "The kitchen praises {product}, the buyers watch the price.",
        "Turnover is up, mostly thanks to {product} and the Christmas hampers.",
        "They pay on time and ask for a longer period from {year} on.",
        "The second branch opens in spring and will need the full range.",
    ),
    "de": (
        "{product} läuft gut, {other} langsamer als im Vorjahr.",
        "Für die zweite Filiale wünschen sie {product} in kleineren Gebinden.",
        "Ein Wettbewerber bietet {product} {percent} % günstiger an, liefert aber unpünktlich.",
        "Der letzte Karton {other} kam beschädigt an; der Ersatz war nach zwei Tagen da, damit waren sie zufrieden.",
        "{stock} Kartons {other} liegen noch im Lager, nachbestellt wird alle drei Wochen.",
        "Sie denken über eine Aktionswoche mit {product} nach und bitten um Plakate.",
        "{other} soll aus dem Sortiment, wenn sich am Preis nichts tut.",
        "Interesse an einem festen Liefertag, am liebsten donnerstags.",
        "Die Küche lobt {product}, der Einkauf schaut auf den Preis.",
        "Der Umsatz ist gestiegen, vor allem durch {product} und die Präsentkörbe.",
        "Sie zahlen pünktlich und wünschen ab {year} ein längeres Zahlungsziel.",
        "Die zweite Filiale öffnet im Frühjahr und braucht das volle Sortiment.",
    ),
}
# (what was agreed, outcome, subject of the task it leaves)
AGREEMENTS = {
    "en": (
        (
            "Promised a sample box of {product} and the {year} price list.",
            "follow_up",
            "Send the {year} price list to {contact}",
        ),
        ("They want a quote for {boxes} boxes of {product}.", "quote_wanted", "Write the quote for {product}"),
        ("Will ask the warehouse about a fixed delivery day.", "follow_up", "Ask about a fixed delivery day"),
        ("Ordered {boxes} boxes of {product} on the spot.", "order", "Check the delivery of {product}"),
        ("Nothing to sell today, but the talk was worth it.", "no_interest", "Call {contact} about {other}"),
        ("A tasting of {other} is agreed for the next visit.", "follow_up", "Bring samples of {other}"),
    ),
    "de": (
        (
            "Zugesagt: ein Musterkarton {product} und die Preisliste {year}.",
            "follow_up",
            "Preisliste {year} an {contact} senden",
        ),
        (
            "Gewünscht ist ein Angebot über {boxes} Kartons {product}.",
            "quote_wanted",
            "Angebot über {product} schreiben",
        ),
        ("Ich frage im Lager nach einem festen Liefertag.", "follow_up", "Festen Liefertag klären"),
        ("{boxes} Kartons {product} gleich bestellt.", "order", "Lieferung von {product} prüfen"),
        (
            "Heute kein Bedarf, das Gespräch hat sich trotzdem gelohnt.",
            "no_interest",
            "{contact} wegen {other} anrufen",
        ),
        (
            "Für den nächsten Besuch ist eine Verkostung von {other} vereinbart.",
            "follow_up",
            "Muster von {other} mitbringen",
        ),
    ),
}
VISIT_SUBJECTS = {
    "en": ("Quarterly review", "Assortment talk", "Tasting", "Delivery and stock", "Yearly talk"),
    "de": ("Quartalsgespräch", "Sortimentsgespräch", "Verkostung", "Lieferung und Bestand", "Jahresgespräch"),
}
LETTERS = {
    "en": (
        Letter(
            "call",
            "out",
            "Delivery date of {product}",
            "Told {contact} that {product} arrives two days later. No trouble, stock lasts until then.",
        ),
        Letter(
            "call",
            "in",
            "Question about {other}",
            "{contact} asked how long {other} keeps once opened. Answered, data sheet promised.",
        ),
        Letter(
            "email",
            "in",
            "Please send the {year} price list",
            "“Please send it before your visit, we plan the spring assortment now.” {contact}",
        ),
        Letter("email", "out", "Data sheet {product}", "Data sheet and photographs of {product} sent to {contact}."),
        Letter(
            "letter", "out", "Thank you for the good cooperation", "Letter of thanks with a small box of {product}."
        ),
        Letter(
            "call",
            "out",
            "Invoice paid twice",
            "{contact} confirms: an invoice was paid twice. Accounting sends the money back.",
        ),
        Letter(
            "meeting",
            "out",
            "Talk at the trade fair",
            "Met {contact} at our stand. Liked {product}, wants to hear from us about {other}.",
        ),
    ),
    "de": (
        Letter(
            "call",
            "out",
            "Liefertermin {product}",
            "{contact} gesagt, dass {product} zwei Tage später kommt. Kein Problem, der Bestand reicht.",
        ),
        Letter(
            "call",
            "in",
            "Frage zu {other}",
            "{contact} fragt, wie lange {other} nach dem Öffnen hält. Beantwortet, Datenblatt zugesagt.",
        ),
        Letter(
            "email",
            "in",
            "Bitte um die Preisliste {year}",
            "„Bitte noch vor Ihrem Besuch, wir planen gerade das Frühjahrssortiment.“ {contact}",
        ),
        Letter("email", "out", "Datenblatt {product}", "Datenblatt und Fotos von {product} an {contact} gesandt."),
        Letter(
            "letter", "out", "Dank für die gute Zusammenarbeit", "Dankschreiben mit einem kleinen Karton {product}."
        ),
        Letter(
            "call",
            "out",
            "Rechnung doppelt bezahlt",
            "{contact} bestätigt: Eine Rechnung wurde doppelt bezahlt. Die Buchhaltung überweist zurück.",
        ),
        Letter(
            "meeting",
            "out",
            "Gespräch auf der Messe",
            "{contact} an unserem Stand getroffen. {product} kam gut an, zu {other} sollen wir uns melden.",
        ),
    ),
}
INTROS = {
    "en": (
        "Thank you for the good talk. As agreed, here is our offer at the conditions of your contract.",
        "As you asked, we are glad to offer you the following goods.",
        "Thank you for your interest. We would deliver within one week of your order.",
    ),
    "de": (
        "vielen Dank für das gute Gespräch. Wie vereinbart bieten wir Ihnen zu Ihren Konditionen an:",
        "wie gewünscht bieten wir Ihnen gern die folgende Ware an.",
        "vielen Dank für Ihr Interesse. Wir liefern binnen einer Woche nach Ihrer Bestellung.",
    ),
}
CHANCES = {
    "en": (
        (70, "wants one delivery per week"),
        (50, "compares with a competitor"),
        (30, "waits for the new budget"),
        (80, "has agreed by telephone"),
    ),
    "de": (
        (70, "wünscht wöchentliche Lieferung"),
        (50, "vergleicht mit einem Wettbewerber"),
        (30, "wartet auf das neue Budget"),
        (80, "hat telefonisch zugesagt"),
    ),
}
