package io.tlsfleet.fleet.change;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.tls.x509.CertificateFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares two observations of one endpoint, fact by fact. */
public final class Changes {
    private final Observation old;
    private final Observation now;
    private final List<Change> found = new ArrayList<>();

    private Changes(Observation old, Observation now) {
        this.old = old;
        this.now = now;
    }

    /** Each difference between facts that both scans know. */
    public static List<Change> between(Observation old, Observation now) {
        return new Changes(old, now).compare();
    }

    /**
     * As {@link #between} with the newest of {@code recent} (newest first), but nothing where {@code now} is the same as
     * any of them: balancers that alternate make no noise.
     */
    public static List<Change> since(List<Observation> recent, Observation now) {
        if (recent.isEmpty() || recent.stream().anyMatch(seen -> Canonical.same(seen, now))) {
            return List.of();
        }
        return between(recent.getFirst(), now);
    }

    private List<Change> compare() {
        Outcome before = old.scan().outcome();
        Outcome after = now.scan().outcome();
        boolean reachedBefore = reached(before);
        boolean reachedAfter = reached(after);
        if (reachedBefore != reachedAfter) {
            add(Change.Kind.OUTCOME, "/scan/outcome", before.word(), after.word());
        }
        if (!reachedBefore || !reachedAfter) {
            return found;
        }
        states(Change.Kind.PROTOCOL, "/protocols", old.protocols(), now.protocols());
        suites();
        groups();
        sets(Change.Kind.DH_PARAMETERS, "/finiteFieldDh", primes(old), primes(now));
        each(
                old.signatureSchemes(),
                now.signatureSchemes(),
                (version, a, b) -> sets(Change.Kind.SIGNATURE_SCHEME, "/signatureSchemes/" + version, a, b));
        chains();
        if (old.alpn() != null && now.alpn() != null) {
            sets(
                    Change.Kind.ALPN,
                    "/alpn/accepted",
                    old.alpn().accepted(),
                    now.alpn().accepted());
            known(
                    Change.Kind.ALPN,
                    "/alpn/onMismatch",
                    old.alpn().onMismatch(),
                    now.alpn().onMismatch());
        }
        if (old.sni() != null && now.sni() != null) {
            known(
                    Change.Kind.SERVER_NAME,
                    "/sni/unknownName",
                    old.sni().unknownName(),
                    now.sni().unknownName());
        }
        resumption();
        if (old.clientAuthentication() != null && now.clientAuthentication() != null) {
            known(
                    Change.Kind.CLIENT_AUTHENTICATION,
                    "/clientAuthentication/mode",
                    old.clientAuthentication().mode(),
                    now.clientAuthentication().mode());
            known(
                    Change.Kind.CLIENT_AUTHENTICATION,
                    "/clientAuthentication/enforcement",
                    old.clientAuthentication().enforcement(),
                    now.clientAuthentication().enforcement());
        }
        states(Change.Kind.FEATURE, "/features", old.features(), now.features());
        states(Change.Kind.TOLERANCE, "/tolerance", old.tolerance(), now.tolerance());
        vulnerabilities();
        fingerprints();
        around();
        return found;
    }

    private static boolean reached(Outcome outcome) {
        return outcome == Outcome.COMPLETE || outcome == Outcome.PARTIAL;
    }

    private void suites() {
        each(old.cipherSuites(), now.cipherSuites(), (version, a, b) -> {
            String fact = "/cipherSuites/" + version;
            sets(Change.Kind.CIPHER_SUITE, fact, names(a.suites()), names(b.suites()));
            known(Change.Kind.CIPHER_ORDER, fact + "/order", a.order(), b.order());
            order(Change.Kind.CIPHER_ORDER, fact, a.order(), b.order(), names(a.suites()), names(b.suites()));
        });
    }

    private void groups() {
        each(old.groups(), now.groups(), (version, a, b) -> {
            String fact = "/groups/" + version;
            sets(Change.Kind.GROUP, fact, names(a.groups()), names(b.groups()));
            known(Change.Kind.GROUP_ORDER, fact + "/order", a.order(), b.order());
            order(Change.Kind.GROUP_ORDER, fact, a.order(), b.order(), names(a.groups()), names(b.groups()));
        });
    }

    /** The server's own order of what both have. */
    private void order(
            Change.Kind kind,
            String fact,
            @Nullable String before,
            @Nullable String after,
            List<String> a,
            List<String> b) {
        if ("server".equals(before) && "server".equals(after)) {
            List<String> left = a.stream().filter(b::contains).toList();
            List<String> right = b.stream().filter(a::contains).toList();
            if (!left.equals(right)) {
                add(kind, fact, String.join(" ", left), String.join(" ", right));
            }
        }
    }

