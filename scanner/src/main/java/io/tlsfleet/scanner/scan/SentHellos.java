package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.Observation.SentHello;
import io.tlsfleet.scanner.probe.Hellos;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.tls.fingerprint.ClientFingerprint;
import io.tlsfleet.tls.fingerprint.Fingerprinter;
import io.tlsfleet.tls.fingerprint.Transport;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * JA3 and JA4 of hellos of ours, so that a scan is found in other people's logs. They depend on the offer and on whether there is
 * a name, not on the name or on randoms, and are kept.
 */
final class SentHellos {
    private static final int MOST = 256;
    private static final Map<Sent, SentHello> KNOWN = new ConcurrentHashMap<>();

    private record Sent(String label, Offer offer, boolean isPlain, boolean named) {}

    private SentHellos() {}

    static SentHello of(String label, Offer shaped, boolean isPlain, boolean named, Hellos hellos) {
        Sent sent = new Sent(label, shaped, isPlain, named);
        SentHello known = KNOWN.get(sent);
        if (known != null) {
            return known;
        }
        try {
            byte[] body = hellos.hello(shaped, isPlain).encode().body();
            ClientFingerprint print = new Fingerprinter().client(body, Transport.TCP);
            SentHello made = new SentHello(label, print.ja3(), print.ja4());
            if (KNOWN.size() < MOST) {
                KNOWN.put(sent, made);
            }
            return made;
        } catch (MalformedMessage e) {
            throw new IllegalStateException("a hello of our own", e);
        }
    }
}
