package io.tlsfleet.scanner.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.target.Escaped;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** NDJSON with hellos: one value a line, each member once. */
final class HelloLines {
    private static final ObjectMapper STRICT = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private HelloLines() {}

    /** What becomes of a line. */
    interface Use {
        void of(JsonNode line) throws MalformedMessage;
    }

    /** Says on {@code err} which lines are wrong; whether none was. */
    static boolean read(String file, InputStream in, Use use, PrintWriter err) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        boolean good = true;
        int number = 0;
        for (String text = lines.readLine(); text != null; text = lines.readLine()) {
            number++;
            String line = number == 1 && text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
            if (!line.isBlank()) {
                try {
                    use.of(parsed(line));
                } catch (IllegalArgumentException | MalformedMessage e) {
                    say(err, "%s line %d: %s".formatted(file, number, e.getMessage()));
                    good = false;
                }
            }
        }
        return good;
    }

    /** A complaint that stays on its line, whatever a file put into it. */
    static void say(PrintWriter err, String message) {
        err.println("tlsfleet: " + Escaped.line(message));
    }

    private static JsonNode parsed(String line) {
        try {
            return STRICT.readTree(line);
        } catch (MismatchedInputException e) {
            throw new IllegalArgumentException("holds more than one value: write one a line", e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON: " + Json.fault(e), e);
        }
    }
}
