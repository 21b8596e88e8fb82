package io.tlsfleet.store.site;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an operator sets for a site; null: the product's own. Stored as it is in {@code site.settings}.
 *
 * @param windows when targets are left alone
 */
public record SiteSettings(
        List<String> allow,
        List<String> deny,
        @Nullable Integer concurrentPerHost,
        @Nullable Double ratePerHost,
        @Nullable Double ratePerNetwork,
        @Nullable Double ratePerOwner,
        Map<String, Double> ownerRates,
        List<QuietWindow> windows) {
    public static final SiteSettings NONE =
            new SiteSettings(List.of(), List.of(), null, null, null, null, Map.of(), List.of());

    @SuppressWarnings("NullAway") // what was stored before a member was there
    public SiteSettings {
        allow = allow == null ? List.of() : List.copyOf(allow);
        deny = deny == null ? List.of() : List.copyOf(deny);
        ownerRates = ownerRates == null ? Map.of() : Map.copyOf(ownerRates);
        windows = windows == null ? List.of() : List.copyOf(windows);
    }
}
