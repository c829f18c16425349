"""The files of certificate authorities: read once, read again when they change, refused in one line."""

import os
import ssl
from pathlib import Path

import pytest
import trustme

from hookconsole.network.errors import TlsError
from hookconsole.network.tls import Contexts


@pytest.mark.parametrize("kind", ["absent", "empty", "nonsense", "directory", "fifo"])
def test_a_ca_file_that_cannot_be_used(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "ca\x1b.pem"
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind != "absent":
        path.write_text("" if kind == "empty" else "nonsense")
    with pytest.raises(TlsError) as refusal:
        Contexts().get(str(path))
    assert str(refusal.value).startswith("ca_file ")
    assert str(refusal.value).isprintable()


def test_a_file_is_read_once_and_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(path)
    contexts = Contexts()
    first = contexts.get(str(path))
    assert len(first.get_ca_certs()) == 1
    assert contexts.get(str(path)) is first
    trustme.CA().cert_pem.write_to_path(path, append=True)
    assert len(contexts.get(str(path)).get_ca_certs()) == 2


def test_without_a_file_certifis_authorities_count(tmp_path: Path) -> None:
    contexts = Contexts()
    context = contexts.get(None)
    assert contexts.get(None) is context
    assert len(context.get_ca_certs()) > 50
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
