"""One table of what a receiver may answer and what the attempt comes to: whole, cut, over TCP, over TLS."""

import gzip
from dataclasses import dataclass
from typing import Literal

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

BOMB = gzip.compress(bytes(1_000_000), mtime=0)


@dataclass(frozen=True)
class Case:
    """What a receiver answers, how it ends, and what the attempt comes to."""

    answer: bytes
    expected: int | str
    """The status, or the name of the error."""
    end: Literal["hold", "close", "reset"] = "hold"
    truncated: bool = False
    kept: bool = False
    """Whether the connection is used again."""
    detail: str = ""
    """What the error says, among other things."""


def head(*lines: bytes, status: bytes = b"200 OK") -> bytes:
    """A response's head."""
    return b"\r\n".join((b"HTTP/1.1 " + status, *lines, b"", b""))


def length(value: bytes, body: bytes = b"ok") -> bytes:
    """A 200 with this Content-Length."""
    return head(b"Content-Length: " + value) + body


def empty(status: bytes, *lines: bytes) -> bytes:
    """A response without a body, which says so."""
    return head(*lines, b"Content-Length: 0", status=status)


def chunked(body: bytes, *codings: bytes) -> bytes:
    """A 200 in chunks, or so it says."""
    return head(*(b"Transfer-Encoding: " + coding for coding in codings or (b"chunked",))) + body


CHUNKS = b"2\r\nok\r\n0\r\n\r\n"

