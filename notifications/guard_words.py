"""Why the guard sends nothing: the word that a message keeps as its `failure`, and a sentence for people."""

NOT_VALID, WRONG_TYPE, WRONG_COUNTRY = "number_not_valid", "number_type_not_allowed", "country_not_allowed"
TOO_MANY_TO_NUMBER = "too_many_to_number"
TOO_MANY_TO_PREFIX = "too_many_to_prefix"
TOO_MANY_FOR_PERSON = "too_many_for_person"
TOO_MANY_FROM_ADDRESS = "too_many_from_address"
DAY_SPENT = "day_spent"
MONEY_SPENT = "money_spent"
AREA_BLOCKED = "area_blocked"

WORDS = {
    NOT_VALID: "This is no telephone number.",
    WRONG_TYPE: "Numbers of this kind (premium, shared cost, toll-free, satellite …) are not written to.",
    WRONG_COUNTRY: "Numbers of this country are not written to: SMS_COUNTRIES does not name it.",
    TOO_MANY_TO_NUMBER: "This number has had too many messages in an hour (SMS_PER_NUMBER).",
    TOO_MANY_TO_PREFIX: "The numbers beside it have had too many messages in an hour (SMS_PER_PREFIX).",
    TOO_MANY_FOR_PERSON: "Too many messages were sent for this person in a day (SMS_PER_PERSON).",
    TOO_MANY_FROM_ADDRESS: "Too many were asked for from this network address in an hour (SMS_PER_ADDRESS).",
    DAY_SPENT: "As many were sent as may be in a day, of which a part is kept for codes (SMS_PER_DAY).",
    MONEY_SPENT: "What they may cost in a day is spent, of which a part is kept for codes (SMS_COST_PER_DAY).",
    AREA_BLOCKED: "Codes that go there are hardly ever entered, so none is sent there for a while.",
}
"""Every reason for which the guard sends nothing, with what it says to people."""
