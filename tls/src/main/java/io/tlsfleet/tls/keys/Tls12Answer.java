package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.handshake.ServerMessage.CertificateRequest;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.wire.ByteWriter;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;

/** A client's answer to a CertificateRequest below TLS 1.3: its certificate, and behind the key exchange the proof of its key. */
final class Tls12Answer {
    private final Optional<ClientIdentity> identity;
    private final Optional<SignatureScheme> scheme;
    private final boolean named;

    Tls12Answer(CertificateRequest request, Optional<ClientIdentity> identity, ProtocolVersion version) {
        this.identity = identity;
        this.scheme = identity.flatMap(ours -> ours.scheme(request.signatureSchemes(), version));
        this.named = version.compareTo(ProtocolVersion.TLS_1_2) >= 0;
    }

    /** Empty where there is none, or none that the server can check. */
    HandshakeMessage certificate() {
        List<byte[]> chain = scheme.isPresent() ? identity.orElseThrow().chain() : List.of();
        return new HandshakeMessage(
                HandshakeMessage.CERTIFICATE,
                ByteWriter.write(w -> w.vec24(list -> chain.forEach(der -> list.vec24(der)))));
    }

    /** Over all messages so far; none goes with an empty certificate. */
    Optional<HandshakeMessage> verify(byte[] transcript) {
        return scheme.map(agreed -> {
            try {
                byte[] signature = named
                        ? identity.orElseThrow().sign(agreed, transcript)
                        : identity.orElseThrow().signOld(transcript);
                return new HandshakeMessage(HandshakeMessage.CERTIFICATE_VERIFY, ByteWriter.write(w -> {
                    if (named) {
                        w.u16(agreed.code());
                    }
                    w.vec16(signature);
                }));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("a key that signed when it was read", e);
            }
        });
    }
}
