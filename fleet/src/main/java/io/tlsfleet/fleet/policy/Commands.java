package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.tls.registry.ProtocolVersion;

/** Commands of openssl and curl that show a fact at one endpoint to anyone, ready to paste into a shell. */
final class Commands {
    private final Observation.Endpoint endpoint;

    Commands(Observation.Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** {@code openssl s_client} with these options after the address; what shows a file's certificates, of a file. */
    String openssl(String options) {
        if (Target.isFile(endpoint.host())) {
            return "openssl storeutl -certs "
                    + quoted(endpoint.host().substring(endpoint.host().indexOf(':') + 1));
        }
        StringBuilder line = new StringBuilder("openssl s_client -connect ").append(quoted(address()));
        String sni = endpoint.sni();
        line.append(sni == null ? " -noservername" : " -servername " + quoted(sni));
        String starttls = endpoint.starttls();
        if (starttls != null) {
            line.append(" -starttls ").append(quoted(starttls));
        }
        return options.isEmpty()
                ? line.toString()
                : line.append(' ').append(options).toString();
    }

    /** The option of {@code openssl s_client} for just this version, with what a present-day OpenSSL needs to offer it. */
    static String version(ProtocolVersion version) {
        return switch (version.label()) {
            case "SSLv2" -> "-ssl2";
            case "SSLv3" -> "-ssl3";
            case "TLSv1.0" -> "-tls1 -cipher DEFAULT@SECLEVEL=0";
            case "TLSv1.1" -> "-tls1_1 -cipher DEFAULT@SECLEVEL=0";
            case "TLSv1.3" -> "-tls1_3";
            default -> "-tls1_2";
        };
    }

    /** Just this suite in this version. */
    String suite(ProtocolVersion version, Suite suite) {
        String name = OpenSslNames.of(suite.name());
        if (version.equals(ProtocolVersion.TLS_1_3)) {
            return openssl("-tls1_3 -ciphersuites " + quoted(suite.name()));
        }
        String only = name == null ? suite.name() : name;
        String bare = version(version);
        int cipher = bare.indexOf(" -cipher");
        return openssl((cipher < 0 ? bare : bare.substring(0, cipher)) + " -cipher " + quoted(only + "@SECLEVEL=0"));
    }

    String curl(String options) {
        String sni = endpoint.sni() != null ? endpoint.sni() : endpoint.host();
        String url = "https://" + (sni.indexOf(':') >= 0 ? "[" + sni + "]" : sni)
                + (endpoint.port() == 443 ? "" : ":" + endpoint.port()) + "/";
        String address = endpoint.address();
        String to = address == null || address.equals(sni)
                ? ""
                : " --connect-to " + quoted("::" + bracketed(address) + ":" + endpoint.port());
        return "curl -sS " + options + to + " " + quoted(url);
    }

    private String address() {
        String address = endpoint.address() != null ? endpoint.address() : endpoint.host();
        return bracketed(address) + ":" + endpoint.port();
    }

    private static String bracketed(String address) {
        return address.indexOf(':') >= 0 && !address.startsWith("[") ? "[" + address + "]" : address;
    }

    /** For a POSIX shell: as it is when harmless, else in single quotes. */
    static String quoted(String word) {
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            boolean harmless = c >= 'a' && c <= 'z'
                    || c >= 'A' && c <= 'Z'
                    || c >= '0' && c <= '9'
                    || "._-:/@=+,%".indexOf(c) >= 0;
            if (!harmless) {
                return "'" + word.replace("'", "'\\''") + "'";
            }
        }
        return word.isEmpty() ? "''" : word;
    }
}
