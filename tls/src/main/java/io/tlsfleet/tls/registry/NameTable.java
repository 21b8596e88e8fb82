package io.tlsfleet.tls.registry;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** A resource of tab-separated lines, number first and name second; {@code #} begins a comment. */
final class NameTable {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private final Map<Integer, String> names;

    private NameTable(Map<Integer, String> names) {
        this.names = Collections.unmodifiableMap(names);
    }

    static NameTable load(String resource) {
        Map<Integer, String> names = new LinkedHashMap<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(NameTable.class.getResourceAsStream(resource), resource),
                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank() && line.charAt(0) != '#') {
                    int tab = line.indexOf('\t');
                    int next = line.indexOf('\t', tab + 1);
                    String name = next < 0 ? line.substring(tab + 1) : line.substring(tab + 1, next);
                    if (names.put(Integer.decode(line.substring(0, tab)), name) != null) {
                        throw new IllegalStateException(resource + ": twice: " + line);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(resource, e);
        }
        return new NameTable(names);
    }

    /** The name, or {@code 0xABCD} for a number without one. */
    String name(int code, int hexDigits) {
        String name = names.get(code);
        return name != null ? name : ("0x%0" + hexDigits + "X").formatted(code);
    }

    /** Of a number of two bytes, {@code 0xABCD}. */
    static String hex(int code) {
        return "0x" + HEX.toHexDigits((short) code);
    }

    Map<Integer, String> all() {
        return names;
    }
}
