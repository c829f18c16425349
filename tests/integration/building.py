"""What whoever builds a receiver has: a secret in a file, an endpoint in a config, an event."""

from pathlib import Path

from hookconsole.paths import Home

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EVENT = b'{"id":"evt_1","type":"invoice.paid","created_at":"2026-04-15T14:32:00Z","data":{"a":2500.00}}'


def builders_home(folder: Path) -> Home:
    """A home whose endpoint `acme-erp` has the secret, which is in `secret.txt`, too."""
    (folder / "secret.txt").write_text(SECRET + "\n")
    config = folder / "config.toml"
    config.write_text(
        '[signing]\nheader = "X-Signature"\n[endpoints.acme-erp]\n'
        f'url = "https://erp.acme.example/hooks"\nevents = ["*"]\nsecret = "{SECRET}"\n'
    )
    config.chmod(0o600)
    return Home(config, folder / "state")
