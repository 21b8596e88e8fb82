package io.tlsfleet.scanner.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DroughtTest {
    private final AtomicLong now = new AtomicLong(-5);
    private final Drought drought = new Drought(now::get);

    @Test
    void aDayWithoutLeasesIsALineAMinuteAndNotOneForEachTry() {
        assertThat(drought.over()).isEmpty();
        List<String> said = new ArrayList<>();
        for (int second = 0; second < 86_400; second++) {
            drought.lasts(new IOException("away")).ifPresent(said::add);
            now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        }
        assertThat(said).hasSize(24 * 60).startsWith("no leases, asking on: away", "no leases for 60 s: away");
        assertThat(drought.over()).contains("leases again, after 86400 s");
        assertThat(drought.over()).isEmpty();
        assertThat(drought.lasts(new IOException("again"))).contains("no leases, asking on: again");
    }
}
