package io.tlsfleet.api.http;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code --public-url} may say: http or https, a host, perhaps a port, perhaps a path. Links, cookies and pages stand on it. */
final class PublicUrl {
    private static final Pattern FORM = Pattern.compile(
            "(?i)(https?)://(\\[[0-9a-f:.]+\\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?)(:[0-9]{1,5})?(/.*)?");
    private static final Pattern PATH = Pattern.compile("(?:/[A-Za-z0-9._~-]+)*/?");
    /** Paths of the server itself: below one of these a proxy that takes the path away could not be told from one that leaves it. */
    private static final Set<String> OWN =
            Set.of("api", "assets", "healthz", "readyz", "metrics", "probe", "openapi.json");

    private PublicUrl() {}

    /**
     * As browsers write it: scheme and host in lower case, no default port, no slash at the end.
     * {@code IllegalArgumentException} says what is wrong with it.
     */
    static String checked(String text) {
        if (text.isBlank() || text.chars().anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c))) {
            throw wrong(text, text.isBlank() ? "it is empty" : "there is a blank in it");
        }
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw wrong(text, whyNot(text));
        }
        String scheme = form.group(1).toLowerCase(Locale.ROOT);
        String port = form.group(3) == null ? "" : form.group(3);
        String path = form.group(4) == null ? "" : form.group(4);
        if (!port.isEmpty()) {
            int number = Integer.parseInt(port.substring(1));
            if (number < 1 || number > 65535) {
                throw wrong(text, "its port is out of range 1 to 65535");
            }
            port = number == (scheme.equals("https") ? 443 : 80) ? "" : ":" + number;
        }
        if (path.indexOf('?') >= 0 || path.indexOf('#') >= 0) {
            throw wrong(
                    text, "it has a " + (path.indexOf('?') >= 0 ? "query" : "fragment") + ", and links begin with it");
        }
        if (!PATH.matcher(path).matches() || path.matches(".*/\\.{1,2}(/.*)?")) {
            throw wrong(
                    text, "its path may hold names of letters, digits, '-', '.', '_' and '~' between single slashes");
        }
        if (!path.isEmpty() && OWN.contains(path.substring(1).split("/", 2)[0])) {
            throw wrong(text, "its path begins as one of the server's own; take another");
        }
        return scheme + "://" + form.group(2).toLowerCase(Locale.ROOT) + port + path.replaceFirst("/$", "");
    }

    private static String whyNot(String text) {
        if (!text.matches("(?i)https?://.*")) {
            return "it does not begin with https:// or http://";
        }
        String authority = text.replaceFirst("^[^:]*://", "").split("[/?#]", 2)[0];
        if (authority.indexOf('@') >= 0) {
            return "it names a user, which would stand in every link";
        }
        String rest = text.substring(text.indexOf("//") + 2 + authority.length());
        if (rest.startsWith("?") || rest.startsWith("#")) {
            return "it has a " + (rest.startsWith("?") ? "query" : "fragment") + ", and links begin with it";
        }
        return authority.isEmpty()
                ? "there is no host in it"
                : "its host is no name or address (other alphabets as xn--…, IPv6 in brackets)";
    }

    private static IllegalArgumentException wrong(String text, String why) {
        String shown = text.replaceFirst("//[^/?#]*@", "//…@"); // a password does not go into a log
        return new IllegalArgumentException("--public-url '" + shown + "': " + why
                + "; give one like https://ops.example or https://ops.example/tls");
    }
}
