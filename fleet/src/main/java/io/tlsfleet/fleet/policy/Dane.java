package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.ChainVerdict;
import io.tlsfleet.tls.x509.Tlsa;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** TLSA records beside the chains that are served. */
final class Dane {
    private Dane() {}

    /** The facts with a word on every TLSA record that has none yet: whether any of the chains fits it. */
    static Observation matched(Observation facts, List<Chain> chains) {
        Observation.Dns dns = facts.dns();
        if (dns == null || dns.tlsa().isEmpty() || chains.isEmpty()) {
            return facts;
        }
        List<Observation.Dns.Tlsa> matched = new ArrayList<>(dns.tlsa().size());
        for (Observation.Dns.Tlsa one : dns.tlsa()) {
            matched.add(one.matches() != null ? one : matched(one, chains));
        }
        return facts.withDns(
                new Observation.Dns(dns.addresses(), dns.caa(), matched, dns.https(), dns.authenticated()));
    }

    private static Observation.Dns.Tlsa matched(Observation.Dns.Tlsa one, List<Chain> chains) {
        List<Boolean> words = chains.stream()
                .flatMap(chain -> matches(one, chain.verdict()).stream())
                .toList();
        return new Observation.Dns.Tlsa(
                one.usage(),
                one.selector(),
                one.matching(),
                one.data(),
                words.isEmpty() ? null : (Boolean) words.contains(true));
    }

    /** Whether there are records with a meaning and this chain fits none of them: a client that gets it hangs up. */
    static boolean fitsNone(List<Observation.Dns.Tlsa> records, ChainVerdict chain) {
        List<Boolean> words =
                records.stream().flatMap(one -> matches(one, chain).stream()).toList();
        return !words.isEmpty() && !words.contains(true);
    }

    private static Optional<Boolean> matches(Observation.Dns.Tlsa one, ChainVerdict chain) {
        List<CertificateFacts> path = chain.trust().stream()
                .filter(t -> t.status() == ChainVerdict.TrustStatus.TRUSTED)
                .map(ChainVerdict.Trust::path)
                .findFirst()
                .orElse(List.of());
        return data(one.data())
                .flatMap(data ->
                        new Tlsa(one.usage(), one.selector(), one.matching(), data).matches(chain.chain(), path));
    }

    /** Facts come from workers, and a worker may be forged. */
    private static Optional<byte[]> data(String hex) {
        try {
            return Optional.of(HexFormat.of().parseHex(hex));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
