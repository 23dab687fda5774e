"""What nobody in their right mind sends: texts, JSON values and whole bodies, more than 400 of them.

Lone surrogates stand for what JSON can spell and UTF-8 cannot; `play` sends them as the three bytes that old programs
write. Markup is taken from the payloads that the desk's pages are tried with.
"""

from tests.config.payloads import PAYLOADS

FAMILY, FLAG = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "\U0001f1f7\U0001f1fa"

CONTROLS = [chr(code) for code in (*range(0x20), 0x7F, *range(0x80, 0xA0))]
NULS = ["a\0b", "\0\0\0", "\0admin", "admin\0", "%00", "%2500", "\\0", "\\u0000", "x\0" * 500]
SURROGATES = ["\ud800", "\udfff", "a\ud83db", "\udc00\ud800", "\ud83d\ude00"[:1], "\udbff" * 99, "\\ud800", "\ud800x"]
DIRECTIONS = [
    "\u202etxt.exe", "\u202dabc\u202c", "\u2066abc", "\u2067אבג\u2069", "\u200e\u200f", "شكرا 123 thanks",
    "\u061c", "\u202e" * 200, "אבג\nabc", "\u2068\u2066\u2067", "(\u202b) a > b \u202c",
]  # fmt: skip
UNSEEN = [
    "\u200b", "a\u200bb", "\ufeff", "\ufeffx", "\u2060", "\u00ad", "\u034f", "\u180e", "\u3164", "\u115f\u1160",
    "\u2800", "\u00a0\u2003\u3000", "\u2028", "\u2029", "\u0085", "\u000b\u000c", "\u200c\u200d",
    "\U000e0001\U000e0041",
    "\ufe0f", "\u200b" * 300, "\ufff9a\ufffab\ufffb", "\ufffc", "\ufffd", "\ufffe", "\uffff", "\ufdd0", "\U0001fffe",
    "\U0010ffff", "\ue000", "\U000f0000",
]  # fmt: skip
LETTERS = [
    "e\u0301", "é", "Å", "\u212b", "ﬁ", "ſ", "ß", "İ", "ı", "ΐ", "\u1e9b\u0323", "가", "\u1100\u1161", "क़", "\u0958",
    "Ω", "\u2126", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍", "e" + "\u0301" * 400, "ё", "е\u0308", "й", "и\u0306", "ўқғҳ", "Қазақша", "ไทย",
    "日本語", "𠜎𠜱", "𝒽𝑒𝓁𝓁ℴ", "ⓗⓔⓛⓛⓞ", "ｆｕｌｌ", "pаypаl", "٣", "௧௨", "½", "²", "Ⅻ", "①", "႐", "\u0661\u0662",
]  # fmt: skip
PICTURES = [
    "😀", FAMILY, "👩🏽‍🚀", "🏳️‍🌈", FLAG, "🇷", "☺️", "☺︎", "❤️‍🔥", "1️⃣", "🫠" * 300, FAMILY * 50,
    "👍🏻👍🏿", "\u200d😀", "🧑‍🤝‍🧑",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
]  # fmt: skip
LONG = [
    "a" * 64, "a" * 65, "a" * 254, "a" * 255, "a" * 256, "x" * 4999, "y" * 5000, "z" * 5001, "ж" * 5000, "😀" * 2500,
    " " * 6000, "\n" * 3000, "ab " * 1700, "w" * 20_000, "a\n" * 2500, "<" * 5000, "&" * 5000, "é" * 128, "(" * 3000,
]  # fmt: skip
NUMBERS = [
    "0", "-0", "-1", "1", "00004", "4.0", "4,0", "1e3", "1e999", "NaN", "nan", "Infinity", "-inf", "0x10", "0b1",
    "2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "9" * 400, "1_000",
    " 4 ", "+4", "4;5", "4 4", "٤", "４", "⁴", "4\u200b", "--4", "1/0", "true", "null", "None", "undefined", "[]", "{}",
    "4\n5", "1" + "0" * 4400,
]  # fmt: skip
MOMENTS = [
    "0000-00-00", "9999-12-31T23:59:59.999999Z", "10000-01-01", "2026-02-30", "2026-13-01", "1969-12-31T23:59:59Z",
    "2026-03-08T02:30:00", "2026-06-30T23:59:60Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "2026-W10-1", "today", "1773000000", "-1773000000", "2026-03-01T12:00:00+99:99", "2026-03-01T24:00:00Z",
    "2026-03-01T12:00:00.123456789Z", "٢٠٢٦-٠٣-٠١",
]  # fmt: skip
ORDERS = [
    "' OR 1=1--", "'; DROP TABLE feedback_response;--", "1' UNION SELECT NULL,NULL--", "\" OR \"\"=\"", "') OR ('1'='1",
    "1; SELECT pg_sleep(5)--", "admin'/*", "%' ESCAPE '!", "%_%", "\\", "\\'", "*", "\"*\" NEAR", "a AND OR NOT",
    "col:x", "'''", "$$x$$", "?", "%s", "%(name)s", "%", "%%", "{0}", "{__class__}", "{0.__init__.__globals__}", "$1",
    ":name", "`id`", "$(id)", "; ls", "| cat /etc/passwd", "&& true", "$(sleep 5)", "!!", "~root", "$HOME",
    "{{settings.SECRET_KEY}}", "{% load x %}", "{% include 'x' %}", "{#", "${{7*7}}", "#{7*7}", "<%= 7 %>", "[[7*7]]",
    "{{7*7}}{%", "@{x}", "=1+1", "=HYPERLINK(\"http://x\")", "+1", "-1+1", "@SUM(1)", "\t=1", "(&(uid=*))", "*)(uid=*",
    "__proto__", "constructor", "toString", "__class__", "onclick", "%n%n%s%p", "() { :;}; echo x", "<!DOCTYPE x>",
    "<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><r>&a;</r>", "&lol9;", "<![CDATA[",
]  # fmt: skip
HEADERS = [
    "a\r\nSet-Cookie: x=1", "a\r\n\r\n<html>", "a\nBcc: victim@example.org", "a%0d%0aX: 1", "a%0aX: 1", "\r\n", "\n.\n",
    "a\rb", "x\u560a\u560dX: 1", "\"x\" <y@example.org>", "a@example.org,b@example.org", "a@b@example.org", "@", "a@",
    "@example.org", "a@[127.0.0.1]", "a b@example.org", "ж@пример.рф", "a@xn--e1afmkfd", "a@" + "b" * 260 + ".org",
    "=?utf-8?q?x?=", "=?utf-8?b?////?=", "=?x", "undisclosed-recipients:;", "javascript:alert(1)", "//evil.example",
    "https://evil.example/", "http://127.0.0.1:22/", "http://169.254.169.254/", "file:///etc/passwd", "gopher://x",
]  # fmt: skip
PATHS = [
    "../../etc/passwd", "..\\..\\boot.ini", "%2e%2e%2f", "..%252f..%252f", "....//", "/etc/passwd", "C:\\x", "\\\\x\\y",
    "file.txt\0.png", ".", "..", "/", "//", "///", "~", "CON", "aux.txt", ".htaccess", "a/b/c/d",
    "./x", "a//b", "?", "#",
    "a?b=c", "a#b", "a;b", "a%", "%zz", "%u0041", "%c0%ae", "%f0", "%ff", "%", "+", "a+b", "&a=b", "=", "a=b&a=c",
]  # fmt: skip
# Cursors of lists whose contents are none: p=x, p=\0, o=99999999999999999999, r=x, p=99999999999999999999.
CURSORS = [
    "cD14",
    "cD0lMDA=",
    "bz05OTk5OTk5OTk5OTk5OTk5OTk5OQ==",
    "cj14",
    "cD05OTk5OTk5OTk5OTk5OTk5OTk5OQ==",
    "cA==",
    "é=",
]
TEXTS = list(dict.fromkeys([
    "", " ", *CONTROLS, *NULS, *SURROGATES, *DIRECTIONS, *UNSEEN, *LETTERS, *PICTURES, *LONG, *NUMBERS, *MOMENTS,
    *ORDERS, *HEADERS, *PATHS, *CURSORS, *PAYLOADS,
]))  # fmt: skip

