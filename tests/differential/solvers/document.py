"""Reads a policy document into statements, operators and operands. Standard library only.

It says what is written, not what it means: `concrete.py` decides requests with it and `encode.py`
writes formulas with it, each with its own reading of the rules in `src/evaluate/rules.md`. Rule
ids in brackets are of that page.
"""

import base64
import binascii
import dataclasses
import datetime
import fractions
import ipaddress
import re


class Unsupported(Exception):
    """The query has something that the encoder leaves out; the text names it."""


@dataclasses.dataclass(frozen=True)
class Operator:
    """A condition operator taken apart."""

    quantifier: str  # "", "all" or "any"
    test: str  # String, IgnoreCase, Like, Numeric, Date, Bool, Binary, Ip, Arn or Null
    comparison: str  # "=", "<", "<=", ">" or ">=" for Numeric and Date
    negated: bool
    if_exists: bool

    @property
    def has_variables(self):
        """Whether policy variables work in its values (V11)."""
        return self.test in ("String", "IgnoreCase", "Like", "Arn")


@dataclasses.dataclass(frozen=True)
class Condition:
    """One operator on one key with its list of values."""

    operator: Operator | None  # None: AWS defines no such operator (C35)
    key: str  # in lower case (C8)
    values: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Statement:
    """One statement; `actions` and `resources` are pairs (is it the Not… element, texts)."""

    effect: str
    actions: tuple[bool, tuple[str, ...]]
    resources: tuple[bool, tuple[str, ...]]
    conditions: tuple[Condition, ...]
    variables: bool  # whether the document's version has them (V1)


_BASES = {
    "stringequals": ("String", "", False),
    "stringnotequals": ("String", "", True),
    "stringequalsignorecase": ("IgnoreCase", "", False),
    "stringnotequalsignorecase": ("IgnoreCase", "", True),
    "stringlike": ("Like", "", False),
    "stringnotlike": ("Like", "", True),
    "bool": ("Bool", "", False),
    "binaryequals": ("Binary", "", False),
    "ipaddress": ("Ip", "", False),
    "notipaddress": ("Ip", "", True),
    "arnequals": ("Arn", "", False),
    "arnlike": ("Arn", "", False),
    "arnnotequals": ("Arn", "", True),
    "arnnotlike": ("Arn", "", True),
    "null": ("Null", "", False),
}
for _type in ("Numeric", "Date"):
    for _name, _comparison, _negated in (
        ("equals", "=", False),
        ("notequals", "=", True),
        ("lessthan", "<", False),
        ("lessthanequals", "<=", False),
        ("greaterthan", ">", False),
        ("greaterthanequals", ">=", False),
    ):
        _BASES[_type.lower() + _name] = (_type, _comparison, _negated)


def operator(name):
    """The operator of this name in any letter case (G15), or None."""
    rest = name.lower()
    quantifier = ""
    for prefix, word in (("forallvalues:", "all"), ("foranyvalue:", "any")):
        if rest.startswith(prefix):
            quantifier, rest = word, rest.removeprefix(prefix)
    base = rest.removesuffix("ifexists")
    if base not in _BASES or (base == "null" and (quantifier or base != rest)):
        return None
    test, comparison, negated = _BASES[base]
    return Operator(quantifier, test, comparison, negated, base != rest)


def many(value):
    return value if isinstance(value, list) else [value]


