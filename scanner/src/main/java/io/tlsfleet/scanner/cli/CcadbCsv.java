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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A report of the CCADB (ccadb.org/resources) as anchors. Columns are found by what their heads have in common over the
 * reports: the one with PEM, trust bits or EKUs (Websites, Server Authentication, serverAuth), a root program's status
 * (Included), and the date after which new certificates are distrusted for TLS. A report without PEM (of all programs:
 * AllIncludedRootCerts) names roots by their fingerprints; the certificates are then taken from those that are known.
 */
final class CcadbCsv {
    private static final List<DateTimeFormatter> DATES = List.of(
            DateTimeFormatter.ISO_LOCAL_DATE,
            DateTimeFormatter.ofPattern("yyyy.MM.dd", Locale.ROOT),
            DateTimeFormatter.ofPattern("yyyy MMM dd", Locale.ENGLISH),
            DateTimeFormatter.ofPattern("MMMM d, yyyy", Locale.ENGLISH),
            DateTimeFormatter.ofPattern("M/d/yyyy", Locale.ROOT));

    /** What came of the rows. */
    record Imported(List<TrustStore.Anchor> anchors, int notForServers, int notIncluded, int unreadable, int unknown) {}

    private static final List<String> PROGRAMS = List.of("mozilla", "chrome", "apple", "microsoft");

    private final List<String> head;

    private CcadbCsv(List<String> head) {
        this.head = head;
    }

    /** {@code program} (Mozilla, Chrome, Apple, Microsoft) says whose status counts; {@code known} by SHA-256. */
    static Imported read(String csv, @Nullable String program, Map<String, byte[]> known) {
        List<List<String>> rows = rows(csv);
        if (rows.isEmpty()) {
            throw new IllegalArgumentException("the file is empty");
        }
        List<String> head = rows.getFirst().stream()
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .toList();
        return new CcadbCsv(head).anchors(rows.subList(1, rows.size()), program, known);
    }

    private Imported anchors(List<List<String>> rows, @Nullable String program, Map<String, byte[]> known) {
        int pem = find("pem", null);
        int fingerprint = find("sha-256 fingerprint", null);
        if (pem < 0 && fingerprint < 0) {
            throw new IllegalArgumentException(
                    "neither PEM nor SHA-256 fingerprints in it; take one of the CCADB's reports of included roots");
        }
        int bits = Math.max(find("trust bits", program), find("ekus", program));
        int status = find("status", program);
        if (program != null && status < 0) {
            throw new IllegalArgumentException("no column says the status of " + program);
        }
        if (program == null
                && head.stream().filter(name -> name.contains("status")).count() > 1) {
            throw new IllegalArgumentException(
                    "the report is of several programs; say whose with --program " + String.join("|", PROGRAMS));
        }
        int distrust = find("distrust for tls after", null);
        Map<String, TrustStore.Anchor> anchors = new LinkedHashMap<>();
        int notForServers = 0;
        int notIncluded = 0;
        int unreadable = 0;
        int unknown = 0;
        for (List<String> row : rows) {
            if (cell(row, pem).isBlank() && cell(row, fingerprint).isBlank()) {
                continue;
            }
            String trust = cell(row, bits).toLowerCase(Locale.ROOT);
            if (!trust.isBlank() && !trust.contains("website") && !trust.contains("server") && !trust.contains("all")) {
                notForServers++;
                continue;
            }
            if (status >= 0
                    && !cell(row, status).strip().toLowerCase(Locale.ROOT).startsWith("included")) {
                notIncluded++;
                continue;
            }
            List<byte[]> certificates =
                    new ArrayList<>(Pem.certificates(cell(row, pem).getBytes(StandardCharsets.US_ASCII)));
            if (pem < 0 || cell(row, pem).isBlank()) {
                byte[] der = known.get(
                        cell(row, fingerprint).replaceAll("[:\\s]", "").toLowerCase(Locale.ROOT));
                if (der == null) {
                    unknown++;
                    continue;
                }
                certificates.add(der);
            }
            if (certificates.isEmpty()
                    || CertificateFacts.read(certificates.getFirst()).malformed()) {
                unreadable++;
                continue;
            }
            CertificateFacts certificate = CertificateFacts.read(certificates.getFirst());
            anchors.putIfAbsent(
                    certificate.sha256(),
                    new TrustStore.Anchor(certificate, date(cell(row, distrust)).orElse(null)));
        }
        return new Imported(List.copyOf(anchors.values()), notForServers, notIncluded, unreadable, unknown);
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

    /** Where {@code program} is given, its own column or one that is of no program; -1 where there is none. */
    private int find(String part, @Nullable String program) {
        int found = -1;
        for (int i = 0; i < head.size(); i++) {
            String name = head.get(i);
            if (!name.contains(part)) {
                continue;
            }
            if (program != null && name.contains(program.toLowerCase(Locale.ROOT))) {
                return i;
            }
            boolean another = program != null && PROGRAMS.stream().anyMatch(name::contains);
            found = found < 0 && !another ? i : found;
        }
        return found;
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