    private void chains() {
        if (old.served() == null || now.served() == null || unsure("/certificates")) {
            return;
        }
        Map<String, Served> before = byKeyType(old.served());
        Map<String, Served> after = byKeyType(now.served());
        Set<String> types = new LinkedHashSet<>(before.keySet());
        types.addAll(after.keySet());
        for (String type : types) {
            Served a = before.get(type);
            Served b = after.get(type);
            String fact = "/certificates/" + type;
            if (a == null || b == null || !a.leaves.equals(b.leaves)) {
                add(Change.Kind.CERTIFICATE, fact, a == null ? null : a.shown(), b == null ? null : b.shown());
            } else if (!a.chains.equals(b.chains)) {
                add(Change.Kind.CHAIN, fact, a.chainText(), b.chainText());
            }
            if (a != null && b != null && a.stapled != b.stapled) {
                add(Change.Kind.STAPLE, fact, a.stapled ? "stapled" : "absent", b.stapled ? "stapled" : "absent");
            }
        }
    }

    /** All chains of one key type: what is served with and without a name may differ. */
    private static final class Served {
        final Set<String> leaves = new LinkedHashSet<>();
        final Set<List<String>> chains = new LinkedHashSet<>();
        final List<String> shown = new ArrayList<>();
        boolean stapled;

        String shown() {
            return String.join(", ", shown);
        }

        String chainText() {
            return chains.stream()
                    .map(c -> c.size() + (c.size() == 1 ? " certificate (" : " certificates (") + String.join(", ", c)
                            + ")")
                    .collect(Collectors.joining(", "));
        }
    }

    private static Map<String, Served> byKeyType(List<Observation.ServedChain> served) {
        Map<String, Served> types = new LinkedHashMap<>();
        for (Observation.ServedChain chain : served) {
            if (chain.chain().isEmpty()) {
                continue;
            }
            CertificateFacts leaf = CertificateFacts.read(chain.chain().getFirst());
            Served of = types.computeIfAbsent(leaf.key().type(), t -> new Served());
            if (of.leaves.add(leaf.sha256())) {
                of.shown.add(leaf.subject().text() + " until " + leaf.notAfter() + " sha256:"
                        + leaf.sha256().substring(0, 16));
            }
            of.chains.add(chain.chain().stream()
                    .map(Canonical::sha256)
                    .map(hash -> hash.substring(0, 16))
                    .toList());
            of.stapled |= !chain.staples().isEmpty();
        }
        return types;
    }

    private void resumption() {
        Observation.Resumption a = old.resumption();
        Observation.Resumption b = now.resumption();
        if (a == null || b == null) {
            return;
        }
        if (a.tls12() != null && b.tls12() != null) {
            state(
                    Change.Kind.RESUMPTION,
                    "/resumption/TLSv1.2/sessionId",
                    a.tls12().sessionId(),
                    b.tls12().sessionId());
            state(
                    Change.Kind.RESUMPTION,
                    "/resumption/TLSv1.2/ticket",
                    a.tls12().ticket(),
                    b.tls12().ticket());
        }
        if (a.tls13() != null && b.tls13() != null) {
            state(
                    Change.Kind.RESUMPTION,
                    "/resumption/TLSv1.3/psk",
                    a.tls13().psk(),
                    b.tls13().psk());
            state(
                    Change.Kind.RESUMPTION,
                    "/resumption/TLSv1.3/earlyData",
                    a.tls13().earlyData(),
                    b.tls13().earlyData());
        }
    }

    private void vulnerabilities() {
        if (old.vulnerabilities() == null || now.vulnerabilities() == null) {
            return;
        }
        for (Observation.Vulnerability a : old.vulnerabilities()) {
            for (Observation.Vulnerability b : now.vulnerabilities()) {
                if (a.id().equals(b.id()) && certain(a.state()) && certain(b.state())) {
                    known(Change.Kind.VULNERABILITY, "/vulnerabilities/" + a.id(), a.state(), b.state());
                }
            }
        }
    }

    private static boolean certain(String state) {
        return state.equals("vulnerable") || state.equals("not-vulnerable");
    }

    private void fingerprints() {
        if (old.fingerprints() == null || now.fingerprints() == null) {
            return;
        }
        String before = old.fingerprints().jarm();
        String after = now.fingerprints().jarm();
        if (!Objects.equals(Shapes.jarm(before), Shapes.jarm(after))) {
            known(Change.Kind.FINGERPRINT, "/fingerprints/jarm", before, after);
        }
        perHello("ja3s", old.fingerprints().ja3s(), now.fingerprints().ja3s(), Shapes::ja3s);
        List<Observation.Fingerprint> was = old.fingerprints().ja4s();
        List<Observation.Fingerprint> is = now.fingerprints().ja4s();
        if (was != null && is != null) {
            perHello("ja4s", was, is, Shapes::ja4s);
        }
    }

