package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.report.Severity;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is expected of an endpoint: data with a source and a date. A null list means "whatever the general rules let
 * pass". Names in lists are IANA names, with {@code *} for any run of characters.
 */
public record Policy(
        String name,
        String version,
        String title,
        String source,
        LocalDate date,
        Protocols protocols,
        Allowed cipherSuites,
        Allowed groups,
        Allowed signatureSchemes,
        int minimumDhBits,
        Certificates certificates,
        Expiry expiry,
        int ticketKeyHours,
        int hstsSeconds,
        int unreachableScans,
        int sharedKeyEndpoints,
        List<Preference> preferences,
        Map<String, Level> severities,
        List<Waived> waivers) {

    /** Labels such as {@code TLSv1.2}: which may be accepted, and which must be. */
    public record Protocols(List<String> allowed, List<String> required) {}

    /** {@code allow} null: anything that {@code deny} does not name. */
    public record Allowed(@Nullable List<String> allow, List<String> deny) {
        public static final Allowed ANY = new Allowed(null, List.of());

        public boolean permits(String name) {
            return (allow == null || allow.stream().anyMatch(p -> Globs.matches(p, name)))
                    && deny.stream().noneMatch(p -> Globs.matches(p, name));
        }
    }

    /** {@code keyTypes}: "RSA", or with curve or size "ECDSA P-256", with *; null: the general rules alone. */
    public record Certificates(
            @Nullable List<String> keyTypes,
            @Nullable Integer minimumRsaBits,
            @Nullable Integer minimumEcBits,
            @Nullable List<String> signatureAlgorithms,
            @Nullable Integer maximumDays) {
        public static final Certificates ANY = new Certificates(null, null, null, null, null);
    }

    /** Stages from the mildest; a stage is reached when less than both is left (a null half does not count). */
    public record Expiry(List<Stage> stages) {
        public record Stage(
                Severity severity,
                @Nullable Double days,
                @Nullable Double percent) {}

        /** The gravest stage that is reached; null when none is, or when it is over or not begun. */
        public @Nullable Severity reached(Instant from, Instant until, Instant at) {
            Instant second = at.truncatedTo(ChronoUnit.SECONDS); // as it is judged whether it is over
            if (second.isAfter(until) || second.isBefore(from)) {
                return null;
            }
            double left = Duration.between(second, until).toSeconds();
            double whole = Math.max(0, Duration.between(from, until).toSeconds());
            Severity reached = null;
            for (Stage stage : stages) {
                Double days = stage.days();
                Double percent = stage.percent();
                boolean within =
                        (days == null || left < days * 86_400) && (percent == null || left < whole * percent / 100);
                if (within && (reached == null || stage.severity().compareTo(reached) > 0)) {
                    reached = stage.severity();
                }
            }
            return reached;
        }
    }

    /** What is better but not demanded; missing it is never more than information. "A + B": both of them. */
    public record Preference(String of, List<String> anyOf) {}

    /** The severity a policy gives a rule, or that it switches the rule off. */
    public sealed interface Level {
        record Is(Severity severity) implements Level {}

        record Off() implements Level {}
    }

    /** Findings of {@code rule} (with {@code *}) at {@code endpoint} (host or host:port, with {@code *}) do not count. */
    public record Waived(String rule, String endpoint, String reason, LocalDate until) {}

    /** Name and version, as a finding and a report show it. */
    public String label() {
        return name + " " + version;
    }

    /** Null: switched off. */
    public @Nullable Severity severity(String rule, Severity usual) {
        return switch (severities.get(rule)) {
            case null -> usual;
            case Level.Is is -> is.severity();
            case Level.Off off -> null;
        };
    }
}
