package io.tlsfleet.store.lease;

import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** A lease's token: sixty random bits in front, the endpoint behind, so that a token finds its row without an index. */
public final class Tokens {
    /** Makes one for the row at hand. */
    static final String SQL =
            "(substr(replace(gen_random_uuid()::text, '-', ''), 1, 16) || lpad(to_hex(s.endpoint_id), 16, '0'))::uuid";

    private Tokens() {}

    public static long endpoint(UUID token) {
        return token.getLeastSignificantBits();
    }

    static List<Long> endpoints(Collection<UUID> tokens) {
        return tokens.stream().map(Tokens::endpoint).toList();
    }
}