# A connection is used again after these alone: nothing about them is out of the ordinary.
CLEAN = {
    "200": Case(OK, 200, kept=True),
    "200 and no body": Case(empty(b"200 OK"), 200, kept=True),
    "201": Case(empty(b"201 Created"), 201, kept=True),
    "202": Case(empty(b"202 Accepted"), 202, kept=True),
    "204": Case(head(status=b"204 No Content"), 204, kept=True),
    "204 of length 0": Case(empty(b"204 No Content"), 204, kept=True),
    "205 with a body": Case(OK.replace(b"200", b"205"), 205, kept=True),
    "206": Case(OK.replace(b"200", b"206"), 206, kept=True),
    "299": Case(empty(b"299 Odd"), 299, kept=True),
    "300": Case(empty(b"300 Multiple Choices"), 300, kept=True),
    "304": Case(head(b"Content-Length: 10", status=b"304 Not Modified"), 304, kept=True),
    "400": Case(empty(b"400 Bad Request"), 400, kept=True),
    "401": Case(empty(b"401 No", b"WWW-Authenticate: Basic realm=x"), 401, kept=True),
    "407": Case(empty(b"407 No", b"Proxy-Authenticate: Basic"), 407, kept=True),
    "410": Case(empty(b"410 Gone"), 410, kept=True),
    "426 and an upgrade": Case(empty(b"426 No", b"Connection: upgrade", b"Upgrade: h2c"), 426, kept=True),
    "200 and an upgrade": Case(empty(b"200 OK", b"Connection: upgrade", b"Upgrade: h2c"), 200, kept=True),
    "500": Case(empty(b"500 No"), 500, kept=True),
    "600": Case(empty(b"600 No"), 600, kept=True),
    "999": Case(empty(b"999 "), 999, kept=True),
    "no reason": Case(empty(b"200"), 200, kept=True),
    "a reason of bytes": Case(empty(b"200 \xe9\x80"), 200, kept=True),
    "a reason with ESC": Case(empty(b"200 \x1b]0;x\x07"), 200, kept=True),
    "a reason of 60 KB": Case(empty(b"200 " + b"a" * 60_000), 200, kept=True),
    "header values of bytes": Case(empty(b"200 OK", b"X: \xff\xe9"), 200, kept=True),
    "16,000 headers": Case(empty(b"200 OK", *[b"a:"] * 16_000), 200, kept=True),
    "length with zeros": Case(length(b"0002"), 200, kept=True),
    "length and spaces": Case(length(b" 2  "), 200, kept=True),
    "chunked": Case(chunked(CHUNKS), 200, kept=True),
    "chunked, upper case": Case(chunked(CHUNKS, b"CHUNKED"), 200, kept=True),
    "chunk extensions": Case(chunked(b'2;a=b;c="d"\r\nok\r\n0;z\r\n\r\n'), 200, kept=True),
    "a chunk's size with zeros": Case(chunked(b"0" * 20 + CHUNKS), 200, kept=True),
    "trailers": Case(chunked(CHUNKS[:-2] + b"X: y\r\nSet-Cookie: a=b\r\n\r\n"), 200, kept=True),
    "Transfer-Encoding as a trailer": Case(
        chunked(CHUNKS[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"), 200, kept=True
    ),
    "gzip, chunked": Case(chunked(CHUNKS, b"gzip, chunked"), 200, kept=True),
    "100 first": Case(head(status=b"100 Continue") + OK, 200, kept=True),
    "103 first, with headers": Case(head(b"Link: </x>", status=b"103 Early") + OK, 200, kept=True),
    "199 first": Case(head(status=b"199 Odd") + OK, 200, kept=True),
    "forty interim ones first": Case(head(status=b"102 Processing") * 40 + OK, 200, kept=True),
    "an empty line behind": Case(OK + b"\r\n", 200, kept=True),
    "301 to metadata": Case(
        empty(b"301 M", b"Location: http://169.254.169.254/latest/meta-data/"), 301, kept=True
    ),
    "307 to loopback": Case(empty(b"307 M", b"Location: http://127.0.0.1:1/"), 307, kept=True),
    "308 to itself": Case(empty(b"308 M", b"Location: /"), 308, kept=True),
    "Location that is no IDNA": Case(empty(b"302 M", b"Location: http://xn--zz99999/"), 302, kept=True),
    "Location that is no URL": Case(empty(b"302 M", b"Location: http://[::1"), 302, kept=True),
    "503 that asks for time": Case(empty(b"503 No", b"Retry-After: 1"), 503, kept=True),
    "503 that asks for nonsense": Case(
        empty(b"503 No", b"Retry-After: -1", b"Retry-After: 1_000", b"Retry-After: \xff"), 503, kept=True
    ),
    "Refresh": Case(empty(b"200 OK", b"Refresh: 0; url=http://169.254.169.254/"), 200, kept=True),
    "Set-Cookie": Case(empty(b"200 OK", b"Set-Cookie: a=b; Path=/", b"Set-Cookie: \xff"), 200, kept=True),
    "charset=unicode_escape": Case(
        head(b"Content-Type: text/x; charset=unicode_escape", b"Content-Length: 2") + b"\\x", 200, kept=True
    ),
    "charset=rot13": Case(
        head(b"Content-Type: text/x; charset=rot13", b"Content-Length: 2") + b"ok", 200, kept=True
    ),
    "a body of controls": Case(length(b"8", b"\x1b[2J\0\x9b\r\n"), 200, kept=True),
    "a body of half a surrogate pair": Case(length(b"3", b"\xed\xa0\x80"), 200, kept=True),
    "no gzip though it says so": Case(
        head(b"Content-Encoding: gzip", b"Content-Length: 2") + b"\x1f\x8b", 200, kept=True
    ),
    "Alt-Svc": Case(empty(b"200 OK", b'Alt-Svc: h3="127.0.0.1:1"'), 200, kept=True),
    "5 KB": Case(length(b"5000", b"a" * 5000), 200, truncated=True, kept=True),
    "a gzip bomb": Case(
        head(b"Content-Encoding: gzip", b"Content-Length: %d" % len(BOMB)) + BOMB,
        200,
        truncated=len(BOMB) > 4096,
        kept=True,
    ),
}

# The verdict stands, but the connection is closed: what comes next on it could be anything.
UNCLEAN = {
    "Connection: close": Case(head(b"Connection: close", b"Content-Length: 2") + b"ok", 200),
    "keep-alive, close": Case(head(b"Connection: keep-alive, close", b"Content-Length: 2") + b"ok", 200),
    "close, then keep-alive": Case(
        head(b"Connection: close", b"Connection: keep-alive", b"Content-Length: 2") + b"ok", 200
    ),
    "HTTP/1.0": Case(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200),
    "HTTP/1.0 until the end": Case(b"HTTP/1.0 200 OK\r\n\r\nall of it", 200, end="close"),
    "HTTP/1.0 with chunks, kept": Case(
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS, 200
    ),
    "until the end": Case(head() + b"all of it", 200, end="close"),
    "204 with a body": Case(head(status=b"204 No Content") + b"<html>", 204),
    "204 that announces a body": Case(head(b"Content-Length: 6", status=b"204 No Content"), 204),
    "204 that announces chunks": Case(head(b"Transfer-Encoding: chunked", status=b"204 No Content"), 204),
    "204 with a response as body": Case(head(status=b"204 No Content") + OK, 204),
    "304 that announces chunks": Case(head(b"Transfer-Encoding: chunked", status=b"304 Not Modified"), 304),
    "304 with a body": Case(head(status=b"304 Not Modified") + b"<html>", 304),
    "100 that announces a body": Case(head(b"Content-Length: 5", status=b"100 Continue") + OK, 200),
    "an interim one that closes": Case(head(b"Connection: close", status=b"103 Early") + OK, 200),
    "an interim one of HTTP/1.0": Case(b"HTTP/1.0 100 Continue\r\n\r\n" + OK, 200),
    "two responses": Case(OK + OK, 200),
    "two responses and a half": Case(OK + OK + OK[:20], 200),
    "another's beginning behind": Case(OK + b"H", 200),
    "a NUL behind": Case(OK + b"\0", 200),
    "length too short": Case(length(b"2", b"okay"), 200),
    "length too long": Case(length(b"10", b"half"), 200, end="close", truncated=True),
    "reset in the body": Case(length(b"10", b"half"), 200, end="reset", truncated=True),
    "bad chunk": Case(chunked(b"zz\r\nok\r\n"), 200, truncated=True),
    "negative chunk": Case(chunked(b"-2\r\nok\r\n"), 200, truncated=True),
    "a chunk's size in 0x": Case(chunked(b"0x2\r\nok\r\n0\r\n\r\n"), 200, truncated=True),
    "a chunk's size and a space": Case(chunked(b"2 \r\nok\r\n0\r\n\r\n"), 200, truncated=True),
    "a chunk's size of 20 digits": Case(chunked(b"f" * 20 + b"\r\nok"), 200, truncated=True),
    "a chunk longer than it says": Case(chunked(b"2\r\nokay\r\n0\r\n\r\n"), 200, truncated=True),
    "a chunk without its line end": Case(chunked(b"2\r\nok0\r\n\r\n"), 200, truncated=True),
    "chunks with bare LF": Case(chunked(b"2\nok\n0\n\n"), 200, truncated=True),
    "LF in a chunk's extension": Case(chunked(b'2;a="\n"\r\nok\r\n0\r\n\r\n'), 200, truncated=True),
    "Content-Length as a trailer": Case(
        chunked(CHUNKS[:-2] + b"Content-Length: 5\r\n\r\n"), 200, truncated=True
    ),
    "no end of chunks": Case(chunked(b"2\r\nok\r\n"), 200, end="close", truncated=True),
    "chunks behind a last one": Case(chunked(CHUNKS + CHUNKS), 200),
    "chunked, gzip": Case(chunked(CHUNKS, b"chunked, gzip"), 200, end="close", truncated=True),
    "chunked, then identity": Case(
        chunked(CHUNKS, b"chunked", b"identity"), 200, end="close", truncated=True
    ),
    "xchunked": Case(chunked(CHUNKS, b"xchunked"), 200, end="close", truncated=True),
    "until the end, with a header that says chunked": Case(head(b"X: chunked") + b"all", 200, end="close"),
    "gzip as Transfer-Encoding": Case(head(b"Transfer-Encoding: gzip") + b"all", 200, end="close"),
    "multipart without a length": Case(
        head(b"Content-Type: multipart/byteranges; boundary=x", status=b"206 Part"), 206, end="close"
    ),
    "70 KB": Case(length(b"70000", b"a" * 70_000), 200, truncated=True),
    "270 KB of chunk extensions": Case(chunked(b"2;" + b"a" * 270_000 + CHUNKS[1:]), 200, truncated=True),
    "140 KB of trailers": Case(chunked(CHUNKS[:-2] + b"A: b\r\n" * 24_000), 200, truncated=True),
}

# Nothing of this is a verdict.
REFUSED = {
    "101": Case(head(b"Connection: upgrade", b"Upgrade: x", status=b"101 S") + OK, "protocol"),
    "101 alone": Case(head(status=b"101 S"), "protocol", detail="101 Switching Protocols, which was not"),
    "status 20": Case(empty(b"20 OK"), "protocol"),
    "status abc": Case(empty(b"abc OK"), "protocol"),
    "status 1999": Case(empty(b"1999 OK"), "protocol"),
    "status 2 00": Case(empty(b"2 00 OK"), "protocol"),
    "status -20": Case(empty(b"-20 OK"), "protocol"),
    "status 000": Case(empty(b"000 OK"), "protocol", detail="the response's status is 000"),
    "status 099": Case(empty(b"099 OK") + OK, "protocol", detail="the response's status is 099"),
    "status in full-width digits": Case(empty(b"\xef\xbc\x92\xef\xbc\x90\xef\xbc\x90 OK"), "protocol"),
    "two spaces before the status": Case(empty(b" 200 OK"), "protocol"),
    "HTTP/0.9": Case(b"<html>hello</html>\n", "protocol", end="close"),
    "HTTP/0.9 with a head": Case(OK.replace(b"1.1", b"0.9"), "protocol"),
    "HTTP/1.2": Case(OK.replace(b"1.1", b"1.2"), "protocol"),
    "HTTP/1.10": Case(OK.replace(b"1.1", b"1.10"), "protocol"),
    "HTTP/2.0": Case(OK.replace(b"1.1", b"2.0"), "protocol", detail="the response is not HTTP/1.x"),
    "http/1.1": Case(OK.replace(b"HTTP", b"http"), "protocol"),
    "RTSP": Case(OK.replace(b"HTTP/1.1", b"RTSP/1.0"), "protocol", detail="not HTTP/1.x"),
    "RTSP behind an interim one": Case(
        head(status=b"100 Continue") + OK.replace(b"HTTP/1.1", b"RTSP/1.0"),
        "protocol",
        detail="not HTTP/1.x; it begins with RTSP/1.0",
    ),
    "RTSP as the second interim one": Case(
        head(status=b"103 Early") + head(status=b"100 Continue").replace(b"HTTP/1.1", b"ICE/1.1") + OK,
        "protocol",
        detail="not HTTP/1.x; it begins with ICE/1.1",
    ),
    "HTTP/2.0 behind an interim one": Case(
        head(status=b"100 Continue") + OK.replace(b"1.1", b"2.0"), "protocol", detail="not HTTP/1.x"
    ),
    "an empty line behind an interim one": Case(
        head(status=b"100 Continue") + b"\r\n" + OK, "protocol", detail="not HTTP/1.x"
    ),
    "an HTTP/2 preface": Case(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "protocol", detail="it begins with PRI"),
    "HTTP/2 frames": Case(b"\x00\x00\x12\x04" + bytes(23), "protocol"),
    "ssh": Case(b"SSH-2.0-OpenSSH_9.6\r\n", "protocol", detail="it begins with SSH-2.0-OpenSSH_9.6"),
    "smtp": Case(b"220 mail.example ESMTP\r\n", "protocol"),
    "redis": Case(b"-ERR unknown command\r\n", "protocol"),
    "mysql": Case(b"J\0\0\0\n8.0.30\0", "protocol"),
    "a TLS alert": Case(b"\x15\x03\x01\x00\x02\x02\x46", "protocol"),
    "a request": Case(b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", "protocol"),
    "NULs": Case(bytes(100), "protocol"),
    "ESC": Case(b"\x1b[2J\x1b]0;x\x07\r\n", "protocol"),
    "a byte order mark first": Case(b"\xef\xbb\xbf" + OK, "protocol"),
    "a space first": Case(b" " + OK, "protocol"),
    "an empty line first": Case(b"\r\n" + OK, "protocol"),
    "80 KB of line ends": Case(b"\r\n" * 40_000, "protocol"),
    "lengths conflict": Case(head(b"Content-Length: 2", b"Content-Length: 5") + b"ok", "protocol"),
    "lengths agree": Case(head(b"Content-Length: 2", b"Content-Length: 2") + b"ok", "protocol"),
    "length of two": Case(length(b"2, 2"), "protocol"),
    "length negative": Case(length(b"-2"), "protocol"),
    "length with a plus": Case(length(b"+2"), "protocol"),
    "length in hex": Case(length(b"0x2"), "protocol"),
    "length with a space": Case(length(b"2 2"), "protocol"),
    "length empty": Case(length(b""), "protocol"),
    "length of 30 digits": Case(length(b"9" * 30), "protocol"),
    "length, then chunks": Case(head(b"Content-Length: 2", b"Transfer-Encoding: chunked"), "protocol"),
    "chunks, then length": Case(
        head(b"Transfer-Encoding: chunked", b"Content-Length: 2") + CHUNKS, "protocol"
    ),
    "identity and length": Case(
        head(b"Transfer-Encoding: identity", b"Content-Length: 2") + b"ok", "protocol"
    ),
    "chunked behind a vertical tab": Case(chunked(CHUNKS, b"\x0bchunked"), "protocol"),
    "a space before the colon": Case(head(b"Content-Length : 2") + b"ok", "protocol"),
    "a tab before the colon": Case(head(b"Content-Length\t: 2") + b"ok", "protocol"),
    "a header without a name": Case(empty(b"200 OK", b": x"), "protocol"),
    "a header without a colon": Case(empty(b"200 OK", b"X"), "protocol"),
    "a header's name in UTF-8": Case(empty(b"200 OK", "é: x".encode()), "protocol"),
    "a folded header": Case(empty(b"200 OK", b"X: a\r\n b"), "protocol"),
    "a folded first line": Case(empty(b"200 OK", b" X: a"), "protocol"),
    "bare LF": Case(OK.replace(b"\r\n", b"\n"), "protocol"),
    "LF in a header": Case(empty(b"200 OK", b"Location: /a\nX: b"), "protocol"),
    "CR in a header": Case(empty(b"200 OK", b"Location: /a\rX: b"), "protocol"),
    "NUL in a header": Case(empty(b"200 OK", b"X: a\0b"), "protocol"),
    "ESC in a header": Case(empty(b"302 M", b"Location: /\x1b]0;x\x07"), "protocol"),
    "Location of 70,000": Case(empty(b"302 M", b"Location: /" + b"a" * 70_000), "protocol"),
    "100 KiB of headers": Case(
        empty(b"200 OK", *[b"X-A: " + b"a" * 1017] * 100), "protocol", detail="over 64 KiB"
    ),
    "interim ones over 64 KiB": Case(head(status=b"100 Continue") * 3000, "protocol", detail="over 64 KiB"),
    "nothing, closed": Case(b"", "reset", end="close", detail="closed the connection before any response"),
    "nothing, reset": Case(b"", "reset", end="reset", detail="reset the connection before any response"),
    "an interim one only": Case(head(status=b"103 Early"), "reset", end="close", detail="within the"),
    "half a first line": Case(b"HTTP/1.1 2", "reset", end="close", detail="within the response's head"),
    "half a head": Case(OK[:30], "reset", end="close", detail="within the response's head"),
    "half a head, reset": Case(OK[:30], "reset", end="reset", detail="within the response's head"),
    "line ends only": Case(b"\r\n" * 10, "reset", end="close"),
}

CASES = CLEAN | UNCLEAN | REFUSED
