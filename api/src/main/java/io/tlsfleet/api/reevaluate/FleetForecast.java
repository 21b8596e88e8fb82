package io.tlsfleet.api.reevaluate;

import io.tlsfleet.fleet.policy.Forecast;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.report.Severity;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.ingest.Latest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the stored estate would find at another instant or by another policy. A page is what can be judged in a few
 * seconds: a fleet of any size is walked through page by page, and whoever asks sees it grow.
 */
public final class FleetForecast {
    private static final Duration PAGE = Duration.ofSeconds(4);
    private static final int BATCH = 200;
    private static final int EXAMPLES = 10;

    private final Database database;
    private final Judging judging;
    private final InstantSource clock;

    public FleetForecast(Database database, Judging judging, InstantSource clock) {
        this.database = database;
        this.judging = judging;
        this.clock = clock;
    }

    /** {@code policy} null: each endpoint's own. {@code after}: the last endpoint of the page before. */
    public record Question(Instant at, @Nullable String policy, Latest.Selection selection, long after, int most) {}

    /** {@code endpoints} were judged on this page, of {@code total}; {@code next} is null on the last one. */
    public record Page(
            Instant at,
            @Nullable String policy,
            int endpoints,
            int total,
            int appear,
            int vanish,
            List<Group> byRule,
            @Nullable Long next) {}

    /** {@code from}: the first instant at which one of them begins, where that is known. */
    public record Group(
            String kind,
            String rule,
            Severity severity,
            String title,
            int endpoints,
            @Nullable Instant from,
            @Nullable String source,
            List<Example> examples) {}

    public record Example(
            long endpointId,
            String endpoint,
            String detail,
            @Nullable Instant from) {}

    public Page page(Question question) {
        Latest latest = new Latest(database.sql());
        Instant now = clock.instant();
        Instant stop = now.plus(PAGE);
        Tally tally = new Tally();
        long last = question.after();
        int judged = 0;
        boolean more = true;
        while (more && judged < question.most()) {
            List<Long> ids = latest.after(question.selection(), last, Math.min(BATCH, question.most() - judged));
            latest.of(ids).parallelStream()
                    .map(seen -> forecast(seen, question, now))
                    .toList()
                    .forEach(tally::add);
            judged += ids.size();
            last = ids.isEmpty() ? last : ids.getLast();
            more = !ids.isEmpty();
            if (clock.instant().isAfter(stop)) {
                break;
            }
        }
        more = more && !latest.after(question.selection(), last, 1).isEmpty();
        return tally.page(question, judged, latest.count(question.selection()), more ? last : null);
    }

    private record Told(Latest.Seen seen, List<Forecast.Line> lines) {}

    private Told forecast(Latest.Seen seen, Question question, Instant now) {
        Report before = judging.judge(seen.target(), seen.observation(), seen.memory(), now)
                .report();
        Target target =
                question.policy() == null ? seen.target() : seen.target().judgedBy(question.policy());
        Report then = judging.judge(target, seen.observation(), seen.memory(), question.at())
                .report();
        return new Told(seen, Forecast.between(before, then));
    }

    private static final class Tally {
        private record Key(String kind, String rule, Severity severity, String title) {}

        private static final class Sum {
            final Set<Long> endpoints = new HashSet<>();
            final List<Example> examples = new ArrayList<>();

            @Nullable
            Instant from;

            @Nullable
            String source;
        }

        private final Map<Key, Sum> sums = new LinkedHashMap<>();
        private final Set<Long> appear = new HashSet<>();
        private final Set<Long> vanish = new HashSet<>();

        void add(Told told) {
            Target target = told.seen.target();
            String name = target.host() + ":" + target.port();
            long id = told.seen.endpoint();
            for (Forecast.Line line : told.lines) {
                (line.kind() == Forecast.Kind.VANISHES ? vanish : appear).add(id);
                Sum sum = sums.computeIfAbsent(
                        new Key(line.kind().word(), line.rule(), line.severity(), line.title()), key -> new Sum());
                Instant from = line.from();
                if (from != null && (sum.from == null || from.isBefore(sum.from))) {
                    sum.from = from;
                }
                sum.source = line.source();
                if (sum.endpoints.add(id) && sum.examples.size() < EXAMPLES) {
                    sum.examples.add(new Example(id, name, line.detail(), from));
                }
            }
        }

        Page page(Question question, int judged, int total, @Nullable Long next) {
            List<Group> groups = new ArrayList<>();
            sums.forEach((key, sum) -> groups.add(new Group(
                    key.kind,
                    key.rule,
                    key.severity,
                    key.title,
                    sum.endpoints.size(),
                    sum.from,
                    sum.source,
                    sum.examples)));
            groups.sort(Comparator.comparing(Group::severity)
                    .thenComparingInt(Group::endpoints)
                    .reversed());
            return new Page(
                    question.at(), question.policy(), judged, total, appear.size(), vanish.size(), groups, next);
        }
    }
}
