package io.tlsfleet.scanner.probe;

import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.registry.SuiteFacts;
import io.tlsfleet.tls.registry.SuiteFacts.KeyExchange;
import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.MalformedMessage;
import org.jspecify.annotations.Nullable;

/**
 * A ServerKeyExchange read with its suite in hand (RFC 5246 section 7.4.3, RFC 8422 section 5.4, RFC 4279). {@code scheme} is
 * there in TLS 1.2 where the server signs.
 *
 * @param prime the finite field's p, as sent
 * @param publicValue the server's share
 */
public record KeyExchangeParameters(
        @Nullable NamedGroup group,
        byte @Nullable [] prime,
        byte[] publicValue,
        @Nullable SignatureScheme scheme) {
    private static final int EXPLICIT_PRIME = 1;
    private static final int EXPLICIT_CHAR2 = 2;

    public static KeyExchangeParameters read(CipherSuite suite, ProtocolVersion version, byte[] body)
            throws MalformedMessage {
        SuiteFacts facts = suite.facts();
        ByteReader reader = ByteReader.of(body);
        if (facts.keyExchange() == KeyExchange.ECDHE_PSK || facts.keyExchange() == KeyExchange.DHE_PSK) {
            reader.vec16("psk_identity_hint");
        }
        if (facts.usesCurve()) {
            return curve(facts, version, reader);
        }
        if (facts.usesFiniteFieldGroup()) {
            byte[] prime = reader.vec16("dh_p");
            reader.vec16("dh_g");
            byte[] share = reader.vec16("dh_Ys");
            return new KeyExchangeParameters(null, prime, share, scheme(facts, version, reader));
        }
        return new KeyExchangeParameters(null, null, new byte[0], null);
    }

    private static KeyExchangeParameters curve(SuiteFacts facts, ProtocolVersion version, ByteReader reader)
            throws MalformedMessage {
        int type = reader.u8("curve_type");
        if (type == EXPLICIT_PRIME || type == EXPLICIT_CHAR2) {
            return new KeyExchangeParameters(
                    new NamedGroup(type == EXPLICIT_PRIME ? 0xFF01 : 0xFF02), null, new byte[0], null);
        }
        NamedGroup group = new NamedGroup(reader.u16("named_curve"));
        byte[] share = reader.vec8("ecdh public");
        return new KeyExchangeParameters(group, null, share, scheme(facts, version, reader));
    }

    private static @Nullable SignatureScheme scheme(SuiteFacts facts, ProtocolVersion version, ByteReader reader)
            throws MalformedMessage {
        boolean signed = facts.usesCertificate() && !reader.isEmpty();
        return signed && version.compareTo(ProtocolVersion.TLS_1_2) >= 0
                ? new SignatureScheme(reader.u16("signature algorithm"))
                : null;
    }
}
