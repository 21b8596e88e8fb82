package io.tlsfleet.scanner.cli;

import io.tlsfleet.fleet.target.FileFault;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.CtLogs;
import io.tlsfleet.tls.x509.ListedKeys;
import io.tlsfleet.tls.x509.Pem;
import io.tlsfleet.tls.x509.StoreFile;
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
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Trust stores, and what else judges certificates, as command lines name them. */
public final class Stores {
    private static final List<String> SYSTEM = List.of(
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
            "/etc/ssl/ca-bundle.pem",
            "/etc/ssl/cert.pem");

    private Stores() {}

    /** Names the argument and says what is wrong with it. */
    public static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;

        Unusable(String message) {
            super(message);
        }
    }

    /** The stores that are asked; Mozilla's where none is named. */
    public static List<TrustStore> of(List<String> named, List<Path> given) throws Unusable {
        List<TrustStore> stores = new ArrayList<>();
        for (String name : named.isEmpty() ? List.of("mozilla") : named) {
            switch (name) {
                case "mozilla" -> stores.add(TrustStore.mozilla());
                case "java" -> stores.add(java());
                case "system" -> system().ifPresent(stores::add);
                default -> stores.add(file(name));
            }
        }
        stores.addAll(given(given));
        return List.copyOf(stores);
    }

    /** Anchors of one's own, from all files one store. */
    static List<TrustStore> given(List<Path> files) throws Unusable {
        if (files.isEmpty()) {
            return List.of();
        }
        List<byte[]> anchors = new ArrayList<>();
        for (Path file : files) {
            anchors.addAll(certificates("--trust", file));
        }
        return List.of(TrustStore.of("given", anchors));
    }

    /** The logs that timestamps are judged by, from here on: a table of {@code trust import-logs} or a published list. */
    public static void useLogs(@Nullable Path file) throws Unusable {
        if (file == null) {
            return;
        }
        try {
            CtLogs.use(CtLogs.read(CtLogList.table(Files.readString(file, StandardCharsets.UTF_8))));
        } catch (NoSuchFileException e) {
            throw new Unusable("--ct-logs " + file + ": no such file");
        } catch (IOException e) {
            throw new Unusable("--ct-logs " + file + ": " + FileFault.of(e));
        } catch (IllegalArgumentException e) {
            throw new Unusable("--ct-logs " + file + ": " + e.getMessage());
        }
    }

    /** The lists of keys that others have the private half of, from here on. */
    public static void useKnownKeys(List<Path> files) throws Unusable {
        List<ListedKeys> lists = new ArrayList<>();
        for (Path file : files) {
            try {
                lists.add(ListedKeys.read(String.valueOf(file.getFileName()), Files.readAllBytes(file)));
            } catch (NoSuchFileException e) {
                throw new Unusable("--known-keys " + file + ": no such file");
            } catch (IOException | IllegalArgumentException e) {
                throw new Unusable("--known-keys " + file + ": " + FileFault.of(e));
            }
        }
        ListedKeys.use(lists);
    }

    /** A store as {@code trust import} writes it, or any file with certificates. */
    private static TrustStore file(String name) throws Unusable {
        Path file = Path.of(name);
        List<byte[]> anchors = certificates("--trust-store", file);
        try {
            String text = Files.readString(file, StandardCharsets.ISO_8859_1);
            Path last = file.getFileName();
            return text.startsWith("# tlsfleet trust store")
                    ? StoreFile.read(last == null ? name : last.toString().replaceFirst("\\.[a-z]+$", ""), text)
                    : TrustStore.of(name, anchors);
        } catch (IOException e) {
            throw new Unusable("--trust-store " + name + ": " + FileFault.of(e));
        }
    }

    private static List<byte[]> certificates(String option, Path file) throws Unusable {
        try {
            List<byte[]> found = Pem.certificates(Files.readAllBytes(file));
            if (found.isEmpty()) {
                throw new Unusable(option + " " + file + ": no certificate in it");
            }
            return found;
        } catch (NoSuchFileException e) {
            throw new Unusable(option + " " + file + ": no such file");
        } catch (IOException e) {
            throw new Unusable(option + " " + file + ": " + FileFault.of(e));
        }
    }

    /** What the programs of this machine trust; none where it is not kept in one of the usual files. */
    private static Optional<TrustStore> system() throws Unusable {
        for (String place : SYSTEM) {
            Path file = Path.of(place);
            if (Files.isReadable(file)) {
                List<TrustStore.Anchor> anchors = new ArrayList<>();
                for (byte[] der : certificates("--trust-store system", file)) {
                    anchors.add(new TrustStore.Anchor(CertificateFacts.read(der), null));
                }
                return Optional.of(new TrustStore("system", false, null, place, anchors));
            }
        }
        return Optional.empty();
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
            throw new Unusable("--trust-store java: " + file + " " + FileFault.of(e));
        }
    }
}
