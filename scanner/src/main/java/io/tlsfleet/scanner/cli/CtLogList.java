package io.tlsfleet.scanner.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.tls.x509.CtLogs;
import java.util.Iterator;
import java.util.Locale;

/**
 * The lists of Certificate Transparency logs that Google (log_list v3) and Apple publish, as the table that
 * {@link CtLogs} reads. Names and texts lose what would break a line of it.
 */
final class CtLogList {
    private CtLogList() {}

    /** A published list, or a table of ours as it is; throws {@link IllegalArgumentException} with what is wrong. */
    static String table(String text) {
        if (!text.stripLeading().startsWith("{")) {
            return counted(text);
        }
        JsonNode list;
        try {
            list = Json.mapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON: " + Json.fault(e), e);
        }
        if (!list.path("operators").isArray()) {
            throw new IllegalArgumentException("no list of logs: it names no operators");
        }
        StringBuilder table = new StringBuilder("# Certificate transparency logs, imported\n");
        String date = list.path("log_list_timestamp").asText();
        if (date.matches("\\d{4}-\\d{2}-\\d{2}T.*")) {
            table.append("# date: ").append(date, 0, 10).append('\n');
        }
        int number = 0;
        for (JsonNode operator : list.get("operators")) {
            for (String kind : new String[] {"logs", "tiled_logs"}) {
                for (JsonNode log : operator.path(kind)) {
                    number++;
                    table.append(checked(line(operator.path("name").asText(), log), number));
                }
            }
        }
        return counted(table.toString());
    }

    private static String counted(String table) {
        if (CtLogs.read(table).size() == 0) {
            throw new IllegalArgumentException("no log in it");
        }
        return table;
    }

    private static String checked(String line, int number) {
        try {
            CtLogs.read(line);
            return line;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    String.valueOf(e.getMessage()).replaceFirst("^line 1", "log " + number), e);
        }
    }

    private static String line(String operator, JsonNode log) {
        Iterator<String> states = log.path("state").fieldNames();
        String state = states.hasNext() ? states.next() : "pending";
        JsonNode interval = log.path("temporal_interval");
        return String.join(
                        "\t",
                        clean(log.path("log_id").asText()),
                        clean(log.path("key").asText()),
                        clean(operator),
                        clean(state).toLowerCase(Locale.ROOT),
                        time(log.path("state").path(state).path("timestamp")),
                        time(interval.path("start_inclusive")),
                        time(interval.path("end_exclusive")),
                        clean(log.path("description").asText()))
                + "\n";
    }

    private static String time(JsonNode time) {
        return time.isTextual() ? clean(time.asText()) : "-";
    }

    private static String clean(String text) {
        return text.replaceAll("\\p{Cntrl}", " ").strip();
    }
}
