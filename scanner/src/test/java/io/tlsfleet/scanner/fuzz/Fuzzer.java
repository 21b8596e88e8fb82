package io.tlsfleet.scanner.fuzz;

import java.util.Locale;

/** Jazzer's door: {@code --target_class=io.tlsfleet.scanner.fuzz.Fuzzer --target_args=flight}. */
public final class Fuzzer {
    private static Target target = Target.FLIGHT;

    private Fuzzer() {}

    public static void fuzzerInitialize(String[] arguments) {
        target = Target.valueOf(arguments[0].toUpperCase(Locale.ROOT));
    }

    public static void fuzzerTestOneInput(byte[] bytes) {
        target.run(bytes);
    }
}
