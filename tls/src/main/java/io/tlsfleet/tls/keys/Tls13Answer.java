package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.handshake.ServerMessage.CertificateRequest;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A client's answer to a CertificateRequest of TLS 1.3: its certificate and the proof of its key, or an empty list. */
final class Tls13Answer {
    private static final byte[] CONTEXT = "TLS 1.3, client CertificateVerify".getBytes(StandardCharsets.US_ASCII);
    private static final int PADDING = 64;

    private Tls13Answer() {}

    /** Encoded messages in order, each added to the transcript. */
    static List<byte[]> messages(
            CertificateRequest request, byte[] context, Optional<ClientIdentity> identity, Transcript transcript) {
        Optional<SignatureScheme> scheme =
                identity.flatMap(ours -> ours.scheme(request.signatureSchemes(), ProtocolVersion.TLS_1_3));
        List<byte[]> chain = scheme.isPresent() ? identity.orElseThrow().chain() : List.of();
        List<byte[]> messages = new ArrayList<>();
        byte[] certificate = new HandshakeMessage(
                        HandshakeMessage.CERTIFICATE,
                        ByteWriter.write(w -> w.vec8(context)
                                .vec24(list ->
                                        chain.forEach(der -> list.vec24(der).u16(0)))))
                .encode();
        transcript.add(certificate);
        messages.add(certificate);
        if (scheme.isPresent()) {
            byte[] signature = sign(identity.orElseThrow(), scheme.get(), transcript.hash());
            byte[] verify = new HandshakeMessage(
                            HandshakeMessage.CERTIFICATE_VERIFY,
                            ByteWriter.write(w -> w.u16(scheme.get().code()).vec16(signature)))
                    .encode();
            transcript.add(verify);
            messages.add(verify);
        }
        return messages;
    }

    /** RFC 8446 section 4.4.3. */
    private static byte[] sign(ClientIdentity identity, SignatureScheme scheme, byte[] hash) {
        byte[] spaces = new byte[PADDING];
        Arrays.fill(spaces, (byte) ' ');
        byte[] content = ByteWriter.write(w -> w.raw(spaces).raw(CONTEXT).u8(0).raw(hash));
        try {
            return identity.sign(scheme, content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key that signed when it was read", e);
        }
    }
}
