package io.tlsfleet.api.input;

import java.util.List;

/** Input that cannot be used, with every field that is wrong. */
public final class InvalidInput extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient List<FieldError> errors;

    /** {@code field}: a query parameter, a header, or the way into the body: {@code port}, {@code 3/tags/env}. */
    public record FieldError(String field, String detail) {}

    public InvalidInput(List<FieldError> errors) {
        super(
                errors.size() == 1
                        ? errors.getFirst().detail()
                        : errors.getFirst().detail() + " (and " + (errors.size() - 1) + " more)",
                null,
                false,
                false);
        this.errors = List.copyOf(errors);
    }

    public InvalidInput(String field, String detail) {
        this(List.of(new FieldError(field, detail)));
    }

    public List<FieldError> errors() {
        return errors;
    }
}
