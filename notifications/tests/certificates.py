"""A certificate that nobody has signed, for servers that are not who they say."""

import datetime as dt
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kit.clock import utcnow


def unsigned(directory: Path) -> ssl.SSLContext:
    """Return the context of a server whose certificate nobody has signed."""
    key, name, moment = ec.generate_private_key(ec.SECP256R1()), x509.Name([]), utcnow()
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, moment, moment + dt.timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=True)
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    kind, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (directory / "both.pem").write_bytes(pem + key.private_bytes(kind, form, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "both.pem")
    return context
