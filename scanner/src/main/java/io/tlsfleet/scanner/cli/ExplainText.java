package io.tlsfleet.scanner.cli;

import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.ChainVerdict;
import io.tlsfleet.tls.x509.ChainVerdict.Order;
import io.tlsfleet.tls.x509.ChainVerdict.TrustStatus;
import io.tlsfleet.tls.x509.GeneralName;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A chain as a person reads it: what it is, who trusts it, what is wrong and how to mend it. */
final class ExplainText {
    private static final int NAMES_SHOWN = 12;
    private static final int LABEL = 12;
    private static final int UNBOUNDED = Integer.MAX_VALUE;

    private final Explanation explanation;
    private final ChainVerdict verdict;
    private final boolean plain;
    private final int width;
    private final StringBuilder out = new StringBuilder();

    private ExplainText(Explanation explanation, boolean plain, int width) {
        this.explanation = explanation;
        this.verdict = explanation.verdict();
        this.plain = plain;
        this.width = width;
    }

    /** For pipes: nothing that is not ASCII, one fact a line however long. */
    static String plain(Explanation explanation) {
        return new ExplainText(explanation, true, UNBOUNDED).text();
    }

    /** For a person in front of a window so many columns wide. */
    static String shown(Explanation explanation, int width) {
        return new ExplainText(explanation, false, Math.max(40, width)).text();
    }

    private String text() {
        int count = verdict.chain().size() + verdict.unread();
        out.append(explanation.source())
                .append("   ")
                .append(count == 1 ? "1 certificate" : count + " certificates")
                .append("   ")
                .append(verdict.trusted() ? mark(true) + " trusted" : mark(false) + " " + explanation.status())
                .append("\n\n");
        tree();
        out.append('\n');
        verdict.leaf().ifPresent(this::leaf);
        trust();
        line("Chain", shape());
        ChainVerdict.Hostname hostname = verdict.hostname();
        if (hostname != null) {
            line(
                    "Name",
                    hostname.matches()
                            ? mark(true) + " " + shown(hostname.host()) + " by " + shown(hostname.matchedBy())
                            : (hostname.mismatches() ? mark(false) + " " : "") + shown(hostname.reason()));
        }
        line("Staple", staple());
        line("Revocation", revocation());
        line("CT", transparency());
        for (ExplainClients.Answer answer : ExplainClients.of(explanation)) {
            String error = answer.error();
            line(
                    "Client",
                    mark(error == null) + " " + pad(answer.client(), 8) + " " + (error == null ? "connects" : error));
        }
        findings();
        return out.toString();
    }

    /** From the leaf down to the anchor; where no path leads to one, as far as each was issued by the next. */
    private void tree() {
        List<CertificateFacts> path =
                verdict.best().map(ChainVerdict.Trust::path).orElse(List.of());
        boolean anchored = !path.isEmpty();
        List<CertificateFacts> shown = anchored ? path : climbed();
        for (int i = 0; i < shown.size(); i++) {
            CertificateFacts certificate = shown.get(i);
            String indent = i == 0 ? "  " : "  " + "   ".repeat(i - 1) + (plain ? "`- " : "└─ ");
            List<String> marks = new ArrayList<>();
            marks.add(key(certificate));
            marks.add(left(certificate));
            if (!verdict.chain().contains(certificate)) {
                marks.add(anchored && i == shown.size() - 1 ? "in the store" : "NOT SENT");
            }
            if (certificate.malformed()) {
                marks.add("malformed");
            }
            String name = certificate.subject().isEmpty()
                    ? "(no subject)"
                    : certificate.subject().shortText();
            out.append(pad(fit(indent + text(name), column()), column()))
                    .append("  ")
                    .append(String.join(dot(), marks))
                    .append('\n');
        }
        if (!anchored && !shown.isEmpty() && !shown.getLast().selfIssued()) {
            out.append("  ")
                    .append("   ".repeat(shown.size() - 1))
                    .append(plain ? "`- ? " : "└─ ? ")
                    .append(text(shown.getLast().issuer().shortText()))
                    .append("   not known here\n");
        }
        for (CertificateFacts sent : verdict.chain()) {
            if (!shown.contains(sent)) {
                out.append("  + ")
                        .append(pad(fit(text(sent.subject().shortText()), column() - 4), column() - 4))
                        .append("  sent, on no path that is used\n");
            }
        }
        if (verdict.unread() > 0) {
            out.append("  + ").append(verdict.unread()).append(" more that are not read\n");
        }
    }

