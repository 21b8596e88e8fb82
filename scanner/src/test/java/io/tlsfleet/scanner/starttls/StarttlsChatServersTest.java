package io.tlsfleet.scanner.starttls;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Debian's servers for talk and for desktops, each with TLS and without. */
class StarttlsChatServersTest {
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

    @Test
    void prosodySpeaksXmppToClientsAndServersAndRefusesWithoutTls() throws IOException {
        int clients = PeerProcess.freePort();
        int servers = PeerProcess.freePort();
        try (PeerProcess prosody = prosody(clients, servers, "\"tls\", ")) {
            peers.assertSpeaks("xmpp", prosody.port());
            peers.assertSpeaks("xmpp-server", servers);
        }
        try (PeerProcess prosody = prosody(clients, servers, "")) {
            assertThat(peers.talk("xmpp", prosody.port())).isInstanceOf(Upgrade.Refused.class);
            assertThat(peers.talk("xmpp-server", servers)).isInstanceOf(Upgrade.Refused.class);
        }
    }

    private static PeerProcess prosody(int clients, int servers, String tls) throws IOException {
        Path conf = peers.write("prosody.cfg.lua", """
                pidfile = "DIR/prosody.pid"
                data_path = "DIR"
                certificates = "DIR"
                modules_enabled = { TLS"saslauth", "dialback" }
                c2s_ports = { CLIENTS }
                s2s_ports = { SERVERS }
                c2s_require_encryption = false
                s2s_require_encryption = false
                c2s_interfaces = { "127.0.0.1" }
                s2s_interfaces = { "127.0.0.1" }
                log = { info = "DIR/prosody.log" }
                run_as_root = true
                VirtualHost "localhost"
                  ssl = { certificate = "DIR/cert.pem", key = "DIR/key.pem" }
                """.replace("CLIENTS", "" + clients)
                .replace("SERVERS", "" + servers)
                .replace("TLS", tls));
        return PeerProcess.start(directory, clients, List.of("prosody", "-F", "--config", conf.toString()));
    }

    @Test
    void inspircdSpeaksIrcAndRefusesWithoutTls() throws IOException {
        try (PeerProcess inspircd = inspircd("""
                <module name="ssl_gnutls">
                <module name="starttls">
                <sslprofile name="Clients" provider="gnutls" certfile="DIR/cert.pem" keyfile="DIR/key.pem">
                <starttls sslprofile="Clients">
                """)) {
            peers.assertSpeaks("irc", inspircd.port());
        }
        try (PeerProcess inspircd = inspircd("<module name=\"cap\">")) {
            assertThat(peers.talk("irc", inspircd.port())).isInstanceOf(Upgrade.Refused.class);
        }
    }

    private static PeerProcess inspircd(String tls) throws IOException {
        int port = PeerProcess.freePort();
        Path conf = peers.write("inspircd.conf", """
                <server name="irc.localhost" description="x" network="x">
                <admin name="x" nick="x" email="x@localhost">
                <bind address="127.0.0.1" port="PORT" type="clients">
                TLS
                <connect allow="*">
                <class name="Shutdown" commands="DIE">
                <pid file="DIR/inspircd.pid">
                <path configdir="DIR" datadir="DIR" logdir="DIR">
                """.replace("PORT", "" + port).replace("TLS", tls));
        return PeerProcess.start(
                directory, port, List.of("inspircd", "--nofork", "--nolog", "--runasroot", "--config=" + conf));
    }

    @Test
    void xrdpSpeaksRdpAndRefusesWithItsOwnSecurity() throws IOException {
        try (PeerProcess xrdp = xrdp("tls")) {
            peers.assertSpeaks("rdp", xrdp.port());
        }
        try (PeerProcess xrdp = xrdp("rdp")) {
            assertThat(peers.talk("rdp", xrdp.port())).isInstanceOf(Upgrade.Refused.class);
        }
    }

    private static PeerProcess xrdp(String security) throws IOException {
        int port = PeerProcess.freePort();
        Path conf = peers.write("xrdp.ini", """
                [Globals]
                ini_version=1
                fork=true
                port=tcp://127.0.0.1:PORT
                security_layer=SECURITY
                crypt_level=high
                certificate=DIR/cert.pem
                key_file=DIR/key.pem
                ssl_protocols=TLSv1.2, TLSv1.3
                autorun=
                [Logging]
                LogFile=DIR/xrdp.log
                LogLevel=INFO
                EnableSyslog=false
                [Xorg]
                name=Xorg
                lib=libxup.so
                """.replace("PORT", "" + port).replace("SECURITY", security));
        return PeerProcess.start(directory, port, List.of("xrdp", "--nodaemon", "--config", conf.toString()));
    }
}