def scalar(value):
    """A condition value as text (G14)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def statements(document):
    """The statements of a document; raises Unsupported for what `compare` answers `unknown`."""
    version = document.get("Version")
    if version not in (None, "2008-10-17", "2012-10-17"):
        raise Unsupported("document-error: Version")
    return [_statement(it, version == "2012-10-17") for it in many(document["Statement"])]


def _statement(value, variables):
    if "Principal" in value or "NotPrincipal" in value:
        raise Unsupported("principal")
    if value.get("Effect") not in ("Allow", "Deny"):
        raise Unsupported("document-error: Effect")
    conditions = tuple(
        Condition(operator(name), key.lower(), tuple(scalar(it) for it in many(texts)))
        for name, block in value.get("Condition", {}).items()
        for key, texts in block.items()
    )
    return Statement(
        value["Effect"],
        _element(value, "Action"),
        _element(value, "Resource"),
        conditions,
        variables,
    )


def _element(value, name):
    if (name in value) == ("Not" + name in value):
        raise Unsupported(f"document-error: {name}")
    negated = name not in value
    return negated, tuple(many(value["Not" + name if negated else name]))


@dataclasses.dataclass(frozen=True)
class Variable:
    """`${key}` or `${key, 'default'}`."""

    key: str  # in lower case (V2)
    default: str | None


def pieces(text, variables):
    """A text as a list of `str` (as written), `("escape", character)` and `Variable` (V2 to V7)."""
    if not variables:
        return [text] if text else []
    found = []
    end = 0
    for match in re.finditer(r"\$\{([^}]*)\}", text):
        if match.start() > end:
            found.append(text[end : match.start()])
        inner = match.group(1)
        found.append(("escape", inner) if inner in ("*", "?", "$") else _variable(inner))
        end = match.end()
    if end < len(text):
        found.append(text[end:])
    return found


def _variable(inner):
    key, comma, default = inner.partition(",")
    default = default.strip()
    if len(default) > 1 and default[0] == default[-1] == "'":  # Q7: quotes may be missing
        default = default[1:-1]
    return Variable(key.strip().lower(), default if comma else None)


def variable_keys(statement):
    """The keys that the statement uses as variables."""
    texts = list(statement.resources[1])
    for condition in statement.conditions:
        if condition.operator and condition.operator.has_variables:
            texts.extend(condition.values)
    parts = (piece for text in texts for piece in pieces(text, statement.variables))
    return {piece.key for piece in parts if isinstance(piece, Variable)}


def number(text):
    """C10: an exact decimal, or None."""
    match = re.fullmatch(r"([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?", text, re.ASCII)
    if not match or not (match[2] or match[3]):
        return None
    whole, fraction = match[2] or "", match[3] or ""
    value = fractions.Fraction(int(whole + fraction), 10 ** len(fraction))
    value *= fractions.Fraction(10) ** int(match[4] or 0)
    return -value if match[1] == "-" else value


def date(text):
    """C12: milliseconds since 1970, or None."""
    epoch = re.fullmatch(r"([+-]?)(\d+)(?:\.(\d*))?", text, re.ASCII)
    if epoch and (len(epoch[2]) > 4 or "." in text):
        thousandths = int((epoch[3] or "").ljust(3, "0")[:3])
        return (-1 if epoch[1] == "-" else 1) * (int(epoch[2]) * 1000 + thousandths)
    match = re.fullmatch(
        r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?"
        r"(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?([Zz]|[+-]\d\d(?::?\d\d)?)?)?",
        text,
        re.ASCII,
    )
    if not match:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        start = datetime.datetime(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    if int(hour or 0) > 24 or int(minute or 0) > 59 or int(second or 0) > 60:
        return None
    seconds = (start - datetime.datetime(1970, 1, 1)).days * 86400
    seconds += int(hour or 0) * 3600 + int(minute or 0) * 60 + int(second or 0)
    if zone and zone not in "Zz":
        offset = int(zone[1:3]) * 60 + int(zone[3:].lstrip(":") or 0)
        seconds -= (-offset if zone[0] == "-" else offset) * 60
    return seconds * 1000 + int((fraction or "").ljust(3, "0")[:3])


def _v4(text):
    parts = text.split(".")
    if len(parts) != 4 or not all(re.fullmatch(r"\d+", it, re.ASCII) for it in parts):
        return None
    numbers = [int(it) for it in parts]
    if max(numbers) > 255:
        return None
    return int.from_bytes(bytes(numbers), "big")


def _address(text):
    """(4 or 6, bits) as written, or None."""
    if ":" not in text:
        bits = _v4(text)
        return None if bits is None else (4, bits)
    try:
        return None if "%" in text else (6, int(ipaddress.IPv6Address(text)))
    except ValueError:
        return None


def address(text):
    """A request's address (C20), or None."""
    found = _address(text)
    if found and found[0] == 6 and found[1] >> 32 == 0xFFFF:
        return 4, found[1] & 0xFFFFFFFF
    return found


def network(text):
    """A policy's network as (4 or 6, bits, length); None if it matches nothing (C18 to C20)."""
    start, slash, length = text.partition("/")
    found = _address(start)
    if not found or (slash and not re.fullmatch(r"\+?\d+", length, re.ASCII)):
        return None
    family, bits = found
    width = 32 if family == 4 else 128
    size = int(length) if slash else width
    if size > width:
        return None
    host = bits & ((1 << (width - size)) - 1)
    if family == 6 and host:
        return None
    return family, bits - host, size


def is_true(text):
    """C14."""
    return text.lower() == "true" and text.isascii()


def base64_bytes(text):
    """C16: the bytes, or None."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if base64.b64encode(decoded).decode() == text else None
