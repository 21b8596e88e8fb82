package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.CertificateExtensions.Extension;
import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** OCSPResponse with a BasicOCSPResponse inside (RFC 6960 section 4.2.1), or an error status without one. */
public record OcspResponse(
        int responseStatus,
        byte[] tbs,
        AlgorithmId algorithm,
        byte[] signature,
        @Nullable DistinguishedName responderName,
        byte @Nullable [] responderKeyHash,
        Instant producedAt,
        List<Single> responses,
        byte @Nullable [] nonce,
        boolean unknownCritical,
        List<CertificateFacts> certificates) {
    private static final String BASIC = "1.3.6.1.5.5.7.48.1.1";
    private static final String NONCE = "1.3.6.1.5.5.7.48.1.2";
    private static final String SCT_LIST = "1.3.6.1.4.1.11129.2.4.5";
    private static final int MAX_RESPONSES = 1_024;
    private static final int MAX_CERTIFICATES = 16;

    public enum CertStatus {
        GOOD,
        REVOKED,
        UNKNOWN
    }

    /** CertID: hashes of the issuer's name and key, and the serial number. */
    public record CertId(String hashOid, byte[] nameHash, byte[] keyHash, byte[] serialNumber) {}

    public record Single(
            CertId id,
            CertStatus status,
            @Nullable Instant revokedAt,
            int reason,
            Instant thisUpdate,
            @Nullable Instant nextUpdate,
            byte @Nullable [] sctList,
            boolean unknownCritical) {
        /** nextUpdate, or the latest that an answer without one can be believed. */
        Instant until() {
            return nextUpdate == null ? thisUpdate.plus(OcspJudge.MAX_AGE) : nextUpdate;
        }

        public boolean isCurrent(Instant at) {
            return !thisUpdate.isAfter(at.plus(OcspJudge.SKEW)) && !until().isBefore(at.minus(OcspJudge.SKEW));
        }
    }

    /** The responder as its response names it: a name, or {@code key:} and the hash. */
    public String responder() {
        if (responderName != null) {
            return responderName.text();
        }
        return "key:" + (responderKeyHash == null ? "" : HexFormat.of().formatHex(responderKeyHash));
    }

    public String responseStatusName() {
        return switch (responseStatus) {
            case 0 -> "successful";
            case 1 -> "malformedRequest";
            case 2 -> "internalError";
            case 3 -> "tryLater";
            case 5 -> "sigRequired";
            case 6 -> "unauthorized";
            default -> "status " + responseStatus;
        };
    }

    public static OcspResponse read(byte[] der) throws MalformedMessage {
        if (der.length > CertificateReader.MAX_CERTIFICATE) {
            throw new MalformedMessage(
                    "OCSPResponse: " + der.length + " bytes, read are " + CertificateReader.MAX_CERTIFICATE);
        }
        DerReader response = Der.of(der).expect(Der.SEQUENCE, "OCSPResponse").reader();
        int status = response.next(Der.ENUMERATED, "responseStatus").smallInteger("responseStatus");
        Der bytes = response.optional(Der.explicit(0), "responseBytes");
        response.end("OCSPResponse");
        if (status != 0) {
            return new OcspResponse(
                    status,
                    new byte[0],
                    AlgorithmId.NONE,
                    new byte[0],
                    null,
                    null,
                    Instant.EPOCH,
                    List.of(),
                    null,
                    false,
                    List.of());
        }
        if (bytes == null) {
            throw new MalformedMessage("OCSPResponse: successful without a response");
        }
        DerReader only = bytes.reader();
        DerReader typed = only.next(Der.SEQUENCE, "responseBytes").reader();
        only.end("responseBytes");
        String type = typed.next(Der.OID, "responseType").oid("responseType");
        if (!type.equals(BASIC)) {
            throw new MalformedMessage("OCSPResponse: the type " + type + " is not id-pkix-ocsp-basic");
        }
        byte[] inner = typed.next(Der.OCTET_STRING, "response").content();
        typed.end("responseBytes");
        return basic(Der.of(inner));
    }

    private static OcspResponse basic(Der basic) throws MalformedMessage {
        DerReader parts = basic.expect(Der.SEQUENCE, "BasicOCSPResponse").reader();
        Der data = parts.next(Der.SEQUENCE, "tbsResponseData");
        AlgorithmId algorithm = AlgorithmId.read(parts.next("signatureAlgorithm"), "signatureAlgorithm");
        byte[] signature = parts.next(Der.BIT_STRING, "signature").bitString("signature");
        List<CertificateFacts> certificates = new ArrayList<>();
        Der wrapped = parts.optional(Der.explicit(0), "certs");
        parts.end("BasicOCSPResponse");
        if (wrapped != null) {
            DerReader only = wrapped.reader();
            for (Der certificate : only.next(Der.SEQUENCE, "certs").children("certs", MAX_CERTIFICATES)) {
                certificates.add(CertificateFacts.read(certificate.encoded()));
            }
            only.end("certs");
        }
        DerReader body = data.reader();
        Der version = body.optional(Der.explicit(0), "version");
        if (version != null && version.reader().next(Der.INTEGER, "version").smallInteger("version") != 0) {
            throw new MalformedMessage("ResponseData: the version is not 1");
        }
        DistinguishedName name = null;
        byte[] keyHash = null;
        Der responder = body.next("responderID");
        DerReader choice = responder.reader();
        if (responder.is(Der.explicit(1))) {
            name = DistinguishedName.read(choice.next("responderID"), "responderID");
        } else {
            keyHash = responder
                    .expect(Der.explicit(2), "responderID")
                    .reader()
                    .next(Der.OCTET_STRING, "responderID")
                    .content();
        }
        Instant producedAt = Times.read(body.next(Der.GENERALIZED_TIME, "producedAt"), "producedAt");
        List<Single> singles = new ArrayList<>();
        for (Der single : body.next(Der.SEQUENCE, "responses").children("responses", MAX_RESPONSES)) {
            singles.add(single(single));
        }
        byte[] nonce = null;
        boolean unknown = false;
        Der extensions = body.optional(Der.explicit(1), "responseExtensions");
        body.end("ResponseData");
        if (extensions != null) {
            for (Extension extension : list(extensions)) {
                if (extension.oid().equals(NONCE)) {
                    nonce = extension.value();
                } else {
                    unknown |= extension.critical();
                }
            }
        }
        return new OcspResponse(
                0,
                data.encoded(),
                algorithm,
                signature,
                name,
                keyHash,
                producedAt,
                List.copyOf(singles),
                nonce,
                unknown,
                List.copyOf(certificates));
    }

    private static List<Extension> list(Der wrapped) throws MalformedMessage {
        DerReader only = wrapped.reader();
        Der list = only.next(Der.SEQUENCE, "extensions");
        only.end("extensions");
        return list.length() == 0 ? List.of() : ExtensionReader.readList(list, new ArrayList<>());
    }

    private static Single single(Der single) throws MalformedMessage {
        DerReader fields = single.expect(Der.SEQUENCE, "SingleResponse").reader();
        DerReader id = fields.next(Der.SEQUENCE, "certID").reader();
        CertId certId = new CertId(
                AlgorithmId.read(id.next("hashAlgorithm"), "hashAlgorithm").oid(),
                id.next(Der.OCTET_STRING, "issuerNameHash").content(),
                id.next(Der.OCTET_STRING, "issuerKeyHash").content(),
                id.next(Der.INTEGER, "serialNumber").content());
        id.end("certID");
        Der status = fields.next("certStatus");
        CertStatus certStatus;
        Instant revokedAt = null;
        int reason = 0;
        switch (status.tag()) {
            case 0x80 -> certStatus = CertStatus.GOOD;
            case 0xA1 -> {
                certStatus = CertStatus.REVOKED;
                DerReader info = status.reader();
                revokedAt = Times.read(info.next(Der.GENERALIZED_TIME, "revocationTime"), "revocationTime");
                Der why = info.optional(Der.explicit(0), "revocationReason");
                info.end("revokedInfo");
                if (why != null) {
                    reason = why.reader()
                            .next(Der.ENUMERATED, "revocationReason")
                            .smallInteger("revocationReason");
                }
            }
            case 0x82, 0xA2 -> certStatus = CertStatus.UNKNOWN;
            default -> throw new MalformedMessage("certStatus: tag 0x%02X is none".formatted(status.tag()));
        }
        Instant thisUpdate = Times.read(fields.next(Der.GENERALIZED_TIME, "thisUpdate"), "thisUpdate");
        Der next = fields.optional(Der.explicit(0), "nextUpdate");
        Instant nextUpdate =
                next == null ? null : Times.read(next.reader().next(Der.GENERALIZED_TIME, "nextUpdate"), "nextUpdate");
        Der extensions = fields.optional(Der.explicit(1), "singleExtensions");
        fields.end("SingleResponse");
        byte[] scts = null;
        boolean unknown = false;
        if (extensions != null) {
            for (Extension extension : list(extensions)) {
                if (extension.oid().equals(SCT_LIST)) {
                    scts = timestamps(extension.value());
                } else {
                    unknown |= extension.critical();
                }
            }
        }
        return new Single(certId, certStatus, revokedAt, reason, thisUpdate, nextUpdate, scts, unknown);
    }

    /** A list that is none is shown as such among the timestamps; it says nothing against the answer. */
    private static byte[] timestamps(byte[] value) {
        try {
            return Der.of(value).expect(Der.OCTET_STRING, "SCT list").content();
        } catch (MalformedMessage e) {
            return value;
        }
    }
}
