package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.report.Grade;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.ChainVerdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** SSL Server Rating Guide 2009r (16 May 2025): score, caps and letter, every step written down. */
final class SslLabs {
    private static final long HALF_A_YEAR = 15_768_000;
    private static final Set<String> FATAL =
            Set.of("heartbleed", "ccs-injection", "ticketbleed", "robot", "drown", "poodle-tls", "padding-oracle");
    private static final List<String> ATTACKS =
            List.of("heartbleed", "ccs-injection", "robot", "ticketbleed", "poodle-tls", "padding-oracle");
    private static final List<String> LETTERS = List.of("A+", "A", "A-", "B", "C", "D", "E", "F");

    private final Case c;
    private final List<Observation.Vulnerability> vulnerabilities;
    private final List<Chain> chains;
    private final List<Suite> suites = new ArrayList<>();
    private final List<String> steps = new ArrayList<>();
    private final List<String> notAsked = new ArrayList<>();
    private String worst = "A+";

    private SslLabs(Case c, List<Observation.Vulnerability> vulnerabilities) {
        this.c = c;
        this.vulnerabilities = vulnerabilities;
        // what only a hello without a name gets is not this name's
        this.chains = c.chains().stream()
                .filter(chain -> !chain.served().servedOn().isEmpty())
                .toList();
        c.accepted().forEach(version -> suites.addAll(c.suites(version)));
    }

    static Grade.SslLabs grade(Case c, List<Observation.Vulnerability> vulnerabilities) {
        return new SslLabs(c, vulnerabilities).grade();
    }

    private Grade.SslLabs grade() {
        int protocol = protocolScore();
        Integer key = keyScore();
        Integer cipher = cipherScore();
        unasked();
        if (key == null || cipher == null) {
            steps.add("no grade: " + (key == null ? "no certificate" : "no cipher suite") + " was seen");
            return new Grade.SslLabs(null, null, steps, true, notAsked);
        }
        boolean zero = protocol == 0 || key == 0 || cipher == 0;
        int score = zero ? 0 : (protocol * 30 + key * 30 + cipher * 40) / 100;
        steps.add("protocol " + protocol + " × 0.3");
        steps.add("key exchange " + key + " × 0.3");
        steps.add("cipher " + cipher + " × 0.4");
        String letter = letter(score);
        steps.add("= " + score + ": " + letter + (zero ? " (a part is 0)" : ""));
        worst = letter.equals("A") ? "A+" : letter;
        failures();
        caps();
        if (worst.equals("A+") && !longHsts()) {
            steps.add("A, not A+: "
                    + (c.nameless()
                            ? "an address has no HSTS"
                            : c.facts().http() == null ? "HSTS was not seen" : "HSTS is shorter than half a year"));
            worst = "A";
        }
        String grade = trust(worst);
        return new Grade.SslLabs(grade, score, steps, !notAsked.isEmpty(), notAsked);
    }

    private int protocolScore() {
        ProtocolVersion best = c.accepted().getLast();
        ProtocolVersion oldest = c.accepted().getFirst();
        int mean = (score(best) + score(oldest)) / 2;
        steps.add("protocol " + mean + ": mean of " + score(best) + " (" + Words.version(best) + ") and "
                + score(oldest) + " (" + Words.version(oldest) + ")");
        return mean;
    }

    private static int score(ProtocolVersion version) {
        return switch (version.label()) {
            case "SSLv2" -> 0;
            case "SSLv3" -> 80;
            case "TLSv1.0" -> 90;
            case "TLSv1.1" -> 95;
            default -> 100;
        };
    }

    /** The weakest of the certificates' keys and the Diffie-Hellman groups; anonymous suites count nothing. */
    private @Nullable Integer keyScore() {
        if (suites.stream().anyMatch(suite -> suite.facts().isAnonymous())) {
            steps.add("key exchange 0: anonymous suites");
            return 0;
        }
        Integer least = null;
        String weakest = "";
        for (Chain chain : chains) {
            CertificateFacts leaf = chain.verdict().leaf().orElse(null);
            if (leaf != null && leaf.key().bits() > 0) {
                boolean debian = chain.verdict().weakKeys().stream().anyMatch(ChainVerdict.KeyWeakness::compromised);
                int score = debian ? 0 : keyScore(leaf);
                if (least == null || score < least) {
                    least = score;
                    weakest = debian
                            ? "a key that others know"
                            : "the " + chain.verdict().keyType() + " certificate's key of "
                                    + leaf.key().bits() + " bits";
                }
            }
        }
        if (least == null) {
            return null;
        }
        for (Observation.FiniteFieldDh dh : dh()) {
            if (modulusScore(dh.bits()) < least) {
                least = modulusScore(dh.bits());
                weakest = "a Diffie-Hellman group of " + dh.bits() + " bits";
            }
        }
        if (least > 40 && suites.stream().anyMatch(suite -> suite.facts().isExport())) {
            least = 40;
            weakest = "export suites";
        }
        steps.add("key exchange " + least + ": " + weakest);
        return least;
    }

