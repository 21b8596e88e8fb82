package io.tlsfleet.fleet;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.TrustStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.CertificatePolicies;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.PolicyInformation;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509ExtensionUtils;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.DigestCalculator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.jspecify.annotations.Nullable;

/** A CA for tests: a root, an intermediate, and leaves of any make. Keys are made once a run. */
public final class Pki {
    private static final Map<String, KeyPair> KEYS = new ConcurrentHashMap<>();
    private static final AtomicLong SERIAL = new AtomicLong(0x4000_0000_0000_0001L);

    public static final Instant FROM = Instant.parse("2026-10-01T00:00:00Z");
    public static final Issued ROOT = ca("CN=Test Root,O=Example", null, Duration.ofDays(3650));
    public static final Issued INTERMEDIATE = ca("CN=Test CA 1,O=Example", ROOT, Duration.ofDays(1825));
    public static final TrustStore PRIVATE = TrustStore.of("given", List.of(ROOT.der()));
    public static final TrustStore PUBLIC = new TrustStore(
            "public", true, null, "test", List.of(new TrustStore.Anchor(CertificateFacts.read(ROOT.der()), null)));

    private Pki() {}

    public record Issued(byte[] der, KeyPair keys, X500Name name) {}

    /** What a leaf is made of; the defaults are those of a good one for shop.example. */
    public static final class Leaf {
        public String subject = "CN=shop.example";
        public List<String> names = new ArrayList<>(List.of("shop.example"));
        public List<String> uris = new ArrayList<>();
        public Instant from = FROM;
        public Duration life = Duration.ofDays(90);
        public String key = "P-256";
        public String signature = "";
        public @Nullable String ocsp;
        public @Nullable String crl;
        public boolean mustStaple;
        public String certificatePolicy = "";
        public List<KeyPurposeId> usages = new ArrayList<>(List.of(KeyPurposeId.id_kp_serverAuth));
        public @Nullable Issued issuer = INTERMEDIATE;
        public @Nullable BigInteger serial;
        public boolean keyIds = true;
    }

    public static Issued leaf(Consumer<Leaf> change) {
        Leaf leaf = new Leaf();
        change.accept(leaf);
        try {
            KeyPair keys = keys(leaf.key, "leaf");
            Issued self = new Issued(new byte[0], keys, new X500Name(leaf.subject));
            Issued issuer = leaf.issuer == null ? self : leaf.issuer;
            X509v3CertificateBuilder b = builder(issuer.name(), self.name(), keys, leaf.from, leaf.life, leaf.serial);
            if (leaf.keyIds) {
                ids(b, keys, issuer.keys());
            }
            b.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(
                            leaf.key.startsWith("RSA")
                                    ? KeyUsage.digitalSignature | KeyUsage.keyEncipherment
                                    : KeyUsage.digitalSignature));
            if (!leaf.usages.isEmpty()) {
                b.addExtension(
                        Extension.extendedKeyUsage,
                        false,
                        new ExtendedKeyUsage(leaf.usages.toArray(KeyPurposeId[]::new)));
            }
            List<GeneralName> names = new ArrayList<>();
            leaf.names.forEach(name -> names.add(new GeneralName(GeneralName.dNSName, name)));
            leaf.uris.forEach(uri -> names.add(new GeneralName(GeneralName.uniformResourceIdentifier, uri)));
            if (!names.isEmpty()) {
                b.addExtension(
                        Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(GeneralName[]::new)));
            }
            if (leaf.ocsp != null) {
                b.addExtension(
                        Extension.authorityInfoAccess,
                        false,
                        new AuthorityInformationAccess(new AccessDescription(
                                AccessDescription.id_ad_ocsp,
                                new GeneralName(GeneralName.uniformResourceIdentifier, leaf.ocsp))));
            }
            if (leaf.crl != null) {
                b.addExtension(
                        Extension.cRLDistributionPoints,
                        false,
                        new org.bouncycastle.asn1.x509.CRLDistPoint(new org.bouncycastle.asn1.x509.DistributionPoint[] {
                            new org.bouncycastle.asn1.x509.DistributionPoint(
                                    new org.bouncycastle.asn1.x509.DistributionPointName(new GeneralNames(
                                            new GeneralName(GeneralName.uniformResourceIdentifier, leaf.crl))),
                                    null,
                                    null)
                        }));
            }
            if (!leaf.certificatePolicy.isEmpty()) {
                b.addExtension(
                        Extension.certificatePolicies,
                        false,
                        new CertificatePolicies(
                                new PolicyInformation(new ASN1ObjectIdentifier(leaf.certificatePolicy))));
            }
            if (leaf.mustStaple) {
                ASN1EncodableVector features = new ASN1EncodableVector();
                features.add(new ASN1Integer(5));
                b.addExtension(new ASN1ObjectIdentifier("1.3.6.1.5.5.7.1.24"), false, new DERSequence(features));
            }
            String algorithm =
                    leaf.signature.isEmpty() ? signature(issuer.keys().getPrivate()) : leaf.signature;
            byte[] der = b.build(new JcaContentSignerBuilder(algorithm)
                            .build(issuer.keys().getPrivate()))
                    .getEncoded();
            return new Issued(der, keys, self.name());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public static Issued ca(String subject, @Nullable Issued by, Duration life) {
        return ca(subject, subject, by, life);
    }

