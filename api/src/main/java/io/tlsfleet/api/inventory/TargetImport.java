package io.tlsfleet.api.inventory;

import io.tlsfleet.api.input.InvalidInput;
import io.tlsfleet.fleet.target.CsvTargets;
import io.tlsfleet.fleet.target.ImportLine;
import io.tlsfleet.fleet.target.InvalidTarget;
import io.tlsfleet.fleet.target.JsonTargets;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.inventory.Targets;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** A file of targets as it arrives: read, checked and written a thousand at a time; a wrong line is told, not fatal. */
public final class TargetImport {
    private static final int BATCH = 1000;
    private static final int MOST_REJECTED = 1000;

    private final TargetInput input;
    private final Target each;
    private final Function<List<Target>, List<Targets.Put>> write;
    private final Set<Long> seen = new HashSet<>();
    private final List<Rejected> rejected = new ArrayList<>();
    private long rejectedCount;
    private long added;
    private long updated;
    private long unchanged;

    public record Rejected(long line, String reason) {}

    public record Result(
            long added,
            long updated,
            long unchanged,
            long retired,
            boolean dryRun,
            long rejectedCount,
            List<Rejected> rejected) {}

    /** {@code each} says what a line does not; {@code write} puts a batch and answers for each. */
    public TargetImport(TargetInput input, Target each, Function<List<Target>, List<Targets.Put>> write) {
        this.input = input;
        this.each = each;
        this.write = write;
    }

    public Result csv(InputStream in, boolean dryRun) {
        try {
            return all(new CsvTargets(reader(in)), dryRun);
        } catch (InvalidTarget e) {
            throw new InvalidInput("line 1", String.valueOf(e.getMessage()));
        }
    }

    public Result ndjson(InputStream in, boolean dryRun) {
        return all(new JsonTargets(reader(in)), dryRun);
    }

    /** A byte that is no UTF-8 becomes U+FFFD, which no host name has: its line is rejected. */
    private static BufferedReader reader(InputStream in) {
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    private Result all(Iterator<ImportLine> lines, boolean dryRun) {
        List<Target> batch = new ArrayList<>();
        while (lines.hasNext()) {
            switch (lines.next()) {
                case ImportLine.Bad bad -> reject(bad.number(), bad.reason());
                case ImportLine.Good good -> {
                    List<Target> targets = good.target().or(each).perSite();
                    Optional<InvalidInput.FieldError> unknown = targets.stream()
                            .map(input::unknown)
                            .flatMap(Optional::stream)
                            .findFirst();
                    if (unknown.isPresent()) {
                        reject(good.number(), unknown.get().detail());
                    } else {
                        batch.addAll(targets);
                    }
                }
            }
            if (batch.size() >= BATCH) {
                flush(batch);
            }
        }
        flush(batch);
        return new Result(added, updated, unchanged, 0, dryRun, rejectedCount, List.copyOf(rejected));
    }

    private void flush(List<Target> batch) {
        for (Targets.Put put : batch.isEmpty() ? List.<Targets.Put>of() : write.apply(List.copyOf(batch))) {
            // what stands twice in the file counts once
            if (seen.add(put.id())) {
                added += put.added() ? 1 : 0;
                updated += !put.added() && put.changed() ? 1 : 0;
                unchanged += !put.added() && !put.changed() ? 1 : 0;
            }
        }
        batch.clear();
    }

    private void reject(long line, String reason) {
        rejectedCount++;
        if (rejected.size() < MOST_REJECTED) {
            rejected.add(new Rejected(line, reason));
        }
    }
}
