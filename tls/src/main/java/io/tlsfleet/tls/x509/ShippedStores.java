package io.tlsfleet.tls.x509;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Stores that travel with the program, in the form of {@link StoreFile}. */
final class ShippedStores {
    private ShippedStores() {}

    private static final class Mozilla {
        static final TrustStore STORE = read("mozilla", "mozilla.pem");
    }

    static TrustStore mozilla() {
        return Mozilla.STORE;
    }

    private static TrustStore read(String name, String resource) {
        try (InputStream in = ShippedStores.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + resource + " is missing");
            }
            return StoreFile.read(name, new String(in.readAllBytes(), StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(resource, e);
        }
    }
}
