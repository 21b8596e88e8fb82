package io.tlsfleet.scanner.capture;

import java.util.LinkedHashMap;
import java.util.Map;

/** The bytes of a capture that wait for others: beyond a budget the part that waits longest without a new byte leaves. */
final class Backlog {
    static final long BUDGET = 128L << 20;
    /** What a piece costs beside its bytes. */
    static final int PIECE = 96;

    /** Somewhere that bytes wait. */
    interface Part {
        /** Forgets them all; whether something unfinished was lost. */
        boolean leave();
    }

    private final long budget;
    private final Map<Part, Integer> held = new LinkedHashMap<>(64, 0.75f, true);
    private long sum;
    private int lost;

    Backlog(long budget) {
        this.budget = budget;
    }

    /** That part holds so many bytes from now on. */
    void hold(Part part, int bytes) {
        set(part, bytes);
        while (sum > budget) {
            drop(held.keySet().iterator().next());
        }
    }

    /** Sends that part away, whatever it holds. */
    void drop(Part part) {
        set(part, 0);
        lost += part.leave() ? 1 : 0;
    }

    /** How many parts left before they were whole. */
    int lost() {
        return lost;
    }

    private void set(Part part, int bytes) {
        Integer before = bytes == 0 ? held.remove(part) : held.put(part, bytes);
        sum += bytes - (before == null ? 0 : before);
    }
}
