package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.report.Grade;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Grades of published guides, by guide and version: a grade that changes with a new guide has a new name. */
final class Grades {
    static final String SSL_LABS = "ssllabs-2009r";
    static final String MOZILLA = "mozilla-6.0";

    private Grades() {}

    /** None where no version was accepted or nobody asked for suites: there is nothing to grade. */
    static Map<String, Grade> of(Case c, List<Observation.Vulnerability> vulnerabilities) {
        Map<String, Grade> grades = new LinkedHashMap<>();
        if (!c.accepted().isEmpty() && c.facts().cipherSuites() != null) {
            grades.put(SSL_LABS, SslLabs.grade(c, vulnerabilities));
            grades.put(MOZILLA, MozillaLevels.level(c));
        }
        return grades;
    }
}
