package io.tlsfleet.scanner.starttls;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.BlockingTalk;
import io.tlsfleet.tls.Hellos;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.keys.Tls13Handshake;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.registry.NamedGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Debian's servers of six protocols: each is asked over its preamble and finishes a TLS 1.3 handshake of ours, with the certificate it was given. */
class StarttlsServersTest {
    private static final KeyShares SHARES = new KeyShares(new SecureRandom());

    private static Path directory;

    @BeforeAll
    static void prepare() throws IOException {
        // Some of these servers drop to users of their own, who must be able to read here.
        directory = Files.createTempDirectory("tlsfleet-starttls");
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        open(directory, "rwxrwxrwx");
        open(directory.resolve("key.pem"), "rw-r--r--");
    }

    @AfterAll
    static void tidy() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
        }
    }

    @Test
    void dovecotSpeaksImapAndPop3() throws IOException {
        int pop3 = PeerProcess.freePort();
        int imap = PeerProcess.freePort();
        Path conf = write("dovecot.conf", """
                base_dir = DIR/run
                state_dir = DIR/state
                log_path = DIR/dovecot.log
                protocols = imap pop3
                ssl = yes
                ssl_cert = <DIR/cert.pem
                ssl_key = <DIR/key.pem
                listen = 127.0.0.1
                service imap-login {
                  inet_listener imap {
                    port = IMAP
                  }
                  inet_listener imaps {
                    port = 0
                  }
                }
                service pop3-login {
                  inet_listener pop3 {
                    port = POP3
                  }
                  inet_listener pop3s {
                    port = 0
                  }
                }
                passdb {
                  driver = static
                  args = password=x
                }
                """.replace("IMAP", "" + imap).replace("POP3", "" + pop3));
        try (PeerProcess dovecot =
                PeerProcess.start(directory, imap, List.of("dovecot", "-F", "-c", conf.toString()))) {
            assertSpeaks("imap", dovecot.port());
            assertSpeaks("pop3", pop3);
        }
    }

    @Test
    void eximSpeaksSmtpAndRefusesWithoutACertificate() throws IOException {
        int port = PeerProcess.freePort();
        String plain = """
                primary_hostname = localhost
                keep_environment =
                local_interfaces = 127.0.0.1
                daemon_smtp_ports = PORT
                spool_directory = DIR/spool
                log_file_path = DIR/exim-%slog
                pid_file_path = DIR/exim.pid
                TLS
                begin acl
                begin routers
                begin transports
                """;
        Path conf = write(
                "exim.conf",
                plain.replace("PORT", "" + port)
                        .replace(
                                "TLS",
                                "tls_advertise_hosts = *\ntls_certificate = DIR/cert.pem\ntls_privatekey = DIR/key.pem"));
        try (PeerProcess exim = PeerProcess.start(directory, port, List.of("exim4", "-bdf", "-C", conf.toString()))) {
            assertSpeaks("smtp", exim.port());
        }
        int other = PeerProcess.freePort();
        Path without =
                write("exim-plain.conf", plain.replace("PORT", "" + other).replace("TLS", "tls_advertise_hosts ="));
        try (PeerProcess exim =
                PeerProcess.start(directory, other, List.of("exim4", "-bdf", "-C", without.toString()))) {
            assertThat(talk("smtp", exim.port())).isInstanceOf(Upgrade.Refused.class);
        }
    }

    @Test
    void slapdSpeaksLdapAndRefusesWithoutACertificate() throws IOException {
        Path conf = write(
                "slapd.conf",
                "pidfile DIR/slapd.pid\nTLSCertificateFile DIR/cert.pem\nTLSCertificateKeyFile DIR/key.pem\n");
        try (PeerProcess slapd = slapd(conf)) {
            assertSpeaks("ldap", slapd.port());
        }
        try (PeerProcess slapd = slapd(write("slapd-plain.conf", "pidfile DIR/slapd2.pid\n"))) {
            assertThat(talk("ldap", slapd.port())).isInstanceOf(Upgrade.Refused.class);
        }
    }

    @Test
    void vsftpdSpeaksFtp() throws IOException {
        Files.createDirectories(directory.resolve("empty"));
        int port = PeerProcess.freePort();
        Path conf = write("vsftpd.conf", """
                listen=YES
                background=NO
                listen_address=127.0.0.1
                listen_port=PORT
                ssl_enable=YES
                ssl_tlsv1=YES
                rsa_cert_file=DIR/cert.pem
                rsa_private_key_file=DIR/key.pem
                secure_chroot_dir=DIR/empty
                anonymous_enable=NO
                local_enable=YES
                seccomp_sandbox=NO
                """.replace("PORT", "" + port));
        try (PeerProcess vsftpd = PeerProcess.start(directory, port, List.of("vsftpd", conf.toString()))) {
            assertSpeaks("ftp", vsftpd.port());
        }
    }

    @Test
    void mariadbSpeaksMysql() throws IOException {
        Files.createDirectories(directory.resolve("mysql"));
        try (PeerProcess mariadb = PeerProcess.start(
                directory,
                "mariadbd",
                "--no-defaults",
                "--user=" + System.getProperty("user.name"),
                "--datadir=" + directory.resolve("mysql"),
                "--skip-grant-tables",
                "--innodb-log-file-size=4M",
                "--socket=" + directory.resolve("mysql.sock"),
                "--pid-file=" + directory.resolve("mysql.pid"),
                "--bind-address=127.0.0.1",
                "--port={port}",
                "--ssl-cert=" + directory.resolve("cert.pem"),
                "--ssl-key=" + directory.resolve("key.pem"))) {
            assertSpeaks("mysql", mariadb.port());
            assertSpeaks("mariadb", mariadb.port());
        }
    }

    @Test
    void postgresSpeaksItsSslRequestAndRefusesWithoutTls() throws IOException {
        Path data = directory.resolve("pg");
        // initdb and postgres refuse to run as root.
        boolean root = System.getProperty("user.name").equals("root");
        List<String> as = root ? List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups") : List.of();
        PeerProcess.run(directory, words(as, "initdb", "-A", "trust", "-U", "postgres", "-N", "-D", data.toString()));
        Path key = data.resolve("server.key");
        // The copy is made as the server's own user, or PostgreSQL finds its key too open.
        PeerProcess.run(directory, words(as, "install", "-m", "600", "key.pem", key.toString()));
        int port = PeerProcess.freePort();
        List<String> server = List.of(words(
                as,
                "postgres",
                "-D",
                data.toString(),
                "-h",
                "127.0.0.1",
                "-p",
                "" + port,
                "-k",
                "",
                "-c",
                "ssl_cert_file=" + directory.resolve("cert.pem"),
                "-c",
                "ssl_key_file=" + key));
        try (PeerProcess plain = PeerProcess.start(directory, port, server)) {
            assertThat(talk("postgres", plain.port())).isEqualTo(new Upgrade.Refused<Tls13Result>("N"));
        }
        List<String> withTls = new ArrayList<>(server);
        withTls.addAll(List.of("-c", "ssl=on"));
        try (PeerProcess postgres = PeerProcess.start(directory, port, withTls)) {
            assertSpeaks("postgres", postgres.port());
        }
    }

    private static void assertSpeaks(String protocol, int port) {
        Upgrade<Tls13Result> end = talk(protocol, port);
        assertThat(end).isInstanceOfSatisfying(Upgrade.Upgraded.class, upgraded -> {
            assertThat(upgraded.injected()).isEmpty();
            Tls13Result result = (Tls13Result) upgraded.result();
            assertThat(result.finished()).as("%s", result).isTrue();
            assertThat(result.first(ServerMessage.Certificate.class)
                            .orElseThrow()
                            .entries())
                    .hasSize(1);
        });
    }

    private static Upgrade<Tls13Result> talk(String protocol, int port) {
        List<NamedGroup> groups = List.of(NamedGroup.named("x25519"), NamedGroup.named("secp256r1"));
        Tls13Handshake handshake = new Tls13Handshake(
                Hellos.tls13(List.of(0x1301, 0x1302), groups, List.of(SHARES.offer(groups.getFirst()))), SHARES);
        return BlockingTalk.run(port, Starttls.before(protocol, "localhost", handshake));
    }

    private static PeerProcess slapd(Path conf) {
        return PeerProcess.start(
                directory, "slapd", "-d", "0", "-h", "ldap://127.0.0.1:{port}/", "-f", conf.toString());
    }

    private static String[] words(List<String> before, String... words) {
        return Stream.concat(before.stream(), Stream.of(words)).toArray(String[]::new);
    }

    private static Path write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.writeString(file, text.replace("DIR", directory.toString()));
        return file;
    }

    private static void open(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
}
