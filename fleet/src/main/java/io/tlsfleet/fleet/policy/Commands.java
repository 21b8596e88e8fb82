package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Commands of openssl and curl that show a fact at one endpoint to anyone, ready to paste into a shell. */
final class Commands {
    private static final Pattern OLD_GROUP =
            Pattern.compile("P-192|P-224|secp(160|192|224|256)k1|secp160r[12]|sect\\d+[kr][12]");

    private final Observation.Endpoint endpoint;

    Commands(Observation.Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** {@code openssl s_client} with these options after the address, which waits for nobody to type; of a file, what shows its certificates. */
    String openssl(String options) {
        if (Target.isFile(endpoint.host())) {
            return "openssl storeutl -certs "
                    + quoted(endpoint.host().substring(endpoint.host().indexOf(':') + 1));
        }
        return client(options) + " </dev/null";
    }

    /** As {@link #openssl}, where something is typed into it or it must stay for what comes late. */
    String client(String options) {
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

    /** Curves of certificates that OpenSSL takes when it is told to. */
    static boolean isOldGroup(@Nullable String curve) {
        return curve != null && OLD_GROUP.matcher(curve).matches();
    }

    /** Of every certificate that is sent to a client with the options {@code leaf}, what {@code x509} with these options says. */
    String chain(String leaf, String options, String grep) {
        return openssl((leaf + " -showcerts").strip()) + " 2>/dev/null | openssl crl2pkcs7 -nocrl -certfile /dev/stdin"
                + " | openssl pkcs7 -print_certs -noout" + (options.isEmpty() ? "" : " " + options)
                + (grep.isEmpty() ? "" : " | grep -E " + quoted(grep));
    }

    /** A group in a version: OpenSSL has other names for some. */
    String group(String version, String group) {
        String name = group.equals("secp192r1") ? "prime192v1" : group;
        String command = openssl((version.equals("TLSv1.3") ? "-tls1_3" : "-tls1_2 -cipher DEFAULT@SECLEVEL=0")
                + " -groups " + quoted(name));
        return group.contains("MLKEM") ? needs(command, HYBRID) : command + " | grep 'Server Temp Key'";
    }

    /** Of a revocation list at its address, what {@code crl} with these options says. */
    static String list(String url, String options) {
        return "curl -sS " + quoted(url) + " | openssl crl -inform DER -noout " + options;
    }

    static final String ZLIB = "shows it with an OpenSSL built with zlib only; Debian's has none";
    static final String HYBRID = "X25519MLKEM768 takes OpenSSL 3.5 or newer";

    static String weak(Commands commands) {
        return "takes an OpenSSL built with enable-weak-ssl-ciphers, for old suites a 1.0.2; Debian's has no such suite,"
                + " and there " + commands.nmap("ssl-enum-ciphers") + " shows it";
    }

    /** With a word on what it takes: distributions build openssl without what nobody should use. */
    static String needs(String command, String what) {
        return command + "  # " + what;
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

    /** Just this version. */
    String only(ProtocolVersion version) {
        String command = openssl(version(version));
        return switch (version.label()) {
            case "SSLv2" ->
                needs(
                        command,
                        "SSL 2 takes an OpenSSL 1.0.2 built with enable-ssl2; Debian's has none, and there "
                                + nmap("sslv2") + " shows it");
            case "SSLv3" ->
                needs(
                        command,
                        "SSL 3 takes an OpenSSL built with enable-ssl3; Debian's has none, and there "
                                + nmap("ssl-enum-ciphers") + " shows it");
            default -> command;
        };
    }

    /** This version, with one of the suites seen in it where none of them is among those that OpenSSL offers by itself. */
    String accepted(ProtocolVersion version, List<Suite> seen) {
        boolean old = !version.label().startsWith("SSLv") && !version.equals(ProtocolVersion.TLS_1_3);
        return old && !seen.isEmpty() && seen.stream().noneMatch(Commands::offered)
                ? suite(version, seen.getFirst())
                : only(version);
    }

    private static boolean offered(Suite suite) {
        return suite.encrypts() && !suite.facts().isAnonymous() && has(suite);
    }

    /** Whether any OpenSSL has it that a distribution builds. */
    static boolean has(Suite suite) {
        String name = OpenSslNames.of(suite.name());
        return name != null && !OpenSslNames.isLeftOut(name);
    }

    private String nmap(String script) {
        String address = endpoint.address() != null ? endpoint.address() : endpoint.host();
        String sni = endpoint.sni();
        return "nmap -Pn " + (address.indexOf(':') >= 0 ? "-6 " : "") + "-p " + endpoint.dialledPort() + " --script +"
                + script + (sni == null ? "" : " --script-args " + quoted("tls.servername=" + sni)) + " "
                + quoted(address);
    }

    /** Just this suite in this version. */
    String suite(ProtocolVersion version, Suite suite) {
        if (version.equals(ProtocolVersion.TLS_1_3)) {
            return openssl("-tls1_3 -ciphersuites " + quoted(suite.name()));
        }
        String name = OpenSslNames.of(suite.name());
        if (name == null) {
            return needs(only(version), suite.name() + " has no name in OpenSSL");
        }
        String bare = version(version);
        int cipher = bare.indexOf(" -cipher");
        String command =
                openssl((cipher < 0 ? bare : bare.substring(0, cipher)) + " -cipher " + quoted(name + "@SECLEVEL=0"));
        if (version.label().startsWith("SSLv")) {
            return needs(command, only(version).substring(only(version).indexOf("# ") + 2));
        }
        return OpenSslNames.isLeftOut(name) ? needs(command, weak(this)) : command;
    }

    String curl(String options) {
        String sni = endpoint.sni() != null ? endpoint.sni() : endpoint.host();
        String url = "https://" + (sni.indexOf(':') >= 0 ? "[" + sni + "]" : sni)
                + (endpoint.port() == 443 ? "" : ":" + endpoint.port()) + "/";
        String address = endpoint.address();
        String to = address == null || address.equals(sni)
                ? ""
                : " --connect-to " + quoted("::" + bracketed(address) + ":" + endpoint.dialledPort());
        return "curl -sSk" + (options.isEmpty() ? "" : " " + options) + to + " " + quoted(url);
    }

    private String address() {
        String address = endpoint.address() != null ? endpoint.address() : endpoint.host();
        return bracketed(address) + ":" + endpoint.dialledPort();
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
