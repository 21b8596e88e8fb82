package io.tlsfleet.tls.x509;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Certificates that were read not long ago: in a fleet the same intermediates, and from scan to scan the same leaves,
 * come again, and one of them is asked for in several places of one judgement. Bounded, and a memory of the process:
 * what it answers is what reading would have answered.
 */
final class CertificatesRead {
    private static final int MOST = 1_024;

    /** Larger ones are rare, and few of them would push out many. */
    private static final int LARGEST = 4_096;

    private static final CertificatesRead SHARED = new CertificatesRead();

    private final Map<Content, CertificateFacts> kept = new LinkedHashMap<>(256, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Content, CertificateFacts> eldest) {
            return size() > MOST;
        }
    };

    private record Content(byte[] der) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Content that && Arrays.equals(der, that.der);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(der);
        }
    }

    static CertificateFacts read(byte[] der) {
        return der.length > LARGEST ? CertificateReader.read(der) : SHARED.find(der);
    }

    private CertificateFacts find(byte[] der) {
        Content asked = new Content(der);
        synchronized (kept) {
            CertificateFacts known = kept.get(asked);
            if (known != null) {
                return known;
            }
        }
        byte[] own = der.clone();
        CertificateFacts facts = CertificateReader.read(own);
        synchronized (kept) {
            kept.put(new Content(own), facts);
        }
        return facts;
    }
}