    /** {@code whose}: the key is that of another name, or of none that others have. */
    public static Issued ca(String subject, String whose, @Nullable Issued by, Duration life) {
        try {
            KeyPair keys = keys("P-256", whose);
            X500Name name = new X500Name(subject);
            Issued issuer = by == null ? new Issued(new byte[0], keys, name) : by;
            X509v3CertificateBuilder b =
                    builder(issuer.name(), name, keys, Instant.parse("2025-01-01T00:00:00Z"), life, null);
            ids(b, keys, issuer.keys());
            b.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            b.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            byte[] der = b.build(
                            new JcaContentSignerBuilder(signature(issuer.keys().getPrivate()))
                                    .build(issuer.keys().getPrivate()))
                    .getEncoded();
            return new Issued(der, keys, name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public static byte[] crl(Issued issuer, Instant from, Instant until, byte[]... revoked) {
        try {
            X509v2CRLBuilder b = new X509v2CRLBuilder(issuer.name(), Date.from(from));
            b.setNextUpdate(Date.from(until));
            for (byte[] der : revoked) {
                b.addCRLEntry(
                        new X509CertificateHolder(der).getSerialNumber(), Date.from(from), CRLReason.keyCompromise);
            }
            b.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils()
                            .createAuthorityKeyIdentifier(issuer.keys().getPublic()));
            return b.build(new JcaContentSignerBuilder("SHA256withECDSA")
                            .build(issuer.keys().getPrivate()))
                    .getEncoded();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An OCSPResponse "good" for the leaf, signed by its issuer itself. */
    public static byte[] staple(byte[] leaf, Issued issuer, Instant from, Instant until) {
        try {
            DigestCalculator sha1 =
                    new JcaDigestCalculatorProviderBuilder().build().get(CertificateID.HASH_SHA1);
            X509CertificateHolder ca = new X509CertificateHolder(issuer.der());
            BasicOCSPRespBuilder b = new BasicOCSPRespBuilder(new RespID(ca.getSubject()));
            b.addResponse(
                    new CertificateID(sha1, ca, new X509CertificateHolder(leaf).getSerialNumber()),
                    CertificateStatus.GOOD,
                    Date.from(from),
                    Date.from(until),
                    null);
            return new OCSPRespBuilder()
                    .build(
                            OCSPRespBuilder.SUCCESSFUL,
                            b.build(
                                    new JcaContentSignerBuilder("SHA256withECDSA")
                                            .build(issuer.keys().getPrivate()),
                                    null,
                                    Date.from(from)))
                    .getEncoded();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (OperatorCreationException | OCSPException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The leaf and the intermediate, as a well-kept server sends them. */
    public static Observation.ServedChain served(Consumer<Leaf> change) {
        return served(List.of(leaf(change).der(), INTERMEDIATE.der()));
    }

    public static Observation.ServedChain served(List<byte[]> chain) {
        return served(chain, Map.of(), List.of());
    }

    public static Observation.ServedChain served(
            List<byte[]> chain, Map<String, byte[]> staples, List<Observation.Fetched> fetched) {
        return new Observation.ServedChain(List.of("TLSv1.2", "TLSv1.3"), true, chain, staples, List.of(), fetched);
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, KeyPair keys, Instant from, Duration life, @Nullable BigInteger serial) {
        return new X509v3CertificateBuilder(
                issuer,
                serial != null
                        ? serial
                        : BigInteger.valueOf(SERIAL.getAndIncrement()).multiply(BigInteger.valueOf(0x5DEECE66DL)),
                Date.from(from),
                Date.from(from.plus(life).minusSeconds(1)),
                subject,
                SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()));
    }

    private static void ids(X509v3CertificateBuilder b, KeyPair keys, KeyPair issuer)
            throws IOException, GeneralSecurityException {
        X509ExtensionUtils ids = new JcaX509ExtensionUtils();
        b.addExtension(
                Extension.subjectKeyIdentifier,
                false,
                ids.createSubjectKeyIdentifier(
                        SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded())));
        b.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                ids.createAuthorityKeyIdentifier(
                        SubjectPublicKeyInfo.getInstance(issuer.getPublic().getEncoded())));
    }

    private static String signature(PrivateKey key) {
        return switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EdDSA", "Ed25519" -> "Ed25519";
            default -> "SHA256withECDSA";
        };
    }

    private static KeyPair keys(String kind, String whose) {
        return KEYS.computeIfAbsent(kind + " " + whose, k -> {
            try {
                KeyPairGenerator generator;
                if (kind.startsWith("RSA")) {
                    generator = KeyPairGenerator.getInstance("RSA");
                    generator.initialize(Integer.parseInt(kind.substring(4)));
                } else if (kind.equals("Ed25519")) {
                    generator = KeyPairGenerator.getInstance("Ed25519");
                } else if (kind.equals("P-224")) { // which the JDK has no more
                    generator = KeyPairGenerator.getInstance("EC", new BouncyCastleProvider());
                    generator.initialize(new ECGenParameterSpec("secp224r1"));
                } else {
                    generator = KeyPairGenerator.getInstance("EC");
                    generator.initialize(new ECGenParameterSpec(
                            kind.equals("P-384") ? "secp384r1" : kind.equals("P-521") ? "secp521r1" : "secp256r1"));
                }
                return generator.generateKeyPair();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
