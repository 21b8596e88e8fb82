package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.registry.SuiteFacts;
import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.MalformedMessage;
import org.jspecify.annotations.Nullable;

/**
 * What a ServerKeyExchange says, once the suite is known (RFC 8422 section 5.4, RFC 5246 section 7.4.3). {@code scheme} is null
 * before TLS 1.2, which does not name it, and for anonymous suites.
 */
public sealed interface ServerParameters {
    @Nullable
    SignatureScheme scheme();

    /** A point on a named curve. */
    record Curve(NamedGroup group, byte[] point, @Nullable SignatureScheme scheme) implements ServerParameters {}

    /** A curve that the server spells out itself (curve types 1 and 2, gone with RFC 8422); kept unread. */
    record ExplicitCurve(
            int curveType, byte[] rest, @Nullable SignatureScheme scheme) implements ServerParameters {}

    record FiniteField(
            byte[] p,
            byte[] g,
            byte[] publicValue,
            @Nullable SignatureScheme scheme) implements ServerParameters {
        public int bits() {
            return new java.math.BigInteger(1, p).bitLength();
        }
    }

    static ServerParameters decode(byte[] body, CipherSuite suite, ProtocolVersion version) throws MalformedMessage {
        SuiteFacts facts = suite.facts();
        ByteReader reader = ByteReader.of(body);
        boolean signed = !facts.isAnonymous() && facts.authentication() != SuiteFacts.Authentication.PSK;
        if (facts.authentication() == SuiteFacts.Authentication.PSK) {
            reader.vec16("psk_identity_hint");
        }
        if (facts.usesCurve()) {
            int type = reader.u8("curve_type");
            if (type != 3) {
                return new ExplicitCurve(type, reader.rest(), null);
            }
            NamedGroup group = new NamedGroup(reader.u16("named_curve"));
            byte[] point = reader.vec8("ec point");
            return new Curve(group, point, scheme(reader, signed, version));
        }
        if (facts.usesFiniteFieldGroup() || facts.isExport()) {
            byte[] p = reader.vec16(facts.usesFiniteFieldGroup() ? "dh_p" : "rsa_modulus");
            byte[] g = reader.vec16(facts.usesFiniteFieldGroup() ? "dh_g" : "rsa_exponent");
            byte[] value = facts.usesFiniteFieldGroup() ? reader.vec16("dh_Ys") : new byte[0];
            return new FiniteField(p, g, value, scheme(reader, signed, version));
        }
        throw new MalformedMessage("server_key_exchange: none is due with " + suite.name());
    }

    private static @Nullable SignatureScheme scheme(ByteReader reader, boolean signed, ProtocolVersion version)
            throws MalformedMessage {
        if (!signed) {
            return null;
        }
        SignatureScheme scheme = version.compareTo(ProtocolVersion.TLS_1_2) >= 0
                ? new SignatureScheme(reader.u16("signature scheme"))
                : null;
        reader.vec16("signature");
        return scheme;
    }
}
