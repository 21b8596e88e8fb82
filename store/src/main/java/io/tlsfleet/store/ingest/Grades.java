package io.tlsfleet.store.ingest;

import io.tlsfleet.fleet.report.Grade;
import io.tlsfleet.fleet.report.Report;
import org.jspecify.annotations.Nullable;

/** The one letter that lists show. */
final class Grades {
    private Grades() {}

    static @Nullable String letter(Report report) {
        for (Grade grade : report.grades().values()) {
            if (grade instanceof Grade.SslLabs labs) {
                return labs.grade();
            }
        }
        return null;
    }

    /** A+ before A before A-, then B to F, then T and M, which say that the certificate spoils it. */
    static int rank(String letter) {
        int base = "ABCDEFMT".indexOf(letter.charAt(0)) * 3;
        return base + (letter.endsWith("+") ? 0 : letter.endsWith("-") ? 2 : 1);
    }
}
