package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.report.Grade;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.ChainVerdict;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The best of Mozilla's levels that what is accepted stays within. What a level merely recommends (HSTS, stapling,
 * lifespan, order, more or fewer strong groups) is named among the deviations and does not cost the level.
 */
final class MozillaLevels {
    private MozillaLevels() {}

    private record Level(String name, Policy policy) {}

    private static final class Shipped {
        static final List<Level> BEST_FIRST = List.of(
                new Level("modern", Policies.named("mozilla-modern-6.0")),
                new Level("intermediate", Policies.named("mozilla-intermediate-6.0")),
                new Level("old", Policies.named("mozilla-old-5.8")));
    }

    static Grade.MozillaLevel level(Case c) {
        List<String> unknown = unknown(c);
        List<String> fromBetter = List.of();
        String better = "";
        for (Level level : Shipped.BEST_FIRST) {
            List<String> breaks = breaks(c, level);
            if (breaks.isEmpty()) {
                List<String> deviations = new ArrayList<>(prefixed(better, fromBetter));
                deviations.addAll(prefixed(level.name(), advice(c, level)));
                return new Grade.MozillaLevel(level.name(), deviations, !unknown.isEmpty(), unknown);
            }
            if (!level.name().equals("old")) {
                better = level.name();
                fromBetter = breaks;
            }
        }
        return new Grade.MozillaLevel("none", prefixed(better, fromBetter), !unknown.isEmpty(), unknown);
    }

    private static List<String> prefixed(String level, List<String> deviations) {
        return deviations.stream().map(text -> level + ": " + text).toList();
    }

    private static List<String> unknown(Case c) {
        List<String> unknown = new ArrayList<>();
        for (ProtocolVersion version : ProtocolVersion.ALL) {
            FactState state = c.protocol(version);
            if (state == FactState.UNKNOWN || state == FactState.NOT_ASKED) {
                unknown.add(Words.version(version) + " is unknown");
            }
        }
        for (String part : List.of("/cipherSuites", "/groups", "/certificates")) {
            if (c.unsure(part)) {
                unknown.add(part.substring(1) + " not known in full");
            }
        }
        if (c.chains().isEmpty()) {
            unknown.add("no certificate was seen");
        }
        return unknown;
    }

    /** What puts the server outside the level. */
    private static List<String> breaks(Case c, Level level) {
        Policy policy = level.policy();
        Set<String> breaks = new LinkedHashSet<>();
        for (ProtocolVersion version : c.accepted()) {
            if (!policy.protocols().allowed().contains(version.label())) {
                breaks.add(Words.version(version) + " is accepted");
            }
        }
        boolean old = level.name().equals("old");
        if (!old && c.refuses(ProtocolVersion.TLS_1_3)) {
            breaks.add("TLS 1.3 is refused");
        }
        for (ProtocolVersion version : c.accepted()) {
            for (Suite suite : c.suites(version)) {
                if (!policy.cipherSuites().permits(suite.name())) {
                    breaks.add(suite.name() + " is accepted");
                }
            }
        }
        for (String group : c.allGroups()) {
            if (!policy.groups().permits(group) && !strong(group)) {
                breaks.add("group " + group + " is accepted");
            }
        }
        List<Observation.FiniteFieldDh> dh = c.facts().finiteFieldDh();
        for (Observation.FiniteFieldDh group : dh == null ? List.<Observation.FiniteFieldDh>of() : dh) {
            if (group.bits() < 2048) {
                breaks.add("a Diffie-Hellman group of " + group.bits() + " bits");
            }
        }
        // old asks for an RSA certificate, for the sake of old clients; one of a better level beside it takes nothing
        // away
        Policy.Certificates certificates =
                (old ? Shipped.BEST_FIRST.get(1) : level).policy().certificates();
        for (Chain chain : c.chains()) {
            CertificateFacts leaf = chain.verdict().leaf().orElse(null);
            if (leaf != null && !chain.served().servedOn().isEmpty()) {
                breaks.addAll(CertificateRules.keyProblems(certificates, leaf));
            }
        }
        return List.copyOf(breaks);
    }

    /** Stronger than what the level lists, or as strong: more than it asks for. */
    private static boolean strong(String group) {
        return switch (group) {
            case "secp521r1",
                    "x448",
                    "ffdhe2048",
                    "ffdhe3072",
                    "ffdhe4096",
                    "ffdhe6144",
                    "ffdhe8192",
                    "brainpoolP256r1",
                    "brainpoolP384r1",
                    "brainpoolP512r1",
                    "brainpoolP256r1tls13",
                    "brainpoolP384r1tls13",
                    "brainpoolP512r1tls13",
                    "SecP256r1MLKEM768",
                    "SecP384r1MLKEM1024",
                    "MLKEM768",
                    "MLKEM1024" -> true;
            default -> false;
        };
    }

    /** What the level recommends beyond that. */
    private static List<String> advice(Case c, Level level) {
        Policy policy = level.policy();
        List<String> advice = new ArrayList<>();
        Set<String> groups = c.allGroups();
        if (!groups.isEmpty()) {
            for (String group : groups) {
                if (!policy.groups().permits(group)) {
                    advice.add("group " + group + " is accepted beside the list");
                }
            }
            if (c.accepts(ProtocolVersion.TLS_1_3) && !groups.contains("X25519MLKEM768")) {
                advice.add("X25519MLKEM768 is missing");
            }
        }
        for (String label : policy.protocols().required()) {
            if (c.refuses(ProtocolVersion.labelled(label))) {
                advice.add(Words.version(label) + " is refused");
            }
        }
        if (level.name().equals("old")) {
            if ("client".equals(c.order(ProtocolVersion.TLS_1_2))) {
                advice.add("the server leaves the order to the client");
            }
            if (!c.chains().isEmpty()
                    && c.chains().stream()
                            .noneMatch(chain -> chain.verdict().keyType().equals("RSA"))) {
                advice.add("no RSA certificate, which the oldest clients need");
            }
        }
        Observation.Http http = c.facts().http();
        if (http != null && http.status() != null) {
            Observation.Http.Hsts hsts = http.hsts();
            if (hsts == null) {
                advice.add("HSTS is missing");
            } else if (hsts.maxAgeSeconds() < policy.hstsSeconds()) {
                advice.add("HSTS max-age is " + hsts.maxAgeSeconds() + ", below " + policy.hstsSeconds());
            }
        }
        for (Chain chain : c.chains()) {
            ChainVerdict.Lifetime lifetime = chain.verdict().lifetime();
            Integer most = policy.certificates().maximumDays();
            if (lifetime != null && most != null && chain.verdict().publiclyTrusted() && lifetime.limitDays() > 0) {
                most = Math.min(most, lifetime.limitDays()); // what CAs may issue, where that is less
            }
            if (lifetime != null && most != null && lifetime.days() > most) {
                advice.add("the certificate is valid for " + lifetime.days() + " days, more than " + most);
            }
            boolean names = chain.verdict().leaf().stream()
                    .anyMatch(leaf -> !leaf.extensions().ocspUrls().isEmpty());
            if (names && chain.verdict().ocspStaple().status() == ChainVerdict.StapleStatus.ABSENT) {
                advice.add("no OCSP staple");
            }
        }
        return advice.stream().distinct().toList();
    }
}
