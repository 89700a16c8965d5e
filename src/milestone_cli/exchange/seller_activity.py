"""Whether the words of a milestone name something the SELLER does.

Invariant: a rule of thumb for a warning, never for a refusal. Whole words only; a sentence in which the customer acts
("the decider asks for an offer") is never reported, one in which the customer only receives ("gets our offer") is.
"""

from __future__ import annotations

import re

_PAPER = (
    r"offers?|quotes?|quotations?|proposals?|bids?|tenders?|estimates?|brochures?|contracts?|samples?|price ?lists?|"
    r"infos?|information|slides|e-?mails?|mails?|letters?|newsletters?|invoices?|"
    r"angebote?s?|offerten?|kostenvoranschl[aä]ge?|prospekte?|broschüren?|unterlagen|vertrag|verträge|muster|"
    r"preislisten?|infomaterial|informationen|rechnungen|rechnung|mailing"
)
"""What a seller hands over."""
_EVENT = (
    r"demos?|demonstrations?|presentations?|pitch(?:es)?|workshops?|webinars?|meetings?|visits?|calls?|trainings?|"
    r"vorführungen|vorführung|präsentationen|präsentation|termine?|gespräche?|besuche?|telefonate?|anrufe?|schulungen|schulung"
)
"""What a seller holds."""
_HANDED = (
    r"sent|submitted|delivered|issued|presented|mailed|e-?mailed|written|prepared|made|given|handed over|drafted|"
    r"verschickt|versendet|versandt|gesendet|geschickt|abgegeben|erstellt|gemacht|unterbreitet|vorgelegt|übergeben|"
    r"geschrieben|zugeschickt|zugesandt|zugesendet|übermittelt|abgeschickt|präsentiert"
)
_HELD = (
    r"held|given|done|made|conducted|delivered|carried out|performed|presented|run|completed|"
    r"gehalten|abgehalten|durchgeführt|gemacht|gezeigt|erfolgt|absolviert|erledigt|gegeben"
)
_CUSTOMER = (
    r"customers?|clients?|buyers?|deciders?|decision[- ]makers?|prospects?|leads?|purchasing|procurement|users?|"
    r"boards?|champions?|management|director|ceo|cfo|cto|owner|they|he|she|"
    r"kunden?|kundin(?:nen)?|zielkunden?|interessent(?:en|in)?|entscheider(?:in)?|einkauf|einkäufer(?:in)?|"
    r"geschäftsführ\w+|geschäftsleitung|fachabteilung|vorstand|anwender(?:in)?|betriebsleit\w+|er|sie"
)
"""Who acts at the customer."""
_BY_CUSTOMER = rf"(?:by|von|vom|durch)\s+(?:(?:the|an?|its|their|de[mnr]|eine[mnr]?)\s+)?(?:{_CUSTOMER})\b"
_AUXILIARY = r"(?:(?:is|was|were|has been|have been|ist|sind|wird|wurde|wurden|worden)\s+)?"
_ARTICLE = r"(?:(?:an?|the|our|first|final|written|ein|eine|einen|das|die|den|unser|unsere|erstes?|erste)\s+)*"

