package io.tlsfleet.scanner.scan;

import io.tlsfleet.scanner.probe.Answer.Chosen;
import io.tlsfleet.scanner.probe.Answer.Refused;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.tls.keys.Tls13Options;
import io.tlsfleet.tls.keys.Tls13Suite;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.util.List;
import java.util.stream.Stream;

/**
 * Depth certificate beyond its one connection: a second where an up-to-date client has nothing in common with the server, with
 * all that may bring a certificate, and one for older versions where it is too new.
 */
final class CertificateAlone {
    private final Interview interview;
    private final Draft draft;

    CertificateAlone(Interview interview, Draft draft) {
        this.interview = interview;
        this.draft = draft;
    }

    /** {@code first} is the up-to-date client's. */
    void ask(Interview.Shaken first) {
        if (!draft.chains.isEmpty() || first.answer() instanceof Chosen) {
            return;
        }
        boolean tooNew = first.answer() instanceof Refused refused && refused.isOfVersion();
        if (!tooNew) {
            Interview.Shaken wide = interview.handshake(wide(), Tls13Options.PLAIN.leaving());
            if (wide.answer() instanceof Chosen chosen && wide.result() != null) {
                Scan.shown(chosen, wide.result(), draft);
                return;
            }
        }
        Offer old = Offer.of(ProtocolVersion.TLS_1_1, Menu.common(ProtocolVersion.TLS_1_1))
                .withStaple(true);
        Offer oldest = new Offer(
                List.of(ProtocolVersion.TLS_1_1, ProtocolVersion.TLS_1_0, ProtocolVersion.SSL_3),
                old.suites().stream().filter(s -> s.facts().usesCertificate()).toList(),
                old.groups(),
                List.of(),
                old.schemes(),
                List.of(),
                true);
        if (interview.ask(oldest) instanceof Chosen chosen) {
            draft.saw(chosen);
            draft.agreed(chosen);
        }
    }

    /** Whatever serves a certificate, in the newest two versions. */
    private Offer wide() {
        List<CipherSuite> suites = Stream.concat(
                        Menu.TLS13_SUITES.stream().filter(s -> Tls13Suite.of(s).isPresent()),
                        Menu.withoutSrp(ProtocolVersion.TLS_1_2).stream()
                                .filter(s -> s.facts().usesCertificate()))
                .toList();
        List<NamedGroup> groups = Stream.concat(
                        Menu.TLS13_GROUPS.stream().filter(interview.shares()::knows), Menu.TLS12_GROUPS.stream())
                .distinct()
                .toList();
        return new Offer(
                List.of(ProtocolVersion.TLS_1_3, ProtocolVersion.TLS_1_2),
                suites,
                groups,
                Menu.MODERN_SHARES,
                Menu.ALL_SCHEMES,
                List.of(),
                true);
    }
}
