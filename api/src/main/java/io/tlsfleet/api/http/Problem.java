package io.tlsfleet.api.http;

import io.tlsfleet.api.input.InvalidInput;
import io.tlsfleet.api.input.InvalidInput.FieldError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** RFC 9457: what is wrong and with which field. Thrown by routes, written at the edge and only there. */
public final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String title;
    private final transient List<FieldError> errors;
    private final transient Map<String, String> headers;

    private Problem(int status, String title, String detail, List<FieldError> errors, Map<String, String> headers) {
        super(detail, null, false, false);
        this.status = status;
        this.title = title;
        this.errors = List.copyOf(errors);
        this.headers = Map.copyOf(headers);
    }

    public static Problem invalid(String field, String detail) {
        return new Problem(400, "Invalid input", detail, List.of(new FieldError(field, detail)), Map.of());
    }

    static Problem of(InvalidInput input) {
        return new Problem(400, "Invalid input", String.valueOf(input.getMessage()), input.errors(), Map.of());
    }

    public static Problem unauthorized(String detail) {
        return new Problem(
                401,
                "Not signed in",
                detail,
                List.of(new FieldError("Authorization", detail)),
                Map.of("WWW-Authenticate", "Bearer realm=\"tlsfleet\""));
    }

    public static Problem forbidden(String detail) {
        return new Problem(403, "Not allowed", detail, List.of(), Map.of());
    }

    public static Problem notFound(String detail) {
        return new Problem(404, "Not found", detail, List.of(), Map.of());
    }

    public static Problem conflict(String field, String detail) {
        return new Problem(409, "Conflict", detail, List.of(new FieldError(field, detail)), Map.of());
    }

    public static Problem unavailable(String detail, int retryAfterSeconds) {
        return new Problem(
                503, "Unavailable", detail, List.of(), Map.of("Retry-After", Integer.toString(retryAfterSeconds)));
    }

    public static Problem of(int status, String title, String detail) {
        return new Problem(status, title, detail, List.of(), Map.of());
    }

    public static Problem of(int status, String title, String field, String detail) {
        return new Problem(status, title, detail, List.of(new FieldError(field, detail)), Map.of());
    }

    Problem with(String header, String value) {
        return new Problem(status, title, detail(), errors, Map.of(header, value));
    }

    public int status() {
        return status;
    }

    public String detail() {
        return String.valueOf(getMessage());
    }

    public List<FieldError> errors() {
        return errors;
    }

    Map<String, String> headers() {
        return headers;
    }

    Map<String, @Nullable Object> document(String path) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("type", "about:blank");
        document.put("title", title);
        document.put("status", status);
        document.put("detail", detail());
        document.put("instance", path);
        if (!errors.isEmpty()) {
            document.put("field", errors.getFirst().field());
            if (errors.size() > 1) {
                document.put("errors", errors);
            }
        }
        return document;
    }
}