    private List<Observation.FiniteFieldDh> dh() {
        List<Observation.FiniteFieldDh> dh = c.facts().finiteFieldDh();
        return dh == null ? List.of() : dh;
    }

    private static int keyScore(CertificateFacts leaf) {
        int bits = leaf.key().bits();
        if (leaf.key().type().equals("RSA") || leaf.key().type().equals("DSA")) {
            return modulusScore(bits);
        }
        if (leaf.key().type().startsWith("ML-DSA")) {
            return leaf.key().type().equals("ML-DSA-44") ? 90 : 100;
        }
        return bits < 110 ? 20 : bits < 123 ? 40 : bits < 163 ? 80 : bits < 225 ? 90 : 100;
    }

    private static int modulusScore(int bits) {
        return bits < 512 ? 20 : bits < 1024 ? 40 : bits < 2048 ? 80 : bits < 4096 ? 90 : 100;
    }

    private @Nullable Integer cipherScore() {
        int strongest = -1;
        int weakest = Integer.MAX_VALUE;
        for (Suite suite : suites) {
            int bits = guideBits(suite);
            if (bits >= 0) {
                strongest = Math.max(strongest, bits);
                weakest = Math.min(weakest, bits);
            }
        }
        if (strongest < 0) {
            return null;
        }
        int mean = (bitScore(strongest) + bitScore(weakest)) / 2;
        steps.add("cipher " + mean + ": mean of " + bitScore(strongest) + " (" + strongest + " bits) and "
                + bitScore(weakest) + " (" + weakest + " bits)");
        return mean;
    }

    /** The guide counts the bits of the key: 168 of 3DES (its own example of what is below 256), whatever it costs to break. */
    private static int guideBits(Suite suite) {
        return suite.is("3DES") ? 168 : suite.facts().strengthBits();
    }

    private static int bitScore(int bits) {
        return bits == 0 ? 0 : bits < 128 ? 20 : bits < 256 ? 80 : 100;
    }

    private static String letter(int score) {
        return score >= 80 ? "A" : score >= 65 ? "B" : score >= 50 ? "C" : score >= 35 ? "D" : score >= 20 ? "E" : "F";
    }

    private void failures() {
        cap(c.accepts(ProtocolVersion.SSL_2), "F", "SSL 2");
        cap(c.accepted().getLast().equals(ProtocolVersion.SSL_3), "F", "nothing better than SSL 3");
        cap(
                c.feature("clientRenegotiation") == FactState.ACCEPTED
                        && c.feature("secureRenegotiation") == FactState.REFUSED,
                "F",
                "insecure renegotiation");
        cap(suites.stream().anyMatch(s -> s.facts().isExport()), "F", "export suites");
        cap(
                suites.stream()
                        .anyMatch(
                                s -> s.facts().strengthBits() >= 0 && s.facts().strengthBits() < 112),
                "F",
                "suites below 112 bits");
        cap(!suites.isEmpty() && suites.stream().allMatch(s -> s.is("RC4")), "F", "nothing but RC4");
        cap(leastBits() < 1024, "F", "a key or group below 1024 bits");
        for (Chain chain : chains) {
            cap(
                    chain.verdict().weakSignatures().stream()
                            .anyMatch(w -> w.digest().startsWith("MD")),
                    "F",
                    "a certificate signed with MD5 or MD2");
        }
        for (Observation.Vulnerability v : vulnerabilities) {
            cap(FATAL.contains(v.id()) && v.state().equals("vulnerable"), "F", v.id());
        }
    }

    /** Moduli only: curves have their own scale. */
    private int leastBits() {
        int least = Integer.MAX_VALUE;
        for (Observation.FiniteFieldDh dh : dh()) {
            least = Math.min(least, dh.bits());
        }
        for (Chain chain : chains) {
            CertificateFacts leaf = chain.verdict().leaf().orElse(null);
            if (leaf != null && (leaf.key().isRsa() || leaf.key().type().equals("DSA"))) {
                least = Math.min(least, leaf.key().bits());
            }
        }
        return least;
    }

