from datetime import UTC, datetime

from shared.platform.ids import new_id, next_id

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def test_ids_of_one_moment_sort_in_the_order_they_were_made():
    made = [next_id(NOW) for _ in range(40_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_an_id_is_a_uuid_of_version_seven_that_begins_with_its_time():
    for made in (new_id(NOW), next_id(NOW)):
        assert (made.version, made.variant) == (7, "specified in RFC 4122")
        assert made.int >> 80 == int(NOW.timestamp() * 1000)
