package io.tlsfleet.api.alertfile;

import io.tlsfleet.api.notify.SecretBox;
import io.tlsfleet.fleet.target.FileFault;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps alerting as its file says: read again every ten seconds, with the secrets that it names in other files, and applied
 * when that says something new. A file that is wrong changes nothing: what was in force stays, and what is wrong is logged
 * once, counted and shown. Whole texts are compared: a file may change within the grain of its time, or by a link.
 */
public final class FileWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final @Nullable Path file;
    private final Map<String, String> environment;
    private final Database database;
    private final SecretBox box;
    private final InstantSource clock;
    private final LongAdder applied = new LongAdder();
    private final LongAdder invalid = new LongAdder();
    private final Thread thread;
    private @Nullable AlertingFile inForce;
    private volatile State state = State.NONE;

    /** {@code file} and {@code appliedAt} null: there is none. {@code problems}: of what stands in the file now. */
    public record State(@Nullable String file, @Nullable Instant appliedAt, List<FileProblem> problems) {
        static final State NONE = new State(null, null, List.of());

        public boolean isValid() {
            return problems.isEmpty();
        }
    }

    /** {@code file} null: alerting is as people make it. */
    public FileWatch(
            @Nullable Path file,
            Map<String, String> environment,
            Database database,
            SecretBox box,
            InstantSource clock) {
        this.file = file;
        this.environment = environment;
        this.database = database;
        this.box = box;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("alerting-file").unstarted(this::watch);
    }

    /** Applies the file and looks from now on whether it changes. */
    public FileWatch start() {
        if (file != null) {
            look();
            thread.start();
        }
        return this;
    }

    private void watch() {
        while (!thread.isInterrupted()) {
            try {
                Thread.sleep(PAUSE);
                look();
            } catch (InterruptedException e) {
                return;
            } catch (DatabaseAway e) {
                LOG.warn("the alerting file waits for the database: {}", e.getMessage());
            } catch (RuntimeException e) {
                LOG.error("the alerting file could not be applied; what was in force stays", e);
            }
        }
    }

    /** Whether something was applied. What the file says is in hand is looked after each time: alerts come and go. */
    boolean look() {
        boolean changed = lookAtFile();
        AlertingFile now = inForce;
        if (now != null) {
            FileInHand.keep(now.acknowledgements(), database, clock.instant());
        }
        return changed;
    }

    private boolean lookAtFile() {
        try {
            AlertingFile now = read(Objects.requireNonNull(file), environment);
            if (now.equals(inForce)) {
                if (!state.isValid()) {
                    LOG.info("the alerting file {} is well again, and says what is in force", file);
                    state = new State(String.valueOf(file), state.appliedAt, List.of());
                }
                return false;
            }
            apply(now);
            return true;
        } catch (InvalidAlertingFile e) {
            if (!e.problems().equals(state.problems)) {
                invalid.increment();
                LOG.warn(
                        "the alerting file {} is wrong, what it said before stays in force: {} (tlsfleet alerting check shows all)",
                        file,
                        e.getMessage());
                state = new State(String.valueOf(file), state.appliedAt, e.problems());
            }
            return false;
        }
    }

    /** A file that cannot be read is a problem of its first line. */
    public static AlertingFile read(Path file, Map<String, String> environment) throws InvalidAlertingFile {
        try {
            return AlertingFile.parse(Files.readString(file), environment);
        } catch (IOException e) {
            throw new InvalidAlertingFile(List.of(new FileProblem(1, 1, FileFault.of(e))));
        }
    }

    public State state() {
        return state;
    }

    public long timesApplied() {
        return applied.sum();
    }

    public long timesInvalid() {
        return invalid.sum();
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void apply(AlertingFile now) {
        FileApply.apply(now, database, box);
        inForce = now;
        applied.increment();
        state = new State(String.valueOf(file), clock.instant(), List.of());
        LOG.info(
                "the alerting file {} is in force: {} receivers, {} routes, {} silences, {} acknowledgements",
                file,
                now.receivers().size(),
                now.routes().size(),
                now.silences().size(),
                now.acknowledgements().size());
    }
}
