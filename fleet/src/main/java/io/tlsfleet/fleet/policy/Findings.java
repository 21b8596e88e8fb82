package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.fleet.report.Severity;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.ChainVerdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects what one policy finds; knows the policy's severities, so that the rules need not. */
final class Findings {
    private final Policy policy;
    private final List<Finding> found = new ArrayList<>();
    private @Nullable String entry;
    private @Nullable String leaf;

    Findings(Policy policy) {
        this.policy = policy;
    }

    /** Begins a finding; nothing is found until {@link Draft#because} is called. */
    Draft raise(String rule) {
        return new Draft(Rules.named(rule));
    }

    List<Finding> found() {
        return found;
    }

    /** What follows is of this entry of a file that has several: each has findings of its own. */
    void of(String name, ChainVerdict verdict) {
        entry = name;
        leaf = verdict.leaf().map(CertificateFacts::sha256).orElse(null);
    }

    void ofTheWhole() {
        entry = null;
        leaf = null;
    }

    final class Draft {
        private final Rule rule;
        private final Map<String, Object> evidence = new LinkedHashMap<>();
        private Severity severity;
        private String title;
        private String remedy;
        private @Nullable String reproduce;
        private @Nullable String subject;
        private @Nullable String cause;

        private Draft(Rule rule) {
            this.rule = rule;
            this.severity = rule.severity();
            this.title = rule.title();
            this.remedy = rule.remedy();
        }

        /** Where facts make it better or worse than the rule's usual severity. */
        Draft severity(Severity severity) {
            this.severity = severity;
            return this;
        }

        Draft title(String title) {
            this.title = title;
            return this;
        }

        Draft remedy(String remedy) {
            this.remedy = remedy;
            return this;
        }

        Draft evidence(String name, Object value) {
            evidence.put(name, value);
            return this;
        }

        Draft reproduce(@Nullable String command) {
            this.reproduce = command;
            return this;
        }

        Draft subject(@Nullable String subject) {
            this.subject = subject;
            return this;
        }

        Draft cause(@Nullable String cause) {
            this.cause = cause;
            return this;
        }

        void because(String detail) {
            Severity given = policy.severity(rule.id(), severity);
            if (given != null) {
                found.add(new Finding(
                        rule.id(),
                        given,
                        policy.name(),
                        policy.version(),
                        title,
                        entry == null ? detail : detail + " (entry " + entry + ")",
                        evidence,
                        remedy,
                        rule.why(),
                        reproduce,
                        rule.references().isEmpty() ? List.of(policy.source()) : rule.references(),
                        entry == null ? subject : (subject == null ? "" : subject) + " " + entry,
                        cause != null || leaf == null ? cause : "certificate:" + leaf,
                        null));
            }
        }
    }
}
