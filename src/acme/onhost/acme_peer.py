"""What the balancer that has the address serves there: how the others come by a certificate that they have not asked for.

Both have the same private key from birth, so it never travels. Who ends a handshake with a certificate of that key has the key,
and the handshake covers the whole chain: nobody in between can put in another one.
"""

from acme_certificate import PEM, read
from acme_pair import Pair, Wanted, run

PATIENCE = 10


def served(pair: Pair, wanted: Wanted, public_key: str) -> str | None:
    """The chain at the pair's address, if it is one for this certificate's names and key."""
    name = wanted.names[0].replace("*", "any", 1)
    place = f"{pair.settings['address']}:{pair.settings['port']}"
    shown = run(
        ["openssl", "s_client", "-connect", place, "-servername", name, "-showcerts", "-ign_eof"],
        # HAProxy answers by itself: no backend is asked, and its log has no broken request.
        input=f"GET /.well-known/acme-challenge/peer HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n",
        timeout=PATIENCE,
    )
    if shown.returncode != 0:
        return None
    chain = shown.stdout.partition("\nCertificate chain\n")[2].partition("\nServer certificate\n")[0]
    found = read(chain)
    if not found or not found.fits(wanted.names, public_key):
        return None
    return "\n".join(PEM.findall(chain))
