package io.tlsfleet.launcher;

import io.tlsfleet.fleet.lease.Presence;
import io.tlsfleet.fleet.lease.SiteRules;
import io.tlsfleet.scanner.site.ApiAway;
import io.tlsfleet.scanner.site.ApiRefused;
import io.tlsfleet.scanner.site.HttpLeases;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a worker checks before it works for an API that is elsewhere. */
final class RemoteSite {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteSite.class);

    private RemoteSite() {}

    /** A token goes along with every request: in the clear only to this machine. */
    static void checkAddress(URI api) {
        String scheme = api.getScheme();
        String host = api.getHost();
        if (host == null || scheme == null || !scheme.equals("https") && !scheme.equals("http")) {
            throw Refusal.usage("--api " + api + ": want https://host[:port]");
        }
        try {
            if (scheme.equals("http") && !InetAddress.getByName(host).isLoopbackAddress()) {
                throw Refusal.usage("--api " + api + ": the token would travel in the clear; want https://" + host);
            }
        } catch (UnknownHostException e) {
            throw Refusal.usage("--api " + api + ": " + host + " has no address");
        }
    }

    /** The site that the token is of. An API that is away now is no fault of the command line, where a site was named. */
    static String greet(HttpLeases leases, @Nullable String expected) {
        try {
            SiteRules rules = leases.report(new Presence(Version.ofThisBuild().version(), 0, 0, 0, false))
                    .toCompletableFuture()
                    .join();
            if (expected != null && !expected.equals(rules.site())) {
                throw Refusal.usage("--site " + expected + ": the token is of the site " + rules.site());
            }
            return rules.site();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ApiRefused refused) {
                throw Refusal.usage("--api: " + refused.getMessage());
            }
            if (e.getCause() instanceof ApiAway away && expected != null) {
                LOG.warn("the API is away, scanning begins when it is back: {}", away.getMessage());
                return expected;
            }
            throw Refusal.usage("--api: "
                    + (e.getCause() == null ? e.getMessage() : e.getCause().getMessage()));
        }
    }
}
