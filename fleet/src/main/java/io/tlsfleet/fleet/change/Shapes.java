package io.tlsfleet.fleet.change;

import io.tlsfleet.fleet.observation.Observation.Fingerprint;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What of a fingerprint lasts: LibreSSL draws the order of its extensions anew for each connection, which is no change of a server. */
public final class Shapes {
    /** Ten answers of a suite and a version each; behind them stands a hash over the extensions in their order. */
    private static final int JARM_WITHOUT_EXTENSIONS = 30;

    private Shapes() {}

    /** Version, suite, and which extensions there are. */
    public static String ja3s(Fingerprint answer) {
        String text = answer.text();
        if (text == null) {
            return answer.hash();
        }
        int extensions = text.lastIndexOf(',') + 1;
        return text.substring(0, extensions)
                + Arrays.stream(text.substring(extensions).split("-")).sorted().collect(Collectors.joining("-"));
    }

    /** Version, number of extensions, protocol and suite. */
    static String ja4s(Fingerprint answer) {
        int extensions = answer.hash().lastIndexOf('_');
        return extensions < 0 ? answer.hash() : answer.hash().substring(0, extensions);
    }

    static @Nullable String jarm(@Nullable String jarm) {
        return jarm == null || jarm.length() < JARM_WITHOUT_EXTENSIONS
                ? jarm
                : jarm.substring(0, JARM_WITHOUT_EXTENSIONS);
    }
}
