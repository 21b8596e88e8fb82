package io.tlsfleet.launcher.site;

import io.tlsfleet.scanner.site.Credential;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.Pem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/** A certificate for 127.0.0.1 that stands on itself, made by openssl, with its key in PEM. */
record SelfSigned(Path certificate, Path key) {
    static SelfSigned make(Path directory, String name) {
        try {
            Path made = Files.createTempDirectory(directory, name);
            Path certificate = made.resolve("certificate.pem");
            Path key = made.resolve("key.pem");
            Process openssl = new ProcessBuilder(
                            "openssl",
                            "req",
                            "-x509",
                            "-newkey",
                            "ec",
                            "-pkeyopt",
                            "ec_paramgen_curve:P-256",
                            "-nodes",
                            "-keyout",
                            key.toString(),
                            "-out",
                            certificate.toString(),
                            "-days",
                            "2",
                            "-subj",
                            "/CN=" + name,
                            "-addext",
                            "subjectAltName=IP:127.0.0.1")
                    .redirectErrorStream(true)
                    .start();
            String said = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (openssl.waitFor() != 0) {
                throw new IllegalStateException(said);
            }
            return new SelfSigned(certificate, key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    Credential credential() {
        return new Credential.ClientCertificate(certificate, key);
    }

    byte[] spki() {
        try {
            byte[] der = Pem.certificates(Files.readAllBytes(certificate)).getFirst();
            return HexFormat.of().parseHex(CertificateFacts.read(der).spkiSha256());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
