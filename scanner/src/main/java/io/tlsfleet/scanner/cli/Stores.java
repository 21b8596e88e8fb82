package io.tlsfleet.scanner.cli;

import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.TrustStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Trust stores as the command line names them. */
final class Stores {
    private static final Pattern CERTIFICATE = Pattern.compile(
            "-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----([A-Za-z0-9+/=\\s]+)-----END (?:TRUSTED |X509 )?CERTIFICATE-----");

    private Stores() {}

    /** Names the argument and says what is wrong with it. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;

        Unusable(String message) {
            super(message);
        }
    }

    /** The stores that are asked; Mozilla's where none is named. */
    static List<TrustStore> of(List<String> named, List<Path> given) throws Unusable {
        List<TrustStore> stores = new ArrayList<>();
        for (String name : named.isEmpty() ? List.of("mozilla") : named) {
            stores.add(
                    switch (name) {
                        case "mozilla" -> TrustStore.mozilla();
                        case "java" -> java();
                        default -> TrustStore.of(name, certificates("--trust-store", Path.of(name)));
                    });
        }
        if (!given.isEmpty()) {
            List<byte[]> anchors = new ArrayList<>();
            for (Path file : given) {
                anchors.addAll(certificates("--trust", file));
            }
            stores.add(TrustStore.of("given", anchors));
        }
        return List.copyOf(stores);
    }

    private static List<byte[]> certificates(String option, Path file) throws Unusable {
        try {
            List<byte[]> found = new ArrayList<>();
            Matcher matcher = CERTIFICATE.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
            while (matcher.find()) {
                found.add(Base64.getMimeDecoder().decode(matcher.group(1)));
            }
            if (found.isEmpty()) {
                throw new Unusable(option + " " + file + ": no PEM certificate in it");
            }
            return found;
        } catch (NoSuchFileException e) {
            throw new Unusable(option + " " + file + ": no such file");
        } catch (IOException e) {
            throw new Unusable(option + " " + file + ": cannot be read (" + e.getMessage() + ")");
        }
    }

    /** The JDK's own. */
    private static TrustStore java() throws Unusable {
        Path file = Path.of(System.getProperty("java.home"), "lib", "security", "cacerts");
        try {
            KeyStore store = KeyStore.getInstance(file.toFile(), (char[]) null);
            List<TrustStore.Anchor> anchors = new ArrayList<>();
            for (String alias : Collections.list(store.aliases())) {
                Certificate certificate = store.getCertificate(alias);
                if (certificate != null) {
                    anchors.add(new TrustStore.Anchor(CertificateFacts.read(certificate.getEncoded()), null));
                }
            }
            return new TrustStore("java", true, null, file.toString(), anchors);
        } catch (IOException | GeneralSecurityException e) {
            throw new Unusable("--trust-store java: " + file + " cannot be read (" + e.getMessage() + ")");
        }
    }
}
