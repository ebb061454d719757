"""A workbook from outside declares no entities: they could unfold beyond measure, or name files of ours."""

import pytest

from shared.spreadsheets.workbook_in import element

LAUGHS = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'


@pytest.mark.parametrize("xml", [LAUGHS.encode(), LAUGHS.encode("utf-16")])
def test_a_part_with_entities_is_refused(xml: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        element(xml)


def test_a_plain_part_is_read() -> None:
    assert [each.tag for each in element(b'<?xml version="1.0"?><a><b/></a>')] == ["b"]
