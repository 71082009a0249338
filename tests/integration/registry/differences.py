"""Where a registry is known to answer otherwise than Confluent documents, how, and why.

A difference that does not occur any more fails its case, so this table is what holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from tests.integration.registry.cases.case import Refused


class Difference(NamedTuple):
    """The other answer and its reason."""

    answer: object
    why: str


_TYPE: Final = "application/vnd.schemaregistry.v1+json"
_AVRO_ALONE: Final = "Types other than Avro are refused, as Confluent refuses a type that it has no plug-in for"
_GUESSES: Final = "It guesses the type from the text, which a JSON Schema without $schema does not show"
_EMPTY: Final = "It takes an empty text for a schema of a type without rules"
_AS_SENT: Final = "It keeps the text as it was sent, so other white space is another schema"
_NO_CONTRACTS: Final = "It drops metadata and rules without a word, and has no tags"
_NO_GUIDS: Final = "It has no GUIDs, so serializers cannot put them into headers"
_OTHER_STATUS: Final = "It answers 409 where the error code says 404"
_NO_FILTERS: Final = "It ignores deletedOnly, subjectPrefix, offset and limit"
_NO_LISTS: Final = "It has no list of schemas, no subjects of an id and no text alone by id"
_ANY_VERSION: Final = "It takes any text for a version and looks for it"
_OTHER_WORDS: Final = "It names incompatibilities in one reason of its own, not in messages"
_CHECKS_LESS: Final = "It tests against versions that are there, and text that is no schema is merely incompatible"
_NO_DEFAULT_LEVEL: Final = (
    "It checks nothing until a level is set: NONE is the absence of a rule, which needs the subject to be there"
)
_LEVELS_FALL_THROUGH: Final = "It answers with the level for all where a subject has none of its own"
_PLAIN_TEXT: Final = "It answers in plain text when it cannot read the request"
_NO_MODES: Final = "It has no modes, so neither read-only subjects nor imports of ids"
_NO_CONTEXTS: Final = "It has no contexts: a qualified name is a name like any other"
_QUARKUS: Final = "Its web framework answers before the Confluent API does"
_NO_ASSOCIATIONS: Final = (
    "It has no associations, which came with later releases of Confluent's registry than its API follows"
)
_NO_KEYS: Final = "It has no DEK registry, which is a plug-in of Confluent's registry"
_NO_ENCRYPTION: Final = "It drops the rules that would have the fields encrypted, so they go out as they are"
_NO_EXPORTERS: Final = "It has no exporters: it copies whole registries, by an export and an import of its own"
_NO_FACTS: Final = "It tells nothing about itself at /v1/metadata"

DIFFERENCES: Final[Mapping[str, Mapping[str, Difference]]] = {
    "embedded": {
        "json_schema_is_taken": Difference(Refused(422, 42201), _AVRO_ALONE),
        "protobuf_is_taken": Difference(Refused(422, 42201), _AVRO_ALONE),
        "schema_types_are_listed": Difference(["AVRO"], _AVRO_ALONE),
    },
    "apicurio": {
        "json_schema_is_taken": Difference(Refused(422, 42201), _GUESSES),
        "an_empty_schema_is_refused": Difference(Refused(200, -1), _EMPTY),
        "white_space_makes_no_other_schema": Difference([False, [1, 2]], _AS_SENT),
        "metadata_are_kept": Difference(None, _NO_CONTRACTS),
        "a_version_is_found_by_its_metadata": Difference(Refused(404, 0), _NO_CONTRACTS),
        "rules_are_kept": Difference(None, _NO_CONTRACTS),
        "a_rule_set_that_is_not_allowed_is_refused": Difference(Refused(200, -1), _NO_CONTRACTS),
        "tags_are_found_by_id": Difference(None, _NO_CONTRACTS),
        "tags_are_added_as_a_new_version": Difference(404, _NO_CONTRACTS),
        "a_schema_is_read_by_its_guid": Difference(False, _NO_GUIDS),
        "an_unknown_guid_is_not_found": Difference(Refused(404, 0), _NO_GUIDS),
        "a_record_goes_there_and_back_by_a_guid_in_its_header": Difference("Schema GUID is not set", _NO_GUIDS),
        "a_version_is_not_deleted_softly_twice": Difference(Refused(409, 40406), _OTHER_STATUS),
        "a_version_is_not_deleted_for_good_at_once": Difference(Refused(409, 40407), _OTHER_STATUS),
        "a_subject_is_not_deleted_for_good_at_once": Difference(Refused(409, 40405), _OTHER_STATUS),
        "deleted_versions_are_listed_alone": Difference([2], _NO_FILTERS),
        "subjects_are_listed_and_filtered_by_prefix": Difference([True, False], _NO_FILTERS),
        "versions_are_listed_in_pages": Difference([1, 2], _NO_FILTERS),
        "a_schemas_text_alone_is_read_by_its_id": Difference(False, _NO_LISTS),
        "the_subjects_of_an_id_are_read": Difference(Refused(404, 0), _NO_LISTS),
        "schemas_are_listed_by_the_prefix_of_their_subject": Difference(404, _NO_LISTS),
        "what_is_no_version_is_refused": Difference([Refused(404, 40402), Refused(404, 40402)], _ANY_VERSION),
        "a_verbose_test_says_why": Difference([False, False], _OTHER_WORDS),
        "any_schema_fits_the_latest_of_an_unknown_subject": Difference(Refused(404, 40402), _CHECKS_LESS),
        "a_test_of_what_is_no_schema_is_refused": Difference(Refused(200, -1), _CHECKS_LESS),
        "the_level_for_all_is_backward_until_it_is_set": Difference("NONE", _NO_DEFAULT_LEVEL),
        "a_subject_without_a_level_takes_any_schema": Difference(Refused(404, 40401), _NO_DEFAULT_LEVEL),
        "a_subject_has_no_level_of_its_own_until_it_is_set": Difference(Refused(200, -1), _LEVELS_FALL_THROUGH),
        "a_level_is_taken_back": Difference([{"compatibilityLevel": "FULL"}, Refused(200, -1)], _LEVELS_FALL_THROUGH),
        "an_unknown_level_is_refused": Difference(Refused(400, -1), _PLAIN_TEXT),
        "the_mode_for_all_is_read": Difference(Refused(404, 0), _NO_MODES),
        "a_subject_is_closed_and_opened": Difference(Refused(404, 0), _NO_MODES),
        "an_import_states_id_and_version_itself": Difference(Refused(404, 0), _NO_MODES),
        "the_default_context_is_the_first": Difference(":.:", _NO_CONTEXTS),
        "every_context_counts_its_ids_itself": Difference([False, False], _NO_CONTEXTS),
        "a_context_is_asked_by_its_path": Difference(404, _NO_CONTEXTS),
        "answers_are_of_the_registrys_content_type": Difference([_TYPE, "application/json"], _QUARKUS),
        "an_unknown_path_is_not_found": Difference(Refused(404, 0), _QUARKUS),
        "a_method_that_a_path_has_not_is_refused": Difference(Refused(405, 0), _QUARKUS),
        "a_topics_subject_is_found_by_its_association": Difference(Refused(404, 0), _NO_ASSOCIATIONS),
        "a_topic_without_an_association_has_none": Difference([False, None], _NO_ASSOCIATIONS),
        "an_association_ends_and_its_subject_stays": Difference(Refused(404, 0), _NO_ASSOCIATIONS),
        "a_serializer_registers_under_the_associated_subject": Difference(Refused(404, 0), _NO_ASSOCIATIONS),
        "an_associated_subject_is_not_deleted": Difference(Refused(404, 0), _NO_ASSOCIATIONS),
        "a_subject_that_is_not_there_is_not_associated": Difference(Refused(404, 0), _NO_ASSOCIATIONS),
        "a_shared_association_is_not_frozen": Difference(Refused(404, 0), _NO_ASSOCIATIONS),
        "an_association_that_is_not_there_does_not_end": Difference(Refused(404, 0), _NO_ASSOCIATIONS),
        "a_kek_is_registered_and_read": Difference(Refused(404, 0), _NO_KEYS),
        "a_kek_that_is_there_is_a_conflict": Difference(Refused(404, 0), _NO_KEYS),
        "an_unknown_kek_is_not_found": Difference(Refused(404, 0), _NO_KEYS),
        "a_name_that_no_kek_may_have_is_refused": Difference(Refused(404, 0), _NO_KEYS),
        "a_kek_is_changed": Difference(Refused(404, 0), _NO_KEYS),
        "a_deleted_kek_comes_back": Difference(Refused(404, 0), _NO_KEYS),
        "a_kek_is_not_deleted_for_good_at_once": Difference(Refused(404, 0), _NO_KEYS),
        "a_kek_with_deks_is_not_deleted": Difference(Refused(404, 0), _NO_KEYS),
        "keks_are_listed_by_the_prefix_of_their_subjects": Difference(Refused(404, 0), _NO_KEYS),
        "a_dek_is_registered_and_read": Difference(Refused(404, 0), _NO_KEYS),
        "a_dek_that_is_there_is_a_conflict": Difference(Refused(404, 0), _NO_KEYS),
        "a_dek_without_material_needs_a_shared_kek": Difference(Refused(404, 0), _NO_KEYS),
        "a_rotated_dek_has_versions": Difference(Refused(404, 0), _NO_KEYS),
        "a_dek_is_encrypted_anew": Difference(Refused(404, 0), _NO_KEYS),
        "a_deleted_dek_comes_back": Difference(Refused(404, 0), _NO_KEYS),
        "a_dek_comes_back_after_its_kek": Difference(Refused(404, 0), _NO_KEYS),
        "a_version_that_no_dek_may_have_is_refused": Difference(Refused(404, 0), _NO_KEYS),
        "what_is_tagged_is_encrypted_on_the_way": Difference([True, True], _NO_ENCRYPTION),
        "an_exporter_is_made_and_listed": Difference([404, False, False], _NO_EXPORTERS),
        "an_exporter_is_read": Difference([False, None, None, None], _NO_EXPORTERS),
        "an_exporters_configuration_is_read_without_its_secrets": Difference([False, False], _NO_EXPORTERS),
        "an_exporter_is_paused_and_says_how_far_it_is": Difference([False, None, False], _NO_EXPORTERS),
        "a_paused_exporter_is_changed_reset_and_resumed": Difference([404] * 4, _NO_EXPORTERS),
        "a_paused_exporter_is_deleted": Difference([404, Refused(404, 0)], _NO_EXPORTERS),
        "a_running_exporter_is_not_changed": Difference([Refused(404, 0)] * 3, _NO_EXPORTERS),
        "an_exporter_is_not_made_twice": Difference(Refused(404, 0), _NO_EXPORTERS),
        "an_exporter_without_name_configuration_or_subjects_is_refused": Difference(
            [Refused(404, 0)] * 3, _NO_EXPORTERS
        ),
        "an_exporter_that_is_not_there_is_not_found": Difference([Refused(404, 0)] * 3, _NO_EXPORTERS),
        "the_cluster_is_told": Difference(404, _NO_FACTS),
        "the_version_is_told": Difference(404, _NO_FACTS),
    },
    "other": {},
}
