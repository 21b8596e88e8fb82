package io.tlsfleet.launcher.demo;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.X509ObjectIdentifiers;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The certificate authority of the demo and what it issued: made at first start, kept, renewed when due. The root lies
 * beside as PEM, for whoever wants to trust it.
 */
final class DemoAuthority {
    private static final char[] PASSWORD = "demo".toCharArray();
    private static final String ROOT = "root";
    private static final String INTERMEDIATE = "intermediate";

    private final Path directory;
    private final KeyStore keys;
    private final String helper;
    private final Instant now;
    private final SecureRandom random = new SecureRandom();

    private DemoAuthority(Path directory, KeyStore keys, String helper, Instant now) {
        this.directory = directory;
        this.keys = keys;
        this.helper = helper;
        this.now = now;
    }

    /** @param helper {@code host:port} of the estate's own HTTP server: AIA and OCSP */
    static DemoAuthority in(Path directory, String helper, Instant now) throws IOException, GeneralSecurityException {
        Files.createDirectories(directory);
        Path file = directory.resolve("keys.p12");
        KeyStore keys = KeyStore.getInstance("PKCS12");
        if (Files.exists(file)) {
            try (var in = Files.newInputStream(file)) {
                keys.load(in, PASSWORD);
            }
        } else {
            keys.load(null, PASSWORD);
        }
        DemoAuthority authority = new DemoAuthority(directory, keys, helper, now);
        try {
            authority.issueWhatIsDue();
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException(e);
        }
        return authority;
    }

    static Path rootPem(Path directory) {
        return directory.resolve("root.pem");
    }

    /** What is sent; the key store gives every chain back whole, up to the root. */
    X509Certificate[] chain(DemoServer server) throws GeneralSecurityException {
        int sent = switch (server) {
            case SELF_SIGNED, MISSING_INTERMEDIATE -> 1;
            default -> 2;
        };
        return Arrays.copyOf(chain(server.word()), sent);
    }

    PrivateKey key(DemoServer server) throws GeneralSecurityException {
        return (PrivateKey) keys.getKey(server.word(), PASSWORD);
    }

    X509Certificate intermediate() throws GeneralSecurityException {
        return chain(INTERMEDIATE)[0];
    }

    PrivateKey intermediateKey() throws GeneralSecurityException {
        return (PrivateKey) keys.getKey(INTERMEDIATE, PASSWORD);
    }

    private X509Certificate[] chain(String alias) throws GeneralSecurityException {
        Certificate[] chain = keys.getCertificateChain(alias);
        X509Certificate[] typed = new X509Certificate[chain.length];
        for (int i = 0; i < chain.length; i++) {
            typed[i] = (X509Certificate) chain[i];
        }
        return typed;
    }

    private void issueWhatIsDue() throws IOException, GeneralSecurityException, OperatorCreationException {
        boolean changed = false;
        if (!keys.isKeyEntry(ROOT)) {
            KeyPair root = rsa(2048);
            X500Name name = new X500Name("CN=tlsfleet demo root,O=tlsfleet demo");
            X509Certificate certificate =
                    sign(authority(name, root, name, 20 * 365), root.getPrivate(), "SHA256withRSA");
            keys.setKeyEntry(ROOT, root.getPrivate(), PASSWORD, new Certificate[] {certificate});
            KeyPair intermediate = rsa(2048);
            X500Name below = new X500Name("CN=tlsfleet demo intermediate,O=tlsfleet demo");
            X509Certificate issued =
                    sign(authority(below, intermediate, name, 10 * 365), root.getPrivate(), "SHA256withRSA");
            keys.setKeyEntry(INTERMEDIATE, intermediate.getPrivate(), PASSWORD, new Certificate[] {issued});
            changed = true;
        }
        for (DemoServer server : DemoServer.values()) {
            if (server != DemoServer.TARPIT && server != DemoServer.PLAIN_HTTP && isDue(server)) {
                issue(server);
                changed = true;
            }
        }
        if (changed) {
            save();
        }
    }

    private boolean isDue(DemoServer server) throws GeneralSecurityException {
        if (!keys.isKeyEntry(server.word())) {
            return true;
        }
        X509Certificate leaf = chain(server)[0];
        Instant end = leaf.getNotAfter().toInstant();
        return switch (server) {
            case EXPIRED -> false;
            // four to five days whenever someone looks
            case EXPIRING -> Duration.between(now, end).toHours() < 96;
            default -> Duration.between(now, end).toDays() < 60;
        };
    }

