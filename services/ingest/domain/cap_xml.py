"""
XML of strangers, parsed with everything dangerous off: no DTD, no entities, no network.

The text is decoded here and only then parsed, so that there is one answer to what it says.
"""

import codecs
import re

from lxml import etree

from schemas.deadletter import RefusalReason
from services.ingest.domain.errors import RefusedError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*?\?>")
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_CODECS = {
    # GBK and GB2312 are parts of GB18030, and what calls itself GB2312 seldom is.
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16": "utf-16",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "koi8-r": "koi8-r",
    **{f"iso-8859-{part}": f"iso-8859-{part}" for part in (*range(1, 12), 13, 14, 15, 16)},
    **{f"windows-125{page}": f"cp125{page}" for page in range(9)},
}


def decode(data: bytes) -> str:
    """Return *data* as text, by its byte order mark or else as it declares; `wrong_encoding`."""
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return _decoded(data[len(bom) :], codec)
    declared = _DECLARED.match(data[:300])
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    known = _CODECS.get(name)
    if known is None:
        raise RefusedError(RefusalReason.WRONG_ENCODING, "declares an encoding not accepted here")
    return _decoded(data, known)


def _decoded(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeError:
        raise RefusedError(RefusalReason.WRONG_ENCODING, f"is not {codec}") from None


def parse(text: str) -> etree._Element:
    """Return the root of *text*; `forbidden_xml` when it has a DOCTYPE, `not_xml` when it is none."""
    # A DOCTYPE is the only way to declare an entity. It is refused before the parser sees it: an
    # entity bomb in an attribute is expanded even where entities are not resolved.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise RefusedError(RefusalReason.FORBIDDEN_XML, "has a document type declaration")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    bare = text[found.end() :] if (found := _DECLARATION.match(text)) else text
    try:
        root = etree.fromstring(bare.strip().encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        where = getattr(error, "lineno", None)
        detail = f"not well-formed at line {where}" if where else "not well-formed"
        raise RefusedError(RefusalReason.NOT_XML, detail) from None
    return root


def local_name(element: etree._Element) -> str:
    """Return the name without its namespace."""
    return str(etree.QName(element).localname)


def namespace(element: etree._Element) -> str:
    """Return the namespace, or nothing."""
    return str(etree.QName(element).namespace or "")


def children(parent: etree._Element, name: str) -> list[etree._Element]:
    """Return the children called *name* in the parent's own namespace, in whatever order."""
    own = namespace(parent)
    return [
        child
        for child in parent
        if isinstance(child.tag, str) and local_name(child) == name and namespace(child) == own
    ]


def text_of(parent: etree._Element, name: str) -> str:
    """Return the text of the first child called *name*, trimmed; empty when there is none."""
    for child in children(parent, name):
        return _text(child)
    return ""


def texts_of(parent: etree._Element, name: str) -> list[str]:
    """Return the trimmed texts of all children called *name* that have any."""
    return [text for child in children(parent, name) if (text := _text(child))]


def _text(element: etree._Element) -> str:
    return "".join(str(part) for part in element.itertext()).strip()
