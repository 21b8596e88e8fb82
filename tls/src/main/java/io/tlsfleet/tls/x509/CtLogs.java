package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.der.Der;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Certificate transparency logs by id (RFC 6962 section 3.2), from a table that ships or one that was imported. */
public final class CtLogs {
    private static final AtomicReference<@Nullable CtLogs> CHOSEN = new AtomicReference<>();

    private final Map<String, Log> logs;
    private final @Nullable LocalDate date;

    public enum State {
        PENDING,
        QUALIFIED,
        USABLE,
        READONLY,
        RETIRED,
        REJECTED
    }

    /** {@code notAfterFrom} and {@code notAfterTo}: the log takes certificates that end in this interval only. */
    public record Log(
            PublicKeyFacts key,
            String operator,
            String description,
            State state,
            @Nullable Instant since,
            @Nullable Instant notAfterFrom,
            @Nullable Instant notAfterTo) {}

    private CtLogs(Map<String, Log> logs, @Nullable LocalDate date) {
        this.logs = logs;
        this.date = date;
    }

    private static final class Shipped {
        static final CtLogs LOGS = load();

        private static CtLogs load() {
            try (InputStream in = CtLogs.class.getResourceAsStream("ct-logs.tsv")) {
                if (in == null) {
                    throw new IllegalStateException("the resource ct-logs.tsv is missing");
                }
                return read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException("ct-logs.tsv", e);
            }
        }
    }

    public static CtLogs shipped() {
        return Shipped.LOGS;
    }

    /** What this process judges by: the shipped table until a main says otherwise. */
    static CtLogs current() {
        CtLogs chosen = CHOSEN.get();
        return chosen == null ? shipped() : chosen;
    }

    /** For mains alone, before anything is judged: {@code newer} in addition to what ships, and instead of it where both speak. */
    public static void use(CtLogs newer) {
        CHOSEN.set(shipped().with(newer));
    }

    CtLogs with(CtLogs newer) {
        Map<String, Log> all = new HashMap<>(logs);
        all.putAll(newer.logs);
        return new CtLogs(Map.copyOf(all), newer.date == null ? date : newer.date);
    }

    /** The table's own text form; a line that is none is an {@link IllegalArgumentException} with its number. */
    public static CtLogs read(String table) {
        Map<String, Log> logs = new HashMap<>();
        LocalDate date = null;
        int number = 0;
        for (String line : table.lines().toList()) {
            number++;
            try {
                if (line.startsWith("# date:")) {
                    date = LocalDate.parse(line.substring(7).strip());
                } else if (!line.startsWith("#")) {
                    String[] fields = line.split("\t", -1);
                    logs.put(HexFormat.of().formatHex(id(fields)), log(fields));
                }
            } catch (DateTimeException e) {
                throw new IllegalArgumentException("line " + number + ": a time is none", e);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
            }
        }
        return new CtLogs(Map.copyOf(logs), date);
    }

    private static byte[] id(String[] fields) {
        if (fields.length != 8) {
            throw new IllegalArgumentException("a log has 8 fields with tabs between them, not " + fields.length);
        }
        return Base64.getDecoder().decode(fields[0]);
    }

    private static Log log(String[] fields) {
        byte[] key = Base64.getDecoder().decode(fields[1]);
        if (!Arrays.equals(id(fields), CertificateFacts.digest("SHA-256", key))) {
            throw new IllegalArgumentException("the id is not the hash of the key");
        }
        try {
            return new Log(
                    PublicKeyFacts.read(Der.of(key), "log key"),
                    fields[2],
                    fields[7],
                    state(fields[3]),
                    instant(fields[4]),
                    instant(fields[5]),
                    instant(fields[6]));
        } catch (MalformedMessage e) {
            throw new IllegalArgumentException("the key is none", e);
        }
    }

    private static State state(String word) {
        return Arrays.stream(State.values())
                .filter(s -> s.name().equalsIgnoreCase(word))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("the state is none of " + Arrays.toString(State.values())));
    }

    /** By id in lower-case hex. */
    static CtLogs of(Map<String, Log> logs) {
        return new CtLogs(Map.copyOf(logs), null);
    }

    public Optional<Log> find(byte[] logId) {
        return Optional.ofNullable(logs.get(HexFormat.of().formatHex(logId)));
    }

    public int size() {
        return logs.size();
    }

    public @Nullable LocalDate date() {
        return date;
    }

    private static @Nullable Instant instant(String field) {
        return field.equals("-") ? null : Instant.parse(field);
    }
}
