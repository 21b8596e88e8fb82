package io.tlsfleet.api.notify;

import java.util.Map;

/**
 * A notice as the HTML part of a mail: tables and styles in place, since mail programs know no others; readable without
 * pictures, in the dark and by a screen reader. It fetches nothing.
 */
final class MailPage {
    private static final Map<String, String> COLOURS = Map.of(
            "critical", "#b3123f",
            "high", "#c2410c",
            "medium", "#a16207",
            "low", "#1d6fa5",
            "info", "#57606a",
            "resolved", "#1a7f37");

    private MailPage() {}

    static String of(Notice notice) {
        String word = notice.isOver() ? "resolved" : notice.severity();
        String colour = COLOURS.getOrDefault(word, "#57606a");
        StringBuilder html = new StringBuilder();
        html.append("""
                <!doctype html>
                <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
                <meta name="color-scheme" content="light dark"><title>%s</title></head>
                <body style="margin:0;padding:0;background:#f3f4f6;color:#1f2328;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5">
                <table role="presentation" width="100%%" cellspacing="0" cellpadding="0"><tr><td align="center" style="padding:24px 12px">
                <table role="presentation" width="100%%" cellspacing="0" cellpadding="0" style="max-width:640px;background:#ffffff;border:1px solid #d0d7de;border-top:4px solid %s">
                <tr><td style="padding:20px 24px">
                <p style="margin:0 0 4px;color:%s;font-weight:600;font-size:13px">%s</p>
                <h1 style="margin:0 0 12px;font-size:20px;line-height:1.3">%s</h1>
                <p style="margin:0 0 12px">%s</p>
                """.formatted(
                        escaped(notice.subject()),
                        colour,
                        colour,
                        headline(notice),
                        escaped(headed(notice)),
                        escaped(notice.summary())));
        if (!notice.lines().isEmpty()) {
            html.append("<ul style=\"margin:0 0 12px;padding-left:20px\">\n");
            notice.lines()
                    .forEach(line -> html.append("<li>").append(escaped(line)).append("</li>\n"));
            html.append("</ul>\n");
        }
        if (!Rendering.facts(notice).isEmpty()) {
            html.append(
                    "<table cellspacing=\"0\" cellpadding=\"0\" style=\"margin:0 0 16px;border-collapse:collapse\">\n");
            Rendering.facts(notice).forEach(fact -> html.append("""
                    <tr><th scope="row" align="left" valign="top" style="padding:6px 16px 6px 0;border-top:1px solid #eaeef2;font-weight:600;white-space:nowrap">%s</th>
                    <td valign="top" style="padding:6px 0;border-top:1px solid #eaeef2;overflow-wrap:anywhere">%s</td></tr>
                    """.formatted(fact.label(), escaped(fact.text()))));
            html.append("</table>\n");
        }
        if (notice.link() != null) {
            html.append("""
                    <p style="margin:0 0 16px"><a href="%s" style="display:inline-block;padding:9px 16px;background:#1f4ed8;color:#ffffff;text-decoration:none;border-radius:6px;font-weight:600">Open in tlsfleet</a></p>
                    """.formatted(escaped(notice.link())));
        }
        return html.append("""
                <p style="margin:0;color:#57606a;font-size:13px">%s</p>
                </td></tr></table></td></tr></table></body></html>
                """.formatted(
                        notice.kind().equals("test") ? "Sent because somebody pressed the test button." : foot(notice)))
                .toString();
    }

    /** The title of the mail's page: the subject without the word that stands above it. */
    private static String headed(Notice notice) {
        String subject = notice.subject();
        return subject.substring(subject.indexOf(": ") + 2);
    }

    private static String headline(Notice notice) {
        return switch (notice.kind()) {
            case "resolved" -> "Resolved";
            case "worse" -> "Worse: now " + notice.severity();
            case "flapping" -> "Flapping, " + notice.severity();
            case "digest" -> "Digest, up to " + notice.severity();
            case "summary" -> "Summary, up to " + notice.severity();
            case "reminder" -> "Reminder, " + notice.severity();
            case "test" -> "Test";
            default -> capital(notice.severity());
        };
    }

    private static String foot(Notice notice) {
        return notice.isOver()
                ? "Nothing more is said of it unless it comes back."
                : "One notice for a cause, not one for each check. To say no more of it, acknowledge or silence it in tlsfleet.";
    }

    private static String capital(String word) {
        return word.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }

    private static String escaped(String text) {
        return Rendering.escaped(text);
    }
}
