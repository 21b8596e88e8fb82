package io.tlsfleet.store.lease;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.target.Blocklist;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.site.QuietWindow;
import io.tlsfleet.store.site.SiteSettings;
import io.tlsfleet.store.site.Sites;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is given to this worker now: its share; not what is on the blocklist or in a quiet window. Read anew every few seconds. */
final class Rulebook {
    private static final Duration BELIEVED = Duration.ofSeconds(5);
    private static final Duration BLOCKED_AGAIN = Duration.ofHours(1);

    private final Database database;
    private final String worker;
    private @Nullable Rules known;
    private long readAt;

    Rulebook(Database database, String worker) {
        this.database = database;
        this.worker = worker;
    }

    /** As of {@code now}, the database's. */
    record Rules(Instant now, Sites.Share share, Blocklist blocked, List<QuietWindow> windows) {
        /** Whether the whole site is. */
        boolean isQuiet() {
            return windows.stream()
                    .anyMatch(w -> w.tag() == null && w.endAt(now).isPresent());
        }

        /** The blocklist holds always; a window not for a scan that somebody asked for. */
        Optional<Instant> leftAloneUntil(Target target, boolean asked) {
            if (isBlocked(target)) {
                return Optional.of(now.plus(BLOCKED_AGAIN));
            }
            return asked
                    ? Optional.empty()
                    : windows.stream()
                            .filter(w -> w.covers(target.tags()))
                            .flatMap(w -> w.endAt(now).stream())
                            .max(Instant::compareTo);
        }

        private boolean isBlocked(Target target) {
            return blocked.objection(target.host()).isPresent()
                    || !target.addresses().isEmpty()
                            && target.addresses().stream()
                                    .allMatch(a -> blocked.objection(host(a)).isPresent());
        }

        /** Of "address", "address:port" or "[v6]:port". */
        private static String host(String place) {
            if (place.startsWith("[")) {
                return place.substring(1, Math.max(1, place.indexOf(']')));
            }
            int colon = place.indexOf(':');
            return colon >= 0 && colon == place.lastIndexOf(':') ? place.substring(0, colon) : place;
        }
    }

    synchronized Rules of(int site) {
        long at = System.nanoTime();
        Rules rules = known;
        if (rules == null || at - readAt > BELIEVED.toNanos()) {
            var row = database.sql().one("""
                            SELECT settings::text AS settings, now() AS now,
                              (SELECT coalesce(array_agg(pattern), '{}') FROM block WHERE until IS NULL OR until > now()) AS blocked
                            FROM site WHERE id = $1""", site);
            rules = new Rules(
                    Columns.instant(row, "now"),
                    new Sites(database.sql()).share(site, worker),
                    Blocklist.of(Columns.texts(row, "blocked")),
                    Json.read(Columns.json(row, "settings"), SiteSettings.class).windows());
            known = rules;
            readAt = at;
        }
        return rules;
    }
}
