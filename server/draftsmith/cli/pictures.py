"""Pictures for a request, read from files and looked at before a hub is started for them."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

from draftsmith.cli.untrusted import one_line
from draftsmith.domain.errors import UserError
from draftsmith.domain.images import KINDS, MAX_IMAGE_BYTES, bad_images, media_type_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from draftsmith.client.messages import RequestImage


def read_images(names: Sequence[str]) -> list[RequestImage]:
    """Raises UserError (`unreadable_image`, `bad_image`)."""
    contents = [(Path(name), _read(Path(name))) for name in names]
    if reason := bad_images(tuple(len(content) for _, content in contents)):
        raise UserError(reason, code="bad_image", remedy="Leave some out, or make them smaller.")
    for path, content in contents:
        if media_type_of(content) is None:
            raise UserError(
                f"{one_line(str(path))} is not an image that models read.", code="bad_image", remedy=f"Give {KINDS}."
            )
    return [{"name": path.name[:200], "data": base64.b64encode(content).decode()} for path, content in contents]


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_IMAGE_BYTES + 1)
    except OSError as failure:
        raise UserError(
            f"The image {one_line(str(path))} cannot be read: {failure.strerror}.", code="unreadable_image"
        ) from failure
