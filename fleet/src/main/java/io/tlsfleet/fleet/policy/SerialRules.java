package io.tlsfleet.fleet.policy;

import io.tlsfleet.tls.x509.CertificateExtensions.AuthorityKeyId;
import io.tlsfleet.tls.x509.CertificateFacts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Serial numbers that an issuer gave twice (RFC 5280 section 4.1.2.2): among what is served here, and over the fleet. */
final class SerialRules {
    private SerialRules() {}

    private record Other(CertificateFacts certificate, String seenAt) {}

    static void judge(Case c, Findings out) {
        Set<CertificateFacts> served = new LinkedHashSet<>();
        Set<CertificateFacts> issuers = new LinkedHashSet<>();
        for (Chain chain : c.chains()) {
            served.addAll(chain.verdict().chain());
            issuers.addAll(chain.verdict().chain());
            issuers.addAll(chain.verdict().path());
        }
        List<CertificateFacts> all = List.copyOf(served);
        for (int i = 0; i < all.size(); i++) {
            CertificateFacts mine = all.get(i);
            List<Other> twins = new ArrayList<>();
            for (CertificateFacts other : all.subList(i + 1, all.size())) {
                if (sameSerial(mine, other, issuers)) {
                    twins.add(new Other(other, "this endpoint"));
                }
            }
            for (Memory.Twin twin : c.memory().sameSerial().getOrDefault(mine.sha256(), List.of())) {
                CertificateFacts other = CertificateFacts.read(twin.der());
                Set<CertificateFacts> known = new LinkedHashSet<>(issuers);
                twin.issuers().forEach(der -> known.add(CertificateFacts.read(der)));
                if (!served.contains(other) && sameSerial(mine, other, known)) {
                    twins.add(new Other(other, twin.seenAt()));
                }
            }
            if (!twins.isEmpty()) {
                raise(c, mine, twins, out);
            }
        }
    }

    private static void raise(Case c, CertificateFacts mine, List<Other> twins, Findings out) {
        String issuer = mine.issuer().text();
        out.raise("certificate.duplicate-serial")
                .subject(mine.serialText())
                .evidence("issuer", issuer)
                .evidence("serialNumber", mine.serialText())
                .evidence("sha256", mine.sha256())
                .evidence(
                        "others",
                        twins.stream()
                                .map(t -> t.certificate.sha256() + " " + t.seenAt)
                                .toList())
                .cause("duplicate-serial:" + issuer + " " + mine.serialText())
                .reproduce(c.commands().chain("", "-text", "Subject:|Issuer:|Serial Number|^ +([0-9a-f]{2}:){7}"))
                .because("\"" + issuer + "\" gave the serial number " + mine.serialText() + " to "
                        + CertificateRules.shortName(mine) + " and to "
                        + Words.some(
                                twins.stream()
                                        .map(t -> CertificateRules.shortName(t.certificate) + " (" + t.seenAt + ")")
                                        .distinct()
                                        .toList(),
                                4)
                        + ".");
    }

    /**
     * Two certificates of one issuer: of one name, and by one key as far as can be told. Keys are compared by their
     * identifiers, else by who of {@code known} signed what; devices that all sign themselves under one name are many.
     */
    private static boolean sameSerial(CertificateFacts a, CertificateFacts b, Set<CertificateFacts> known) {
        if (a.serialNumber().length == 0
                || !Arrays.equals(a.serialNumber(), b.serialNumber())
                || a.issuer().isEmpty()
                || !a.issuer().matches(b.issuer())
                || a.equals(b)) {
            return false;
        }
        if (a.selfIssued() && b.selfIssued()) {
            return a.spkiSha256().equals(b.spkiSha256());
        }
        AuthorityKeyId ofA = a.extensions().authorityKeyId();
        AuthorityKeyId ofB = b.extensions().authorityKeyId();
        byte[] keyOfA = ofA == null ? null : ofA.keyId();
        byte[] keyOfB = ofB == null ? null : ofB.keyId();
        if (keyOfA != null && keyOfB != null) {
            return Arrays.equals(keyOfA, keyOfB);
        }
        return known.stream()
                .filter(issuer -> issuer.subject().matches(a.issuer()))
                .noneMatch(issuer -> a.signedBy(issuer) != b.signedBy(issuer));
    }
}
