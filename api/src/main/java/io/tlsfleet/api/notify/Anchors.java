package io.tlsfleet.api.notify;

import io.tlsfleet.fleet.target.FileFault;
import io.tlsfleet.tls.x509.Pem;
import io.vertx.core.net.TrustOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Whom the server believes where it connects to others: the JDK's certification authorities, and its operator's own beside them. */
public final class Anchors {
    public static final Anchors OF_THE_JDK = new Anchors(List.of());

    private final List<X509Certificate> own;
    private TrustManager @Nullable [] managers;

    private Anchors(List<X509Certificate> own) {
        this.own = List.copyOf(own);
    }

    /** With those in these files. {@code IllegalArgumentException} names the file that is none. */
    public static Anchors and(List<Path> files) {
        List<X509Certificate> own = new ArrayList<>();
        for (Path file : files) {
            own.addAll(read(file));
        }
        return new Anchors(own);
    }

    private static List<X509Certificate> read(Path file) {
        List<X509Certificate> read = new ArrayList<>();
        try {
            for (byte[] der : Pem.certificates(Files.readAllBytes(file))) {
                read.add((X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der)));
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(file + ": " + FileFault.of(e), e);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    file + ": certificate " + (read.size() + 1) + " in it cannot be read", e);
        }
        if (read.isEmpty()) {
            throw new IllegalArgumentException(file + ": no certificate in it");
        }
        return read;
    }

    /** By what a client's TLS judges; read once. */
    synchronized TrustManager[] trustManagers() throws GeneralSecurityException, IOException {
        TrustManager[] known = managers;
        if (known == null) {
            known = made();
            managers = known;
        }
        return known.clone();
    }

    private TrustManager[] made() throws GeneralSecurityException, IOException {
        TrustManager[] usual = trustManagers(null);
        if (own.isEmpty()) {
            return usual;
        }
        KeyStore all = KeyStore.getInstance(KeyStore.getDefaultType());
        all.load(null, null);
        int count = 0;
        for (TrustManager manager : usual) {
            if (manager instanceof X509TrustManager judge) {
                for (X509Certificate anchor : judge.getAcceptedIssuers()) {
                    all.setCertificateEntry("anchor-" + count++, anchor);
                }
            }
        }
        for (X509Certificate anchor : own) {
            all.setCertificateEntry("anchor-" + count++, anchor);
        }
        return trustManagers(all);
    }

    /** The same for Vert.x. */
    TrustOptions options() {
        try {
            return TrustOptions.wrap(trustManagers()[0]);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the JDK's certification authorities cannot be read", e);
        }
    }

    private static TrustManager[] trustManagers(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }
}
