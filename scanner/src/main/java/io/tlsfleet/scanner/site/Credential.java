package io.tlsfleet.scanner.site;

import io.tlsfleet.tls.keys.ClientIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import org.jspecify.annotations.Nullable;

/** By what a site's worker is known to the API: a token, or the key of a client certificate. Both lie in files. */
public sealed interface Credential {
    /** Changes when a new connection is due. */
    Object version();

    /** What goes along with every request. */
    Optional<String> token();

    /** What the handshake shows; null for nothing. */
    KeyManager @Nullable [] keys() throws IOException;

    /** Read each time, so that it can be changed. */
    record Token(Path file) implements Credential {
        @Override
        public Object version() {
            return "";
        }

        @Override
        public Optional<String> token() {
            try {
                return Optional.of(Files.readString(file).strip());
            } catch (IOException e) {
                throw new ApiAway("the token file " + file + " cannot be read: " + e.getMessage());
            }
        }

        @Override
        public KeyManager @Nullable [] keys() {
            return null;
        }
    }

    /** PEM, leaf first, and its key without a passphrase. */
    record ClientCertificate(Path certificate, Path key) implements Credential {
        @Override
        public Object version() {
            try {
                return List.of(Files.getLastModifiedTime(certificate), Files.getLastModifiedTime(key));
            } catch (IOException e) {
                throw new ApiAway("the client certificate " + certificate + " or its key " + key + " cannot be read: "
                        + e.getMessage());
            }
        }

        @Override
        public Optional<String> token() {
            return Optional.empty();
        }

        @Override
        public KeyManager @Nullable [] keys() throws IOException {
            try {
                ClientIdentity identity = ClientIdentity.of(Files.readAllBytes(certificate), Files.readAllBytes(key));
                KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                keys.init(identity.keyStore(), new char[0]);
                return keys.getKeyManagers();
            } catch (ClientIdentity.Unusable | GeneralSecurityException e) {
                throw new IOException(certificate + ", " + key + ": " + e.getMessage(), e);
            }
        }
    }
}
