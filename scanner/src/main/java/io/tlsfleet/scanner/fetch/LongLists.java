package io.tlsfleet.scanner.fetch;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.CrlExcerpt;
import io.tlsfleet.tls.x509.RevocationList;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Revocation lists too long to be kept or sent on (some public ones have 50 MB). One at a time is read whole, in memory;
 * what is kept of it are eight octets for each serial number. A list that may name the certificate is read again for its
 * entry, so that a collision costs a request and never a verdict.
 */
final class LongLists {
    /** A quarter of the heap at most, so that the list of a stranger is never the end of the process. */
    static final int MAX_LIST = (int) Math.min(128 << 20, Runtime.getRuntime().maxMemory() / 4);

    private static final ReentrantLock READING = new ReentrantLock(true);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long MAX_KEPT = 64L << 20;

    private final Fetcher fetcher;
    private final InstantSource clock;
    private final Map<String, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);

    private record Kept(@Nullable CrlExcerpt list, @Nullable String failure, Instant at, Instant until) {}

    LongLists(Fetcher fetcher, InstantSource clock) {
        this.fetcher = fetcher;
        this.clock = clock;
    }

    /** What the list says of this certificate, as {@link CrlExcerpt} has it. */
    Fetcher.Fetched about(CertificateFacts certificate, String url) throws InterruptedException {
        Optional<Fetcher.Fetched> known = known(certificate, url);
        if (known.isPresent()) {
            return known.get();
        }
        if (!READING.tryLock(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            return new Fetcher.Fetched(
                    clock.instant(), null, "larger than is read at once, while other long lists were being read");
        }
        try {
            known = known(certificate, url);
            return known.isPresent() ? known.get() : read(certificate, url);
        } finally {
            READING.unlock();
        }
    }

    private Optional<Fetcher.Fetched> known(CertificateFacts certificate, String url) {
        synchronized (kept) {
            Kept known = kept.get(url);
            if (known == null || clock.instant().isAfter(known.until)) {
                return Optional.empty();
            }
            CrlExcerpt list = known.list;
            return list == null
                    ? Optional.of(new Fetcher.Fetched(known.at, null, known.failure))
                    : list.without(certificate).map(excerpt -> new Fetcher.Fetched(known.at, excerpt, null));
        }
    }

    private Fetcher.Fetched read(CertificateFacts certificate, String url) throws InterruptedException {
        Fetcher.Fetched whole = fetcher.getLarge(url, MAX_LIST);
        byte[] bytes = whole.bytes();
        if (bytes == null) {
            return failed(url, whole.at(), String.valueOf(whole.failure()));
        }
        try {
            byte[] der = RevocationList.der(bytes);
            CrlExcerpt list = CrlExcerpt.of(der).orElse(null);
            if (list == null) {
                return failed(url, whole.at(), "larger than is kept, and of a kind that cannot be judged in part");
            }
            Duration until = ChainFetch.until(list.nextUpdate().orElse(null), clock.instant());
            keep(url, new Kept(list, null, whole.at(), clock.instant().plus(until)));
            return new Fetcher.Fetched(whole.at(), list.about(certificate, der), null);
        } catch (MalformedMessage e) {
            return failed(url, whole.at(), "no revocation list: " + e.getMessage());
        }
    }

    private Fetcher.Fetched failed(String url, Instant at, String why) {
        keep(url, new Kept(null, why, at, clock.instant().plus(Duration.ofMinutes(5))));
        return new Fetcher.Fetched(at, null, why);
    }

    private void keep(String url, Kept answer) {
        synchronized (kept) {
            kept.put(url, answer);
            long sum = kept.values().stream().mapToLong(LongLists::size).sum();
            Iterator<Kept> oldest = kept.values().iterator();
            while (sum > MAX_KEPT && oldest.hasNext()) {
                sum -= size(oldest.next());
                oldest.remove();
            }
        }
    }

    private static long size(Kept answer) {
        CrlExcerpt list = answer.list;
        return list == null ? 256 : list.size();
    }
}
