package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.report.CertificateEntries;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.tls.x509.ChainJudge;
import io.tlsfleet.tls.x509.ChainQuestion;
import io.tlsfleet.tls.x509.ChainVerdict;
import io.tlsfleet.tls.x509.TrustStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A chain as it was served and the verdict on it, which all policies share. */
record Chain(Observation.ServedChain served, ChainVerdict verdict) {

    static List<Chain> judge(Observation facts, List<TrustStore> stores, Memory memory, Instant at) {
        List<Observation.ServedChain> served = facts.served();
        if (served == null) {
            return List.of();
        }
        String sni = facts.endpoint().sni();
        String host = facts.endpoint().host();
        String name = memory.expectIdentity() != null ? null : sni != null ? sni : Target.isFile(host) ? null : host;
        List<Chain> chains = new ArrayList<>(served.size());
        for (Observation.ServedChain chain : served) {
            ChainVerdict verdict = ChainJudge.judge(question(chain, stores, name, at));
            chains.add(new Chain(chain, unanswered(chain) ? verdict.withoutAnswer(at) : verdict));
        }
        return chains;
    }

    private static ChainQuestion question(
            Observation.ServedChain chain, List<TrustStore> stores, @Nullable String name, Instant at) {
        return new ChainQuestion(
                chain.chain(),
                fetched(chain, "issuer"),
                stores,
                name,
                at,
                chain.staples(),
                fetched(chain, "crl"),
                fetched(chain, "ocsp"),
                chain.tlsScts(),
                false);
    }

    /** Whether a responder or a list was asked for and nothing came. */
    private static boolean unanswered(Observation.ServedChain chain) {
        return chain.fetched().stream()
                .anyMatch(fetched -> fetched.bytes() == null
                        && (fetched.kind().equals("ocsp") || fetched.kind().equals("crl")));
    }

    private static List<byte[]> fetched(Observation.ServedChain chain, String kind) {
        List<byte[]> found = new ArrayList<>();
        for (Observation.Fetched fetched : chain.fetched()) {
            byte[] bytes = fetched.bytes();
            if (bytes != null && fetched.kind().equals(kind)) {
                found.add(bytes);
            }
        }
        return found;
    }

    Report.ServedCertificates entry() {
        return CertificateEntries.of(verdict, served.servedOn(), served.servedWithoutSni());
    }
}