# Where a field of JSON stands, as it is written.
JSON = [
    "null", "true", "false", "0", "-0", "-1", "1.5", "1e999", "-1e999", "1e-999", "NaN",
    "Infinity", "9" * 30, "9" * 5000,
    "2147483648", "-9223372036854775809", "9223372036854775807", "0.1e1", "01", "+1", ".5", "1.", "[]", "{}", "[[]]",
    "[null]", '[""]', '["a","a"]', "[1,2,3]", "[" * 15 + "]" * 15, "[" * 60 + "]" * 60, "[" * 9000 + "]" * 9000,
    '{"a":' * 60 + "1" + "}" * 60, '{"a":' * 9000 + "1" + "}" * 9000, '{"a":1,"a":2}', '{"":1}', '{"__proto__":{}}',
    '{"code":"x"}', '{"code":{"$gt":""}}', '{"external_id":null}', '{"email":"a@b"}', '{"$where":"1"}', '"\\ud800"',
    '"\\u0000"', '"\\u0007"', '"\\uD83D"', '"a\\u0000b"', '"\\x41"', '"\t"', '"unclosed', "'x'",
    "undefined", "{", "[1,",
    "// x", "/* x */1", '{"a":1,}', "True", "None", "\ufeff1", '"' + "a" * 300_000 + '"', "[" + "1," * 20_000 + "1]",
    "{" + ",".join(f'"k{n}":{n}' for n in range(3000)) + "}", '["' + '","'.join(map(str, range(60))) + '"]',
]  # fmt: skip

FORM, PARTS, OBJECT = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"


_COMMENT = 'Content-Disposition: form-data; name="comment"'


def _part(head: str, body: bytes = b"4") -> bytes:
    return b"--x\r\n" + head.encode("latin-1", "replace") + b"\r\n\r\n" + body + b"\r\n--x--\r\n"


