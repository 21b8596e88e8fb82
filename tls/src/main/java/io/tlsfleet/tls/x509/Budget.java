package io.tlsfleet.tls.x509;

/** What one judgement may cost, counted and not timed, so that the same chain has the same verdict everywhere. */
final class Budget {
    /** In verifications of RSA-2048; together well under 200 ms. */
    private static final int SIGNATURES = 2_000;

    private static final int STEPS = 5_000;
    private static final int NAME_COMPARISONS = 1 << 23;

    private int signatures = SIGNATURES;
    private int steps = STEPS;
    private int comparisons = NAME_COMPARISONS;

    boolean signature(PublicKeyFacts key) {
        signatures -= Signatures.cost(key);
        return signatures >= 0;
    }

    boolean step() {
        return --steps >= 0;
    }

    boolean comparisons(long count) {
        comparisons -= (int) Math.min(count, NAME_COMPARISONS + 1L);
        if (comparisons < 0) {
            comparisons = -1;
        }
        return comparisons >= 0;
    }

    /** A second search, for the reason why the first found nothing, gets a little more. */
    void grant(int more) {
        steps = Math.max(steps, 0) + more;
    }
}
