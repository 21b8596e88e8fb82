package io.tlsfleet.fleet.target;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Targets out of CSV (RFC 4180), read as it streams: a header in any order of which only {@code host} is needed, every
 * column without a name of ours is a tag. Empty lines and a byte order mark are passed over; a line that cannot be read
 * does not stop the next.
 */
public final class CsvTargets implements Iterator<ImportLine> {
    private static final int LONGEST_RECORD = 64 * 1024;
    private static final int MOST_COLUMNS = 256;
    private static final int END = -1;

    private final Reader in;
    private final List<String> header;
    private int pushed = -2;
    private long line = 1;
    private long recordLine;
    private @Nullable ImportLine next;

    /** Reads the header; one that will not do is an {@link InvalidTarget}. */
    public CsvTargets(Reader in) {
        this.in = in;
        Row first = row();
        if (first == null || first.problem != null) {
            throw new InvalidTarget("the CSV has no header: its first line names the columns, of which host is needed");
        }
        List<String> names = new ArrayList<>(first.cells);
        names.replaceAll(String::strip);
        if (names.getFirst().startsWith("\uFEFF")) {
            names.set(0, names.getFirst().substring(1).strip());
        }
        if (!names.contains("host")) {
            throw new InvalidTarget(
                    "the CSV's header '" + TargetLines.shown(String.join(",", names)) + "' has no column host");
        }
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (name.isEmpty() || !seen.add(name)) {
                throw new InvalidTarget("the CSV's header has "
                        + (name.isEmpty()
                                ? "a column without a name"
                                : "the column '" + TargetLines.shown(name) + "' twice"));
            }
        }
        this.header = names;
        this.next = read();
    }

    @Override
    public boolean hasNext() {
        return next != null;
    }

    @Override
    public ImportLine next() {
        ImportLine now = next;
        if (now == null) {
            throw new NoSuchElementException();
        }
        next = read();
        return now;
    }

    private @Nullable ImportLine read() {
        Row row = row();
        while (row != null
                && row.problem == null
                && row.cells.size() == 1
                && row.cells.getFirst().isBlank()) {
            row = row();
        }
        if (row == null) {
            return null;
        }
        if (row.problem != null) {
            return new ImportLine.Bad(recordLine, row.problem);
        }
        if (row.cells.size() > header.size()) {
            return new ImportLine.Bad(
                    recordLine, row.cells.size() + " cells, but the header has " + header.size() + " columns");
        }
        try {
            return new ImportLine.Good(recordLine, target(row.cells));
        } catch (IllegalArgumentException e) {
            return new ImportLine.Bad(recordLine, String.valueOf(e.getMessage()));
        }
    }

    private Target target(List<String> cells) {
        Map<String, String> fields = new HashMap<>();
        Map<String, String> tags = new LinkedHashMap<>();
        List<String> addresses = List.of();
        for (int i = 0; i < cells.size(); i++) {
            String name = header.get(i);
            String cell = cells.get(i);
            if (name.equals("addresses")) {
                addresses = Arrays.stream(cell.split("[;,|\\s]+"))
                        .filter(a -> !a.isEmpty())
                        .toList();
            } else if (TargetFields.NAMES.contains(name)) {
                fields.put(name, cell);
            } else if (!cell.isEmpty()) {
                tags.put(name, cell);
            }
        }
        return TargetFields.target(fields, addresses, tags);
    }

    private record Row(List<String> cells, @Nullable String problem) {}

    /** One record; null at the end. A quoted cell may hold line ends. */
    private @Nullable Row row() {
        recordLine = line;
        int c = take();
        if (c == END) {
            return null;
        }
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        int length = 0;
        boolean quoted = false;
        boolean wasQuoted = false;
        String problem = null;
        while (true) {
            if (++length > LONGEST_RECORD) {
                problem = "longer than " + LONGEST_RECORD + " characters";
                cell.setLength(0);
                skipLine(c);
                return new Row(cells, problem);
            }
            if (quoted) {
                if (c == END) {
                    return new Row(cells, "a quoted cell has no end");
                }
                if (c == '"') {
                    c = take();
                    if (c != '"') {
                        quoted = false;
                        continue;
                    }
                }
                if (c == '\n') {
                    line++;
                }
                cell.append((char) c);
            } else if (c == ',' || c == '\n' || c == '\r' || c == END) {
                if (cells.size() < MOST_COLUMNS) {
                    cells.add(cell.toString());
                }
                cell.setLength(0);
                wasQuoted = false;
                if (c != ',') {
                    endOfLine(c);
                    return new Row(cells, problem);
                }
            } else if (c == '"' && cell.isEmpty() && !wasQuoted) {
                quoted = true;
                wasQuoted = true;
            } else {
                if (c == '"' || wasQuoted) {
                    problem = "a quote within a cell: double it, and quote the whole cell";
                }
                cell.append((char) c);
            }
            c = take();
        }
    }

    private void skipLine(int from) {
        int c = from;
        while (c != '\n' && c != END) {
            c = take();
        }
        if (c == '\n') {
            line++;
        }
    }

    private void endOfLine(int c) {
        if (c == END) {
            return;
        }
        if (c == '\r') {
            int after = take();
            if (after != '\n') {
                pushed = after;
            }
        }
        line++;
    }

    private int take() {
        if (pushed != -2) {
            int c = pushed;
            pushed = -2;
            return c;
        }
        try {
            return in.read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
