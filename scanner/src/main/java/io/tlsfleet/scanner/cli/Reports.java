package io.tlsfleet.scanner.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.target.FileFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Reports that a user names: one, an array, or one a line. */
final class Reports {
    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final List<String> NEEDED = List.of(
            "/endpoint", "/endpoint/host", "/endpoint/port", "/scan", "/scan/depth", "/scan/outcome", "/coverage");

    /** Says what is wrong with the file, in words that follow its name. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;

        Unusable(String message) {
            super(message);
        }
    }

    private Reports() {}

    /** {@code wanted} of each; a part that it needs and a report lacks makes the file unusable. */
    static <T> List<T> read(Path file, Function<Report, T> wanted) throws Unusable {
        try {
            List<T> all = new ArrayList<>();
            for (JsonNode one : nodes(Files.readString(file))) {
                all.add(wanted.apply(checked(one)));
            }
            return all;
        } catch (IOException e) {
            throw new Unusable(FileFault.of(e));
        } catch (UncheckedIOException | IllegalArgumentException e) {
            throw new Unusable("no report in JSON, as --format json writes it (" + Json.fault(e) + ")");
        } catch (NullPointerException e) {
            throw new Unusable("no whole report, as --format json writes it: a part of it is missing");
        }
    }

    private static List<JsonNode> nodes(String text) {
        String json = (text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text).strip();
        List<JsonNode> nodes = new ArrayList<>();
        if (json.startsWith("[")) {
            Json.parse(json).forEach(nodes::add);
        } else if (json.lines().skip(1).anyMatch(line -> line.startsWith("{"))) {
            json.lines().filter(line -> !line.isBlank()).map(Json::parse).forEach(nodes::add);
        } else {
            nodes.add(Json.parse(json));
        }
        return nodes;
    }

    private static Report checked(JsonNode node) {
        String schema = node.path("schema").asText();
        if (!schema.equals(Report.SCHEMA)) {
            throw new IllegalArgumentException(
                    schema.isEmpty() ? "it has no schema" : "schema " + schema + ", not " + Report.SCHEMA);
        }
        for (String part : NEEDED) {
            if (node.at(part).isMissingNode() || node.at(part).isNull()) {
                throw new IllegalArgumentException(
                        "it has no " + part.substring(1).replace('/', '.'));
            }
        }
        return Json.read(node, Report.class);
    }
}
