"""Numbers that people write where a text is kept in plain."""

import pytest

from shared.contacts.hiding import with_masked_phones, without_phones


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("王小明13800138000", "王小明***"),
        ("+86-138-0013-8000", "***"),
        ("0086 138 0013 8000", "***"),
        ("１３８００１３８０００", "***"),
        ("138.0013.8000 晚上打", "*** 晚上打"),
        ("138\u200b0013\u200b8000", "***"),
        ("138—0013—8000", "***"),
        ("13800138000/13900139000", "***/***"),
        ("order-20261120-13800138000-1", "order-20261120-***-1"),
        ("工号1234567890123456", "工号1234567890123456"),
        ("Chrome/139.0.7258.143 Safari", "Chrome/139.0.7258.143 Safari"),
        ("139.155.123.45", "139.155.123.45"),
        ("", ""),
    ],
)
def test_a_mobile_number_is_hidden_however_it_is_written(text, left):
    assert without_phones(text) == left


def test_a_masked_number_can_be_known_again():
    assert with_masked_phones("换号了 +86 138 0013 8000，下午打") == "换号了 138****8000，下午打"
