package io.tlsfleet.scanner.worker;

import java.io.Serial;

/** The endpoint lies in a shard of the address space that another worker of the site dials into. */
public final class Elsewhere extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final int shard;

    public Elsewhere(int shard) {
        super("shard " + shard, null, false, false);
        this.shard = shard;
    }

    public int shard() {
        return shard;
    }
}
