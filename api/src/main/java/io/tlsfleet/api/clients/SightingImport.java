package io.tlsfleet.api.clients;

import io.tlsfleet.fleet.sensor.ClientSighting;
import io.tlsfleet.fleet.sensor.SensorLog;
import io.tlsfleet.fleet.sensor.Sightings;
import io.tlsfleet.store.sensor.ClientCounts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Sightings, or the lines of a log, as they arrive: added up here, so that no line and no address of a client gets any
 * further. A wrong line is told, not fatal; so is one that is too old to be kept or from a day to come.
 */
public final class SightingImport {
    private static final int BATCH = 5_000;
    private static final int MOST_REJECTED = 1_000;
    private static final int MAX_LINE = 1 << 20;

    private final LocalDate today;
    private final Consumer<List<ClientSighting>> write;
    private final Sightings sightings = new Sightings();
    private final List<Rejected> rejected = new ArrayList<>();
    private long rejectedCount;
    private long lines;
    private long counted;

    public record Rejected(long line, String reason) {}

    /** {@code lines} that were read, {@code counted} sightings in them. */
    public record Result(long lines, long counted, long rejectedCount, List<Rejected> rejected) {}

    public SightingImport(LocalDate today, Consumer<List<ClientSighting>> write) {
        this.today = today;
        this.write = write;
    }

    public Result read(InputStream in) throws IOException {
        SensorLog log = new SensorLog();
        BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        StringBuilder line = new StringBuilder();
        for (int c = reader.read(); c >= 0; c = reader.read()) {
            if (c != '\n') {
                if (line.length() <= MAX_LINE) {
                    line.append((char) c);
                }
            } else {
                take(log, line);
            }
        }
        if (!line.isEmpty()) {
            take(log, line);
        }
        flush();
        return new Result(lines, counted, rejectedCount, List.copyOf(rejected));
    }

    private void take(SensorLog log, StringBuilder text) {
        lines++;
        String line = text.toString().strip();
        text.setLength(0);
        try {
            if (line.length() > MAX_LINE) {
                throw new IllegalArgumentException("longer than " + MAX_LINE + " characters");
            }
            log.read(line).forEach(this::add);
        } catch (IllegalArgumentException e) {
            rejectedCount++;
            if (rejected.size() < MOST_REJECTED) {
                rejected.add(new Rejected(lines, String.valueOf(e.getMessage())));
            }
        }
        if (sightings.size() >= BATCH) {
            flush();
        }
    }

    private void add(ClientSighting sighting) {
        if (sighting.day().isAfter(today.plusDays(1))) {
            throw new IllegalArgumentException("day " + sighting.day() + " is to come");
        }
        if (!sighting.day().isAfter(today.minusDays(ClientCounts.DAYS))) {
            throw new IllegalArgumentException(
                    "day " + sighting.day() + " is older than " + ClientCounts.DAYS + " days");
        }
        if (sighting.count() > 1_000_000_000_000L) {
            throw new IllegalArgumentException("count " + sighting.count() + " is beyond belief");
        }
        counted += sighting.count();
        sightings.add(sighting);
    }

    private void flush() {
        write.accept(sightings.all());
        sightings.clear();
    }
}
