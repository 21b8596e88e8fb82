package io.tlsfleet.fleet.report;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Observation.ServedChain;
import io.tlsfleet.tls.x509.Pem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The facts of a report without what was thought of them: the observation it was made of, but for the bytes it does not hold. */
public final class ReportFacts {
    private ReportFacts() {}

    /** Where something was stapled its bytes are empty, because a report does not have them. */
    public static Observation of(Report report) {
        List<Report.ServedCertificates> certificates = report.certificates();
        return new Observation(
                report.endpoint(),
                report.scan(),
                report.negotiated(),
                report.coverage(),
                report.protocols(),
                report.cipherSuites(),
                report.groups(),
                report.finiteFieldDh(),
                report.signatureSchemes(),
                certificates == null
                        ? null
                        : certificates.stream().map(ReportFacts::chain).toList(),
                report.alpn(),
                report.sni(),
                report.resumption(),
                report.clientAuthentication(),
                report.features(),
                report.tolerance(),
                report.vulnerabilities(),
                report.fingerprints(),
                report.timing(),
                report.dns(),
                report.quic(),
                report.http());
    }

    private static ServedChain chain(Report.ServedCertificates served) {
        List<byte[]> chain = new ArrayList<>();
        for (Report.Certificate certificate : served.chain()) {
            List<byte[]> der = Pem.certificates(certificate.pem().getBytes(StandardCharsets.ISO_8859_1));
            if (der.isEmpty()) {
                throw new IllegalArgumentException("no certificate in the pem of " + certificate.subject());
            }
            chain.add(der.getFirst());
        }
        Map<String, byte[]> staples = new TreeMap<>();
        served.ocspStaple().protocols().forEach(version -> staples.put(version, new byte[0]));
        return new ServedChain(served.servedOn(), served.servedWithoutSni(), chain, staples, List.of(), List.of());
    }
}
