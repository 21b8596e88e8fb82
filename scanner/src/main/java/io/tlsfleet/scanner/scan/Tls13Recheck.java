package io.tlsfleet.scanner.scan;

import io.tlsfleet.scanner.probe.Answer.Chosen;
import io.tlsfleet.scanner.probe.Answer.Refused;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage.Certificate;
import io.tlsfleet.tls.handshake.ServerMessage.CertificateVerify;
import io.tlsfleet.tls.handshake.ServerMessage.EncryptedExtensions;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.keys.Tls13Options;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * TLS 1.3 held against what is known. Where the client's order counts, one handshake offers every suite that is not accepted in
 * front of those that are, and is finished with another kind of key than the first; else they are offered alone, as groups are.
 */
final class Tls13Recheck {
    private static final ProtocolVersion TLS13 = ProtocolVersion.TLS_1_3;

    private final Recheck recheck;
    private final KeyShares shares;
    private final Set<Known.Kind> kindsSeen = EnumSet.noneOf(Known.Kind.class);
    private final List<CipherSuite> knownSuites;
    private final List<NamedGroup> knownGroups;
    private final boolean suitesFollow;

    Tls13Recheck(Recheck recheck, KeyShares shares) {
        this.recheck = recheck;
        this.shares = shares;
        this.knownSuites = recheck.known.suites(TLS13);
        this.knownGroups = recheck.known.groups(TLS13);
        this.suitesFollow = recheck.known.followsClientInSuites(TLS13)
                && knownSuites.stream().filter(Menu.MODERN_SUITES::contains).count() > 1;
    }

    Set<Known.Kind> kindsSeen() {
        return kindsSeen;
    }

    void heard(Tls13Result result) {
        result.first(CertificateVerify.class).ifPresent(v -> {
            recheck.draft.schemes.signed(TLS13, v.scheme());
            Known.Kind.of(v.scheme()).ifPresent(kindsSeen::add);
        });
        result.first(Certificate.class).ifPresent(recheck.draft.chains::addTls13);
    }

    /** One handshake: what is new in front of what is known, with the kinds of key that were not seen yet. */
    void inFront(@Nullable CipherSuite chosenBefore) {
        Set<Known.Kind> rest = EnumSet.noneOf(Known.Kind.class);
        rest.addAll(recheck.known.kinds(TLS13));
        rest.removeAll(kindsSeen);
        if (!suitesFollow && rest.isEmpty() || !recheck.mayAsk()) {
            return;
        }
        List<CipherSuite> turnedSuites = suitesFollow
                ? recheck.turned(
                        knownSuites.stream()
                                .filter(Menu.MODERN_SUITES::contains)
                                .toList(),
                        chosenBefore)
                : knownSuites;
        Offer offer = Offer.of(
                        TLS13,
                        suitesFollow
                                ? Recheck.joined(newSuites(), Recheck.joined(turnedSuites, knownSuites))
                                : knownSuites)
                .withGroups(knownGroups)
                .withSchemes(rest.isEmpty() ? Menu.ALL_SCHEMES : Known.Kind.schemes(rest))
                .withStaple(true)
                .withAlpn(recheck.alpn());
        Interview.Shaken shaken = recheck.interview.handshake(offer, Tls13Options.PLAIN);
        Chosen chosen = recheck.mustChoose(shaken.answer(), "/cipherSuites/TLSv1.3", "a TLS 1.3 hello");
        Tls13Result result = shaken.result();
        if (chosen == null || result == null) {
            return;
        }
        if (suitesFollow && !chosen.suite().equals(turnedSuites.getFirst()) || !knownSuites.contains(chosen.suite())) {
            recheck.differs("TLS 1.3 took " + chosen.suite().name() + " where it took "
                    + turnedSuites.getFirst().name());
        }
        NamedGroup group = chosen.group();
        if (group == null || !knownGroups.contains(group)) {
            recheck.differs("TLS 1.3 took " + (group == null ? "no group" : group.name()));
        }
        heard(result);
        if (!rest.isEmpty() && result.first(CertificateVerify.class).isEmpty()) {
            recheck.differs("no certificate of kind " + rest + " any more in TLS 1.3");
        }
        result.first(EncryptedExtensions.class)
                .ifPresent(e -> recheck.alpnHeard(offer.alpn(), e.extension(Extensions.ALPN)));
    }

    /** What is not accepted, alone. */
    void suitesAlone() {
        if (!suitesFollow && !newSuites().isEmpty() && recheck.mayAsk()) {
            recheck.mustRefuse(
                    recheck.ask(Offer.of(TLS13, newSuites())), "/cipherSuites/TLSv1.3", "a suite more in TLS 1.3");
        }
    }

    /** Always alone: some servers go by tiers of groups, and by the client's order within one only (OpenSSL 3.5). */
    void groupsAlone() {
        if (!newGroups().isEmpty() && recheck.mayAsk()) {
            recheck.mustRefuse(
                    recheck.ask(Offer.of(TLS13, knownSuites).withGroups(newGroups())),
                    "/groups/TLSv1.3",
                    "a group more in TLS 1.3");
        }
    }

    /** Every kind of key that the server did not have: a new certificate would answer. */
    void newKinds() {
        Set<Known.Kind> kinds = EnumSet.complementOf(EnumSet.copyOf(recheck.known.kinds(TLS13)));
        if (kinds.isEmpty() || !recheck.mayAsk()) {
            return;
        }
        List<SignatureScheme> schemes = Known.Kind.schemes(kinds);
        List<NamedGroup> share =
                knownGroups.stream().filter(shares::knows).limit(1).toList();
        Interview.Shaken shaken = recheck.interview.handshake(
                Offer.of(TLS13, knownSuites)
                        .withGroups(knownGroups)
                        .withShares(share)
                        .withSchemes(schemes),
                Tls13Options.PLAIN);
        Tls13Result result = shaken.result();
        if (result != null && result.first(Certificate.class).isPresent()) {
            recheck.differs("a certificate of another kind of key in TLS 1.3");
        } else if (shaken.answer() instanceof Refused refused) {
            recheck.protest(refused);
        }
    }

    private List<CipherSuite> newSuites() {
        return Recheck.without(Menu.TLS13_SUITES, knownSuites);
    }

    private List<NamedGroup> newGroups() {
        return Recheck.without(Menu.TLS13_GROUPS, knownGroups);
    }
}