    /** Only what the same hello brought both times is compared. */
    private void perHello(
            String kind,
            List<Observation.Fingerprint> was,
            List<Observation.Fingerprint> is,
            Function<Observation.Fingerprint, String> shape) {
        for (Observation.Fingerprint a : was) {
            for (Observation.Fingerprint b : is) {
                if (a.hello().equals(b.hello()) && !shape.apply(a).equals(shape.apply(b))) {
                    known(Change.Kind.FINGERPRINT, "/fingerprints/" + kind + "/" + a.hello(), a.hash(), b.hash());
                }
            }
        }
    }

    private void around() {
        if (old.dns() != null && now.dns() != null) {
            sets(Change.Kind.DNS, "/dns/caa", old.dns().caa(), now.dns().caa());
            sets(Change.Kind.DNS, "/dns/tlsa", tlsa(old.dns()), tlsa(now.dns()));
            differs(Change.Kind.DNS, "/dns/https", old.dns().https(), now.dns().https());
        }
        if (old.quic() != null && now.quic() != null) {
            state(
                    Change.Kind.QUIC,
                    "/quic/state",
                    old.quic().state(),
                    now.quic().state());
        }
        if (old.http() != null && now.http() != null && answered(old.http()) && answered(now.http())) {
            differs(
                    Change.Kind.HTTP,
                    "/http/hsts",
                    old.http().hsts(),
                    now.http().hsts());
            differs(
                    Change.Kind.HTTP,
                    "/http/server",
                    old.http().server(),
                    now.http().server());
            differs(
                    Change.Kind.HTTP,
                    "/http/redirect",
                    old.http().redirect(),
                    now.http().redirect());
            differs(
                    Change.Kind.HTTP,
                    "/http/publicKeyPins",
                    old.http().publicKeyPins(),
                    now.http().publicKeyPins());
        }
    }

    private static boolean answered(Observation.Http http) {
        return http.status() != null;
    }

    private static List<String> tlsa(Observation.Dns dns) {
        return dns.tlsa().stream()
                .map(t -> t.usage() + " " + t.selector() + " " + t.matching() + " " + t.data())
                .toList();
    }

    private static @Nullable List<String> primes(Observation o) {
        return o.finiteFieldDh() == null
                ? null
                : o.finiteFieldDh().stream()
                        .map(dh -> dh.protocol() + " " + dh.bits() + " bit " + dh.prime())
                        .toList();
    }

    private static List<String> names(List<Observation.CodePoint> points) {
        return points.stream().map(Observation.CodePoint::name).toList();
    }

    private interface Compared<V> {
        void compare(String version, V before, V after);
    }

    /** What both know of the same version, and neither is unsure of. */
    private <V> void each(@Nullable Map<String, V> a, @Nullable Map<String, V> b, Compared<V> compared) {
        if (a != null && b != null) {
            a.forEach((version, before) -> {
                V after = b.get(version);
                if (after != null) {
                    compared.compare(version, before, after);
                }
            });
        }
    }

    private <V> void states(Change.Kind kind, String fact, @Nullable Map<String, V> a, @Nullable Map<String, V> b) {
        each(a, b, (name, before, after) -> {
            if (before instanceof FactState x && after instanceof FactState y) {
                state(kind, fact + "/" + name, x, y);
            } else if (!(before instanceof FactState) && !(after instanceof FactState)) {
                differs(kind, fact + "/" + name, before, after);
            }
        });
    }

    private void state(Change.Kind kind, String fact, FactState before, FactState after) {
        if (before != after && certain(before) && certain(after)) {
            add(kind, fact, before.word(), after.word());
        }
    }

    private static boolean certain(FactState state) {
        return state == FactState.ACCEPTED || state == FactState.REFUSED;
    }

    private void sets(Change.Kind kind, String fact, @Nullable List<String> before, @Nullable List<String> after) {
        if (before == null || after == null || unsure(fact)) {
            return;
        }
        for (String gone : before) {
            if (!after.contains(gone)) {
                add(kind, fact, gone, null);
            }
        }
        for (String come : after) {
            if (!before.contains(come)) {
                add(kind, fact, null, come);
            }
        }
    }

    /** Words of which "unknown" and none say nothing. */
    private void known(Change.Kind kind, String fact, @Nullable String before, @Nullable String after) {
        if (before != null
                && after != null
                && !before.equals(after)
                && !before.equals("unknown")
                && !after.equals("unknown")
                && !unsure(fact)) {
            add(kind, fact, before, after);
        }
    }

    /** Values of which none is an answer. */
    private void differs(Change.Kind kind, String fact, @Nullable Object before, @Nullable Object after) {
        if (!Objects.equals(before, after) && !unsure(fact)) {
            add(kind, fact, before == null ? null : Change.shown(before), after == null ? null : Change.shown(after));
        }
    }

    /** Whether either scan has the fact, or what it lies in, among the unknown. */
    private boolean unsure(String fact) {
        return Certainty.unsure(old, fact) || Certainty.unsure(now, fact);
    }

    private void add(Change.Kind kind, String fact, @Nullable String before, @Nullable String after) {
        found.add(new Change(kind, fact, before, after));
    }
}
