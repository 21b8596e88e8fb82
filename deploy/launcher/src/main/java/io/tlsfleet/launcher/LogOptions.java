package io.tlsfleet.launcher;

import io.tlsfleet.launcher.logging.Logging;
import picocli.CommandLine.Option;

/** How the commands that run for long log. */
final class LogOptions {
    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            description = "how lines on stderr look (default: ${DEFAULT-VALUE})",
            defaultValue = "text")
    private Logging.Format format = Logging.Format.TEXT;

    @Option(names = "--debug", description = "say more")
    private boolean debug;

    void begin() {
        Logging.talkative(format, debug);
    }
}
