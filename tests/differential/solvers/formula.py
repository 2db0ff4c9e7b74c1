"""SMT-LIB terms as text: Boolean connectives that fold constants, and glob matching on strings.

A pattern is a list of tokens: a `str` of one literal character, one of the wildcards `RUN`, `ONE`,
`RUN_INSIDE` and `ONE_INSIDE` (the last two do not take a colon), or a `Term`, a string term whose
value is literal.
"""

import dataclasses

TRUE, FALSE = "true", "false"


@dataclasses.dataclass(frozen=True)
class Wildcard:
    name: str


@dataclasses.dataclass(frozen=True)
class Term:
    """A string term."""

    text: str


RUN, ONE = Wildcard("run"), Wildcard("one")
RUN_INSIDE, ONE_INSIDE = Wildcard("run inside"), Wildcard("one inside")

_NO_COLON = '(re.diff re.allchar (str.to_re ":"))'
_REGEX = {
    RUN: "re.all",
    ONE: "re.allchar",
    RUN_INSIDE: f"(re.* {_NO_COLON})",
    ONE_INSIDE: _NO_COLON,
}


def conjunction(parts):
    return _connective("and", parts, TRUE, FALSE)


def disjunction(parts):
    return _connective("or", parts, FALSE, TRUE)


def _connective(name, parts, neutral, absorbing):
    kept = []
    for part in parts:
        if part == absorbing:
            return absorbing
        if part != neutral and part not in kept:
            kept.append(part)
    if len(kept) < 2:
        return kept[0] if kept else neutral
    return f"({name} {' '.join(kept)})"


def negation(part):
    if part in (TRUE, FALSE):
        return FALSE if part == TRUE else TRUE
    return part[5:-1] if part.startswith("(not ") else f"(not {part})"


def choice(condition, yes, no):
    """if-then-else on Booleans."""
    return disjunction([conjunction([condition, yes]), conjunction([negation(condition), no])])


def literal(text):
    """A string constant."""
    safe = (
        it if " " <= it <= "~" and it not in '"\\' else '""' if it == '"' else f"\\u{{{ord(it):x}}}"
        for it in text
    )
    return f'"{"".join(safe)}"'


def joined(parts):
    """String terms after one another."""
    parts = list(parts)
    if len(parts) < 2:
        return parts[0] if parts else '""'
    return f"(str.++ {' '.join(parts)})"


def _merged(tokens):
    """Runs of literal characters as one text each, doubled stars as one."""
    result = []
    for token in tokens:
        if isinstance(token, str) and result and isinstance(result[-1], str):
            result[-1] += token
        elif not (token in (RUN, RUN_INSIDE) and result and result[-1] == token):
            result.append(token)
    return result


def regex(tokens):
    """The regular expression of a pattern; a term inside makes it none that is constant."""
    parts = []
    for token in _merged(tokens):
        if isinstance(token, str):
            parts.append(f"(str.to_re {literal(token)})")
        elif isinstance(token, Term):
            parts.append(f"(str.to_re {token.text})")
        else:
            parts.append(_REGEX[token])
    return _in_sequence(parts)


def _in_sequence(parts):
    if len(parts) < 2:
        return parts[0] if parts else '(str.to_re "")'
    return f"(re.++ {' '.join(parts)})"


_SPELLINGS = {"k": "kK\u212a"}  # C7: the Kelvin sign is the only other text that lowers to ASCII


def matches_any_case(term, text):
    """Whether a term equals an ASCII text but for letter case (C7)."""
    if not text.isascii():
        raise ValueError(text)
    if text.lower() == text.upper():
        return f"(= {term} {literal(text)})"
    parts = []
    for it in text.lower():
        spellings = _SPELLINGS.get(it, it if it == it.upper() else it + it.upper())
        options = " ".join(f"(str.to_re {literal(one)})" for one in spellings)
        parts.append(f"(re.union {options})" if len(spellings) > 1 else options)
    return f"(str.in_re {term} {_in_sequence(parts)})"


