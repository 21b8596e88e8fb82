package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.x509.der.DerWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.CertificateList;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.bc.BcX509ExtensionUtils;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.bc.BcDigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** A CA for tests, made by Bouncy Castle: an independent hand at what our readers read. */
public final class TestAuthority {
    public static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
    private static final AtomicLong SERIAL = new AtomicLong(1_000);

    private final X509CertificateHolder certificate;
    private final KeyPair keys;

    private TestAuthority(X509CertificateHolder certificate, KeyPair keys) {
        this.certificate = certificate;
        this.keys = keys;
    }

    /** What a certificate is to be; the rest is as it should be. */
    public static final class Wanted {
        private final List<GeneralName> names = new ArrayList<>();
        private Instant from = NOW.minus(Duration.ofDays(10));
        private Instant to = NOW.plus(Duration.ofDays(80));
        private String ocsp = "";
        private String issuers = "";
        private String crl = "";
        private KeyPurposeId purpose = KeyPurposeId.id_kp_serverAuth;
        private boolean mustStaple;
        private @org.jspecify.annotations.Nullable KeyPair keys;
        private @org.jspecify.annotations.Nullable BigInteger serial;
        private final List<Extension> more = new ArrayList<>();
        private boolean sha1;

        public Wanted signedWithSha1() {
            sha1 = true;
            return this;
        }

        /** Instead of a new pair on P-256. */
        public Wanted keys(KeyPair pair) {
            keys = pair;
            return this;
        }

        public Wanted serial(long number) {
            serial = BigInteger.valueOf(number);
            return this;
        }

