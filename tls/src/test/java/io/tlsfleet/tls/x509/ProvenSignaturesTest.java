package io.tlsfleet.tls.x509;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.PeerProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvenSignaturesTest {
    @Test
    void namesEachGoodSignatureOfAChainAndNoForgedOne(@TempDir Path directory) throws Exception {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        PeerProcess.run(
                directory,
                "openssl",
                "req",
                "-new",
                "-nodes",
                "-newkey",
                "rsa:2048",
                "-keyout",
                "l.key",
                "-out",
                "l.csr",
                "-subj",
                "/CN=leaf");
        PeerProcess.run(
                directory,
                "openssl",
                "x509",
                "-req",
                "-in",
                "l.csr",
                "-CA",
                "cert.pem",
                "-CAkey",
                "key.pem",
                "-set_serial",
                "5",
                "-out",
                "l.pem");
        byte[] leaf = der(directory.resolve("l.pem"));
        byte[] root = der(directory.resolve("cert.pem"));

        byte[] proven = ProvenSignatures.among(List.of(leaf, root));

        // the leaf by the root, the root by itself
        assertThat(proven).hasSize(64);
        byte[] forged = leaf.clone();
        forged[forged.length - 1] ^= 1;
        assertThat(ProvenSignatures.among(List.of(forged, root))).hasSize(32);
        assertThat(ProvenSignatures.among(List.of(leaf))).isEmpty();
        List<byte[]> turned = new ArrayList<>(List.of(leaf, root));
        Collections.reverse(turned);
        assertThat(ProvenSignatures.among(turned)).hasSize(64);
    }

    @Test
    void whatIsRememberedIsNotComputedAgainAndSpeaksForNothingElse(@TempDir Path directory) {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        CertificateFacts certificate = CertificateFacts.read(der(directory.resolve("cert.pem")));
        byte[] der = certificate.der();
        der = der.clone();
        der[der.length - 1] ^= 1;
        CertificateFacts forged = CertificateFacts.read(der);
        assertThat(Signatures.of(certificate, certificate.key())).isEqualTo(Signatures.Result.GOOD);

        // another question's answer does not make a forged one good, and what is too short is passed over
        ProvenSignatures.remember(Signatures.question(certificate, certificate.key()));
        ProvenSignatures.remember(new byte[31]);

        assertThat(Signatures.of(forged, certificate.key())).isEqualTo(Signatures.Result.BAD);
    }

    private static byte[] der(Path pem) {
        try {
            return Base64.getMimeDecoder().decode(Files.readString(pem).replaceAll("-----[A-Z ]+-----", ""));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