    private List<CertificateFacts> climbed() {
        List<CertificateFacts> pool = new ArrayList<>(verdict.chain());
        verdict.missingIntermediates().forEach(missing -> pool.add(missing.certificate()));
        List<CertificateFacts> climbed = new ArrayList<>();
        Optional<CertificateFacts> next = pool.stream().findFirst();
        while (next.isPresent()) {
            CertificateFacts child = next.get();
            climbed.add(child);
            next = pool.stream()
                    .filter(issuer -> !climbed.contains(issuer) && child.maybeSignedBy(issuer))
                    .findFirst();
        }
        return climbed;
    }

    private void leaf(CertificateFacts leaf) {
        line("Subject", leaf.subject().isEmpty() ? "(none)" : leaf.subject().text());
        line("Issuer", leaf.issuer().isEmpty() ? "(none)" : leaf.issuer().text());
        List<String> names =
                leaf.extensions().altNames().stream().map(GeneralName::text).toList();
        int others = Math.max(0, names.size() - NAMES_SHOWN) + leaf.extensions().altNamesOmitted();
        String more = others > 0 ? " and " + others + " more" : "";
        line(
                "Names",
                names.isEmpty()
                        ? "(no subjectAltName)"
                        : names.stream().limit(NAMES_SHOWN).collect(Collectors.joining("  ")) + more);
        line("Valid", time(leaf.notBefore()) + " to " + time(leaf.notAfter()) + ", " + left(leaf));
        line("Key", key(leaf) + ", signed with " + leaf.signatureAlgorithm().name());
        List<String> usages = leaf.extensions().extendedKeyUsageNames();
        line("For", usages.isEmpty() ? "anything (no extended key usage)" : String.join(" ", usages));
        line("Serial", leaf.serialText());
        line("SHA-256", leaf.sha256());
        line("SPKI", leaf.spkiSha256());
    }

    private void trust() {
        for (ChainVerdict.Trust trust : verdict.trust()) {
            LocalDate date = trust.store().date();
            String store = trust.store().name() + (date == null ? "" : " (" + date + ")");
            boolean trusted = trust.status() == TrustStatus.TRUSTED;
            String others = trust.others() > 0 ? ", " + trust.others() + " other paths" : "";
            String text = trusted
                    ? "trusted through " + text(trust.path().getLast().subject().shortText()) + others
                    : trust.status().word() + ": " + shown(trust.reason());
            line("Trust", mark(trusted) + " " + pad(store, 22) + " " + text);
        }
    }

    private String shape() {
        String order = verdict.order().stream()
                .filter(word -> word != Order.CORRECT)
                .map(Order::word)
                .collect(Collectors.joining(", "));
        String missing = verdict.missingIntermediates().stream()
                .map(m -> text(m.certificate().subject().shortText()))
                .collect(Collectors.joining(", "));
        return verdict.completeness().word()
                + (missing.isEmpty() ? "" : ": " + missing + " (--missing prints it)")
                + (order.isEmpty() ? "" : ", " + order);
    }

    private String staple() {
        ChainVerdict.Staple staple = verdict.ocspStaple();
        return switch (staple.status()) {
            case NOT_APPLICABLE -> none() + " (the certificate names no responder)";
            case ABSENT -> none();
            case GOOD -> mark(true) + " good, by " + shown(staple.responder()) + ", until " + time(staple.nextUpdate());
            default -> mark(false) + " " + staple.status().word() + ": " + shown(staple.reason());
        };
    }

    private String revocation() {
        ChainVerdict.Revocation revocation = verdict.revocation();
        String why = revocation.reason() == null ? "" : ": " + shown(revocation.reason());
        String via = revocation.via() == null ? "" : " by " + revocation.via();
        return switch (revocation.status()) {
            case NOT_CHECKED -> none() + " (not checked)";
            case UNKNOWN -> "unknown" + why;
            case NOT_REVOKED -> mark(true) + " not revoked" + via;
            case REVOKED -> mark(false) + " revoked" + via + why;
        };
    }

