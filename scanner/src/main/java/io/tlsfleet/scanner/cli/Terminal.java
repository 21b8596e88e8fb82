package io.tlsfleet.scanner.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whether a person watches a standard stream, and how wide their window is. */
final class Terminal {
    private static final int USUAL_WIDTH = 110;

    private Terminal() {}

    static boolean isOutput() {
        return is(1);
    }

    static boolean isError() {
        return is(2);
    }

    /** Whether it understands escape codes, and whoever watches wants them (https://no-color.org). */
    static boolean hasColour() {
        return hasColour(System.getenv());
    }

    static boolean hasColour(Map<String, String> environment) {
        return environment.getOrDefault("NO_COLOR", "").isEmpty() && isClever(environment);
    }

    /** Whether a line can be written over. */
    static boolean isClever(Map<String, String> environment) {
        return !Set.of("", "dumb").contains(environment.getOrDefault("TERM", ""));
    }

    /** COLUMNS, where the shell exports it; else what the terminal's driver says. */
    static int width() {
        String columns = System.getenv("COLUMNS");
        if (columns != null && columns.matches("[0-9]{2,4}")) {
            return Integer.parseInt(columns);
        }
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(Path.of("/dev/tty").toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String[] size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                    .strip()
                    .split(" ", -1);
            return size.length == 2 && size[1].matches("[1-9][0-9]{1,3}") ? Integer.parseInt(size[1]) : USUAL_WIDTH;
        } catch (IOException e) {
            return USUAL_WIDTH;
        }
    }

    /** The console speaks for both streams; /proc, where there is one, for each by itself. */
    private static boolean is(int descriptor) {
        Path link = Path.of("/proc/self/fd/" + descriptor);
        if (Files.isSymbolicLink(link)) {
            try {
                String device = Files.readSymbolicLink(link).toString();
                return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty") || device.equals("/dev/console");
            } catch (IOException e) {
                return false;
            }
        }
        return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }
}
