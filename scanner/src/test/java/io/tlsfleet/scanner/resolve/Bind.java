package io.tlsfleet.scanner.resolve;

import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Two BINDs on loopback: one has the zones {@code shop.test} (signed), {@code plain.test} and {@code test} (not signed); the other
 * resolves through it and validates {@code shop.test}.
 */
public final class Bind implements AutoCloseable {
    private static final String HEAD = """
            $TTL 60
            @ IN SOA ns.test. mail.test. 1 3600 600 86400 60
            @ IN NS ns.test.
            """;
    private final PeerProcess owner;
    private final PeerProcess resolver;

    private Bind(PeerProcess owner, PeerProcess resolver) {
        this.owner = owner;
        this.resolver = resolver;
    }

    public static Bind start(Path parent, String shop, String plain) throws IOException {
        Path directory = Files.createDirectory(parent.resolve("bind"));
        Files.writeString(directory.resolve("test"), HEAD + "ns IN A 127.0.0.1\n");
        Files.writeString(directory.resolve("plain.test"), HEAD + plain);
        Files.writeString(directory.resolve("shop.test"), HEAD + shop);
        String key = PeerProcess.run(
                        directory,
                        "dnssec-keygen",
                        "-q",
                        "-a",
                        "ECDSAP256SHA256",
                        "-f",
                        "KSK",
                        "-n",
                        "ZONE",
                        "shop.test")
                .strip();
        PeerProcess.run(
                directory, "dnssec-signzone", "-S", "-z", "-o", "shop.test", "-f", "shop.test.signed", "shop.test");
        Matcher trusted =
                Pattern.compile("DNSKEY 257 3 13 (.+)").matcher(Files.readString(directory.resolve(key + ".key")));
        if (!trusted.find()) {
            throw new IllegalStateException("no key in " + key);
        }
        int port = PeerProcess.freePort();
        PeerProcess owner =
                named(directory, "owner", port, "recursion no; dnssec-validation no; minimal-responses yes;", """
                zone "test" { type primary; file "test"; };
                zone "plain.test" { type primary; file "plain.test"; };
                zone "shop.test" { type primary; file "shop.test.signed"; };
                """);
        PeerProcess resolver = named(
                directory,
                "resolver",
                PeerProcess.freePort(),
                "recursion yes; dnssec-validation yes; qname-minimization off; forward only; forwarders { 127.0.0.1 port "
                        + port + "; };",
                "trust-anchors { shop.test. static-key 257 3 13 \""
                        + trusted.group(1).strip() + "\"; };");
        return new Bind(owner, resolver);
    }

    public NameRecords validating() {
        return NameRecords.at(InetAddress.getLoopbackAddress(), resolver.port());
    }

    NameRecords unvalidated() {
        return NameRecords.at(InetAddress.getLoopbackAddress(), owner.port());
    }

    @Override
    public void close() {
        resolver.close();
        owner.close();
    }

    private static PeerProcess named(Path directory, String name, int port, String options, String rest)
            throws IOException {
        Path conf = directory.resolve(name + ".conf");
        Files.writeString(conf, """
                options { directory "%1$s"; pid-file "%1$s/%2$s.pid"; session-keyfile "%1$s/%2$s.key"; managed-keys-directory "%1$s";
                  listen-on port %3$d { 127.0.0.1; }; listen-on-v6 { none; }; notify no; %4$s };
                controls { };
                %5$s
                """.formatted(directory, name, port, options, rest));
        return PeerProcess.start(
                directory, port, List.of("/usr/sbin/named", "-g", "-n", "1", "-c", conf.toString(), "-D", name));
    }
}
