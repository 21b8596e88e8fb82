package io.tlsfleet.launcher.demo;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReq;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.Req;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.operator.DigestCalculator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/** OCSP responses of the demo's intermediate, which says good of everything it issued. */
final class OcspSigner {
    private static final Duration VALID = Duration.ofDays(7);

    private final DemoAuthority authority;

    OcspSigner(DemoAuthority authority) {
        this.authority = authority;
    }

    /** A response that is seven days valid from the given time. */
    byte[] staple(X509Certificate leaf, Instant from) throws GeneralSecurityException, IOException {
        try {
            var issuer = new JcaX509CertificateHolder(authority.intermediate());
            return sign(new CertificateID(sha1(), issuer, leaf.getSerialNumber()), from);
        } catch (OCSPException | OperatorCreationException e) {
            throw new GeneralSecurityException(e);
        }
    }

    /** The answer of a responder. */
    byte[] answer(byte[] request, Instant now) throws GeneralSecurityException, IOException {
        try {
            Req[] asked = new OCSPReq(request).getRequestList();
            if (asked.length != 1) {
                return new OCSPRespBuilder()
                        .build(OCSPRespBuilder.MALFORMED_REQUEST, null)
                        .getEncoded();
            }
            return sign(asked[0].getCertID(), now.minus(Duration.ofHours(1)));
        } catch (OCSPException | OperatorCreationException e) {
            throw new GeneralSecurityException(e);
        }
    }

    private byte[] sign(CertificateID id, Instant from)
            throws OCSPException, OperatorCreationException, GeneralSecurityException, IOException {
        var builder = new BasicOCSPRespBuilder(
                new RespID(new JcaX509CertificateHolder(authority.intermediate()).getSubjectPublicKeyInfo(), sha1()));
        builder.addResponse(id, CertificateStatus.GOOD, Date.from(from), Date.from(from.plus(VALID)));
        BasicOCSPResp basic = builder.build(
                new JcaContentSignerBuilder("SHA256withRSA").build(authority.intermediateKey()), null, Date.from(from));
        OCSPResp response = new OCSPRespBuilder().build(OCSPRespBuilder.SUCCESSFUL, basic);
        return response.getEncoded();
    }

    private static DigestCalculator sha1() throws OperatorCreationException {
        return new JcaDigestCalculatorProviderBuilder().build().get(CertificateID.HASH_SHA1);
    }
}
