package io.tlsfleet.store.query;

import io.tlsfleet.fleet.target.Target;
import org.jspecify.annotations.Nullable;

/** How an endpoint is called wherever one is named: {@code mail.example:25 starttls=smtp}. Unique within a site. */
public final class EndpointName {
    private EndpointName() {}

    public static String of(String host, int port, @Nullable String sni, @Nullable String starttls) {
        StringBuilder name = new StringBuilder();
        if (Target.isFile(host)) {
            return sni == null ? host : host + " sni=" + sni;
        }
        name.append(host.indexOf(':') >= 0 ? "[" + host + "]" : host)
                .append(':')
                .append(port);
        if (sni != null && !sni.equals(host)) {
            name.append(" sni=").append(sni);
        }
        if (starttls != null) {
            name.append(" starttls=").append(starttls);
        }
        return name.toString();
    }
}
