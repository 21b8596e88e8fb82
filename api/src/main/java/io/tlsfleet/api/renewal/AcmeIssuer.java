package io.tlsfleet.api.renewal;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An issuer whose ACME directory is known: {@code name} is a part of its certificates' issuer names. {@code own}: given by
 * whoever runs this, so it may be at a private address, and on {@code authorities} of its own (PEM).
 */
public record AcmeIssuer(
        String name,
        String directory,
        boolean own,
        @Nullable Path authorities) {
    /** Issuers of the web that offer renewal information; the first that fits is asked. */
    public static final List<AcmeIssuer> PUBLIC = List.of(
            new AcmeIssuer(
                    "(STAGING) Let's Encrypt", "https://acme-staging-v02.api.letsencrypt.org/directory", false, null),
            new AcmeIssuer("O=Let's Encrypt", "https://acme-v02.api.letsencrypt.org/directory", false, null),
            new AcmeIssuer("O=Google Trust Services", "https://dv.acme-v02.api.pki.goog/directory", false, null));

    public AcmeIssuer {
        URI uri = URI.create(directory);
        if (!"https".equals(uri.getScheme()) || uri.getHost() == null) {
            throw new IllegalArgumentException("an ACME directory is an https URL, not " + directory);
        }
        if (name.isBlank()) {
            throw new IllegalArgumentException("the issuer's name is empty");
        }
    }

    /** {@code "O=Example CA=https://ca.example/acme/directory"}: a part of the issuer's name, and its directory. */
    public static AcmeIssuer parse(String text, @Nullable Path authorities) {
        int at = text.lastIndexOf("=https://");
        if (at < 1) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not NAME=https://…/directory, with a part of the issuer's name (O=Example CA)");
        }
        return new AcmeIssuer(
                text.substring(0, at).strip(), text.substring(at + 1).strip(), true, authorities);
    }
}
