package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Sessions that are taken up again, and the keys that their tickets hang on. */
final class ResumptionRules {
    private static final long SEVEN_DAYS = Duration.ofDays(7).toSeconds();

    private ResumptionRules() {}

    static void judge(Case c, Findings out) {
        Observation.Resumption resumption = c.facts().resumption();
        if (resumption == null) {
            return;
        }
        none(c, out, resumption);
        lifetime(c, out, resumption);
        Observation.Resumption.Tls12 tls12 = resumption.tls12();
        String key = tls12 == null ? null : tls12.ticketKeyName();
        if (key != null) {
            for (Memory.TicketKey seen : c.memory().ticketKeys()) {
                if (seen.name().equals(key)) {
                    key(c, out, seen);
                }
            }
        }
    }

    private static void none(Case c, Findings out, Observation.Resumption resumption) {
        Observation.Resumption.Tls12 tls12 = resumption.tls12();
        Observation.Resumption.Tls13 tls13 = resumption.tls13();
        boolean none12 = tls12 == null
                ? !c.accepts(ProtocolVersion.TLS_1_2)
                : tls12.sessionId() == FactState.REFUSED && tls12.ticket() == FactState.REFUSED;
        boolean none13 = tls13 == null ? !c.accepts(ProtocolVersion.TLS_1_3) : tls13.psk() == FactState.REFUSED;
        if ((tls12 != null || tls13 != null) && none12 && none13) {
            out.raise("resumption.none")
                    .evidence("/resumption", resumption)
                    .reproduce(c.commands()
                                    .openssl("-reconnect "
                                            + (c.accepts(ProtocolVersion.TLS_1_2) ? "-tls1_2" : "-tls1_3"))
                            + " | grep -E '^(New|Reused)'")
                    .because("Neither session ids nor tickets were taken up again.");
        }
    }

    private static void lifetime(Case c, Findings out, Observation.Resumption resumption) {
        List<String> parts = new ArrayList<>();
        long longest = Math.max(
                lifetime(
                        parts,
                        "TLS 1.2",
                        resumption.tls12() == null ? null : resumption.tls12().ticketLifetimeSeconds()),
                lifetime(
                        parts,
                        "TLS 1.3",
                        resumption.tls13() == null ? null : resumption.tls13().ticketLifetimeSeconds()));
        Duration rotation = rotation(c.memory().ticketKeys());
        if (longest > SEVEN_DAYS) {
            out.raise("resumption.ticket-lifetime-exceeds-rotation")
                    .evidence("lifetimeSeconds", longest)
                    .reproduce("sleep 1 | " + c.commands().client("") + " | grep 'lifetime hint'")
                    .because("Tickets are promised to live " + Words.all(parts) + ", more than seven days.");
        } else if (rotation != null && longest > rotation.toSeconds()) {
            out.raise("resumption.ticket-lifetime-exceeds-rotation")
                    .evidence("lifetimeSeconds", longest)
                    .evidence("rotationSeconds", rotation.toSeconds())
                    .reproduce("sleep 1 | " + c.commands().client("") + " | grep 'lifetime hint'")
                    .because("Tickets are promised to live " + Words.all(parts)
                            + "; the ticket key was seen to change after " + Words.span(rotation) + ".");
        }
    }

    private static long lifetime(List<String> parts, String version, @Nullable Long seconds) {
        if (seconds == null) {
            return 0;
        }
        parts.add(Words.span(Duration.ofSeconds(seconds)) + " (" + version + ")");
        return seconds;
    }

    /** The longest that a key was seen before the next one came; null before two changes were seen. */
    private static @Nullable Duration rotation(List<Memory.TicketKey> keys) {
        List<Instant> starts = keys.stream()
                .map(Memory.TicketKey::firstSeen)
                .sorted(Comparator.naturalOrder())
                .toList();
        if (starts.size() < 3) {
            return null;
        }
        Duration longest = Duration.ZERO;
        for (int i = 1; i < starts.size(); i++) {
            Duration gap = Duration.between(starts.get(i - 1), starts.get(i));
            longest = gap.compareTo(longest) > 0 ? gap : longest;
        }
        return longest;
    }

    private static void key(Case c, Findings out, Memory.TicketKey seen) {
        Duration age = Duration.between(seen.firstSeen(), seen.lastSeen());
        String name = seen.name().length() > 8 ? seen.name().substring(0, 8) + "…" : seen.name();
        String command = c.commands().openssl("-tls1_2") + " | grep -A2 'session ticket:'";
        if (age.compareTo(Duration.ofHours(c.policy().ticketKeyHours())) > 0) {
            out.raise("resumption.ticket-key-not-rotated")
                    .evidence("ticketKeyName", seen.name())
                    .evidence("firstSeen", seen.firstSeen())
                    .evidence("lastSeen", seen.lastSeen())
                    .cause("ticket-key:" + seen.name())
                    .reproduce(command)
                    .because("Ticket key " + name + " has been in use for " + Words.span(age) + ", since "
                            + Words.minute(seen.firstSeen()) + "; the policy asks for a new one every "
                            + c.policy().ticketKeyHours() + " hours.");
        }
        if (!seen.otherOwners().isEmpty()) {
            out.raise("resumption.ticket-key-shared")
                    .evidence("ticketKeyName", seen.name())
                    .evidence("otherOwners", new TreeSet<>(seen.otherOwners()))
                    .cause("ticket-key:" + seen.name())
                    .reproduce(command)
                    .because("Ticket key " + name + " is also used by endpoints of "
                            + Words.all(new TreeSet<>(seen.otherOwners())) + ".");
        }
    }
}
