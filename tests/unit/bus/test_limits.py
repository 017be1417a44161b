from aiokafka.record.default_records import DefaultRecordBatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from shared.bus.limits import message_bytes
from shared.bus.port import OutgoingMessage

headers = st.lists(st.tuples(st.text(max_size=20), st.binary(max_size=50)), max_size=8)


@given(st.none() | st.binary(max_size=300), st.none() | st.binary(max_size=300), headers)
def test_no_message_is_larger_on_the_wire_than_we_say(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
) -> None:
    ours = message_bytes(OutgoingMessage("t", key, value, tuple(headers)))
    assert DefaultRecordBatchBuilder.estimate_size_in_bytes(key, value, headers) <= ours
