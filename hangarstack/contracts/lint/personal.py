"""Which names of fields look personal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hangarstack.contracts.lint.words import listed, singular, words_of

_FLAGS: Final = listed("is has can was allow allows")
"""First words of what only says yes or no."""
_FORMS: Final = listed(
    "number no line hash hashed digest sha md encrypted masked raw plain normalized text string value"
)
"""Last words of what is as personal as what stands before them: the digest of an address singles out whose it is."""
_PEOPLE: Final = listed(
    "user nick first middle last full given family maiden birth legal customer contact person recipient sender author "
    "employee guest patient passenger driver member student subscriber applicant visitor holder cardholder buyer "
    "spouse father mother child"
)
"""Whose name is meant; that of a product, a file or a topic is nobody's."""
_PHRASES: Final = (
    # where to reach somebody
    "email,e mail,mail,email id,phone,telephone,fax,mobile,msisdn,address,addr,street,street name,postcode,post code,"
    "postal code,zip,zip code,zipcode,"
    # what somebody is called, and is
    "username,nickname,firstname,lastname,fullname,forename,surname,actor,dob,birthday,birthdate,birthplace,"
    "birth day,birth date,birth year,birth month,birth place,date of birth,place of birth,year of birth,"
    "gender,sex,nationality,ethnicity,religion,salary,"
    # papers, accounts and secrets
    "ssn,social security,national id,tax id,tax number,passport,id card,identity card,driver license,driver licence,"
    "driving license,driving licence,license plate,licence plate,number plate,plate number,iban,bank account,"
    "credit card,debit card,card number,cvv,cvc,security code,password,passwd,passphrase,"
    # what a device tells of whoever holds it
    "ip,ipv,user agent,useragent,imei,imsi,mac,latitude,longitude,lat,lng,lon,location,geolocation,geohash"
)
_MACHINES: Final = listed("memory bus register base virtual heap stack block bind listen")
_NOT_AFTER: Final = {
    "address": _MACHINES,
    "addr": _MACHINES,
    "mail": listed("voice"),
    "location": _MACHINES | listed("file source code storage warehouse bin shelf resource schema"),
    "zip": listed("file archive"),
}
"""Words before one of those that make it no matter of a person. A MAC address is one: it singles out a device."""


def _personal() -> Iterator[tuple[str, ...]]:
    yield from (tuple(phrase.split()) for phrase in _PHRASES.split(","))
    yield from ((whose, "name") for whose in _PEOPLE)


_PERSONAL: Final = frozenset(_personal())
_LONGEST: Final = max(map(len, _PERSONAL))


def looks_personal(name: str) -> bool:
    """Tell whether the last words of a name are those of something personal, in whatever form it is kept."""
    words = [singular(word) for word in words_of(name)]
    if not words or words[0] in _FLAGS:
        return False
    while words:
        if any(_ends_in(words, length) for length in range(1, _LONGEST + 1)):
            return True
        if words[-1] not in _FORMS and not words[-1].isdecimal():
            return False
        words.pop()
    return False


def _ends_in(words: list[str], length: int) -> bool:
    before = words[-length - 1] if length < len(words) else ""
    last = tuple(words[-length:])
    return last in _PERSONAL and before not in _NOT_AFTER.get(last[-1], ())
