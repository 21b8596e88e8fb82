package io.tlsfleet.fleet.simulate;

import io.tlsfleet.fleet.sensor.ClientProfile;
import io.tlsfleet.tls.fingerprint.ClientOffer;
import io.tlsfleet.tls.fingerprint.KnownClients.KnownClient;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.registry.SuiteFacts;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A client of which a fingerprint was seen and perhaps more. What is not known of it is taken once as all that the server
 * has and once as the least that its version obliges it to speak (RFC 8446 section 9.1): where both end alike, that is
 * the outcome; else it cannot be told.
 */
public final class SeenClient {
    /** A code point that nobody has: "knows some, but none of yours". */
    private static final NamedGroup FOREIGN_GROUP = new NamedGroup(0xFEFF);

    private static final List<CipherSuite> MANDATORY_SUITES = List.of(CipherSuite.named("TLS_AES_128_GCM_SHA256"));
    private static final List<NamedGroup> MANDATORY_GROUPS = List.of(NamedGroup.named("secp256r1"));
    private static final List<SignatureScheme> MANDATORY_SCHEMES = List.of(
            SignatureScheme.named("rsa_pkcs1_sha256"),
            SignatureScheme.named("rsa_pss_rsae_sha256"),
            SignatureScheme.named("ecdsa_secp256r1_sha256"));

    private final @Nullable ClientProfile profile;
    private final @Nullable ClientOffer whole;
    private final @Nullable ProtocolVersion highest;
    /** The fingerprint itself names its highest version. */
    private final boolean told;

    private SeenClient(
            @Nullable ClientProfile profile,
            @Nullable ClientOffer whole,
            @Nullable ProtocolVersion highest,
            boolean told) {
        this.told = told;
        this.profile = profile;
        this.whole = whole;
        this.highest = highest;
    }

    /** {@code known}: the clients with this fingerprint, whose hellos stand in for what no log told. */
    public static SeenClient of(
            String kind, String fingerprint, @Nullable ClientProfile profile, List<KnownClient> known) {
        ProtocolVersion highest = kind.equals("ja4") ? ja4Version(fingerprint) : suitesVersion(profile);
        ClientOffer whole = isWhole(profile)
                ? null
                : known.stream()
                        .filter(KnownClient::isProfiled)
                        .map(KnownClient::offer)
                        .findFirst()
                        .orElse(null);
        return new SeenClient(profile, whole, highest, kind.equals("ja4"));
    }

    private static boolean isWhole(@Nullable ClientProfile profile) {
        return profile != null
                && profile.versions() != null
                && profile.cipherSuites() != null
                && profile.groups() != null
                && profile.signatureSchemes() != null;
    }

    public Selection with(ServerOffer server) {
        NegotiatedBy negotiation = new NegotiatedBy(server);
        if (whole != null) {
            return negotiation.choose(whole);
        }
        Selection best = negotiation.choose(filled(most(server)));
        if (!Boolean.TRUE.equals(best.connects())) {
            return best;
        }
        Selection worst = negotiation.choose(filled(least()));
        if (!Boolean.TRUE.equals(worst.connects())) {
            return Selection.unknown(
                    "not enough is known of this client; at worst: " + Objects.requireNonNullElse(worst.reason(), ""));
        }
        return new Selection(
                true,
                same(best.version(), worst.version()),
                same(best.cipherSuite(), worst.cipherSuite()),
                same(best.group(), worst.group()),
                best.helloRetry() && worst.helloRetry(),
                null);
    }

    private static @Nullable String same(@Nullable String a, @Nullable String b) {
        return Objects.equals(a, b) ? a : null;
    }

    private ClientOffer filled(ClientOffer otherwise) {
        return profile == null ? otherwise : profile.offer(otherwise);
    }

