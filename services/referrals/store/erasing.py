"""What becomes of referrals' tables when a person's data end (`shared.erasure`): the received document goes too."""

from services.referrals.domain import Document
from services.referrals.store.table import Table
from shared.erasure.plan import Plan, empty, facts, figures, gone, nothing
from shared.erasure.words import BLANK, without_words

INCOMING, ONWARD, IMPORT = "referral", "referral-onward", "import-row"


def facts_of(document: Document) -> Document:
    """What a received document says of the need, by codes and days: nobody's name, letters and words are left out."""
    person = document.person
    place = person.address and type(person.address)(nis_code=person.address.nis_code)
    nobody = type(person)(family_name=BLANK, given_names=BLANK, gender=person.gender, language=person.language)
    born = person.birth_date and person.birth_date.replace(month=1, day=1)
    left: Document = without_words(document)
    left = left.model_copy(update={"identifier": document.identifier, "attachments": []})
    return left.model_copy(update={"person": nobody.model_copy(update={"birth_date": born, "address": place})})


PLAN = Plan.of(
    Table.metadata,
    facts(
        "referral",
        "person_id",
        "id",
        record=INCOMING,
        left={"document": facts_of, "person_numbers": empty},
        remembers=("sender", "identifier_system", "identifier_value"),
    ),
    gone("received_resource", "referral_id", record=INCOMING),
    gone("received_identifier", "referral_id", record=INCOMING),
    facts("followed_person", "person_id", "case_id", record="case"),
    facts("outgoing_referral", "person_id", "case_id", "id", record=ONWARD, left={"disclosed": nothing}),
    gone("subscription_notice", "subject_id", record="notice"),
    gone("import_row", "referral_id", record=IMPORT),
    figures("gap", "source_id", record="gap", because="figures"),
    untouched={
        **dict.fromkeys(("care_service", "programme", "organisation", "instrument"), "the directory and instruments"),
        **dict.fromkeys(("capacity_question", "notice", "subscription"), "between organisations"),
        "referral_import": "the list as a whole",
    },
)
"""Every table is a part or untouched."""
