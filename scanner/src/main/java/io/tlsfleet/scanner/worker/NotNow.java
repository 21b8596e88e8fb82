package io.tlsfleet.scanner.worker;

import java.io.Serial;
import java.time.Duration;

/**
 * This worker may not dial the endpoint at this moment: another one of the site dials into its shard of the address space ({@code
 * later} is zero then), or so much is under way there that there will be room in {@code later}.
 */
public final class NotNow extends Exception {
    @Serial
    private static final long serialVersionUID = 2;

    private final int shard;
    private final Duration later;

    public NotNow(int shard, Duration later) {
        super("shard " + shard + ", in " + later, null, false, false);
        this.shard = shard;
        this.later = later;
    }

    public int shard() {
        return shard;
    }

    public Duration later() {
        return later;
    }
}