    private ClientOffer most(ServerOffer server) {
        TreeSet<ProtocolVersion> versions = new TreeSet<>(server.versions().keySet());
        versions.addAll(server.unknown());
        if (highest != null) {
            versions.add(highest);
        }
        versions.removeIf(v -> highest != null && v.compareTo(highest) > 0);
        Set<CipherSuite> suites = new LinkedHashSet<>();
        Set<NamedGroup> groups = new LinkedHashSet<>();
        Set<SignatureScheme> schemes = new LinkedHashSet<>(MANDATORY_SCHEMES);
        server.versions().values().forEach(v -> {
            suites.addAll(v.suites());
            groups.addAll(v.groups());
            schemes.addAll(v.schemes());
        });
        schemes.add(SignatureScheme.named("ed25519"));
        return new ClientOffer(
                List.copyOf(versions.descendingSet()),
                List.copyOf(suites),
                groups.isEmpty() ? MANDATORY_GROUPS : List.copyOf(groups),
                List.copyOf(schemes),
                List.copyOf(groups),
                List.of());
    }

    private ClientOffer least() {
        boolean tls13 = ProtocolVersion.TLS_1_3.equals(highest)
                || profile != null
                        && profile.versions() != null
                        && profile.versions().contains("TLSv1.3");
        return new ClientOffer(
                versions(),
                tls13 ? MANDATORY_SUITES : List.of(),
                tls13 ? MANDATORY_GROUPS : List.of(FOREIGN_GROUP),
                MANDATORY_SCHEMES,
                List.of(),
                List.of());
    }

    /** At least its highest; with suites from before TLS 1.3 on its list also TLS 1.2. What only a list of suites tells is less. */
    private List<ProtocolVersion> versions() {
        ProtocolVersion top = highest;
        if (top == null) {
            return List.of();
        }
        if (!top.equals(ProtocolVersion.TLS_1_3)) {
            return told || has(profile, SeenClient::isOfTls12) ? List.of(top) : List.of();
        }
        return has(profile, SeenClient::isOlder)
                ? List.of(ProtocolVersion.TLS_1_3, ProtocolVersion.TLS_1_2)
                : List.of(ProtocolVersion.TLS_1_3);
    }

    /** The newest version that a list of suites allows: without one of TLS 1.3 no TLS 1.3. */
    private static @Nullable ProtocolVersion suitesVersion(@Nullable ClientProfile profile) {
        if (profile == null || profile.cipherSuites() == null || profile.versions() != null) {
            return null;
        }
        return has(profile, suite -> suite.startsWith("0x13")) ? ProtocolVersion.TLS_1_3 : ProtocolVersion.TLS_1_2;
    }

    private static boolean isOlder(String suite) {
        return !suite.startsWith("0x13") && !suite.equals("0x00FF");
    }

    /** AEAD and the HMACs with SHA-2 came with TLS 1.2. */
    private static boolean isOfTls12(String suite) {
        SuiteFacts facts = new CipherSuite(Integer.decode(suite)).facts();
        return isOlder(suite)
                && (facts.mode() == SuiteFacts.Mode.AEAD
                        || facts.hash().startsWith("SHA2")
                        || facts.hash().startsWith("SHA3"));
    }

    private static boolean has(@Nullable ClientProfile profile, Predicate<String> suite) {
        List<String> suites = profile == null ? null : profile.cipherSuites();
        return suites != null && suites.stream().anyMatch(suite);
    }

    private static @Nullable ProtocolVersion ja4Version(String ja4) {
        if (ja4.length() < 3 || ja4.charAt(0) == 'd') {
            return null;
        }
        return switch (ja4.substring(1, 3)) {
            case "13" -> ProtocolVersion.TLS_1_3;
            case "12" -> ProtocolVersion.TLS_1_2;
            case "11" -> ProtocolVersion.TLS_1_1;
            case "10" -> ProtocolVersion.TLS_1_0;
            case "s3" -> ProtocolVersion.SSL_3;
            case "s2" -> ProtocolVersion.SSL_2;
            default -> null;
        };
    }
}
