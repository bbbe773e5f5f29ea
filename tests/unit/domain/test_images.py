"""What counts as a picture, by its first bytes, and how much of it goes with a request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.images import MAX_ALL_BYTES, MAX_IMAGE_BYTES, MAX_IMAGES, bad_images, media_type_of


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBP", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"\x89PNG", None),
        (b"<svg", None),
        (b"", None),
    ],
)
def test_a_picture_is_told_by_its_first_bytes(beginning: bytes, kind: str | None) -> None:
    assert media_type_of(beginning + b"rest") == kind


@given(st.lists(st.integers(0, 2 * MAX_IMAGE_BYTES), max_size=2 * MAX_IMAGES))
def test_pictures_that_are_let_through_are_few_and_small(sizes: list[int]) -> None:
    good = len(sizes) <= MAX_IMAGES and sum(sizes) <= MAX_ALL_BYTES and all(one <= MAX_IMAGE_BYTES for one in sizes)
    assert (bad_images(tuple(sizes)) == "") == good
