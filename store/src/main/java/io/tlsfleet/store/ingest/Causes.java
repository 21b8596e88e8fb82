package io.tlsfleet.store.ingest;

import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.fleet.report.Report;
import java.util.List;
import java.util.Set;

/**
 * What a finding hangs on, so that one repair is one alert: the certificate, the configuration of the TLS stack, or, where
 * neither is shared, the endpoint itself. A rule that knows better has named its cause already.
 */
final class Causes {
    private static final Set<String> OF_THE_CERTIFICATE = Set.of("certificate", "ocsp", "revocation");
    private static final Set<String> OF_THE_ENDPOINT = Set.of("endpoint", "starttls", "dns", "http");
    private static final int SHORT = 24;

    private Causes() {}

    static String of(Finding finding, long endpoint, Account.Judgement judgement) {
        String named = finding.cause();
        if (named != null) {
            return named;
        }
        String family = finding.rule().substring(0, Math.max(finding.rule().indexOf('.'), 0));
        String own = "endpoint:" + endpoint;
        if (OF_THE_ENDPOINT.contains(family)) {
            return own;
        }
        if (OF_THE_CERTIFICATE.contains(family)) {
            return leaf(finding, judgement.report(), own);
        }
        String configuration = judgement.configuration();
        return configuration == null ? own : "configuration:" + configuration.substring(0, SHORT);
    }

    /** The leaf of the chain that the finding's subject names by its key type, or of the only one there is. */
    private static String leaf(Finding finding, Report report, String own) {
        List<Report.ServedCertificates> served = report.certificates();
        if (served == null) {
            return own;
        }
        String subject = finding.subject() == null ? "" : finding.subject();
        List<Report.ServedCertificates> whole =
                served.stream().filter(s -> !s.chain().isEmpty()).toList();
        List<Report.ServedCertificates> named = whole.stream()
                .filter(s -> subject.equals(s.keyType()) || subject.startsWith(s.keyType() + " "))
                .toList();
        List<Report.ServedCertificates> meant = named.isEmpty() ? whole : named;
        return meant.isEmpty()
                ? own
                : "certificate:" + meant.getFirst().chain().getFirst().sha256();
    }
}
