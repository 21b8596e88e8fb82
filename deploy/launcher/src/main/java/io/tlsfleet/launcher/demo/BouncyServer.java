package io.tlsfleet.launcher.demo;

import java.io.IOException;
import java.net.ServerSocket;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Hashtable;
import java.util.Vector;
import org.bouncycastle.asn1.ocsp.OCSPResponse;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.CertificateEntry;
import org.bouncycastle.tls.CertificateStatus;
import org.bouncycastle.tls.CertificateStatusType;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.ProtocolName;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsServerProtocol;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.bc.BcDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.bouncycastle.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Where the JDK's TLS cannot: hybrid groups, and a staple of our choice. ECDSA P-256 keys only. */
record BouncyServer(ProtocolVersion[] versions, int[] groups, byte @Nullable [] staple) {
    private static final int[] SUITES = {
        CipherSuite.TLS_AES_128_GCM_SHA256,
        CipherSuite.TLS_AES_256_GCM_SHA384,
        CipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        CipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
    };

    static BouncyServer postQuantumOnly() {
        return new BouncyServer(ProtocolVersion.TLSv13.only(), new int[] {NamedGroup.X25519MLKEM768}, null);
    }

    static BouncyServer stapling(byte[] staple) {
        return new BouncyServer(
                ProtocolVersion.TLSv13.downTo(ProtocolVersion.TLSv12),
                new int[] {NamedGroup.x25519, NamedGroup.secp256r1, NamedGroup.secp384r1},
                staple);
    }

    void listen(String address, int port, X509Certificate[] chain, PrivateKey key, String page)
            throws IOException, GeneralSecurityException {
        BcTlsCrypto crypto = new BcTlsCrypto(new SecureRandom());
        TlsCertificate[] certificates = new TlsCertificate[chain.length];
        for (int i = 0; i < chain.length; i++) {
            certificates[i] = crypto.createCertificate(chain[i].getEncoded());
        }
        AsymmetricKeyParameter signing = PrivateKeyFactory.createKey(key.getEncoded());
        Listener.open(new ServerSocket(), address, port, socket -> {
            TlsServerProtocol protocol = new TlsServerProtocol(socket.getInputStream(), socket.getOutputStream());
            protocol.accept(new Session(crypto, certificates, signing));
            Listener.http(protocol.getInputStream(), protocol.getOutputStream(), page);
            protocol.close();
        });
    }

    /** One connection's side of the library's calls. */
    private final class Session extends DefaultTlsServer {
        private final TlsCertificate[] chain;
        private final AsymmetricKeyParameter key;

        Session(BcTlsCrypto crypto, TlsCertificate[] chain, AsymmetricKeyParameter key) {
            super(crypto);
            this.chain = chain;
            this.key = key;
        }

        @Override
        protected ProtocolVersion[] getSupportedVersions() {
            return versions;
        }

        @Override
        protected int[] getSupportedCipherSuites() {
            return TlsUtils.getSupportedCipherSuites(getCrypto(), SUITES);
        }

        @Override
        public int[] getSupportedGroups() {
            return groups;
        }

        /** Unasked, the library takes any curve of the client's that it knows, sect163 too. */
        @Override
        protected int selectECDH(int minimumCurveBits) {
            int[] offered = context.getSecurityParametersHandshake().getClientSupportedGroups();
            for (int group : groups) {
                if (offered == null || Arrays.contains(offered, group)) {
                    return group;
                }
            }
            return -1;
        }

        @Override
        protected boolean allowCertificateStatus() {
            return staple != null;
        }

        @Override
        protected Vector<ProtocolName> getProtocolNames() {
            Vector<ProtocolName> names = new Vector<>();
            names.add(ProtocolName.HTTP_1_1);
            return names;
        }

        @Override
        public CertificateStatus getCertificateStatus() {
            return new CertificateStatus(CertificateStatusType.ocsp, OCSPResponse.getInstance(staple));
        }

        @Override
        public TlsCredentials getCredentials() throws IOException {
            var schemes = context.getSecurityParametersHandshake().getClientSigAlgs();
            var ecdsa = SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa);
            if (schemes == null || !TlsUtils.containsSignatureAlgorithm(schemes, ecdsa)) {
                throw new TlsFatalAlert(AlertDescription.handshake_failure);
            }
            return new BcDefaultTlsCredentialedSigner(
                    new TlsCryptoParameters(context), (BcTlsCrypto) getCrypto(), key, certificate(), ecdsa);
        }

        /** In TLS 1.3 the staple lies in the leaf's entry, where it was asked for. */
        private org.bouncycastle.tls.Certificate certificate() throws IOException {
            if (!TlsUtils.isTLSv13(context)) {
                return new org.bouncycastle.tls.Certificate(chain);
            }
            CertificateEntry[] entries = new CertificateEntry[chain.length];
            for (int i = 0; i < chain.length; i++) {
                entries[i] =
                        new CertificateEntry(chain[i], i == 0 && certificateStatusRequest != null ? stapled() : null);
            }
            return new org.bouncycastle.tls.Certificate(TlsUtils.EMPTY_BYTES, entries);
        }

        @SuppressWarnings("JdkObsolete") // the library's own choice
        private @Nullable Hashtable<Integer, byte[]> stapled() throws IOException {
            if (staple == null) {
                return null;
            }
            var buffer = new java.io.ByteArrayOutputStream();
            getCertificateStatus().encode(buffer);
            Hashtable<Integer, byte[]> extensions = new Hashtable<>();
            extensions.put(TlsExtensionsUtils.EXT_status_request, buffer.toByteArray());
            return extensions;
        }
    }
}
