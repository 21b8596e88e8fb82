package io.tlsfleet.fleet.simulate;

import io.tlsfleet.tls.fingerprint.ClientOffer;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.registry.SuiteFacts;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether one of the server's keys can prove itself to a client: the suite wants a kind of key (to TLS 1.2), the client
 * wants schemes that it can make (RFC 5246 section 7.4.1.4.1, RFC 8446 section 4.2.3) and, to TLS 1.2, the curve of an ECDSA
 * key among its groups (RFC 8422 section 5.1).
 */
record Authenticity(
        Set<ServerOffer.Key> keys, ClientOffer client, ProtocolVersion version, List<SignatureScheme> known) {
    private static final List<SignatureScheme> UNNAMED =
            List.of(SignatureScheme.named("rsa_pkcs1_sha1"), SignatureScheme.named("ecdsa_sha1"));

    Verdict of(CipherSuite suite) {
        SuiteFacts facts = suite.facts();
        if (version.equals(ProtocolVersion.TLS_1_3)) {
            return best(k -> true, this::inTls13, "no common signature scheme");
        }
        boolean signs = version.equals(ProtocolVersion.TLS_1_2) && facts.isForwardSecret();
        String none = "no certificate that the client's suites and signature schemes allow";
        return switch (facts.authentication()) {
            case RSA ->
                best(k -> k.type().equals("RSA"), signs ? k -> signed("rsa_") : k -> new Verdict.Possible(), none);
            case ECDSA ->
                best(
                        k -> k.type().equals("ECDSA") && hasCurve(k) || k.type().startsWith("Ed"),
                        k -> signs
                                ? signed(k.type().startsWith("Ed") ? k.type().toLowerCase(Locale.ROOT) : "ecdsa_")
                                : new Verdict.Possible(),
                        none);
            default -> new Verdict.Possible();
        };
    }

    private Verdict best(
            Predicate<ServerOffer.Key> usable,
            java.util.function.Function<ServerOffer.Key, Verdict> sign,
            String none) {
        if (keys.isEmpty()) {
            return new Verdict.Possible();
        }
        @Nullable Verdict best = null;
        for (ServerOffer.Key key : keys) {
            if (usable.test(key)) {
                Verdict verdict = sign.apply(key);
                best = best == null || best instanceof Verdict.Impossible || verdict instanceof Verdict.Possible
                        ? verdict
                        : best;
            }
        }
        return best == null ? new Verdict.Impossible(none) : best;
    }

    private Verdict inTls13(ServerOffer.Key key) {
        boolean any = client.schemes().stream()
                .anyMatch(s -> known.isEmpty() ? canMakeInTls13(key, s.name()) : known.contains(s));
        return any ? new Verdict.Possible() : new Verdict.Impossible("no common signature scheme");
    }

    /** The scheme names the curve (RFC 8446 section 4.2.3); PKCS #1 and SHA-1 sign no handshake any more. */
    private static boolean canMakeInTls13(ServerOffer.Key key, String scheme) {
        return switch (key.type()) {
            case "RSA" -> scheme.startsWith("rsa_pss_");
            case "ECDSA" -> scheme.startsWith("ecdsa_secp" + key.bits());
            default -> scheme.equals(key.type().toLowerCase(Locale.ROOT).replace("-", ""));
        };
    }

    private Verdict signed(String kind) {
        List<SignatureScheme> offered = client.schemes().isEmpty() ? UNNAMED : client.schemes();
        List<SignatureScheme> fitting =
                offered.stream().filter(s -> s.name().startsWith(kind)).toList();
        if (fitting.isEmpty() || !known.isEmpty() && fitting.stream().noneMatch(known::contains)) {
            return new Verdict.Impossible("no signature scheme that the client takes and the server's key can make");
        }
        boolean onlyOld = fitting.stream()
                .allMatch(s -> s.name().endsWith("_sha1")
                        || s.name().endsWith("_md5")
                        || s.name().endsWith("_sha224"));
        return known.isEmpty() && onlyOld
                ? new Verdict.Doubtful(
                        "the client takes no signature newer than SHA-1, and whether the server makes one was not asked (a scan"
                                + " at depth full does)")
                : new Verdict.Possible();
    }

    /** A client that names no groups takes any curve. */
    private boolean hasCurve(ServerOffer.Key key) {
        NamedGroup curve = switch (key.bits()) {
            case 256 -> NamedGroup.named("secp256r1");
            case 384 -> NamedGroup.named("secp384r1");
            case 521 -> NamedGroup.named("secp521r1");
            default -> null;
        };
        return curve == null || client.groups().isEmpty() || client.groups().contains(curve);
    }
}
