"""A DNS server for tests, on loopback: it answers from a dictionary, and some names never."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

SILENT, BROKEN = "never answers", "SERVFAIL"
Zone = dict[tuple[str, str], list[str] | str]


class Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        raw, connection = self.request
        question = dns.message.from_wire(raw)
        asked = question.question[0]
        name, kind = asked.name.to_text().rstrip(".").lower(), dns.rdatatype.to_text(asked.rdtype)
        self.server.asked.append((name, kind))  # type: ignore[attr-defined]
        found = self.server.zone.get((name, kind), [])  # type: ignore[attr-defined]
        if found == SILENT:
            return
        reply = dns.message.make_response(question)
        reply.flags |= dns.flags.RA
        if found == BROKEN:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif found:
            texts = [f'"{text}"' if kind == "TXT" and not text.startswith('"') else text for text in found]
            reply.answer.append(dns.rrset.from_text_list(asked.name, 60, dns.rdataclass.IN, asked.rdtype, texts))
        else:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        connection.sendto(reply.to_wire(max_size=4096), self.client_address)


@contextmanager
def serving(zone: Zone) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The server's host:port, and the questions that it was asked, as they come."""
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.zone, server.asked = zone, []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}", server.asked  # type: ignore[attr-defined]
        server.shutdown()
