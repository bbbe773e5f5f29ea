"""XML that may be hostile, as elements: no document type, no entity beyond the five of XML, everything bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from draftsmith.code.testresults.report import Unreadable

MAX_BYTES = 64_000_000
MAX_ELEMENTS = 500_000
MAX_DEPTH = 64
MAX_TEXT = 8_000


@dataclass(slots=True, kw_only=True)
class Element:
    """`name` without its namespace; `text` is the beginning of what stands directly in it."""

    name: str
    attributes: Mapping[str, str]
    text: str = ""
    children: list[Element] = field(default_factory=list["Element"])

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    def child(self, *names: str) -> Element | None:
        return next((one for one in self.children if one.name in names), None)

    def every(self, name: str) -> Iterator[Element]:
        """Descendants of that name, outer ones first."""
        waiting = list(reversed(self.children))
        while waiting:
            one = waiting.pop()
            if one.name == name:
                yield one
            waiting += reversed(one.children)


def read_xml(content: bytes) -> Element:
    """The root element. Raises Unreadable."""
    if len(content) > MAX_BYTES:
        raise Unreadable(f"The report has more than {MAX_BYTES:,} bytes.")
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Unreadable(f"It is not XML: {error}") from error
    if builder.root is None:
        raise Unreadable("It has no element.")
    return builder.root


def _refuse(*_told: object) -> int:
    raise Unreadable("It declares a document type or an entity.")


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise Unreadable("It has too many elements.")
        element = Element(name=name.rpartition(":")[2], attributes=attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _name: str) -> None:
        self._open.pop()

    def data(self, text: str) -> None:
        if self._open:
            inner = self._open[-1]
            if len(inner.text) < MAX_TEXT:
                inner.text += text[: MAX_TEXT - len(inner.text)]