def matches(term, tokens, places=False):
    """Whether a string term matches a pattern.

    A constant pattern becomes a regular expression, or with `places` a term that looks for its
    texts one after the other. Solvers give up on some of the one that they decide of the other.
    """
    parts = _merged(tokens)
    if all(isinstance(it, (str, Term)) for it in parts):
        return f"(= {term} {_text(parts)})"
    if parts == [RUN]:
        return TRUE
    if places or any(isinstance(it, Term) for it in parts):
        return _matches_in_places(term, parts)
    return f"(str.in_re {term} {regex(parts)})"


def _text(parts):
    return joined(literal(it) if isinstance(it, str) else it.text for it in parts)


def _matches_in_places(term, parts):
    """A pattern as the texts between its stars, each at its first place.

    Taking the first place that fits is right as long as stars are free; it needs no quantifier, so
    that the formula can be negated. Where a `?` stands between two texts that float, a first place
    cannot be named, and a regular expression with the terms inside has to do.
    """
    chunks = [[]]
    for part in parts:
        if part == RUN:
            chunks.append([])
        else:
            chunks[-1].append(part)
    floating = chunks[1:-1]
    gaps = [0] * len(chunks)  # characters that the star before the chunk takes at least
    for at, chunk in enumerate(chunks):
        while at > 0 and chunk and chunk[0] == ONE:
            gaps[at] += 1
            chunk.pop(0)
        while 0 < at < len(chunks) - 1 and chunk and chunk[-1] == ONE:
            gaps[at + 1] += 1
            chunk.pop()
    wild = [it for chunk in floating for it in chunk if isinstance(it, Wildcard)]
    if wild or any(it == RUN_INSIDE for it in parts):
        return f"(str.in_re {term} {regex(parts)})"

    if len(chunks) == 1:
        text, _, conditions = _anchored(term, chunks[0], "0")
        return conjunction([*conditions, f"(= {term} {text})"])
    if len(chunks) == 3 and not chunks[0] and not chunks[2] and not any(gaps):
        return f"(str.contains {term} {_text(chunks[1])})"
    text, end, conditions = _anchored(term, chunks[0], "0")
    if chunks[0]:
        conditions.append(f"(str.prefixof {text} {term})")
    for chunk, gap in zip(floating, gaps[1:-1]):
        found = f"(str.indexof {term} {_text(chunk)} {_sum([end, gap])})"
        conditions.append(f"(>= {found} 0)")
        end = _sum([found, f"(str.len {_text(chunk)})"])
    _, length, _ = _anchored(term, chunks[-1], "0")
    start = f"(- (str.len {term}) {length})"
    if gaps[-1] or "0" not in (end, length):  # else the rest implies it
        conditions.append(f"(<= {_sum([end, gaps[-1]])} {start})")
    text, _, more = _anchored(term, chunks[-1], start)
    if chunks[-1]:
        conditions.append(f"(str.suffixof {text} {term})")
    return conjunction(conditions + more)


def _anchored(term, chunk, start):
    """A chunk at a known place: its text, its length, and what the characters under `?` have to be.

    Those characters are taken from the term itself.
    """
    texts, lengths, conditions = [], [], []
    for part in chunk:
        if isinstance(part, Wildcard):
            texts.append(f"(str.at {term} {_sum([start, *lengths])})")
            lengths.append("1")
            conditions.append(f"(= (str.len {texts[-1]}) 1)")
            if part == ONE_INSIDE:
                conditions.append(f'(not (= {texts[-1]} ":"))')
        elif isinstance(part, str):
            texts.append(literal(part))
            lengths.append(str(len(part)))
        else:
            texts.append(part.text)
            lengths.append(f"(str.len {part.text})")
    return joined(texts), _sum(lengths), conditions


def _sum(parts):
    parts = [str(it) for it in parts if str(it) != "0"]
    if len(parts) < 2:
        return parts[0] if parts else "0"
    return f"(+ {' '.join(parts)})"
