package io.tlsfleet.api.metrics;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The Prometheus text format, version 0.0.4. A label set that was written already is left out: one bad certificate never
 * fails a scrape.
 */
public final class Exposition {
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    static final int LONGEST_LABEL = 128;
    /** A name, a port, a server name, STARTTLS and a site: two endpoints never become one. */
    static final int LONGEST_ENDPOINT = 253 + ":65535 sni=".length() + 253 + " starttls=postgres site=".length() + 128;

    private final StringBuilder out = new StringBuilder();
    private final Set<String> written = new HashSet<>();
    private String family = "";
    private int leftOut;

    public Exposition family(String name, String type, String help) {
        family = name;
        out.append("# HELP ")
                .append(name)
                .append(' ')
                .append(help.replace("\\", "\\\\").replace("\n", "\\n"))
                .append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        return this;
    }

    /** {@code labels}: names and values in turn. */
    public Exposition value(double value, String... labels) {
        return line("", value, labels);
    }

    public Exposition value(long value, String... labels) {
        return line("", (double) value, labels);
    }

    /** A histogram's buckets are cumulative; the last is +Inf. */
    public Exposition histogram(double[] bounds, long[] cumulative, double sum, String... labels) {
        long count = cumulative.length == 0 ? 0 : cumulative[cumulative.length - 1];
        for (int i = 0; i < cumulative.length; i++) {
            String[] with = java.util.Arrays.copyOf(labels, labels.length + 2);
            with[labels.length] = "le";
            with[labels.length + 1] = i < bounds.length ? number(bounds[i]) : "+Inf";
            line("_bucket", (double) cumulative[i], with);
        }
        line("_sum", sum, labels);
        return line("_count", (double) count, labels);
    }

    /** The labels of one line, in the order they were put. */
    public Exposition value(double value, Map<String, String> labels) {
        String[] flat = new String[labels.size() * 2];
        int i = 0;
        for (Map.Entry<String, String> label : new LinkedHashMap<>(labels).entrySet()) {
            flat[i++] = label.getKey();
            flat[i++] = label.getValue();
        }
        return line("", value, flat);
    }

    private Exposition line(String suffix, double value, String... labels) {
        StringBuilder key = new StringBuilder(family).append(suffix);
        if (labels.length > 0) {
            key.append('{');
            for (int i = 0; i < labels.length; i += 2) {
                key.append(i == 0 ? "" : ",")
                        .append(labels[i])
                        .append("=\"")
                        .append(label(labels[i + 1], longest(labels[i])))
                        .append('"');
            }
            key.append('}');
        }
        if (written.add(key.toString())) {
            out.append(key).append(' ').append(number(value)).append('\n');
        } else {
            leftOut++;
        }
        return this;
    }

    /** Lines that were written already. */
    int leftOut() {
        return leftOut;
    }

    public String text() {
        return out.toString();
    }

    static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        return Double.isNaN(value) ? "NaN" : String.format(Locale.ROOT, "%s", value);
    }

    static int longest(String name) {
        return name.equals("endpoint") ? LONGEST_ENDPOINT : LONGEST_LABEL;
    }

    /** Escaped, without control and direction characters. */
    static String label(String text, int longest) {
        StringBuilder label = new StringBuilder();
        text.codePoints().limit(longest).forEach(c -> {
            if (c == '\\' || c == '"') {
                label.append('\\').appendCodePoint(c);
            } else if (Character.isISOControl(c)
                    || Character.getType(c) == Character.FORMAT
                    || Character.getType(c) == Character.SURROGATE
                    || c == 0x2028
                    || c == 0x2029) {
                label.append('\ufffd');
            } else {
                label.appendCodePoint(c);
            }
        });
        return label.toString();
    }
}
