package io.tlsfleet.fleet.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A grade of a published guide, with how it came about. */
public sealed interface Grade {

    /**
     * SSL Labs: letter, score and every step of the arithmetic. {@code atBest}: what was not asked ({@code notAsked})
     * could only lower it. Null letter: too little is known for any.
     */
    record SslLabs(
            @Nullable String grade,
            @Nullable Integer score,
            List<String> arithmetic,
            boolean atBest,
            List<String> notAsked)
            implements Grade {}

    /** Mozilla: modern, intermediate, old or none, and what keeps it from the next better level. */
    record MozillaLevel(String level, List<String> deviations, boolean atBest, List<String> notAsked)
            implements Grade {}
}
