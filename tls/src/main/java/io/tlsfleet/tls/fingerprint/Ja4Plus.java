package io.tlsfleet.tls.fingerprint;

import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * The fingerprints that stand under a licence of their own (FoxIO License 1.1) and therefore in a module of their own:
 * here is only the place where it plugs in. Found by {@link ServiceLoader} when its jar is there.
 */
public interface Ja4Plus {
    /** Of a ServerHello's body. */
    Ja4s ja4s(byte[] serverHello, Transport transport) throws MalformedMessage;

    /** Of a certificate, DER. */
    String ja4x(byte[] certificate) throws MalformedMessage;

    record Ja4s(String hash, String raw) {}

    static Optional<Ja4Plus> find(ClassLoader loader) {
        return ServiceLoader.load(Ja4Plus.class, loader).findFirst();
    }
}