    private String transparency() {
        ChainVerdict.Transparency ct = verdict.transparency();
        if (ct.scts().isEmpty()) {
            return none() + " (no signed timestamps)";
        }
        String logs = ct.scts().stream()
                .map(sct -> (sct.log() == null ? "unknown log" : sct.log())
                        + (sct.status() == ChainVerdict.SctStatus.VALID
                                ? ""
                                : " (" + sct.status().word() + ")"))
                .distinct()
                .collect(Collectors.joining(", "));
        return mark(ct.satisfied()) + " " + ct.valid() + " of " + ct.required() + " valid timestamps: " + logs;
    }

    private void findings() {
        List<Finding> findings = explanation.findings();
        if (findings.isEmpty()) {
            out.append("\n  Nothing to fix.\n");
            return;
        }
        out.append('\n');
        for (Finding finding : findings) {
            String remedy = finding.remedy().replace("explain HOST:PORT", "explain " + explanation.source());
            String severity = finding.severity().name().toLowerCase(Locale.ROOT);
            out.append("  ")
                    .append(pad(severity, LABEL - 2))
                    .append(finding.title())
                    .append('\n');
            wrapped(" ".repeat(LABEL), text(finding.detail()));
            wrapped(" ".repeat(LABEL), "Fix: " + text(remedy));
        }
    }

    private void line(String label, String value) {
        wrapped("  " + pad(label, LABEL), text(value));
    }

    /** Broken at spaces, the rest under the text; what has no space stays whole. */
    private void wrapped(String label, String value) {
        String indent = " ".repeat(label.length());
        String rest = value;
        String lead = label;
        int room = Math.max(20, width - indent.length());
        while (rest.length() > room) {
            int at = rest.lastIndexOf(' ', room);
            at = at <= 0 ? rest.indexOf(' ', room) : at;
            if (at < 0) {
                break;
            }
            out.append(lead).append(rest, 0, at).append('\n');
            rest = rest.substring(at).strip();
            lead = indent;
        }
        out.append(lead).append(rest).append('\n');
    }

    private int column() {
        return width >= 100 ? 46 : Math.max(20, width - 40);
    }

    private String fit(String text, int room) {
        return plain || text.length() <= room ? text : text.substring(0, room - 1) + "…";
    }

    private String key(CertificateFacts certificate) {
        String curve = certificate.key().curve();
        String size =
                certificate.key().bits() == 0 ? "" : " " + certificate.key().bits();
        boolean sized = certificate.key().isRsa() || certificate.key().type().equals("DSA");
        return certificate.key().type() + (curve != null ? " " + curve : sized ? size : "");
    }

    private String left(CertificateFacts certificate) {
        Instant notBefore = certificate.notBefore();
        Instant notAfter = certificate.notAfter();
        if (notBefore == null || notAfter == null) {
            return "validity unreadable";
        }
        Instant at = explanation.at();
        if (at.isBefore(notBefore)) {
            return "valid in " + span(Duration.between(at, notBefore));
        }
        if (at.isAfter(notAfter)) {
            return "EXPIRED " + span(Duration.between(notAfter, at)) + " ago";
        }
        return span(Duration.between(at, notAfter)) + " of " + span(Duration.between(notBefore, notAfter)) + " left";
    }

    private static String span(Duration time) {
        if (time.toDays() >= 730) {
            return time.toDays() / 365 + " years";
        }
        if (time.toDays() >= 2) {
            return time.toDays() + " days";
        }
        return time.toHours() >= 2 ? time.toHours() + " hours" : Math.max(0, time.toMinutes()) + " minutes";
    }

    private static String time(@Nullable Instant time) {
        return time == null
                ? "?"
                : time.atZone(ZoneOffset.UTC).toLocalDateTime().toString().replace('T', ' ') + " UTC";
    }

    private String mark(boolean good) {
        return plain ? (good ? "yes" : "NO") : good ? "✔" : "✘";
    }

    private String none() {
        return plain ? "-" : "–";
    }

    private String dot() {
        return plain ? ", " : " · ";
    }

    private String shown(@Nullable String text) {
        return text == null ? "" : text;
    }

    private String text(String text) {
        if (!plain) {
            return text;
        }
        StringBuilder ascii = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c < 0x7F) {
                ascii.appendCodePoint(c);
            } else {
                ascii.append("\\u{").append(Integer.toHexString(c)).append('}');
            }
        });
        return ascii.toString();
    }

    private static String pad(String text, int width) {
        return text.length() >= width ? text : text + " ".repeat(width - text.length());
    }
}
