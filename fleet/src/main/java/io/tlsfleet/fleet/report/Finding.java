package io.tlsfleet.fleet.report;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An observation that breaks a rule of a policy. {@code subject} tells findings of one rule at one endpoint apart (the
 * key type of the chain, the version); {@code cause} is the same for all endpoints that one repair would mend. {@code
 * waiver} is set on those that a policy waives.
 */
public record Finding(
        String rule,
        Severity severity,
        String policy,
        String policyVersion,
        String title,
        String detail,
        Map<String, Object> evidence,
        String remedy,
        String why,
        @Nullable String reproduce,
        List<String> references,
        @Nullable String subject,
        @Nullable String cause,
        @Nullable Waiver waiver) {

    public Finding {
        references = List.copyOf(references);
    }

    /** Why a finding does not count, and until when. */
    public record Waiver(String reason, Instant until) {}

    /** What makes two findings of one endpoint the same one over time. */
    public String key() {
        return subject == null ? rule : rule + "#" + subject;
    }

    public Finding waived(Waiver by) {
        return new Finding(
                rule,
                severity,
                policy,
                policyVersion,
                title,
                detail,
                evidence,
                remedy,
                why,
                reproduce,
                references,
                subject,
                cause,
                by);
    }
}
