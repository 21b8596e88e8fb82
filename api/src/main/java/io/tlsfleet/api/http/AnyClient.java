package io.tlsfleet.api.http;

import io.vertx.core.net.TrustOptions;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Takes a handshake with any client certificate: that the client has its key is what the handshake proves, whether that key
 * may do anything is asked of the store at each request ({@link Doorkeeper}). Never for the certificates of servers.
 */
final class AnyClient extends X509ExtendedTrustManager {
    static final TrustOptions TRUST = TrustOptions.wrap(new AnyClient());

    private AnyClient() {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
        // the key is asked for by its hash
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
        // the key is asked for by its hash
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
        // the key is asked for by its hash
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("for clients only");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("for clients only");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("for clients only");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
