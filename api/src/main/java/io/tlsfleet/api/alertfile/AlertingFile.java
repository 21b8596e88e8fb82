package io.tlsfleet.api.alertfile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/** Receivers and routes as a file names them. {@code settings} and matchers are those of the API, with names for ids. */
public record AlertingFile(List<FileReceiver> receivers, List<FileRoute> routes) {

    /** {@code secret} holds what is sealed: url, urls, secret, headers. */
    public record FileReceiver(String name, String kind, ObjectNode settings, ObjectNode secret) {}

    public record Step(String receiver, int afterSeconds) {}

    public record FileRoute(String receiver, JsonNode matchers, ObjectNode settings, List<Step> steps) {}

    /** {@code environment} fills in {@code ${NAME}}. */
    public static AlertingFile parse(String text, Map<String, String> environment) throws InvalidAlertingFile {
        return new AlertingFileReader(environment).read(text);
    }
}
