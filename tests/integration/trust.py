"""A certificate authority of the tests' own, and what receivers need of it."""

import ssl
from pathlib import Path
from typing import Any

import trustme


def served_by(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """A receiver's side of TLS with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


class Trust:
    """The authority; `ca_file` is what trusts it."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        path = folder / "ca.pem"
        self.authority.cert_pem.write_to_path(path)
        self.ca_file = str(path)

    def context(self, host: str, **options: Any) -> ssl.SSLContext:
        """A receiver's side of TLS as `host`; with trustme's options."""
        return served_by(self.authority.issue_cert(host, **options))
