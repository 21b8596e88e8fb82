package io.tlsfleet.fleet.report;

import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.ChainVerdict;
import io.tlsfleet.tls.x509.GeneralName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The verdict on a chain, as an entry of the report's {@code certificates}. */
public final class CertificateEntries {
    private CertificateEntries() {}

    public static Report.ServedCertificates of(
            ChainVerdict verdict, List<String> servedOn, @Nullable Boolean servedWithoutSni) {
        ChainVerdict.Staple staple = verdict.ocspStaple();
        ChainVerdict.Revocation revocation = verdict.revocation();
        ChainVerdict.Hostname hostname = verdict.hostname();
        return new Report.ServedCertificates(
                verdict.keyType(),
                servedOn,
                servedWithoutSni,
                chain(verdict),
                verdict.completeness().word(),
                verdict.order().stream().map(ChainVerdict.Order::word).toList(),
                verdict.missingIntermediates().stream()
                        .map(missing -> new Report.MissingIntermediate(
                                missing.certificate().subject().text(),
                                missing.fetchedFrom(),
                                missing.certificate().pem()))
                        .toList(),
                hostname == null
                        ? null
                        : new Report.Hostname(
                                hostname.known() ? hostname.matches() : null, hostname.matchedBy(), hostname.reason()),
                verdict.trust().stream()
                        .map(trust -> new Report.Trust(
                                trust.store().name(),
                                trust.status().word(),
                                trust.reason(),
                                trust.path().stream()
                                        .map(CertificateFacts::sha256)
                                        .toList()))
                        .toList(),
                new Report.Staple(
                        staple.status().word(),
                        staple.reason(),
                        staple.thisUpdate(),
                        staple.nextUpdate(),
                        staple.producedAt(),
                        staple.responder(),
                        staple.protocols()),
                new Report.Revocation(
                        revocation.status().word(), revocation.via(), revocation.checkedAt(), revocation.reason()));
    }

    private static List<Report.Certificate> chain(ChainVerdict verdict) {
        List<Report.Certificate> chain = new ArrayList<>();
        for (CertificateFacts certificate : verdict.chain()) {
            boolean leaf = chain.isEmpty();
            chain.add(certificate(certificate, leaf ? verdict.transparency().scts() : List.of()));
        }
        return chain;
    }

    private static Report.Certificate certificate(CertificateFacts c, List<ChainVerdict.SctVerdict> scts) {
        return new Report.Certificate(
                c.sha256(),
                c.spkiSha256(),
                c.subject().text(),
                c.issuer().text(),
                c.serialText(),
                c.notBefore(),
                c.notAfter(),
                c.key().type(),
                c.key().bits() == 0 ? null : c.key().bits(),
                c.signatureAlgorithm().name(),
                c.extensions().altNames().stream().map(GeneralName::text).toList(),
                c.extensions().extendedKeyUsageNames(),
                c.extensions().mustStaple(),
                c.extensions().ocspUrls(),
                c.extensions().crlUrls(),
                c.extensions().caIssuersUrls(),
                scts.stream()
                        .map(sct -> new Report.Sct(
                                HexFormat.of().formatHex(sct.logId()),
                                sct.timestamp() == null ? Instant.EPOCH : sct.timestamp(),
                                sct.source(),
                                sct.status().word(),
                                sct.log(),
                                sct.operator()))
                        .toList(),
                c.pem());
    }
}