        /** Beside those that every certificate has here. */
        public Wanted extension(ASN1ObjectIdentifier id, boolean critical, ASN1Encodable value) {
            try {
                more.add(new Extension(
                        id, critical, value.toASN1Primitive().getEncoded(org.bouncycastle.asn1.ASN1Encoding.DER)));
                return this;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        public Wanted dns(String name) {
            names.add(new GeneralName(GeneralName.dNSName, name));
            return this;
        }

        public Wanted ip(String address) {
            names.add(new GeneralName(GeneralName.iPAddress, address));
            return this;
        }

        public Wanted valid(Instant start, Instant end) {
            from = start;
            to = end;
            return this;
        }

        public Wanted ocspAt(String url) {
            ocsp = url;
            return this;
        }

        public Wanted issuersAt(String url) {
            issuers = url;
            return this;
        }

        public Wanted crlAt(String url) {
            crl = url;
            return this;
        }

        public Wanted purpose(KeyPurposeId usage) {
            purpose = usage;
            return this;
        }

        public Wanted mustStaple() {
            mustStaple = true;
            return this;
        }
    }

    public static TestAuthority root(String name) {
        KeyPair keys = keys();
        X500Name subject = new X500Name("CN=" + name);
        return new TestAuthority(certificate(subject, keys, subject, keys, new Wanted(), true, null), keys);
    }

    public TestAuthority intermediate(String name, Wanted wanted) {
        KeyPair own = wanted.keys == null ? keys() : wanted.keys;
        return new TestAuthority(
                certificate(new X500Name("CN=" + name), own, certificate.getSubject(), keys, wanted, true, certificate),
                own);
    }

    public TestAuthority issue(String name, Wanted wanted) {
        KeyPair own = wanted.keys == null ? keys() : wanted.keys;
        return new TestAuthority(
                certificate(
                        new X500Name("CN=" + name), own, certificate.getSubject(), keys, wanted, false, certificate),
                own);
    }

    public byte[] der() {
        try {
            return certificate.getEncoded();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public KeyPair keyPair() {
        return keys;
    }

    /** A response about {@code subject}, a certificate of this authority, signed by {@code signer}. */
    public byte[] ocsp(
            TestAuthority subject,
            CertificateStatus status,
            Instant thisUpdate,
            Instant nextUpdate,
            TestAuthority signer) {
        return ocsp(subject, List.of(new Said(status, thisUpdate, nextUpdate)), thisUpdate, signer);
    }

    /** One answer of several about a certificate; good is null, as Bouncy Castle has it. */
    public record Said(
            @org.jspecify.annotations.Nullable CertificateStatus status,
            Instant from,
            @org.jspecify.annotations.Nullable Instant to) {}

    public byte[] ocsp(TestAuthority subject, List<Said> answers, Instant producedAt, TestAuthority signer) {
        try {
            DigestCalculatorProvider digests = new BcDigestCalculatorProvider();
            CertificateID id = new CertificateID(
                    digests.get(CertificateID.HASH_SHA1), certificate, subject.certificate.getSerialNumber());
            BasicOCSPRespBuilder builder = new BasicOCSPRespBuilder(new RespID(signer.certificate.getSubject()));
            for (Said said : answers) {
                builder.addResponse(
                        id, said.status, Date.from(said.from), said.to == null ? null : Date.from(said.to), null);
            }
            X509CertificateHolder[] certificates =
                    signer == this ? new X509CertificateHolder[0] : new X509CertificateHolder[] {signer.certificate};
            BasicOCSPResp basic = builder.build(signer(signer.keys), certificates, Date.from(producedAt));
            return new OCSPRespBuilder()
                    .build(OCSPRespBuilder.SUCCESSFUL, basic)
                    .getEncoded();
        } catch (OCSPException | OperatorCreationException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public byte[] crl(Instant thisUpdate, Instant nextUpdate, TestAuthority... revoked) {
        return crl(thisUpdate, nextUpdate, List.of(), revoked);
    }

    /** {@code nextUpdate}: null for a list that does not say. {@code more}: extensions of the list beside its number. */
    public byte[] crl(
            Instant thisUpdate, @Nullable Instant nextUpdate, List<Extension> more, TestAuthority... revoked) {
        try {
            X509v2CRLBuilder builder = new X509v2CRLBuilder(certificate.getSubject(), Date.from(thisUpdate));
            if (nextUpdate != null) {
                builder.setNextUpdate(Date.from(nextUpdate));
            }
            builder.addExtension(Extension.cRLNumber, false, new org.bouncycastle.asn1.x509.CRLNumber(BigInteger.TEN));
            for (Extension extension : more) {
                builder.addExtension(extension);
            }
            for (TestAuthority one : revoked) {
                builder.addCRLEntry(one.certificate.getSerialNumber(), Date.from(thisUpdate), CRLReason.keyCompromise);
            }
            return builder.build(signer(keys)).getEncoded();
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The list with so many entries of strangers before its own, signed anew. */
    public byte[] resigned(byte[] list, int strangers) {
        try {
            CertificateList read = CertificateList.getInstance(list);
            ByteArrayOutputStream entries = new ByteArrayOutputStream();
            for (int i = 0; i < strangers; i++) {
                byte[] serial = new byte[16];
                ByteBuffer.wrap(serial).put(0, (byte) 0x55).putInt(4, i);
                entries.writeBytes(DerWriter.sequence(
                        DerWriter.element(0x02, serial),
                        DerWriter.element(0x17, "260101000000Z".getBytes(StandardCharsets.US_ASCII))));
            }
            ArrayList<byte[]> body = new ArrayList<>();
            for (ASN1Encodable part :
                    ASN1Sequence.getInstance(read.getTBSCertList().toASN1Primitive())) {
                boolean isEntries = body.size() == 5;
                byte[] encoded = part.toASN1Primitive().getEncoded();
                if (isEntries) {
                    entries.writeBytes(
                            Arrays.copyOfRange(encoded, encoded[1] < 0 ? 2 + (encoded[1] & 0x7F) : 2, encoded.length));
                    encoded = DerWriter.element(0x30, entries.toByteArray());
                }
                body.add(encoded);
            }
            byte[] tbs = DerWriter.element(0x30, body);
            ContentSigner signer = signer(keys);
            signer.getOutputStream().write(tbs);
            return DerWriter.sequence(
                    tbs,
                    read.getSignatureAlgorithm().getEncoded(),
                    new DERBitString(signer.getSignature()).getEncoded());
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A list about certificates of {@code issuer}, which each entry names (RFC 5280 section 5.3.3). */
    public byte[] indirectCrl(
            Instant thisUpdate, Instant nextUpdate, Extension scope, TestAuthority issuer, TestAuthority revoked) {
        try {
            X509v2CRLBuilder builder = new X509v2CRLBuilder(certificate.getSubject(), Date.from(thisUpdate));
            if (nextUpdate != null) {
                builder.setNextUpdate(Date.from(nextUpdate));
            }
            builder.addExtension(Extension.cRLNumber, false, new org.bouncycastle.asn1.x509.CRLNumber(BigInteger.TEN));
            builder.addExtension(scope);
            builder.addCRLEntry(
                    revoked.certificate.getSerialNumber(),
                    Date.from(thisUpdate),
                    new org.bouncycastle.asn1.x509.Extensions(new Extension(
                            Extension.certificateIssuer,
                            true,
                            new GeneralNames(new GeneralName(issuer.certificate.getSubject())).getEncoded())));
            return builder.build(signer(keys)).getEncoded();
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new java.security.spec.ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ContentSigner signer(KeyPair keys) throws OperatorCreationException {
        return signer(keys, "SHA256");
    }

    private static ContentSigner signer(KeyPair keys, String hash) throws OperatorCreationException {
        String algorithm = switch (keys.getPrivate().getAlgorithm()) {
            case "RSA" -> hash + "withRSA";
            case "EdDSA" -> "Ed25519";
            default -> hash + "withECDSA";
        };
        return new JcaContentSignerBuilder(algorithm).build(keys.getPrivate());
    }

    private static X509CertificateHolder certificate(
            X500Name subject,
            KeyPair keys,
            X500Name issuer,
            KeyPair signedBy,
            Wanted wanted,
            boolean ca,
            @org.jspecify.annotations.Nullable X509CertificateHolder issuerCertificate) {
        try {
            SubjectPublicKeyInfo key =
                    SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded());
            X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                    issuer,
                    wanted.serial == null ? BigInteger.valueOf(SERIAL.incrementAndGet()) : wanted.serial,
                    Date.from(wanted.from),
                    Date.from(wanted.to),
                    subject,
                    key);
            BcX509ExtensionUtils ids = new BcX509ExtensionUtils();
            builder.addExtension(Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(key));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    issuerCertificate == null
                            ? ids.createAuthorityKeyIdentifier(key)
                            : ids.createAuthorityKeyIdentifier(issuerCertificate.getSubjectPublicKeyInfo()));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(ca ? KeyUsage.keyCertSign | KeyUsage.cRLSign : KeyUsage.digitalSignature));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
            if (!ca) {
                builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(wanted.purpose));
            }
            if (!wanted.names.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(wanted.names.toArray(GeneralName[]::new)));
            }
            pointers(builder, wanted);
            for (Extension extension : wanted.more) {
                if (builder.hasExtension(extension.getExtnId())) {
                    builder.replaceExtension(extension);
                } else {
                    builder.addExtension(extension);
                }
            }
            return builder.build(signer(signedBy, wanted.sha1 ? "SHA1" : "SHA256"));
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void pointers(X509v3CertificateBuilder builder, Wanted wanted) throws IOException {
        List<AccessDescription> access = new ArrayList<>();
        if (!wanted.ocsp.isEmpty()) {
            access.add(new AccessDescription(AccessDescription.id_ad_ocsp, uri(wanted.ocsp)));
        }
        if (!wanted.issuers.isEmpty()) {
            access.add(new AccessDescription(AccessDescription.id_ad_caIssuers, uri(wanted.issuers)));
        }
        if (!access.isEmpty()) {
            builder.addExtension(
                    Extension.authorityInfoAccess,
                    false,
                    new AuthorityInformationAccess(access.toArray(AccessDescription[]::new)));
        }
        if (!wanted.crl.isEmpty()) {
            DistributionPoint point =
                    new DistributionPoint(new DistributionPointName(new GeneralNames(uri(wanted.crl))), null, null);
            builder.addExtension(
                    Extension.cRLDistributionPoints, false, new CRLDistPoint(new DistributionPoint[] {point}));
        }
        if (wanted.mustStaple) {
            ASN1Encodable feature = new org.bouncycastle.asn1.DERSequence(new org.bouncycastle.asn1.ASN1Integer(5));
            builder.addExtension(new ASN1ObjectIdentifier("1.3.6.1.5.5.7.1.24"), false, feature);
        }
    }

    private static GeneralName uri(String url) {
        return new GeneralName(GeneralName.uniformResourceIdentifier, url);
    }
}
