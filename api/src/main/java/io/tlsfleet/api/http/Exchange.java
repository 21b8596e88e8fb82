package io.tlsfleet.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.auth.Principal;
import io.tlsfleet.api.input.Members;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.store.access.Audit;
import io.tlsfleet.store.query.Page;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One request as a route sees it: parameters that are checked as they are read, the body, and who asks. */
public final class Exchange {
    static final int DEFAULT_LIMIT = 100;
    static final int MAX_LIMIT = 1000;

    private final HttpServerRequest request;
    private final Map<String, String> path;
    private final RequestBody body;
    private final @Nullable Principal principal;
    private final Peer peer;
    private final boolean tls;
    private final long bodyLimit;

    Exchange(
            HttpServerRequest request,
            Map<String, String> path,
            RequestBody body,
            @Nullable Principal principal,
            Peer peer,
            boolean tls,
            long bodyLimit) {
        this.request = request;
        this.path = Map.copyOf(path);
        this.body = body;
        this.principal = principal;
        this.peer = peer;
        this.tls = tls;
        this.bodyLimit = bodyLimit;
    }

    /** Of a route that asks for a role. */
    public Principal principal() {
        if (principal == null) {
            throw Problem.unauthorized("this needs an API token: Authorization: Bearer tf_…");
        }
        return principal;
    }

    /** Who asks, for the audit log. */
    public String actor() {
        return principal().name();
    }

    Audit.Actor auditActor() {
        return new Audit.Actor(actor(), peer());
    }

    /** The address of the client, through trusted proxies. */
    public String peer() {
        return peer.address();
    }

    /** Whether the client's way here is encrypted. */
    boolean isTls() {
        return tls;
    }

    public long id() {
        String text = path("id");
        try {
            long id = Long.parseLong(text);
            if (id > 0) {
                return id;
            }
        } catch (NumberFormatException e) {
            // falls through to the message below
        }
        throw Problem.invalid("id", "'" + Text.shown(text) + "' is no id: a whole number from 1");
    }

    public String path(String name) {
        String value = path.get(name);
        if (value == null) {
            throw new IllegalStateException("no path parameter " + name);
        }
        return value;
    }

    /** The path as it was asked. */
    String requestPath() {
        return String.valueOf(request.path());
    }

    public @Nullable String header(String name) {
        return request.getHeader(name);
    }

    List<String> headers(String name) {
        return request.headers().getAll(name);
    }

    /** The parameter, given at most once; null when it is absent or empty. */
    public @Nullable String query(String name) {
        List<String> values = request.params().getAll(name);
        if (values.size() > 1) {
            throw Problem.invalid(name, "the parameter " + name + " is given " + values.size() + " times");
        }
        if (values.isEmpty() || values.getFirst().isEmpty()) {
            return null;
        }
        String value = values.getFirst();
        if (value.length() > 1000) {
            throw Problem.invalid(name, "the parameter " + name + " is longer than 1000 characters");
        }
        if (value.indexOf('\0') >= 0) {
            throw Problem.invalid(name, "the parameter " + name + " has a NUL character");
        }
        return value;
    }

    public List<String> queries(String name) {
        List<String> values =
                request.params().getAll(name).stream().filter(v -> !v.isEmpty()).toList();
        if (values.size() > 20) {
            throw Problem.invalid(name, "the parameter " + name + " is given " + values.size() + " times, at most 20");
        }
        for (String value : values) {
            if (value.indexOf('\0') >= 0) {
                throw Problem.invalid(name, "the parameter " + name + " has a NUL character");
            }
        }
        return values;
    }

    public @Nullable Instant queryInstant(String name) {
        String text = query(name);
        if (text == null) {
            return null;
        }
        try {
            // in a query string an unescaped + of an offset arrives as a space
            return Members.instantOf(text.replace(' ', '+'));
        } catch (DateTimeException e) {
            throw Problem.invalid(name, "'" + Text.shown(text) + "' is no RFC 3339 time like 2026-11-21T08:00:00.000Z");
        }
    }

    public boolean queryFlag(String name) {
        String text = query(name);
        if (text == null || text.equals("false") || text.equals("0")) {
            return false;
        }
        if (text.equals("true") || text.equals("1")) {
            return true;
        }
        throw Problem.invalid(name, "'" + Text.shown(text) + "' is neither true nor false");
    }

    public @Nullable Long queryId(String name) {
        String text = query(name);
        if (text == null) {
            return null;
        }
        if (!text.matches("[0-9]{1,18}")) {
            throw Problem.invalid(name, "'" + Text.shown(text) + "' is no id: a whole number from 1");
        }
        return Long.parseLong(text);
    }

    public @Nullable Integer queryInteger(String name, int least, int most) {
        String text = query(name);
        if (text == null) {
            return null;
        }
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
            throw Problem.invalid(name, "'" + Text.shown(text) + "' is no number from " + least + " to " + most);
        }
        return Integer.parseInt(text);
    }

    /** One of these words. */
    public @Nullable String queryWord(String name, Set<String> words) {
        String text = query(name);
        if (text != null && !words.contains(text)) {
            throw Problem.invalid(
                    name,
                    "'" + Text.shown(text) + "' is not a " + name + "; there are "
                            + words.stream().sorted().collect(Collectors.joining(", ")));
        }
        return text;
    }

    public int limit() {
        String text = query("limit");
        if (text == null) {
            return DEFAULT_LIMIT;
        }
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > MAX_LIMIT) {
            throw Problem.invalid("limit", "'" + Text.shown(text) + "' is no limit: a number from 1 to " + MAX_LIMIT);
        }
        return Integer.parseInt(text);
    }

    /** Of a short list: all of it, or the part that is asked for. */
    Page<?> page(List<?> all) {
        return ShortList.page(all, query("limit") == null ? Integer.MAX_VALUE : limit(), query("cursor"));
    }

    /** The tags asked for, each {@code key:value}. */
    public List<String> tags() {
        List<String> tags = queries("tag");
        for (String tag : tags) {
            if (tag.indexOf(':') <= 0) {
                throw Problem.invalid("tag", "'" + Text.shown(tag) + "' is no tag: write key:value");
            }
        }
        return tags;
    }

    /** The body as JSON, whose content type must say so. */
    public JsonNode json() {
        String type = contentType();
        if (!type.equals("application/json") && !type.endsWith("+json")) {
            throw Problem.of(
                    415,
                    "Unsupported media type",
                    "Content-Type",
                    "send application/json, not '" + Text.shown(type) + "'");
        }
        return Members.parse(new String(bytes(), StandardCharsets.UTF_8));
    }

    /** The body as UTF-8 text, of whatever type. */
    public String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    /** The body as JSON; empty when there is none. */
    public Optional<JsonNode> jsonIfAny() {
        byte[] bytes = bytes();
        return bytes.length == 0
                ? Optional.empty()
                : Optional.of(Members.parse(new String(bytes, StandardCharsets.UTF_8)));
    }

    public String contentType() {
        String type = request.getHeader("Content-Type");
        return type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(java.util.Locale.ROOT);
    }

    /** The body as it arrives. */
    public InputStream stream() {
        return body;
    }

    private byte[] bytes() {
        try {
            return body.all(bodyLimit);
        } catch (IOException e) {
            throw Problem.invalid("body", String.valueOf(e.getMessage()));
        }
    }
}
