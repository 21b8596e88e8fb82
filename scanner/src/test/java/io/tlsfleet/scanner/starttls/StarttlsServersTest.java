package io.tlsfleet.scanner.starttls;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Debian's servers of eight protocols: each is asked over its preamble and finishes a TLS 1.3 handshake of ours, with the certificate it was given. */
class StarttlsServersTest {
    private static StarttlsPeers peers;
    private static Path directory;

    @BeforeAll
    static void prepare() throws IOException {
        peers = new StarttlsPeers();
        directory = peers.directory();
    }

    @AfterAll
    static void tidy() throws IOException {
        peers.close();
    }

    private static final List<String> DOVECOTS = List.of("imap", "pop3", "lmtp", "sieve");

    @Test
    void dovecotSpeaksFourProtocolsAndRefusesWithoutTls() throws IOException {
        Map<String, Integer> ports = new LinkedHashMap<>();
        try (PeerProcess dovecot = dovecot(ports, "ssl = yes\nssl_cert = <DIR/cert.pem\nssl_key = <DIR/key.pem")) {
            for (String protocol : DOVECOTS) {
                peers.assertSpeaks(protocol, ports.getOrDefault(protocol, dovecot.port()));
            }
        }
        try (PeerProcess dovecot = dovecot(ports, "ssl = no")) {
            for (String protocol : DOVECOTS) {
                assertThat(peers.talk(protocol, ports.getOrDefault(protocol, dovecot.port())))
                        .as(protocol)
                        .isInstanceOf(Upgrade.Refused.class);
            }
        }
    }

    private static PeerProcess dovecot(Map<String, Integer> ports, String tls) throws IOException {
        StringBuilder services = new StringBuilder();
        for (String protocol : DOVECOTS) {
            ports.put(protocol, PeerProcess.freePort());
            boolean login = !protocol.equals("lmtp");
            String service = (protocol.equals("sieve") ? "managesieve" : protocol) + (login ? "-login" : "");
            services.append("service %s {\n  inet_listener %s {\n    port = %d\n  }\n%s}\n"
                    .formatted(
                            service,
                            protocol,
                            ports.get(protocol),
                            protocol.equals("imap") || protocol.equals("pop3")
                                    ? "  inet_listener " + protocol + "s {\n    port = 0\n  }\n"
                                    : ""));
        }
        String run = "DIR/run-" + ports.get("imap");
        Path conf = peers.write(
                "dovecot.conf",
                """
                base_dir = RUN
                state_dir = RUN
                log_path = DIR/dovecot.log
                protocols = imap pop3 lmtp sieve
                TLS
                listen = 127.0.0.1
                SERVICES
                passdb {
                  driver = static
                  args = password=x
                }
                """.replace("SERVICES", services).replace("TLS", tls).replace("RUN", run));
        return PeerProcess.start(
                directory, ports.getOrDefault("imap", 0), List.of("dovecot", "-F", "-c", conf.toString()));
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
        Path conf = peers.write(
                "exim.conf",
                plain.replace("PORT", "" + port)
                        .replace(
                                "TLS",
                                "tls_advertise_hosts = *\ntls_certificate = DIR/cert.pem\ntls_privatekey = DIR/key.pem"));
        try (PeerProcess exim = PeerProcess.start(directory, port, List.of("exim4", "-bdf", "-C", conf.toString()))) {
            peers.assertSpeaks("smtp", exim.port());
        }
        int other = PeerProcess.freePort();
        Path without = peers.write(
                "exim-plain.conf", plain.replace("PORT", "" + other).replace("TLS", "tls_advertise_hosts ="));
        try (PeerProcess exim =
                PeerProcess.start(directory, other, List.of("exim4", "-bdf", "-C", without.toString()))) {
            assertThat(peers.talk("smtp", exim.port())).isInstanceOf(Upgrade.Refused.class);
        }
    }

    @Test
    void slapdSpeaksLdapAndRefusesWithoutACertificate() throws IOException {
        Path conf = peers.write(
                "slapd.conf",
                "pidfile DIR/slapd.pid\nTLSCertificateFile DIR/cert.pem\nTLSCertificateKeyFile DIR/key.pem\n");
        try (PeerProcess slapd = slapd(conf)) {
            peers.assertSpeaks("ldap", slapd.port());
        }
        try (PeerProcess slapd = slapd(peers.write("slapd-plain.conf", "pidfile DIR/slapd2.pid\n"))) {
            assertThat(peers.talk("ldap", slapd.port())).isInstanceOf(Upgrade.Refused.class);
        }
    }

