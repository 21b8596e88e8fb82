package io.tlsfleet.scanner.cli;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.report.CsvReport;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.report.ReportFormat;
import io.tlsfleet.fleet.report.TextReport;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where reports go, in the form that was asked for: NDJSON as each completes, everything else in the order asked, written as
 * soon as that order allows. Used by many threads; {@link #close} writes what an interruption left, and ends the document.
 */
final class ReportSink implements AutoCloseable {
    private final ScanOptions.Format format;
    private final PrintWriter out;
    private final boolean many;
    private final boolean terminal;
    private final int width;
    private final TreeMap<Long, List<Report>> waiting = new TreeMap<>();
    private final List<Report> whole = new ArrayList<>();
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final ReentrantLock turn = new ReentrantLock();
    private long next;
    private boolean begun;
    private boolean closed;
    private volatile boolean lost;

    ReportSink(ScanOptions.Format format, PrintWriter out, boolean many, boolean terminal, int width) {
        this.format = format;
        this.out = out;
        this.many = many;
        this.terminal = terminal;
        this.width = width;
    }

    /** {@code place} is where the endpoint stands among those asked: every number from 0 comes exactly once. */
    void take(long place, List<Report> reports) {
        if (format != ScanOptions.Format.NDJSON) {
            takeInOrder(place, reports);
            return;
        }
        for (Report report : reports) {
            lines.add(Json.write(report));
        }
    }

    /** Writes what was taken; where the reader is slow, so is the caller. */
    void flush() {
        turn.lock();
        try {
            print();
        } finally {
            turn.unlock();
        }
    }

    private void print() {
        for (String line = lines.poll(); line != null; line = lines.poll()) {
            if (!closed) {
                out.append(line).append('\n');
            }
        }
        lost = out.checkError();
    }

    /** Nobody gets what is written: there is no disk for it, or no reader any more. */
    boolean isLost() {
        return lost;
    }

    private void takeInOrder(long place, List<Report> reports) {
        turn.lock();
        try {
            if (closed) {
                return;
            }
            waiting.put(place, List.copyOf(reports));
            while (!waiting.isEmpty() && waiting.firstKey() == next) {
                waiting.pollFirstEntry().getValue().forEach(this::write);
                next++;
            }
        } finally {
            turn.unlock();
        }
    }

    @Override
    public void close() {
        turn.lock();
        try {
            if (closed) {
                return;
            }
            print();
            waiting.values().forEach(reports -> reports.forEach(this::write));
            waiting.clear();
            end();
            out.flush();
            closed = true;
        } finally {
            turn.unlock();
        }
    }

    private void write(Report report) {
        switch (format) {
            case TEXT -> {
                if (begun && terminal) {
                    out.println();
                }
                out.print(
                        terminal ? TextReport.terminal(report, Terminal.hasColour(), width) : TextReport.pipe(report));
            }
            case JSON -> {
                out.print(many ? begun ? ",\n" : "[\n" : "");
                out.print(many ? Json.write(report) : Json.pretty(report) + "\n");
            }
            case CSV -> out.print((begun ? "" : CsvReport.header()) + CsvReport.lines(report));
            case NDJSON -> throw new IllegalStateException("written at once");
            case SARIF, JUNIT, HTML, PROM -> whole.add(report);
        }
        begun = true;
        lost = out.checkError();
    }

    private void end() {
        switch (format) {
            case JSON -> out.print(many ? begun ? "\n]\n" : "[]\n" : "");
            case CSV -> out.print(begun ? "" : CsvReport.header());
            case SARIF, JUNIT, HTML, PROM ->
                out.print(ReportFormat.of(format.word()).all(whole));
            case TEXT, NDJSON -> {}
        }
    }
}
