package io.tlsfleet.fleet.diagnosis;

import java.util.Locale;

/** Why handshakes fail; the gravest to the operator are not first, the most telling are: of two the earlier one speaks. */
public enum Cause {
    CLIENT_CERTIFICATE_MISSING(
            "The server wants a client certificate and the client sends none.",
            "Give the client its certificate and key, or make the certificate optional for this service."),
    CLIENT_CERTIFICATE_EXPIRED("The client's certificate has expired.", "Renew the client's certificate."),
    CLIENT_CERTIFICATE_REVOKED("The client's certificate has been revoked.", "Issue a new client certificate."),
    CLIENT_CERTIFICATE_UNKNOWN_CA(
            "The server does not trust the CA of the client's certificate.",
            "Add the client's CA (and its intermediates) to the server's client CA file (ssl_client_certificate, ca-file, SSLCACertificateFile), or have the client send its chain."),
    CLIENT_CERTIFICATE_NOT_YET_VALID(
            "The client's certificate is not valid yet: its clock or the issuer's is ahead, or the server's is behind.",
            "Check the clocks of server and issuer."),
    CLIENT_CERTIFICATE_REJECTED(
            "The server does not accept the client's certificate.",
            "Check CA, dates, purpose (clientAuth), key size and chain of the client's certificate; HAProxy tells more with ssl_c_err in its error-log-format."),
    CLIENT_CRL_UNUSABLE(
            "The server has no current revocation list for the client's CA, and stops with it.",
            "Publish and install a current CRL (ssl_crl, crl-file, SSLCARevocationFile); check the job that fetches it."),
    EXPIRED(
            "The server's certificate has expired, as its clients say.",
            "Renew the certificate, install it and reload the server; if it is valid, the client's clock is wrong."),
    NOT_YET_VALID(
            "The server's certificate is not valid yet for its clients.",
            "Check the clocks of client and server; have the issuer backdate by an hour."),
    REVOKED("The server's certificate has been revoked.", "Replace key and certificate."),
    NAME_MISMATCH(
            "The certificate is for another name than the client asked for.",
            "Add the name to the certificate, or serve the right certificate for it (SNI)."),
    SELF_SIGNED(
            "The server's certificate is self-signed and the client does not know it.",
            "Use a certificate of a CA that the clients trust, or install this one at the clients."),
    MISSING_INTERMEDIATE(
            "The client cannot build a chain: the server leaves out an intermediate, or the client lacks the root.",
            "Append the intermediate to the certificate file (tlsfleet explain HOST:PORT --missing); if the chain is whole, install the root at the client."),
    UNKNOWN_CA(
            "Clients do not know the CA of the server's certificate.",
            "Send the whole chain (tlsfleet explain HOST:PORT --missing); if the CA is your own, install its root at the clients."),
    WEAK_KEY_OR_SIGNATURE(
            "A key, a Diffie-Hellman group or a signature is too weak for one side's security level.",
            "Replace it: RSA 2048 or ECDSA P-256, SHA-256, ffdhe2048 or no DHE at all."),
    CERTIFICATE_REJECTED(
            "Clients reject the server's certificate without saying why in more detail.",
            "Look at it with tlsfleet explain HOST:PORT: name, chain, dates; a pinned certificate that was renewed looks like this too."),
    UNRECOGNISED_NAME(
            "The server knows no certificate for the name that the client asks for, or gets none.",
            "Add the name to a server block or certificate list; check what the client sends as SNI."),
    NOT_TLS(
            "Something that is not TLS is spoken on a TLS port: plain HTTP, a health check, a scanner, or a PROXY header that nobody expects.",
            "Use https:// or the plain port; check health checks and send-proxy/accept-proxy on both ends."),
    PROXY_PROTOCOL(
            "One end of a connection speaks the PROXY protocol and the other does not, or not in this form.",
            "Make both ends agree: send-proxy or send-proxy-v2 in front, accept-proxy (listen … proxy_protocol) behind; clients and health checks that connect directly need a port without it."),
    TLS_ON_PLAIN_PORT(
            "TLS is spoken to a port that expects plain text.",
            "Use the TLS port, or switch TLS on here (listen … ssl; SSLEngine on; bind … ssl)."),
    VERSION_MISMATCH(
            "Client and server have no TLS version in common.",
            "Find these clients (tlsfleet whatif, client fingerprints) and update them; allow TLS 1.2 if only TLS 1.3 is on."),
    NO_SHARED_SUITE(
            "Client and server have no cipher suite in common.",
            "Compare the client's suites with the server's; an ECDSA certificate needs ECDHE-ECDSA suites, and old clients need an RSA certificate beside it."),
    NO_SHARED_GROUP(
            "Client and server have no group (curve) in common.",
            "Offer X25519, P-256 and P-384 on the server (ssl_ecdh_curve, curves, SSLOpenSSLConfCmd Groups)."),
    NO_SHARED_SIGNATURE_ALGORITHM(
            "The client accepts no signature algorithm that the server's key can make.",
            "Add an RSA certificate beside the ECDSA one (or the reverse); update the client."),
    NO_SHARED_ALPN(
            "Client and server have no application protocol (ALPN) in common.",
            "Offer http/1.1 beside h2, or what the client needs."),
    DOWNGRADE_REFUSED(
            "A client that tried again with a lower version was refused, as it should be: its first attempt failed for another reason.",
            "Find out why the first attempt fails: an unstable network, or a device that breaks large or new hellos."),
    UNSAFE_RENEGOTIATION(
            "The server lacks secure renegotiation (RFC 5746), and clients with OpenSSL 3 refuse that.",
            "Update the server's TLS library or the device in front of it; UnsafeLegacyServerConnect in the client's configuration is a stopgap."),
    RENEGOTIATION_REFUSED(
            "One side wants to renegotiate and the other refuses, as it should.",
            "Look whether a client certificate is asked for in part of a site (SSLVerifyClient in a Location): ask for it in the handshake, on a name of its own."),
    STAPLE_REJECTED(
            "Clients reject the stapled OCSP answer, or miss one that the certificate promises.",
            "Check OCSP stapling: the server must reach the responder, and be reloaded after that."),
    INTEGRITY(
            "Records could not be decrypted or signatures did not match: a device in between changes the bytes, or key and certificate do not belong together.",
            "Try without proxies and security devices in between; check that the key belongs to the certificate."),
    SERVER_MISCONFIGURED(
            "The server has no certificate or key that it can use here.",
            "Check the certificate and key settings of this listener and reload."),
    HANDSHAKE_FAILURE(
            "One side refused with a general alert; most often no common version, suite or signature algorithm.",
            "Run tlsfleet diagnose HOST:PORT, and log more (HAProxy 2.8: error-log-format with ssl_fc_err_str; nginx: error_log … info). A proxy that sends its server no name gets this too (proxy_ssl_server_name on)."),
    TIMEOUT(
            "The other side said nothing until the time was over.",
            "Look for port scanners, health checks that open and do not speak, a firewall that drops large packets (MTU), or an overloaded server."),
    RESET(
            "The connection was reset in the middle of the handshake.",
            "Look for a firewall or load balancer in between; health checks that reset after connect look like this too."),
    CLOSED(
            "The client closed the connection before the handshake was done.",
            "Mostly health checks, port scanners and browsers that change their mind; if real clients are among them, they dislike the certificate without saying so."),
    OTHER("The handshake failed for a reason that is none of these.", "See the examples.");

    private final String meaning;
    private final String remedy;

    Cause(String meaning, String remedy) {
        this.meaning = meaning;
        this.remedy = remedy;
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String meaning() {
        return meaning;
    }

    public String remedy() {
        return remedy;
    }

    /** The same, of the certificate that the client shows. */
    Cause ofTheClient() {
        return switch (this) {
            case EXPIRED -> CLIENT_CERTIFICATE_EXPIRED;
            case NOT_YET_VALID -> CLIENT_CERTIFICATE_NOT_YET_VALID;
            case REVOKED -> CLIENT_CERTIFICATE_REVOKED;
            case UNKNOWN_CA, SELF_SIGNED, MISSING_INTERMEDIATE -> CLIENT_CERTIFICATE_UNKNOWN_CA;
            case CERTIFICATE_REJECTED -> CLIENT_CERTIFICATE_REJECTED;
            default -> this;
        };
    }
}
