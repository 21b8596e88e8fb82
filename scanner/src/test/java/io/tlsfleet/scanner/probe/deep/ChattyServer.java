package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.tls.PeerProcess;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A mail server of some lines with JSSE's TLS, and one way to deal with what came behind STARTTLS. */
final class ChattyServer implements AutoCloseable {
    enum Rest {
        /** Taken for something said inside TLS: CVE-2011-0411. */
        KEPT,
        DROPPED,
        /** Taken for the beginning of TLS, which then is none. */
        HANDED_TO_TLS,
        /** STARTTLS is refused with anything behind it, and clients without a certificate inside TLS: as OpenSMTPD, which fails there. */
        REFUSED,
        /** The client is turned away for now, which can happen to any. */
        TURNED_AWAY
    }

    private final Rest rest;
    private final SSLContext tls;
    private final ServerSocket socket;

    ChattyServer(Path directory, Rest rest) throws IOException, GeneralSecurityException {
        this.rest = rest;
        this.tls = context(directory);
        this.socket = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
    }

    int port() {
        return socket.getLocalPort();
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept()) {
                client.setSoTimeout(10_000);
                talk(client);
            } catch (IOException e) {
                // This client is done with; the next one is served.
            }
        }
    }

    private void talk(Socket client) throws IOException {
        say(client.getOutputStream(), "220 chatty\r\n");
        read(client.getInputStream());
        say(client.getOutputStream(), "250-chatty\r\n250 STARTTLS\r\n");
        String asked = read(client.getInputStream());
        String behind = asked.substring("STARTTLS\r\n".length());
        if (!behind.isEmpty() && (rest == Rest.REFUSED || rest == Rest.TURNED_AWAY)) {
            say(
                    client.getOutputStream(),
                    rest == Rest.REFUSED ? "500 5.5.1 Pipelining not supported\r\n" : "421 4.3.2 too many\r\n");
            return;
        }
        say(client.getOutputStream(), "220 go\r\n");
        InputStream consumed = new ByteArrayInputStream(
                (rest == Rest.HANDED_TO_TLS ? behind : "").getBytes(StandardCharsets.US_ASCII));
        SSLSocket inside = (SSLSocket) tls.getSocketFactory().createSocket(client, consumed, true);
        inside.setUseClientMode(false);
        inside.setNeedClientAuth(rest == Rest.REFUSED);
        inside.startHandshake();
        if (rest == Rest.KEPT && !behind.isEmpty()) {
            say(inside.getOutputStream(), "250 ok\r\n");
        }
        String said = read(inside.getInputStream());
        say(inside.getOutputStream(), said.startsWith("QUIT") ? "221 bye\r\n" : "500 what\r\n");
        inside.close();
    }

    private static String read(InputStream in) throws IOException {
        byte[] buffer = new byte[1024];
        int n = in.read(buffer);
        if (n < 0) {
            throw new IOException("gone");
        }
        return new String(buffer, 0, n, StandardCharsets.US_ASCII);
    }

    private static void say(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static SSLContext context(Path directory) throws IOException, GeneralSecurityException {
        PeerProcess.run(
                directory,
                "openssl",
                "pkcs12",
                "-export",
                "-in",
                "cert.pem",
                "-inkey",
                "key.pem",
                "-out",
                "chatty.p12",
                "-passout",
                "pass:chatty");
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(directory.resolve("chatty.p12"))) {
            keys.load(in, "chatty".toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(keys, "chatty".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
