package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.tls.x509.TrustStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Anchors of one's own, and whose targets they are for. What holds for a target is one store, beside the public ones. */
public final class TrustBook {
    /** The name of that store in reports, as on the command line. */
    public static final String GIVEN = "given";

    public static final TrustBook NONE = new TrustBook(List.of());

    private final List<Anchor> anchors;
    private final Map<List<Anchor>, TrustStore> stores = new ConcurrentHashMap<>();

    /**
     * For all targets where neither host ({@code *} stands for anything), owner, tag ({@code key:value}) nor site is given;
     * else all that is given must hold.
     */
    public record Anchor(
            String sha256,
            byte[] der,
            @Nullable String host,
            @Nullable String owner,
            @Nullable String tag,
            @Nullable String site) {
        public Anchor {
            if (tag != null && tag.indexOf(':') <= 0) {
                throw new IllegalArgumentException("'" + tag + "' is no tag: write key:value");
            }
        }

        boolean isFor(Target target) {
            boolean all = host == null && owner == null && tag == null && site == null;
            return all || new PolicyBook.Assignment("", host, owner, tag, site).takes(target);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Anchor that && sha256.equals(that.sha256);
        }

        @Override
        public int hashCode() {
            return sha256.hashCode();
        }
    }

    public TrustBook(List<Anchor> anchors) {
        this.anchors = List.copyOf(anchors);
    }

    /** {@code base}, and what is for this target; anchors that {@code base} has under the same name stay beside them. */
    public List<TrustStore> of(Target target, List<TrustStore> base) {
        List<Anchor> mine = anchors.stream()
                .filter(anchor -> anchor.isFor(target))
                .distinct()
                .toList();
        if (mine.isEmpty()) {
            return base;
        }
        List<TrustStore> all = new ArrayList<>();
        List<TrustStore.Anchor> held = new ArrayList<>();
        for (TrustStore store : base) {
            if (store.name().equals(GIVEN)) {
                held.addAll(store.anchors());
            } else {
                all.add(store);
            }
        }
        TrustStore own = stores.computeIfAbsent(
                mine, key -> TrustStore.of(GIVEN, key.stream().map(Anchor::der).toList()));
        held.addAll(own.anchors());
        all.add(held.size() == own.anchors().size() ? own : new TrustStore(GIVEN, false, null, "given", held));
        return List.copyOf(all);
    }
}
