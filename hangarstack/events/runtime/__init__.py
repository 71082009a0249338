"""What generated modules are made of; nothing here knows of any one event.

Avro types are these in Python:

- boolean, int, long, float, double, bytes, string: ``bool``, ``int``, ``int``, ``float``, ``float``, ``bytes``, ``str``
- record: a frozen dataclass; enum: a ``StrEnum``; fixed: ``bytes``
- array: ``tuple``; map: ``Mapping``, which is a ``FrozenMap``
- union: the union of its branches' types. Branches that share a Python type are told apart by ``Branch``: a plain value
  is written as the widest of them (long, double, bytes), the others are tagged with the branch's name
- date, time-millis, time-micros: ``date``, ``time``
- timestamp-millis, timestamp-micros: ``datetime`` in UTC; local-timestamp-…: a naive ``datetime``
- timestamp-nanos and local-timestamp-nanos: ``int``, because a ``datetime`` has no nanoseconds
- uuid on string or fixed: ``UUID``; decimal on bytes or fixed: ``Decimal``; duration: ``Duration``

Decoding loses nothing: what Avro allows and these types do not have (a uuid field with another text, a decimal beyond
its precision, bytes that became a string) is held by a subclass that is written again as it was read. Dates and times
beyond the years 1 to 9999 are the exception: they are refused.
"""

from hangarstack.events.runtime.branch import Branch
from hangarstack.events.runtime.codec import Codec
from hangarstack.events.runtime.durations import Duration
from hangarstack.events.runtime.frozen import FrozenMap
from hangarstack.events.runtime.ids import new_event_id, now
from hangarstack.events.runtime.wire import frame, unframe

__all__ = ["Branch", "Codec", "Duration", "FrozenMap", "frame", "new_event_id", "now", "unframe"]
