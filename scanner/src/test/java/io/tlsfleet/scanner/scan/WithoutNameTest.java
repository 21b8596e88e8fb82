package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.fingerprint.ClientOffer;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which chains a client gets that sends no name. */
class WithoutNameTest {
    private static final CipherSuite CANNOT_SIGN = CipherSuite.named("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");

    @TempDir
    static Path directory;

    private static Rig rig;

    @BeforeAll
    static void start() throws IOException {
        rig = new Rig();
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        Path ec = Files.createDirectory(directory.resolve("ec"));
        PeerProcess.certificate(ec, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    /** Neither in a version's common suites, nor in the newest version alone, is a chain that a client without a name gets. */
    @Test
    void hasTheCertificateWithoutANameWithWhateverThereIs() {
        try (PeerProcess server =
                server("-tls1_2 -cipher ECDHE-RSA-CAMELLIA256-SHA384 -groups brainpoolP256r1 -serverpref")) {
            assertThat(rig.scan(server.port(), Depth.FULL).served())
                    .singleElement()
                    .satisfies(chain -> assertThat(chain.servedWithoutSni()).isTrue());
        }
        // PKCS #1 signatures are none of TLS 1.3's, which has to go with the other key
        try (PeerProcess server = server("-sigalgs RSA+SHA256:ECDSA+SHA256 -dcert ec/cert.pem -dkey ec/key.pem")) {
            assertThat(rig.scan(server.port(), Depth.FULL).served())
                    .hasSize(2)
                    .anySatisfy(chain -> assertThat(chain.servedOn()).containsExactly("TLSv1.2"))
                    .allSatisfy(chain -> assertThat(chain.servedWithoutSni()).isTrue());
        }
    }

    /** It chooses among the common suites one that its certificate is not for: OpenSMTPD was seen to. */
    @Test
    void asksAServerThatStumblesForWhatItIsKnownToTake() {
        AtomicInteger stumbled = new AtomicInteger();
        try (PeerProcess server = server("-tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384");
                Front front = new Front((client, number) -> {
                    byte[] hello = Front.firstRecord(client);
                    boolean named = new String(hello, StandardCharsets.ISO_8859_1).contains("localhost");
                    if (!named && hello[0] == 22 && suites(hello).contains(CANNOT_SIGN)) {
                        stumbled.incrementAndGet();
                        client.getOutputStream().write(new byte[] {21, 3, 3, 0, 2, 2, 40});
                    } else {
                        Front.relay(client, server.port(), hello);
                    }
                })) {
            assertThat(rig.scan(front.port(), Depth.FULL).served())
                    .singleElement()
                    .satisfies(chain -> assertThat(chain.servedWithoutSni()).isTrue());
            assertThat(stumbled).hasPositiveValue();
        }
        // and one that has nothing for who names nobody stays one
        try (PeerProcess server = server("-tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384");
                Front front = new Front((client, number) -> {
                    byte[] hello = Front.firstRecord(client);
                    if (new String(hello, StandardCharsets.ISO_8859_1).contains("localhost")) {
                        Front.relay(client, server.port(), hello);
                    } else {
                        client.getOutputStream().write(new byte[] {21, 3, 3, 0, 2, 2, 40});
                    }
                })) {
            assertThat(rig.scan(front.port(), Depth.FULL).served())
                    .singleElement()
                    .satisfies(chain -> assertThat(chain.servedWithoutSni()).isFalse());
        }
    }

    private static List<CipherSuite> suites(byte[] helloRecord) throws IOException {
        try {
            return ClientOffer.of(Arrays.copyOfRange(helloRecord, 9, helloRecord.length))
                    .suites();
        } catch (MalformedMessage e) {
            throw new IOException(e);
        }
    }

    private static PeerProcess server(String options) {
        List<String> command = new ArrayList<>(List.of("openssl", "s_server", "-accept", "127.0.0.1:{port}", "-www"));
        command.addAll(List.of("-cert", "cert.pem", "-key", "key.pem", "-quiet"));
        command.addAll(Arrays.asList(options.split(" ")));
        return PeerProcess.start(directory, command.toArray(String[]::new));
    }
}
