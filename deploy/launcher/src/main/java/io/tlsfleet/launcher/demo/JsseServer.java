package io.tlsfleet.launcher.demo;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A server of the JDK's own TLS with exactly these versions and suites. */
record JsseServer(List<String> protocols, List<String> suites, boolean needsClientCertificate) {
    static final JsseServer MODERN = new JsseServer(
            List.of("TLSv1.3", "TLSv1.2"),
            List.of(
                    "TLS_AES_128_GCM_SHA256",
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
            false);

    private static final String[] PRESENT_DAY_SIGNATURES = {
        "ecdsa_secp256r1_sha256", "rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pkcs1_sha256", "rsa_pkcs1_sha384"
    };

    static JsseServer of(DemoServer server) {
        return switch (server) {
            case OLD_VERSIONS ->
                new JsseServer(
                        List.of("TLSv1", "TLSv1.1"),
                        List.of(
                                "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
                                "TLS_RSA_WITH_AES_128_CBC_SHA",
                                "TLS_RSA_WITH_AES_256_CBC_SHA"),
                        false);
            case SSLV3_RC4 ->
                new JsseServer(
                        List.of("SSLv3", "TLSv1.2"),
                        List.of("SSL_RSA_WITH_RC4_128_SHA", "SSL_RSA_WITH_RC4_128_MD5", "TLS_RSA_WITH_AES_128_CBC_SHA"),
                        false);
            case WEAK_SUITES ->
                new JsseServer(
                        List.of("TLSv1.2"),
                        List.of(
                                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                                "SSL_RSA_WITH_3DES_EDE_CBC_SHA",
                                "TLS_RSA_WITH_NULL_SHA256",
                                "SSL_RSA_WITH_NULL_SHA",
                                "TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
                                "TLS_DH_anon_WITH_AES_128_GCM_SHA256"),
                        false);
            case CLIENT_CERTIFICATE -> new JsseServer(MODERN.protocols, MODERN.suites, true);
            default -> MODERN;
        };
    }

    void listen(
            String address,
            int port,
            X509Certificate[] chain,
            PrivateKey key,
            X509Certificate clientAnchor,
            String page)
            throws IOException, GeneralSecurityException {
        SSLServerSocket server = (SSLServerSocket)
                context(chain, key, clientAnchor).getServerSocketFactory().createServerSocket();
        SSLParameters parameters = server.getSSLParameters();
        parameters.setProtocols(protocols.toArray(String[]::new));
        parameters.setCipherSuites(suites.toArray(String[]::new));
        parameters.setUseCipherSuitesOrder(true);
        parameters.setNeedClientAuth(needsClientCertificate);
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        if (protocols.equals(MODERN.protocols)) {
            parameters.setSignatureSchemes(
                    PRESENT_DAY_SIGNATURES); // with nothing disabled JSSE signs with MD5 for who asks
        }
        server.setSSLParameters(parameters);
        Listener.open(server, address, port, socket -> {
            ((SSLSocket) socket).startHandshake();
            Listener.http(socket.getInputStream(), socket.getOutputStream(), page);
        });
    }

    private static SSLContext context(X509Certificate[] chain, PrivateKey key, X509Certificate clientAnchor)
            throws IOException, GeneralSecurityException {
        char[] password = "demo".toCharArray();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, password);
        keys.setKeyEntry("server", key, password, chain);
        KeyManagerFactory managers = KeyManagerFactory.getInstance("SunX509");
        managers.init(keys, password);
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, password);
        anchors.setCertificateEntry("anchor", clientAnchor);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
