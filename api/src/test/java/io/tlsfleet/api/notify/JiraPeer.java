package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.notify.ProviderServer.Reply;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A Jira with one project OPS and a workflow of two states: issues, their comments, and a search for the labels of what is
 * not done. {@code cloud}: the search of today's cloud, which has lost the old one; else that of a server of one's own.
 */
final class JiraPeer {
    static final String LOGIN = "Basic Ym90QGV4YW1wbGUub3JnOnRva2Vu"; // bot@example.org:token
    private static final Pattern JQL = Pattern.compile(
            "project = \"OPS\" AND labels = \"([^\"\\s]+)\" AND statusCategory != Done ORDER BY created DESC");

    record Issue(String key, JsonNode fields, List<String> comments, List<String> status) {
        boolean isOpen() {
            return status.getLast().equals("To Do");
        }
    }

    final Map<String, Issue> issues = new LinkedHashMap<>();
    volatile boolean cloud = true;

    synchronized Reply take(String path, JsonNode body, String authorization) {
        if (!path.startsWith("/rest/api/2/")) {
            return new Reply(404, "no such place");
        }
        if (!authorization.equals(LOGIN)) {
            return new Reply(401, "Client must be authenticated to access this resource.");
        }
        String[] parts = path.substring("/rest/api/2/".length()).split("/", -1);
        return switch (parts[0] + (parts.length > 2 ? "/*/" + parts[2] : parts.length > 1 ? "/" + parts[1] : "")) {
            case "search/jql" -> cloud ? search(body) : new Reply(404, "null for uri");
            case "search" -> cloud ? new Reply(410, "The requested API has been removed.") : search(body);
            case "issue" -> create(body.path("fields"));
            case "issue/*/comment" -> comment(parts[1], body);
            case "issue/*/transitions" -> move(parts[1], body);
            default -> new Reply(404, "no such place");
        };
    }

    private Reply search(JsonNode body) {
        var asked = JQL.matcher(body.path("jql").asText());
        if (!asked.matches()
                || !body.path("maxResults").isInt()
                || body.path("fields").isEmpty()) {
            return new Reply(400, "{\"errorMessages\":[\"Error in the JQL Query\"],\"errors\":{}}");
        }
        List<String> found = new ArrayList<>();
        for (Issue issue : issues.values()) {
            boolean labelled = false;
            for (JsonNode label : issue.fields.path("labels")) {
                labelled |= label.asText().equals(asked.group(1));
            }
            if (labelled && issue.isOpen()) {
                found.addFirst("{\"id\":\"1\",\"key\":\"" + issue.key + "\"}");
            }
        }
        return new Reply(200, "{\"issues\":[" + String.join(",", found) + "],\"isLast\":true}");
    }

    private Reply create(JsonNode fields) {
        String summary = fields.path("summary").asText();
        boolean wrong = summary.isEmpty()
                || summary.length() > 255
                || summary.contains("\n")
                || !fields.path("project").path("key").asText().equals("OPS")
                || !List.of("Task", "Bug")
                        .contains(fields.path("issuetype").path("name").asText())
                || fields.path("description").asText().length() > 32_767;
        for (JsonNode label : fields.path("labels")) {
            wrong |= label.asText().contains(" ") || label.asText().length() > 255;
        }
        if (wrong) {
            return new Reply(400, "{\"errorMessages\":[],\"errors\":{\"summary\":\"is wrong\"}}");
        }
        String key = "OPS-" + (issues.size() + 1);
        issues.put(key, new Issue(key, fields, new ArrayList<>(), new ArrayList<>(List.of("To Do"))));
        return new Reply(201, "{\"id\":\"1000" + issues.size() + "\",\"key\":\"" + key + "\"}");
    }

    private Reply comment(String key, JsonNode body) {
        String text = body.path("body").asText();
        Issue issue = issues.get(key);
        if (issue == null || text.isEmpty() || text.length() > 32_767) {
            return new Reply(issue == null ? 404 : 400, "{\"errorMessages\":[\"Comment body can not be empty!\"]}");
        }
        issue.comments.add(text);
        return new Reply(201, "{\"id\":\"10\"}");
    }

    private Reply move(String key, JsonNode body) {
        Issue issue = issues.get(key);
        if (issue == null) {
            return new Reply(404, "{\"errorMessages\":[\"Issue Does Not Exist\"]}");
        }
        if (!body.path("transition").path("id").asText().equals("31") || !issue.isOpen()) {
            return new Reply(
                    400,
                    "{\"errorMessages\":[\"It seems that you have tried to perform an illegal workflow operation.\"]}");
        }
        issue.status.add("Done");
        return new Reply(204, "");
    }
}