    private void caps() {
        ProtocolVersion best = c.accepted().getLast();
        boolean modern = best.compareTo(ProtocolVersion.TLS_1_2) >= 0;
        cap(!modern, "C", "no TLS 1.2");
        cap(
                c.accepts(ProtocolVersion.SSL_3)
                        && c.suites(ProtocolVersion.SSL_3).stream().anyMatch(Suite::cbc),
                "C",
                "POODLE (SSL 3 with CBC)");
        cap(c.feature("compression") == FactState.ACCEPTED, "C", "TLS compression (CRIME)");
        List<Suite> newer = new ArrayList<>();
        for (ProtocolVersion version : c.accepted()) {
            if (version.compareTo(ProtocolVersion.TLS_1_1) >= 0) {
                newer.addAll(c.suites(version));
            }
        }
        cap(newer.stream().anyMatch(s -> s.is("RC4")), "C", "RC4 with TLS 1.1 or newer");
        cap(newer.stream().anyMatch(Suite::smallBlock), "C", "64-bit block suites with TLS 1.1 or newer");
        cap(c.accepts(ProtocolVersion.SSL_3), "B", "SSL 3");
        cap(c.accepts(ProtocolVersion.TLS_1_0), "B", "TLS 1.0");
        cap(c.accepts(ProtocolVersion.TLS_1_1), "B", "TLS 1.1");
        for (Chain chain : chains) {
            cap(
                    chain.verdict().completeness() == ChainVerdict.Completeness.MISSING_INTERMEDIATE,
                    "B",
                    "incomplete chain");
        }
        cap(suites.stream().anyMatch(s -> s.is("RC4")), "B", "RC4");
        cap(leastBits() < 2048, "B", "a key or group below 2048 bits");
        cap(suites.stream().noneMatch(s -> s.facts().isForwardSecret()), "B", "no forward secrecy");
        cap(suites.stream().noneMatch(Suite::aead), "B", "no authenticated encryption (AEAD)");
        cap(c.refuses(ProtocolVersion.TLS_1_3), "A-", "no TLS 1.3");
        Observation.Http http = c.facts().http();
        // RFC 6797 section 8.1.1: no client takes HSTS from an address
        cap(http != null && http.status() != null && hstsSeconds() <= 0 && !c.nameless(), "A-", "HSTS is missing");
    }

    private void cap(boolean holds, String at, String why) {
        String line = (at.equals("F") ? "F: " : "capped at " + at + ": ") + why;
        if (holds && !steps.contains(line)) {
            steps.add(line);
            if (LETTERS.indexOf(at) > LETTERS.indexOf(worst)) {
                worst = at;
            }
        }
    }

    private long hstsSeconds() {
        Observation.Http http = c.facts().http();
        Observation.Http.Hsts hsts = http == null ? null : http.hsts();
        return hsts == null ? 0 : hsts.maxAgeSeconds();
    }

    private boolean longHsts() {
        return hstsSeconds() >= HALF_A_YEAR;
    }

    /** T: not trusted, or signed with SHA-1; M: another name. */
    private String trust(String grade) {
        Set<String> untrusted = new TreeSet<>();
        boolean mismatch = false;
        for (Chain chain : chains) {
            ChainVerdict verdict = chain.verdict();
            boolean incomplete = verdict.completeness() == ChainVerdict.Completeness.MISSING_INTERMEDIATE;
            if (!verdict.trust().isEmpty() && !verdict.trusted() && !incomplete) {
                untrusted.add(verdict.best().map(t -> t.status().word()).orElse("untrusted"));
            }
            if (verdict.weakSignatures().stream()
                    .anyMatch(w -> w.digest().startsWith("SHA-1") || w.digest().equals("SHA1"))) {
                untrusted.add("signed with SHA-1");
            }
            mismatch |= verdict.hostname() != null && verdict.hostname().mismatches();
        }
        if (!untrusted.isEmpty()) {
            steps.add("T: the certificate is not trusted (" + String.join(", ", untrusted) + "); " + grade
                    + " without that");
            return "T";
        }
        if (mismatch) {
            steps.add("M: the certificate is for another name; " + grade + " without that");
            return "M";
        }
        return grade;
    }

    private void unasked() {
        // a verification knows what its baseline knew
        boolean shallow = c.facts().scan().depth() == Depth.VERIFY && c.facts().tolerance() == null;
        if (shallow
                || c.facts().scan().depth() == Depth.CERTIFICATE
                || c.facts().scan().depth() == Depth.STANDARD) {
            notAsked.add("depth full was not asked");
        }
        List<String> probes = ATTACKS.stream()
                .filter(id -> vulnerabilities.stream()
                        .noneMatch(v -> v.id().equals(id)
                                && (v.state().equals("vulnerable") || v.state().equals("not-vulnerable"))))
                .toList();
        if (!probes.isEmpty()) {
            notAsked.add("attack probes without an answer: " + String.join(", ", probes));
        }
        for (ProtocolVersion version : ProtocolVersion.ALL) {
            if (c.protocol(version) == FactState.UNKNOWN || c.protocol(version) == FactState.NOT_ASKED) {
                notAsked.add(Words.version(version) + " is unknown");
            }
        }
        if (c.facts().http() == null && c.facts().endpoint().starttls() == null && !c.nameless()) {
            notAsked.add("HSTS");
        }
    }
}