    private void issue(DemoServer server) throws IOException, GeneralSecurityException, OperatorCreationException {
        KeyPair pair = switch (server) {
            case GOOD, POST_QUANTUM_ONLY, STAPLED_GOOD, STAPLED_EXPIRED -> p256();
            case RSA1024_SHA1 -> rsa(1024);
            default -> rsa(2048);
        };
        Instant from = now.minus(Duration.ofDays(1));
        Instant to = from.plus(Duration.ofDays(90));
        if (server == DemoServer.EXPIRED) {
            from = now.minus(Duration.ofDays(104));
            to = now.minus(Duration.ofDays(14));
        } else if (server == DemoServer.EXPIRING) {
            from = now.minus(Duration.ofDays(85));
            to = now.plus(Duration.ofDays(5));
        }
        String host = server == DemoServer.WRONG_NAME ? "another" + DemoServer.DOMAIN : server.host();
        X500Name subject = new X500Name("CN=" + host);
        boolean itself = server == DemoServer.SELF_SIGNED;
        X509Certificate issuer = intermediate();
        X500Name issuedBy = itself
                ? subject
                : X500Name.getInstance(issuer.getSubjectX500Principal().getEncoded());
        var builder = new JcaX509v3CertificateBuilder(
                issuedBy, serial(), Date.from(from), Date.from(to), subject, pair.getPublic());
        var ids = new JcaX509ExtensionUtils();
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(pair.getPublic()));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        builder.addExtension(
                Extension.keyUsage,
                true,
                new KeyUsage(
                        pair.getPublic().getAlgorithm().equals("RSA")
                                ? KeyUsage.digitalSignature | KeyUsage.keyEncipherment
                                : KeyUsage.digitalSignature));
        builder.addExtension(
                Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName(GeneralName.dNSName, host)));
        if (!itself) {
            builder.addExtension(
                    Extension.authorityKeyIdentifier, false, ids.createAuthorityKeyIdentifier(issuer.getPublicKey()));
            builder.addExtension(Extension.authorityInfoAccess, false, access(server));
        }
        X509Certificate leaf = sign(
                builder,
                itself ? pair.getPrivate() : intermediateKey(),
                server == DemoServer.RSA1024_SHA1 ? "SHA1withRSA" : "SHA256withRSA");
        Certificate[] chain = itself ? new Certificate[] {leaf} : new Certificate[] {leaf, issuer};
        keys.setKeyEntry(server.word(), pair.getPrivate(), PASSWORD, chain);
    }

    /** Only the stapled ones name a responder: the others have nothing to staple. */
    private AuthorityInformationAccess access(DemoServer server) {
        var issuers = new AccessDescription(
                X509ObjectIdentifiers.id_ad_caIssuers,
                new GeneralName(GeneralName.uniformResourceIdentifier, "http://" + helper + "/intermediate.cer"));
        return switch (server) {
            case STAPLED_GOOD, STAPLED_EXPIRED ->
                new AuthorityInformationAccess(new AccessDescription[] {
                    issuers,
                    new AccessDescription(
                            X509ObjectIdentifiers.id_ad_ocsp,
                            new GeneralName(GeneralName.uniformResourceIdentifier, "http://" + helper + "/ocsp"))
                });
            default -> new AuthorityInformationAccess(new AccessDescription[] {issuers});
        };
    }

    private JcaX509v3CertificateBuilder authority(X500Name name, KeyPair pair, X500Name issuer, int days)
            throws CertIOException, GeneralSecurityException {
        Instant from = now.minus(Duration.ofDays(400));
        var builder = new JcaX509v3CertificateBuilder(
                issuer, serial(), Date.from(from), Date.from(from.plus(Duration.ofDays(days))), name, pair.getPublic());
        var ids = new JcaX509ExtensionUtils();
        builder.addExtension(
                Extension.basicConstraints,
                true,
                name.equals(issuer) ? new BasicConstraints(true) : new BasicConstraints(0));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        builder.addExtension(Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(pair.getPublic()));
        if (!name.equals(issuer)) {
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    ids.createAuthorityKeyIdentifier(chain(ROOT)[0].getPublicKey()));
        }
        return builder;
    }

    private void save() throws IOException, GeneralSecurityException {
        Path half = directory.resolve("keys.p12.new");
        Files.deleteIfExists(half);
        Files.createFile(half, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (var out = Files.newOutputStream(half)) {
            keys.store(out, PASSWORD);
        }
        Files.move(half, directory.resolve("keys.p12"), StandardCopyOption.ATOMIC_MOVE);
        String pem = "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(chain(ROOT)[0].getEncoded())
                + "\n-----END CERTIFICATE-----\n";
        Files.writeString(rootPem(directory), pem, StandardCharsets.US_ASCII);
    }

    private BigInteger serial() {
        return new BigInteger(126, random).setBit(126);
    }

    private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey key, String algorithm)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(key)));
    }

    private static KeyPair rsa(int bits) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        return generator.generateKeyPair();
    }

    private static KeyPair p256() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }
}
