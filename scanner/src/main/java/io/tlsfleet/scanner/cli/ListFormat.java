package io.tlsfleet.scanner.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How a command writes a list: for a person, as one array, or a value a line. */
enum ListFormat {
    TEXT,
    JSON,
    NDJSON;

    /** Named, or fit for who reads: a person at a terminal, else a program. */
    static ListFormat of(@Nullable String name) {
        if (name == null) {
            return Terminal.isOutput() ? TEXT : NDJSON;
        }
        return Arrays.stream(values())
                .filter(format -> format.word().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--format " + name + ": want one of "
                        + Arrays.stream(values()).map(ListFormat::word).collect(Collectors.joining(", "))));
    }

    private String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
