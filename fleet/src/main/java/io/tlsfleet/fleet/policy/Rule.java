package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.report.Severity;
import java.util.List;

/**
 * One clause of judgement, and what it says to people whatever the endpoint. The id is stable; the severity is the
 * default, which a policy may raise, lower or switch off.
 */
public record Rule(String id, Severity severity, String title, String why, String remedy, List<String> references) {

    public Rule {
        references = List.copyOf(references);
    }

    /** The part before the dot. */
    public String family() {
        return id.substring(0, id.indexOf('.'));
    }
}
