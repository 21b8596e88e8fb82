package io.tlsfleet.fleet.change;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.tls.x509.CertificateFacts;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What two places see of one name: only what a client of one meets otherwise at the other. Addresses, pages, staples,
 * fingerprints and orders may differ from place to place without anybody being answered by somebody else.
 */
public final class Vantage {
    private static final Set<Change.Kind> MET = Set.of(
            Change.Kind.PROTOCOL,
            Change.Kind.CIPHER_SUITE,
            Change.Kind.GROUP,
            Change.Kind.DH_PARAMETERS,
            Change.Kind.SIGNATURE_SCHEME,
            Change.Kind.CERTIFICATE,
            Change.Kind.CHAIN,
            Change.Kind.ALPN,
            Change.Kind.CLIENT_AUTHENTICATION);

    private Vantage() {}

    /** {@code before} of each is there, {@code after} is here; empty: the same, as far as both were asked. */
    public static List<Change> between(Observation there, Observation here) {
        boolean partly =
                there.scan().depth() == Depth.CERTIFICATE || here.scan().depth() == Depth.CERTIFICATE;
        Set<String> keyTypes = keyTypes(there);
        keyTypes.retainAll(keyTypes(here));
        // one handshake shows one certificate: that the other place saw a second kind of key is no difference then
        boolean oneOfSeveral = partly && !keyTypes.isEmpty();
        return Changes.between(there, here).stream()
                .filter(change -> MET.contains(change.kind()))
                .filter(change -> !(oneOfSeveral
                        && change.kind() == Change.Kind.CERTIFICATE
                        && (change.before() == null || change.after() == null)))
                .toList();
    }

    private static Set<String> keyTypes(Observation seen) {
        List<Observation.ServedChain> served = seen.served();
        return (served == null ? List.<Observation.ServedChain>of() : served)
                .stream()
                        .filter(chain -> !chain.chain().isEmpty())
                        .map(chain -> CertificateFacts.read(chain.chain().getFirst())
                                .key()
                                .type())
                        .collect(Collectors.toSet());
    }
}
