package io.tlsfleet.fleet.diagnosis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Counts why handshakes failed, over the lines of a log. Several lines of one connection (Apache's verification error,
 * handshake error and library error; Postfix' two, {@code s_client}'s four) are one failure, told by the most telling of them.
 */
public final class LogDiagnosis {
    private static final int OPEN_CONNECTIONS = 1_000;
    private static final int EXAMPLES = 3;
    private static final int EXAMPLE_LENGTH = 300;

    private static final String S_CLIENT = "openssl s_client";
    private static final Pattern NGINX = Pattern.compile("\\] (\\d+#\\d+): (\\*\\d+) ");
    private static final Pattern APACHE_CLIENT = Pattern.compile("\\[client ([^\\]]+:\\d+)\\]");
    private static final Pattern APACHE_THREAD = Pattern.compile("\\[pid (\\d+(?::tid \\d+)?)\\]");
    private static final Pattern DAEMON = Pattern.compile("\\b(postfix/[\\w/-]+\\[\\d+\\]):");

    /** How often a cause was met; {@code share} is of all failures, 0 to 1. */
    public record Count(String cause, long count, double share, String meaning, String remedy, List<String> examples) {}

    public record Result(long lines, long failures, List<Count> causes) {}

    /** {@code begun}: a line that stands at the beginning of a failure was among those of it. */
    private record Failure(
            Cause cause,
            String line,
            boolean begun,
            @Nullable String client) {}

    /** What a line belongs to: {@code begins} says that no two such lines are of one failure. */
    private record Place(
            String key, boolean begins, @Nullable String client) {}

    private final Map<String, Failure> open = new LinkedHashMap<>(64, 0.75f, false) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failure> eldest) {
            if (size() > OPEN_CONNECTIONS) {
                count(eldest.getValue());
                return true;
            }
            return false;
        }
    };
    private final Map<Cause, Long> counts = new EnumMap<>(Cause.class);
    private final Map<Cause, List<String>> examples = new EnumMap<>(Cause.class);
    private long lines;
    private int told;

    public void line(String line) {
        lines++;
        Cause cause = LogLine.cause(line);
        if (cause == null) {
            return;
        }
        int step = stepOfClient(line);
        if (step > 0) {
            if (step < told || step == told && step > 1) {
                close(S_CLIENT);
            }
            told = step;
        }
        Place place = step > 0 ? new Place(S_CLIENT, false, null) : place(line);
        if (place == null) {
            count(new Failure(cause, line, true, null));
            return;
        }
        Failure before = open.get(place.key);
        if (before != null && another(before, place)) {
            close(place.key);
            before = null;
        }
        if (before == null) {
            open.put(place.key, new Failure(cause, line, place.begins, place.client));
        } else {
            Cause known = isOfAServer(line) ? before.cause.ofTheClient() : before.cause;
            boolean better = cause.compareTo(known) < 0;
            open.put(
                    place.key,
                    new Failure(
                            better ? cause : known,
                            better ? line : before.line,
                            before.begun || place.begins,
                            before.client == null ? place.client : before.client));
        }
    }

    private static boolean another(Failure before, Place place) {
        boolean otherClient = before.client != null && place.client != null && !before.client.equals(place.client);
        return otherClient || before.begun && place.begins;
    }

    /** What was counted; the log may go on after it. */
    public Result result() {
        List.copyOf(open.keySet()).forEach(this::close);
        long failures = counts.values().stream().mapToLong(Long::longValue).sum();
        List<Count> causes = new ArrayList<>();
        counts.forEach((cause, count) -> causes.add(new Count(
                cause.word(),
                count,
                Math.round(10_000.0 * count / failures) / 10_000.0,
                cause.meaning(),
                cause.remedy(),
                List.copyOf(examples.getOrDefault(cause, List.of())))));
        causes.sort(Comparator.comparingLong(Count::count).reversed().thenComparing(Count::cause));
        return new Result(lines, failures, causes);
    }

    private void close(String connection) {
        Failure failure = open.remove(connection);
        if (failure != null) {
            count(failure);
        }
    }

    private void count(Failure failure) {
        counts.merge(failure.cause, 1L, Long::sum);
        List<String> seen = examples.computeIfAbsent(failure.cause, c -> new ArrayList<>());
        if (seen.size() < EXAMPLES) {
            String line = failure.line.strip();
            seen.add(line.length() > EXAMPLE_LENGTH ? line.substring(0, EXAMPLE_LENGTH) + "…" : line);
        }
    }

    /**
     * {@code openssl s_client} says up to four times why it trusts nobody, always in this order; 0: not one of those lines.
     * The first may come once for each certificate. {@code s_server} says it of a client's in the same words, and only the
     * last of its lines tells whose certificate it was.
     */
    private static int stepOfClient(String line) {
        String text = line.strip();
        if (text.startsWith("verify error:")) {
            return 1;
        }
        if (text.endsWith(":") && text.contains("process_server_certificate:certificate verify failed:")
                || isOfAServer(text)) {
            return 2;
        }
        return text.startsWith("Verification error:") ? 3 : text.startsWith("Verify return code:") ? 4 : 0;
    }

    private static boolean isOfAServer(String line) {
        return line.contains("process_client_certificate:certificate verify failed:");
    }

    /** Null where a line is a failure of its own. */
    private static @Nullable Place place(String line) {
        Matcher nginx = NGINX.matcher(line);
        if (nginx.find()) {
            return line.contains("upstream") ? null : new Place(nginx.group(1) + nginx.group(2), false, null);
        }
        Matcher thread = APACHE_THREAD.matcher(line);
        if (thread.find()) {
            Matcher client = APACHE_CLIENT.matcher(line);
            return new Place(thread.group(1), line.contains("AH02008"), client.find() ? client.group(1) : null);
        }
        Matcher daemon = DAEMON.matcher(line);
        return daemon.find() ? new Place(daemon.group(1), line.contains("SSL_accept error"), null) : null;
    }
}
