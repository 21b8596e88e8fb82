package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.ChainVerdict.SctStatus;
import io.tlsfleet.tls.x509.ChainVerdict.SctVerdict;
import io.tlsfleet.tls.x509.ChainVerdict.Transparency;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Signed certificate timestamps of a leaf, wherever they came from, against the log table and the clients' policies. */
final class SctJudge {
    private static final Duration LONG_LIVED = Duration.ofDays(180);

    private final CtLogs logs;
    private final Instant at;

    SctJudge(CtLogs logs, Instant at) {
        this.logs = logs;
        this.at = at;
    }

    /** {@code issuer} is null when it is not known: what is embedded cannot be verified then. */
    Transparency judge(
            CertificateFacts leaf, @Nullable CertificateFacts issuer, List<byte[]> tlsLists, List<byte[]> ocspLists) {
        List<SctVerdict> verdicts = new ArrayList<>();
        byte[] embedded = leaf.extensions().sctList();
        if (embedded != null) {
            byte[] entry = null;
            if (issuer != null) {
                try {
                    entry = Sct.precertificateEntry(leaf, issuer.key());
                } catch (MalformedMessage e) {
                    // the certificate's own defects say why it cannot be taken apart
                }
            }
            list(embedded, "certificate", entry, leaf, verdicts);
        }
        byte[] whole = leaf.der().length < 1 << 24 ? Sct.entry(leaf.der()) : null;
        tlsLists.forEach(list -> list(list, "tls", whole, leaf, verdicts));
        ocspLists.forEach(list -> list(list, "ocsp", whole, leaf, verdicts));
        return count(leaf, verdicts);
    }

    private void list(
            byte[] encoded, String source, byte @Nullable [] entry, CertificateFacts leaf, List<SctVerdict> verdicts) {
        try {
            for (byte[] sct : Sct.list(encoded)) {
                verdicts.add(one(sct, source, entry, leaf));
            }
        } catch (MalformedMessage e) {
            verdicts.add(new SctVerdict(new byte[0], null, source, SctStatus.MALFORMED, null, null));
        }
    }

    SctVerdict one(byte[] encoded, String source, byte @Nullable [] entry, @Nullable CertificateFacts leaf) {
        Sct sct;
        try {
            sct = Sct.read(encoded);
        } catch (MalformedMessage e) {
            return new SctVerdict(new byte[0], null, source, SctStatus.MALFORMED, null, null);
        }
        if (sct.version() != 0) {
            return new SctVerdict(new byte[0], null, source, SctStatus.UNSUPPORTED_VERSION, null, null);
        }
        // beyond the year 10000 a timestamp is a number, not a date
        Instant timestamp = sct.timestamp() >= 0 && sct.timestamp() < 253_402_300_800_000L
                ? Instant.ofEpochMilli(sct.timestamp())
                : null;
        Optional<CtLogs.Log> log = logs.find(sct.logId());
        SctStatus status =
                log.map(known -> status(sct, known, timestamp, entry, leaf)).orElse(SctStatus.UNKNOWN_LOG);
        return new SctVerdict(
                sct.logId(),
                timestamp,
                source,
                status,
                log.map(CtLogs.Log::description).orElse(null),
                log.map(CtLogs.Log::operator).orElse(null));
    }

    private SctStatus status(
            Sct sct,
            CtLogs.Log log,
            @Nullable Instant timestamp,
            byte @Nullable [] entry,
            @Nullable CertificateFacts leaf) {
        if (entry == null) {
            return SctStatus.ISSUER_UNKNOWN;
        }
        if (!sct.verifies(log.key(), entry)) {
            return SctStatus.INVALID_SIGNATURE;
        }
        if (timestamp == null || timestamp.isAfter(at)) {
            return SctStatus.FUTURE_TIMESTAMP;
        }
        boolean trusted = switch (log.state()) {
            case QUALIFIED, USABLE, READONLY -> true;
            // what was logged before the log was retired keeps its worth
            case RETIRED -> log.since() == null || timestamp.isBefore(log.since());
            // judged as of a time before the rejection, it was one of the trusted
            case REJECTED -> log.since() != null && at.isBefore(log.since());
            case PENDING -> false;
        };
        if (!trusted) {
            return SctStatus.LOG_NOT_TRUSTED;
        }
        Instant notAfter = leaf == null ? null : leaf.notAfter();
        boolean outside = notAfter != null
                && (log.notAfterFrom() != null && notAfter.isBefore(log.notAfterFrom())
                        || log.notAfterTo() != null && !notAfter.isBefore(log.notAfterTo()));
        return outside ? SctStatus.OUTSIDE_INTERVAL : SctStatus.VALID;
    }

    /** Not only for what it took before it was retired or rejected. */
    private boolean isCurrent(SctVerdict verdict) {
        return logs.find(verdict.logId())
                .map(log -> switch (log.state()) {
                    case QUALIFIED, USABLE, READONLY -> true;
                    case RETIRED, REJECTED -> log.since() != null && at.isBefore(log.since());
                    case PENDING -> false;
                })
                .orElse(false);
    }

    /**
     * Chrome's and Apple's policies: two timestamps up to 180 days of life, three above, from two operators at least, and
     * one of them by a log that is not retired; by TLS or OCSP two are enough, and none of a retired log counts.
     */
    private Transparency count(CertificateFacts leaf, List<SctVerdict> verdicts) {
        Instant notBefore = leaf.notBefore();
        Instant notAfter = leaf.notAfter();
        boolean longLived = notBefore != null
                && notAfter != null
                && Duration.between(notBefore, notAfter).compareTo(LONG_LIVED) > 0;
        int required = longLived ? 3 : 2;
        Tally embedded = new Tally();
        Tally delivered = new Tally();
        Set<String> current = new HashSet<>();
        for (SctVerdict verdict : verdicts) {
            if (verdict.status() == SctStatus.VALID && verdict.operator() != null) {
                boolean inside = verdict.source().equals("certificate");
                if (isCurrent(verdict)) {
                    current.add(java.util.HexFormat.of().formatHex(verdict.logId()));
                } else if (!inside) {
                    continue;
                }
                (inside ? embedded : delivered).add(verdict);
            }
        }
        boolean satisfied = embedded.logs.size() >= required
                        && embedded.operators.size() >= 2
                        && embedded.logs.stream().anyMatch(current::contains)
                || delivered.logs.size() >= 2 && delivered.operators.size() >= 2;
        Set<String> operators = new HashSet<>(embedded.operators);
        operators.addAll(delivered.operators);
        Set<String> all = new HashSet<>(embedded.logs);
        all.addAll(delivered.logs);
        return new Transparency(
                List.copyOf(verdicts), required, all.size(), operators.size(), current.size(), satisfied);
    }

    private static final class Tally {
        final Set<String> logs = new HashSet<>();
        final Set<String> operators = new HashSet<>();

        void add(SctVerdict verdict) {
            logs.add(java.util.HexFormat.of().formatHex(verdict.logId()));
            operators.add(String.valueOf(verdict.operator()));
        }
    }
}