_DEEDS = re.compile(
    # Passive: "offer sent", "Angebot wurde verschickt"; not "sent back" and not "sent by the customer".
    rf"\b(?:{_PAPER})\s+{_AUXILIARY}(?:{_HANDED})\b(?!\s+(?:back\b|zurück\b|{_BY_CUSTOMER}))"
    rf"|\b(?:{_EVENT})\s+{_AUXILIARY}(?:{_HELD})\b(?!\s+{_BY_CUSTOMER})"
    # Active: "sent the offer", "send quote", "hold a demo".
    rf"|\b(?:sen[dt]|submit(?:ted)?|gave|give|held|hold|deliver(?:ed)?|issued?|wrote|write|prepared?|presented)\s+{_ARTICLE}"
    rf"(?:{_PAPER}|{_EVENT})\b",
    re.IGNORECASE,
)
"""What only a seller does."""
_CONTACTS = re.compile(
    r"\b(?:visited|called|phoned|contacted|cold[- ]called|e-?mailed|followed[- ]up|qualified|pitched|quoted|demoed|"
    r"besucht|angerufen|kontaktiert|telefoniert|nachgefasst|angeschrieben|qualifiziert|präsentiert|vorgestellt)\b"
    rf"(?!\s+(?:(?:us|our|back|uns|unser\w*)\b|{_BY_CUSTOMER}))",
    re.IGNORECASE,
)
"""What a seller does, unless the sentence says that it is the customer."""
_BARE = re.compile(
    r"(?:(?:first|second|final|initial|1st|2nd|[0-9]+\.|erstes?|erste[rn]?|zweite[rs]?|letzte[rs]?)\s+)?"
    r"(?:offer|quote|quotation|proposal|demo|presentation|visit|call|cold call|follow[- ]?up|pitch|contact|"
    r"angebot|offerte|vorführung|präsentation|besuch|anruf|kaltakquise|erstkontakt|kontakt)(?:\s+(?:phase|stage))?",
    re.IGNORECASE,
)
"""A name that is nothing but the seller's paper or event."""
_WE = re.compile(
    r"^\s*(?:we|our (?:rep|sales\w*|sellers?|team)|(?:the |a )?(?:rep|seller|account manager)|"
    r"(?:the |a )?sales ?(?:rep|person|man|woman|team)|"
    r"wir|unser(?:e|er)? (?:verkäufer\w*|vertrieb|außendienst|team)|"
    r"(?:der |die |ein )?(?:verkäufer(?:in)?|vertrieb(?:ler)?|außendienst))\b"
    r"(?!\s+(?:are|were|get|got|have been|is|was|sind|werden|wurden|wird|wurde)\b)",
    re.IGNORECASE,
)
"""The seller is the subject, and not of a passive: "we are invited" is the customer's act."""

_ACTING = re.compile(
    rf"^\W*(?:[\w'-]+\s+){{0,3}}?(?:{_CUSTOMER})\b"
    # Being visited and receiving an offer are the seller's doing.
    r"(?!(?:\s+\w+){0,2}?\s+(?:is|was|are|were|has been|have been|gets?|got|receives?|received|"
    r"wird|wurde|werden|wurden|ist|bekommt|bekam|erhält|erhielt)\b)"
    r"(?!.*\b(?:erhalten|bekommen|worden)\b)"
    r"(?!\s+(?:visited|contacted|qualified|phoned|besucht|angerufen|kontaktiert|angeschrieben|qualifiziert)\W*$)",
    re.IGNORECASE,
)
_RECEIVING = re.compile(
    rf"\b(?:gets?|got|receives?|received|bekommt|bekam|erhält|erhielt)\s+{_ARTICLE}(?:{_PAPER}|{_EVENT})\b"
    rf"|\b(?:{_PAPER}|{_EVENT})\s+(?:received|erhalten|bekommen)\b",
    re.IGNORECASE,
)
_CUSTOMERS_VERB = re.compile(
    r"\b(?:accept|ask|request|confirm|sign|invite|agree|approve|return|reject|answer|want|demand|order|name|choose|attend)"
    r"(?:s|e?d|ted)?\b"
    r"|\b(?:fragt|bittet|lädt|bestätigt|nennt|unterschreibt|unterschrieben\w*|bestellt|akzeptiert|verlangt|fordert|"
    r"angefordert\w*|angefragt\w*|gewünscht\w*|angenommen\w*|eingeladen|zugesagt|antwortet)\b",
    re.IGNORECASE,
)


def seller_activity(name: str, customer_action: str) -> str | None:
    """Return the words of a milestone that name something the seller does, or None.

    >>> seller_activity("Offer sent", "")
    'Offer sent'
    >>> seller_activity("Offer wanted", "The decider asks for an offer and says when he decides") is None
    True
    """
    customer_acts = bool(_ACTING.search(customer_action)) and not _RECEIVING.search(customer_action)
    for text in (name, customer_action):
        acting = bool(_ACTING.search(text)) and not _RECEIVING.search(text)
        found = _DEEDS.search(text) or _RECEIVING.search(text) or _WE.search(text)
        if found and not acting and not _CUSTOMERS_VERB.search(text[: found.start()]):
            return text if _WE.search(text) else found[0]
        contact = _CONTACTS.search(text)
        if contact and not acting and not customer_acts and not _CUSTOMERS_VERB.search(text[: contact.start()]):
            return contact[0]
    return name if _BARE.fullmatch(name.strip()) and not customer_acts else None