    @Test
    void vsftpdSpeaksFtpAndRefusesWithoutTls() throws IOException {
        Files.createDirectories(directory.resolve("empty"));
        try (PeerProcess vsftpd = vsftpd("YES")) {
            peers.assertSpeaks("ftp", vsftpd.port());
        }
        try (PeerProcess vsftpd = vsftpd("NO")) {
            assertThat(peers.talk("ftp", vsftpd.port())).isInstanceOf(Upgrade.Refused.class);
        }
    }

    private static PeerProcess vsftpd(String tls) throws IOException {
        int port = PeerProcess.freePort();
        Path conf = peers.write("vsftpd.conf", """
                listen=YES
                background=NO
                listen_address=127.0.0.1
                listen_port=PORT
                ssl_enable=TLS
                ssl_tlsv1=YES
                rsa_cert_file=DIR/cert.pem
                rsa_private_key_file=DIR/key.pem
                secure_chroot_dir=DIR/empty
                anonymous_enable=NO
                local_enable=YES
                seccomp_sandbox=NO
                """.replace("PORT", "" + port).replace("TLS", tls));
        return PeerProcess.start(directory, port, List.of("vsftpd", conf.toString()));
    }

    @Test
    void mariadbSpeaksMysqlAndRefusesWithoutTls() throws IOException {
        try (PeerProcess mariadb = mariadb(
                "mysql", "--ssl-cert=" + directory.resolve("cert.pem"), "--ssl-key=" + directory.resolve("key.pem"))) {
            peers.assertSpeaks("mysql", mariadb.port());
            peers.assertSpeaks("mariadb", mariadb.port());
        }
        try (PeerProcess mariadb = mariadb("mysql-plain", "--skip-ssl")) {
            assertThat(peers.talk("mysql", mariadb.port())).isInstanceOf(Upgrade.Refused.class);
        }
    }

    private static PeerProcess mariadb(String data, String... tls) throws IOException {
        Files.createDirectories(directory.resolve(data));
        String[] words = StarttlsPeers.words(
                List.of(
                        "mariadbd",
                        "--no-defaults",
                        "--user=" + System.getProperty("user.name"),
                        "--datadir=" + directory.resolve(data),
                        "--skip-grant-tables",
                        "--innodb-log-file-size=4M",
                        "--socket=" + directory.resolve("mysql.sock"),
                        "--pid-file=" + directory.resolve("mysql.pid"),
                        "--bind-address=127.0.0.1",
                        "--port={port}"),
                tls);
        return PeerProcess.start(directory, words);
    }

    @Test
    void postgresSpeaksItsSslRequestAndRefusesWithoutTls() throws IOException {
        Path data = directory.resolve("pg");
        // initdb and postgres refuse to run as root.
        boolean root = System.getProperty("user.name").equals("root");
        List<String> as = root ? List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups") : List.of();
        PeerProcess.run(
                directory,
                StarttlsPeers.words(as, "initdb", "-A", "trust", "-U", "postgres", "-N", "-D", data.toString()));
        Path key = data.resolve("server.key");
        // The copy is made as the server's own user, or PostgreSQL finds its key too open.
        PeerProcess.run(directory, StarttlsPeers.words(as, "install", "-m", "600", "key.pem", key.toString()));
        int port = PeerProcess.freePort();
        List<String> server = List.of(StarttlsPeers.words(
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
            assertThat(peers.talk("postgres", plain.port())).isEqualTo(new Upgrade.Refused("N"));
        }
        List<String> withTls = new ArrayList<>(server);
        withTls.addAll(List.of("-c", "ssl=on"));
        try (PeerProcess postgres = PeerProcess.start(directory, port, withTls)) {
            peers.assertSpeaks("postgres", postgres.port());
        }
    }

    private static PeerProcess slapd(Path conf) {
        return PeerProcess.start(
                directory, "slapd", "-d", "0", "-h", "ldap://127.0.0.1:{port}/", "-f", conf.toString());
    }
}
