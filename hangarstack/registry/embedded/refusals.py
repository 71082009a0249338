"""What the registry refuses, with the status, code and sentence that Confluent's API documents."""

from __future__ import annotations

from typing import Final

from hangarstack.errors import RegistryError

INVALID_SCHEMA: Final = 42201


class RefusalError(RegistryError):
    """An answer other than 2xx.

    Args:
        status: HTTP status.
        code: ``error_code`` of the body; the status itself, or five digits that begin with it.
        message: ``message`` of the body.
    """

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def plain(status: int, message: str) -> RefusalError:
    """Return a refusal of HTTP itself: no such path, no such method, malformed body."""
    return RefusalError(status, status, message)


def subject_not_found(subject: str) -> RefusalError:
    """Return 40401."""
    return RefusalError(404, 40401, f"Subject '{subject}' not found.")


def version_not_found(version: int) -> RefusalError:
    """Return 40402; -1 stands for the latest."""
    return RefusalError(404, 40402, f"Version {version} not found.")


def schema_not_found(which: object = None) -> RefusalError:
    """Return 40403, naming the id or GUID when there is one."""
    return RefusalError(404, 40403, "Schema not found" if which is None else f"Schema {which} not found")


def context_not_found(context: str) -> RefusalError:
    """Return 40401, of a context."""
    return RefusalError(404, 40401, f"Context '{context}' not found.")


def subject_soft_deleted(subject: str) -> RefusalError:
    """Return 40404."""
    message = f"Subject '{subject}' was soft deleted.Set permanent=true to delete permanently"
    return RefusalError(404, 40404, message)


def subject_not_soft_deleted(subject: str) -> RefusalError:
    """Return 40405."""
    message = f"Subject '{subject}' was not deleted first before being permanently deleted"
    return RefusalError(404, 40405, message)


def version_soft_deleted(subject: str, version: str) -> RefusalError:
    """Return 40406."""
    message = f"Subject '{subject}' Version {version} was soft deleted.Set permanent=true to delete permanently"
    return RefusalError(404, 40406, message)


def version_not_soft_deleted(subject: str, version: int) -> RefusalError:
    """Return 40407."""
    message = f"Subject '{subject}' Version {version} was not deleted first before being permanently deleted"
    return RefusalError(404, 40407, message)


def level_not_configured(subject: str) -> RefusalError:
    """Return 40408."""
    message = f"Subject '{subject}' does not have subject-level compatibility configured"
    return RefusalError(404, 40408, message)


def mode_not_configured(subject: str) -> RefusalError:
    """Return 40409."""
    return RefusalError(404, 40409, f"Subject '{subject}' does not have subject-level mode configured")


def association_not_found(resource: str) -> RefusalError:
    """Return 40410."""
    return RefusalError(404, 40410, f"Association for '{resource}' not found.")


def resource_associated(kind: str, resource: str) -> RefusalError:
    """Return 40903: the resource has another association of that type already."""
    return RefusalError(409, 40903, f"An association of type '{kind}' already exists for resource '{resource}'")


def subject_associated(subject: str) -> RefusalError:
    """Return 40904: an association of the subject is in the way."""
    return RefusalError(409, 40904, f"An association already exists for subject '{subject}'")


def subject_strongly_associated(subject: str) -> RefusalError:
    """Return 40905: the subject is another resource's own."""
    return RefusalError(409, 40905, f"A strong association already exists for subject '{subject}'")


def no_active_version(subject: str) -> RefusalError:
    """Return 40907."""
    return RefusalError(409, 40907, f"No active (non-deleted) version exists for subject '{subject}'")


def association_frozen(kind: str, subject: str) -> RefusalError:
    """Return 40908."""
    return RefusalError(409, 40908, f"The association of type '{kind}' is frozen for subject '{subject}'")


def incompatible(subject: str, messages: list[str]) -> RefusalError:
    """Return 409 with every reason."""
    details = f"[{', '.join(messages)}]"
    message = "Schema being registered is incompatible with an earlier schema for subject"
    return RefusalError(409, 409, f'{message} "{subject}", details: {details}')


def invalid_schema(message: str) -> RefusalError:
    """Return 42201."""
    return RefusalError(422, INVALID_SCHEMA, message)


def invalid_version(version: str) -> RefusalError:
    """Return 42202."""
    message = f"The specified version '{version}' is not a valid version id. "
    return RefusalError(422, 42202, message + 'Allowed values are between [1, 2^31-1] and the string "latest"')


def invalid_level() -> RefusalError:
    """Return 42203."""
    message = "Invalid compatibility level. Valid values are none, backward, forward, full, "
    return RefusalError(422, 42203, message + "backward_transitive, forward_transitive, and full_transitive")


def invalid_mode() -> RefusalError:
    """Return 42204."""
    return RefusalError(422, 42204, "Invalid mode. Valid values are READWRITE, READONLY, and IMPORT.")


def not_permitted(message: str) -> RefusalError:
    """Return 42205."""
    return RefusalError(422, 42205, message)


def referenced(subject: str, version: int) -> RefusalError:
    """Return 42206."""
    key = f"{{magic=1,keytype=SCHEMA,subject={subject},version={version}}}"
    return RefusalError(422, 42206, f"One or more references exist to the schema {key}.")


def invalid_subject(subject: str) -> RefusalError:
    """Return 42208."""
    return RefusalError(422, 42208, f"The specified subject '{subject}' is not a valid.")


def invalid_rule_set(message: str) -> RefusalError:
    """Return 42210."""
    return RefusalError(422, 42210, message)


def context_not_empty(context: str) -> RefusalError:
    """Return 42211."""
    return RefusalError(422, 42211, f"The specified context '{context}' is not empty.")


def invalid_association(name: str, reason: str) -> RefusalError:
    """Return 42212, naming the property that does not fit."""
    message = f"The association specified an invalid value for property: '{name}', reason: {reason}"
    return RefusalError(422, 42212, message)


def store_failed(message: str) -> RefusalError:
    """Return 50001."""
    return RefusalError(500, 50001, message)


def timed_out(message: str) -> RefusalError:
    """Return 50002."""
    return RefusalError(500, 50002, message)