# A whole request's body and what it says it is.
BODIES: list[tuple[str, bytes]] = [
    ("", b""), ("", b"score=4"), (FORM, b""), (FORM, b"="), (FORM, b"&&&&"), (FORM, b"%"), (FORM, b"%zz=%zz"),
    (FORM, b"score"), (FORM, b"score=4&score=5"), (FORM, b"score=4;score=5"),
    (FORM, b"score[]=4"), (FORM, b"score[a]=4"),
    (FORM, b"\xff\xfe=\xff"), (FORM, b"comment=%ff%fe%00"), (FORM, b"comment=%ED%A0%80"),
    (FORM, b"comment=" + b"a" * 200_000),
    (FORM, b"a=1&" * 900), (FORM, b"a=1&" * 3000), (FORM, b"x" * 3_000_000), (FORM, b"a" * 70_000 + b"=1"),
    (FORM + "; charset=utf-7", b"comment=%2BADw-script%2BAD4-"), (FORM + "; charset=utf-16", b"comment=4"),
    (FORM + "; charset=koi8-r", b"comment=%F0%D2"), (FORM + "; charset=x-unknown", b"comment=4"),
    (FORM + "; charset=", b"comment=4"), (FORM + "; charset=\xe9", b"comment=4"), (FORM + ";;;=", b"comment=4"),
    (FORM + "; charset=idna", b"comment=%ff"), (FORM + "; charset=base64", b"comment=4"),
    (FORM + "; charset=rot13", b"a=4"),
    (FORM, b"\x1f\x8b\x08\0\0\0\0\0"), (FORM, b"List-Unsubscribe=One-Click\0"), (FORM, b"\0=\0&\0"),
    (PARTS, b""), (PARTS, b"--x"), (PARTS, b"--x--"), (PARTS, b"--y\r\n\r\n--y--"), (PARTS, b"\r\n" * 500),
    (PARTS, _part('Content-Disposition: form-data; name="score"')), (PARTS, _part("Content-Disposition: form-data")),
    (PARTS, _part('Content-Disposition: form-data; name=""')), (PARTS, _part("Content-Disposition: form-data; name=")),
    (PARTS, _part(_COMMENT, b"\xff\xfe\0")), (PARTS, _part("X" * 20_000)),
    (PARTS, _part(_COMMENT + '\r\nContent-Transfer-Encoding: base64', b"!!!")),
    (PARTS, _part(_COMMENT + '\r\nContent-Transfer-Encoding: quoted-printable', b"=ZZ")),
    (PARTS, _part('Content-Disposition: form-data; name="comment"; filename="../../x"', b"x" * 9000)),
    (PARTS, _part('Content-Disposition: form-data; name="file"; filename=""')),
    (PARTS, _part('Content-Disposition: form-data; name="f"; filename="a\0b"')),
    (PARTS, _part("Content-Disposition: form-data; name*=utf-8''%ff%00; filename*=x''%zz")),
    (PARTS, _part(_COMMENT + '\r\nContent-Type: text/plain; charset=utf-16', b"\xff\xfe4\0")),
    (PARTS, _part(_COMMENT + '\r\nContent-Type: text/plain; charset=nonsense')),
    (PARTS, b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n" * 400), (PARTS, b"--x\r\n" * 4000),
    ("multipart/form-data", b"--x\r\n"), ("multipart/form-data; boundary=", b"--\r\n"),
    ("multipart/form-data; boundary=" + "b" * 300, b"--b"), ("multipart/form-data; boundary=\xe9", b"--x"),
    ("multipart/mixed; boundary=x", _part("A: b")), ("multipart/form-data; boundary=x; boundary=y", _part("A: b")),
    (OBJECT, b""), (OBJECT, b" "), (OBJECT, b"{"), (OBJECT, b"{}"), (OBJECT, b"[]"), (OBJECT, b"null"), (OBJECT, b"1"),
    (OBJECT, b'"x"'), (OBJECT, b"\xff\xfe{\0}\0"), (OBJECT, b"\xef\xbb\xbf{}"),
    (OBJECT, b'{"a":"\xff"}'), (OBJECT, b"[" * 100_000),
    (OBJECT, b'{"items":null}'), (OBJECT, b'{"items":[null,1,"x",[],{}]}'),
    (OBJECT, b'{"items":{}}'), (OBJECT, b"{}{}"),
    (OBJECT, b'{"source":1,"source":"x"}'), (OBJECT, b'{"items":[' + b"{}," * 1001 + b"{}]}"),
    (OBJECT, b"x" * 3_000_000),
    (OBJECT + "; charset=utf-16", "{}".encode("utf-16")), (OBJECT + "; charset=latin-1", b'{"a":"\xe9"}'),
    ("application/json+x", b"{}"), ("text/json", b"{}"), ("text/plain", b"score=4"), ("text/xml", b"<a/>"),
    ("application/octet-stream", bytes(range(256))), ("image/png", b"\x89PNG"), ("nonsense", b"x"), ("/", b"x"),
    ("a/b;c", b"x"), ("\xe9/\xe9", b"x"), ("message/rfc822", b"From: x\r\n\r\n"), ("application/x-ndjson", b"{}\n{}"),
]  # fmt: skip


def count() -> int:
    return len(TEXTS) + len(JSON) + len(BODIES)
