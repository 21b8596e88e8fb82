package io.tlsfleet.scanner.cli;

import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.Pem;
import io.tlsfleet.tls.x509.TrustStore;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A report of the CCADB (ccadb.org/resources) as anchors. Columns are found by what their heads have in common over the
 * reports: the one with PEM, trust bits (Websites, Server Authentication), a root program's status (Included), and the
 * date after which new certificates are distrusted for TLS.
 */
final class CcadbCsv {
    private static final List<DateTimeFormatter> DATES = List.of(
            DateTimeFormatter.ISO_LOCAL_DATE,
            DateTimeFormatter.ofPattern("yyyy.MM.dd", Locale.ROOT),
            DateTimeFormatter.ofPattern("yyyy MMM dd", Locale.ENGLISH),
            DateTimeFormatter.ofPattern("MMMM d, yyyy", Locale.ENGLISH),
            DateTimeFormatter.ofPattern("M/d/yyyy", Locale.ROOT));

    /** What came of the rows. */
    record Imported(List<TrustStore.Anchor> anchors, int notForServers, int notIncluded, int unreadable) {}

    private final List<String> head;
    private final int pem;

    private CcadbCsv(List<String> head, int pem) {
        this.head = head;
        this.pem = pem;
    }

    /** {@code program} (Mozilla, Chrome, Apple, Microsoft) picks the status column where a report has several. */
    static Imported read(String csv, @Nullable String program) {
        List<List<String>> rows = rows(csv);
        if (rows.isEmpty()) {
            throw new IllegalArgumentException("the file is empty");
        }
        List<String> head = rows.getFirst().stream()
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .toList();
        int pem = find(head, "pem", null);
        if (pem < 0) {
            throw new IllegalArgumentException(
                    "no column with PEM; take one of the CCADB's reports that has the certificates in it");
        }
        return new CcadbCsv(head, pem).anchors(rows.subList(1, rows.size()), program);
    }

    private Imported anchors(List<List<String>> rows, @Nullable String program) {
        int bits = find(head, "trust bits", program);
        int status = program == null ? -1 : find(head, "status", program);
        if (program != null && status < 0) {
            throw new IllegalArgumentException("no column says the status of " + program);
        }
        int distrust = find(head, "distrust for tls after", null);
        Map<String, TrustStore.Anchor> anchors = new HashMap<>();
        List<TrustStore.Anchor> ordered = new ArrayList<>();
        int notForServers = 0;
        int notIncluded = 0;
        int unreadable = 0;
        for (List<String> row : rows) {
            String text = cell(row, pem);
            if (text.isBlank()) {
                continue;
            }
            String trust = cell(row, bits).toLowerCase(Locale.ROOT);
            if (!trust.isBlank() && !trust.contains("website") && !trust.contains("server") && !trust.contains("all")) {
                notForServers++;
                continue;
            }
            String state = cell(row, status).toLowerCase(Locale.ROOT);
            if (status >= 0 && !state.contains("included") || state.startsWith("not ")) {
                notIncluded++;
                continue;
            }
            List<byte[]> certificates = Pem.certificates(text.getBytes(StandardCharsets.US_ASCII));
            if (certificates.isEmpty()
                    || CertificateFacts.read(certificates.getFirst()).malformed()) {
                unreadable++;
                continue;
            }
            CertificateFacts certificate = CertificateFacts.read(certificates.getFirst());
            TrustStore.Anchor anchor =
                    new TrustStore.Anchor(certificate, date(cell(row, distrust)).orElse(null));
            if (anchors.putIfAbsent(certificate.sha256(), anchor) == null) {
                ordered.add(anchor);
            }
        }
        return new Imported(List.copyOf(ordered), notForServers, notIncluded, unreadable);
    }

    /** The end of that day: what was issued on it still counts. */
    private static Optional<Instant> date(String text) {
        for (DateTimeFormatter format : DATES) {
            try {
                return Optional.of(
                        LocalDate.parse(text.strip(), format).atTime(23, 59, 59).toInstant(ZoneOffset.UTC));
            } catch (DateTimeException e) {
                // the next form
            }
        }
        return Optional.empty();
    }

    private static int find(List<String> head, String part, @Nullable String program) {
        int found = -1;
        for (int i = 0; i < head.size(); i++) {
            if (head.get(i).contains(part)) {
                if (program != null && head.get(i).contains(program.toLowerCase(Locale.ROOT))) {
                    return i;
                }
                found = found < 0 ? i : found;
            }
        }
        return program != null && part.equals("status") ? -1 : found;
    }

    private static String cell(List<String> row, int column) {
        return column >= 0 && column < row.size() ? row.get(column) : "";
    }

    /** RFC 4180, with line breaks inside quotes. */
    static List<List<String>> rows(String csv) {
        List<List<String>> rows = new ArrayList<>();
        List<String> row = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < csv.length(); i++) {
            char c = csv.charAt(i);
            if (quoted) {
                if (c == '"' && i + 1 < csv.length() && csv.charAt(i + 1) == '"') {
                    cell.append('"');
                    i++;
                } else if (c == '"') {
                    quoted = false;
                } else {
                    cell.append(c);
                }
            } else if (c == '"') {
                quoted = true;
            } else if (c == ',') {
                row.add(cell.toString());
                cell.setLength(0);
            } else if (c == '\n') {
                row.add(cell.toString());
                cell.setLength(0);
                rows.add(row);
                row = new ArrayList<>();
            } else if (c != '\r' && c != '\uFEFF') {
                cell.append(c);
            }
        }
        if (!cell.isEmpty() || !row.isEmpty()) {
            row.add(cell.toString());
            rows.add(row);
        }
        return rows;
    }
}
