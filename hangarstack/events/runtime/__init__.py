"""What generated modules are made of; nothing here knows of any one event."""

from hangarstack.events.runtime.branch import Branch
from hangarstack.events.runtime.codec import Codec
from hangarstack.events.runtime.durations import Duration
from hangarstack.events.runtime.frozen import FrozenMap
from hangarstack.events.runtime.ids import new_event_id, now
from hangarstack.events.runtime.wire import frame, unframe

__all__ = ["Branch", "Codec", "Duration", "FrozenMap", "frame", "new_event_id", "now", "unframe"]
