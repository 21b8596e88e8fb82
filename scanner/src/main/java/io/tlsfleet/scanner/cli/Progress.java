package io.tlsfleet.scanner.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** One line on a terminal's standard error: {@code 412 of 10,000   38/s   eta 4 min   unreachable 12   findings 97}. */
final class Progress implements AutoCloseable {
    private static final long BETWEEN_NANOS = 200_000_000L;

    private final PrintWriter err;
    private final boolean shown;
    private final long total;
    private final long start = System.nanoTime();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong unreachable = new AtomicLong();
    private final AtomicLong findings = new AtomicLong();
    private final AtomicLong lastShown = new AtomicLong();

    Progress(PrintWriter err, boolean shown, long total) {
        this.err = err;
        this.shown = shown;
        this.total = total;
    }

    void finished(boolean wasUnreachable, int itsFindings) {
        done.incrementAndGet();
        if (wasUnreachable) {
            unreachable.incrementAndGet();
        }
        findings.addAndGet(itsFindings);
        long now = System.nanoTime() - start;
        long last = lastShown.get();
        if (shown && now - last > BETWEEN_NANOS && lastShown.compareAndSet(last, now)) {
            err.print("\r\u001b[K" + line(now));
            err.flush();
        }
    }

    String line(long elapsedNanos) {
        double rate = done.get() / Math.max(0.001, elapsedNanos / 1e9);
        long left = rate == 0 ? 0 : Math.round((total - done.get()) / rate);
        return String.format(
                Locale.ROOT,
                "%,d of %,d   %s/s   eta %s   unreachable %,d   findings %,d",
                done.get(),
                total,
                rate >= 10 ? Math.round(rate) : String.format(Locale.ROOT, "%.1f", rate),
                left < 90
                        ? left + " s"
                        : left < 5400 ? Math.round(left / 60.0) + " min" : Math.round(left / 3600.0) + " h",
                unreachable.get(),
                findings.get());
    }

    /** Leaves a clean line behind. */
    @Override
    public void close() {
        if (shown) {
            err.print("\r\u001b[K");
            err.flush();
        }
    }
}
