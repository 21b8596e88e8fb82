package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.Observation;
import java.time.Duration;
import java.util.Locale;

/** What the first page says of transport security. */
final class HttpRules {
    private HttpRules() {}

    static void judge(Case c, Findings out) {
        Observation.Http http = c.facts().http();
        if (http == null || http.status() == null) {
            return;
        }
        String head = c.commands().curl("-I");
        Observation.ClientAuthentication client = c.facts().clientAuthentication();
        boolean refusedAbove = client != null && client.enforcement().equals("application");
        Observation.Http.Hsts hsts = http.hsts();
        if (hsts == null && !c.nameless() && !refusedAbove && !c.unsure("/http/hsts")) {
            out.raise("http.hsts-missing")
                    .evidence("status", http.status())
                    .reproduce(head + " | grep -i strict-transport-security")
                    .because("GET / answers " + http.status() + " without Strict-Transport-Security.");
        } else if (hsts != null
                && !c.nameless()
                && hsts.maxAgeSeconds() < c.policy().hstsSeconds()) {
            out.raise("http.hsts-short")
                    .evidence("maxAgeSeconds", hsts.maxAgeSeconds())
                    .reproduce(head + " | grep -i strict-transport-security")
                    .because("max-age is " + hsts.maxAgeSeconds() + " ("
                            + Words.span(Duration.ofSeconds(hsts.maxAgeSeconds())) + "); asked for: "
                            + c.policy().hstsSeconds() + ".");
        }
        Long skew = http.clockSkewSeconds();
        if (skew != null && Math.abs(skew) > 300) {
            out.raise("http.clock-skew")
                    .evidence("clockSkewSeconds", skew)
                    .reproduce(head + " | grep -i ^date; date -u")
                    .because("The Date header is " + Words.span(Duration.ofSeconds(skew))
                            + (skew > 0 ? " ahead." : " behind."));
        }
        String redirect = http.redirect();
        if (redirect != null && redirect.toLowerCase(Locale.ROOT).startsWith("http://")) {
            out.raise("http.redirect-to-plain")
                    .evidence("location", redirect)
                    .reproduce(head + " | grep -i ^location")
                    .because("GET / answers " + http.status() + " with Location: " + redirect + ".");
        }
        Integer mixed = http.mixedContent();
        if (mixed != null && mixed > 0) {
            out.raise("http.mixed-content")
                    .evidence("mixedContent", mixed)
                    .reproduce(c.commands().curl("") + " | grep -io 'src=\"http://[^\"]*'")
                    .because(
                            mixed == 1
                                    ? "The page loads one part over http://."
                                    : "The page loads " + mixed + " parts over http://.");
        }
        if (Boolean.TRUE.equals(http.publicKeyPins())) {
            out.raise("http.public-key-pins")
                    .evidence("header", "Public-Key-Pins")
                    .reproduce(head + " | grep -i public-key-pins")
                    .because("GET / answers with a Public-Key-Pins header.");
        }
    }
}
