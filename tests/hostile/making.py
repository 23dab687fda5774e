"""What Hypothesis makes up: texts, JSON, bodies, changes of genuine ones."""

import json
from typing import Any

from hypothesis import strategies as st

from tests.hostile import corpus
from tests.hostile.api import places

# Halves of characters and what is no character, too.
LETTERS = st.characters(exclude_categories=())
SHORT = st.text(LETTERS, max_size=40)
KNOWN = st.sampled_from(corpus.TEXTS)
TEXTS = st.one_of(
    SHORT,
    KNOWN,
    st.builds(lambda one, other: one + other, KNOWN, SHORT),
    st.builds(lambda text, count: text * count, st.text(LETTERS, min_size=1, max_size=4), st.integers(2, 3000)),
)
NUMBERS = st.one_of(st.integers(), st.integers(-(2**80), 2**80), st.floats())
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(SHORT, inner, max_size=5)),
    max_leaves=12,
)
JSON = st.one_of(VALUES.map(json.dumps), st.sampled_from(corpus.JSON))
KINDS_OF_BODY = st.sampled_from(sorted({kind for kind, _body in corpus.BODIES}))
BODIES = st.one_of(
    st.sampled_from(corpus.BODIES),
    st.tuples(KINDS_OF_BODY, st.binary(max_size=400)),
    st.builds(lambda kind, one, other: (kind, one[1][:3000] + other), KINDS_OF_BODY, st.sampled_from(corpus.BODIES),
              st.binary(max_size=40)),
)  # fmt: skip
OF_KIND: dict[str, st.SearchStrategy[Any]] = {"text": TEXTS, "json": JSON, "body": BODIES}


def with_value(body: Any, way: tuple[Any, ...], value: Any) -> Any:
    """A copy of the body with another value at this place."""
    if not way:
        return value
    step, rest = way[0], way[1:]
    if isinstance(body, dict):
        return {name: with_value(one, rest, value) if name == step else one for name, one in body.items()}
    return [with_value(one, rest, value) if place == step else one for place, one in enumerate(body)]


def without(body: Any, way: tuple[Any, ...]) -> Any:
    """A copy of the body without what stands at this place."""
    step, rest = way[0], way[1:]
    if isinstance(body, dict):
        return {name: without(one, rest) if name == step and rest else one for name, one in body.items()
                if rest or name != step}  # fmt: skip
    return [without(one, rest) if place == step and rest else one for place, one in enumerate(body)
            if rest or place != step]  # fmt: skip


@st.composite
def changed(draw: st.DrawFn, body: Any) -> Any:
    """A genuine body with up to four of its parts left out, put elsewhere, repeated or replaced by anything."""
    for _time in range(draw(st.integers(1, 4))):
        ways = [way for way in places(body) if way]
        if not ways:
            break
        way = draw(st.sampled_from(ways))
        act = draw(st.sampled_from(["leave out", "anything", "another part", "repeat"]))
        if act == "leave out":
            body = without(body, way)
        elif act == "anything":
            body = with_value(body, way, draw(VALUES))
        else:
            part = body
            for step in draw(st.sampled_from(ways)):
                part = part[step]
            body = with_value(body, way, [part] * draw(st.integers(2, 60)) if act == "repeat" else part)
    return body


@st.composite
def torn(draw: st.DrawFn, content: bytes) -> bytes:
    """A file or a mail with up to four pieces cut out, doubled, moved or written over."""
    for _time in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 200)))
        piece = content[start:end]
        put = draw(st.sampled_from([b"", piece * 2, piece[::-1], b"\0", b'"', b"\xff\xfe", b"\r\n\r\n", b";" * 300]))
        content = content[:start] + (put if draw(st.booleans()) else draw(st.binary(max_size=60))) + content[end:]
    return content


@st.composite
def twisted(draw: st.DrawFn, path: str) -> str:
    """An address with up to three of its letters changed, left out, doubled, escaped or followed by more."""
    for _time in range(draw(st.integers(1, 3))):
        place = draw(st.integers(1, len(path)))
        letter = draw(st.one_of(
            st.sampled_from(["", "%00", "%", "%25", "/", "//", "..", "=0D=0A", "%0a", "?", "#", "&", ";", "%ff"]),
            st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=3),
        ))  # fmt: skip
        path = path[:place] + letter + path[place + draw(st.integers(0, 2)) :]
    return path
