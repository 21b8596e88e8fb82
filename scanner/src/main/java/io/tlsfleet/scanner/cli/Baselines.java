package io.tlsfleet.scanner.cli;

import io.tlsfleet.fleet.change.Change;
import io.tlsfleet.fleet.change.Changes;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Observation.Negotiated;
import io.tlsfleet.fleet.report.Report.Drift;
import io.tlsfleet.fleet.report.ReportFacts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Earlier reports of {@code --baseline}: one, an array, or one a line; each endpoint finds its own. */
final class Baselines {
    private final List<Observation> facts;

    /** Says what is wrong with the file, for a usage error. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;

        Unusable(String message) {
            super(message);
        }
    }

    private Baselines(List<Observation> facts) {
        this.facts = facts;
    }

    static Baselines read(Path file) throws Unusable {
        try {
            return new Baselines(Reports.read(file, ReportFacts::of));
        } catch (Reports.Unusable e) {
            throw new Unusable("--baseline " + file + ": " + e.getMessage());
        }
    }

    /** The baseline of that job; it must hold what a verification compares. */
    Observation of(Job job) throws Unusable {
        String endpoint = job.target().host() + ":" + job.target().port();
        Observation found = facts.stream()
                .filter(o -> o.endpoint().host().equals(job.target().host())
                        && o.endpoint().port() == job.target().port()
                        && Objects.equals(o.endpoint().sni(), job.serverName())
                        && Objects.equals(o.endpoint().starttls(), job.starttls()))
                .findFirst()
                .orElseThrow(() -> new Unusable("--baseline has no report of " + endpoint + " (name "
                        + (job.serverName() == null ? "none" : job.serverName()) + "): give the one of this endpoint"));
        if (found.protocols() == null || found.served() == null) {
            throw new Unusable(
                    "--baseline: the report of " + endpoint + " has no protocols and certificates to verify (depth "
                            + found.scan().depth().word() + ", "
                            + found.scan().outcome().word()
                            + "): scan it at standard or full first");
        }
        return found;
    }

    /** How deep the baseline looked, for when everything is asked anew. */
    static Depth depth(Observation baseline) {
        return baseline.tolerance() == null ? Depth.STANDARD : Depth.FULL;
    }

    /** Every difference; what an up-to-date client gets counts where nothing else explains it. */
    static List<Drift> drift(Observation before, Observation now) {
        List<Change> changes = Changes.between(before, now);
        List<Drift> drift = new ArrayList<>();
        for (Change change : changes) {
            drift.add(new Drift(change.kind().word(), change.fact(), change.before(), change.after(), change.text()));
        }
        Negotiated a = before.negotiated();
        Negotiated b = now.negotiated();
        if (drift.isEmpty() && a != null && b != null) {
            negotiated(drift, "protocol", a.protocol(), b.protocol());
            negotiated(drift, "cipherSuite", a.cipherSuite(), b.cipherSuite());
            negotiated(drift, "group", a.group(), b.group());
            negotiated(drift, "signatureScheme", a.signatureScheme(), b.signatureScheme());
            negotiated(drift, "alpn", a.alpn(), b.alpn());
        }
        return drift;
    }

    private static void negotiated(List<Drift> drift, String member, @Nullable String before, @Nullable String after) {
        if (!Objects.equals(before, after)) {
            drift.add(new Drift(
                    "negotiated",
                    "/negotiated/" + member,
                    before,
                    after,
                    "negotiated " + member + ": " + Optional.ofNullable(after).orElse("none") + ", was "
                            + Optional.ofNullable(before).orElse("none")));
        }
    }
}
