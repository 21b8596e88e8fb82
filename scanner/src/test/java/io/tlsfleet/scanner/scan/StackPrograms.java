package io.tlsfleet.scanner.scan;

import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts the servers of {@link RealStacksTest}, each with the lines of configuration that matter; {@code DIR} in them is ours. */
final class StackPrograms {
    private final Path directory;

    /** Makes the keys: {@code rsa/} and {@code ec/} with {@code cert.pem}, {@code key.pem}, both together, and a PKCS #12 store. */
    StackPrograms(Path directory) throws IOException {
        this.directory = directory;
        for (String kind : List.of("rsa", "ec")) {
            Files.createDirectory(directory.resolve(kind));
        }
        PeerProcess.certificate(directory.resolve("rsa"), "-newkey", "rsa:2048");
        PeerProcess.certificate(directory.resolve("ec"), "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        for (String kind : List.of("rsa", "ec")) {
            Path here = directory.resolve(kind);
            Files.writeString(
                    here.resolve("both.pem"),
                    Files.readString(here.resolve("cert.pem")) + Files.readString(here.resolve("key.pem")));
            PeerProcess.run(
                    here,
                    "openssl pkcs12 -export -in cert.pem -inkey key.pem -out store.p12 -passout pass:x -name server"
                            .split(" ", -1));
        }
        Files.createDirectories(directory.resolve("nss"));
        PeerProcess.run(directory, "certutil", "-N", "-d", "sql:nss", "--empty-password");
        PeerProcess.run(directory, "pk12util", "-i", "rsa/store.p12", "-d", "sql:nss", "-W", "x");
        PeerProcess.run(directory, "openssl", "dhparam", "-out", "dh.pem", "-dsaparam", "2048");
    }

    PeerProcess nginx(String settings) throws IOException {
        int port = PeerProcess.freePort();
        Path conf = write("nginx-" + port + ".conf", """
                daemon off; master_process off; pid DIR/nginx.pid; error_log DIR/nginx.log;
                events { worker_connections 512; }
                http { access_log off; server { listen 127.0.0.1:%d ssl; server_name localhost; %s } }
                """.formatted(port, settings));
        return PeerProcess.start(directory, port, List.of("nginx", "-c", conf.toString()));
    }

    PeerProcess haproxy(String kind, String bind) throws IOException {
        int port = PeerProcess.freePort();
        Path conf = write("haproxy-" + port + ".cfg", """
                defaults
                  mode http
                  timeout connect 5s
                  timeout client 5s
                  timeout server 5s
                frontend tls
                  bind 127.0.0.1:%d ssl crt DIR/%s/both.pem %s
                  http-request return status 200
                """.formatted(port, kind, bind));
        return PeerProcess.start(directory, port, List.of("haproxy", "-db", "-f", conf.toString()));
    }

    PeerProcess server(String kind, String... options) {
        List<String> words = new ArrayList<>(List.of("openssl", "s_server", "-accept", "127.0.0.1:{port}", "-www"));
        words.addAll(List.of("-key", kind + "/key.pem", "-cert", kind + "/cert.pem"));
        words.addAll(List.of(options));
        return PeerProcess.start(directory, words.toArray(String[]::new));
    }

    PeerProcess gnutls(String priority) {
        return PeerProcess.start(
                directory,
                "gnutls-serv",
                "--port",
                "{port}",
                "--x509keyfile",
                "rsa/key.pem",
                "--x509certfile",
                "rsa/cert.pem",
                "--priority",
                priority,
                "--quiet");
    }

    PeerProcess selfserv(String versions, String suites, String groups) {
        return PeerProcess.start(
                directory,
                "selfserv",
                "-d",
                "sql:nss",
                "-n",
                "server",
                "-p",
                "{port}",
                "-V",
                versions,
                "-c",
                suites,
                "-I",
                groups);
    }

    PeerProcess lighttpd(String library, String settings) throws IOException {
        int port = PeerProcess.freePort();
        Path conf = write("lighttpd-" + port + ".conf", """
                server.document-root = "DIR"
                server.bind = "127.0.0.1"
                server.port = %d
                server.modules = ("mod_%s")
                ssl.engine = "enable"
                ssl.pemfile = "DIR/rsa/both.pem"
                ssl.openssl.ssl-conf-cmd = ("MinProtocol" => "TLSv1.2", %s)
                """.formatted(port, library, settings));
        return PeerProcess.start(directory, port, List.of("lighttpd", "-D", "-f", conf.toString()));
    }

    PeerProcess caddy(String tls) throws IOException {
        int port = PeerProcess.freePort();
        Path conf = write("Caddyfile-" + port, """
                {
                  admin off
                  auto_https off
                }
                https://localhost:%d {
                  bind 127.0.0.1
                  tls DIR/rsa/cert.pem DIR/rsa/key.pem {
                    %s
                  }
                  respond ok
                }
                """.formatted(port, tls));
        return PeerProcess.start(
                directory, port, List.of("caddy", "run", "--adapter", "caddyfile", "--config", conf.toString()));
    }

    PeerProcess java(String library, String keys, String... lists) {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                StackServer.class.getName(),
                library,
                "{port}",
                keys));
        words.addAll(List.of(lists));
        return PeerProcess.start(directory, words.toArray(String[]::new));
    }

    PeerProcess dovecot(String settings) throws IOException {
        int port = PeerProcess.freePort();
        Path conf = write("dovecot-" + port + ".conf", """
                base_dir = DIR/dovecot-%1$d
                state_dir = DIR/dovecot-%1$d
                log_path = DIR/dovecot.log
                protocols = imap
                ssl = required
                ssl_cert = <DIR/rsa/cert.pem
                ssl_key = <DIR/rsa/key.pem
                %2$s
                listen = 127.0.0.1
                service imap-login {
                  inet_listener imap {
                    port = 0
                  }
                  inet_listener imaps {
                    port = %1$d
                    ssl = yes
                  }
                }
                passdb {
                  driver = static
                  args = password=x
                }
                """.formatted(port, settings));
        return PeerProcess.start(directory, port, List.of("dovecot", "-F", "-c", conf.toString()));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text.replace("DIR", directory.toString()));
    }
}
