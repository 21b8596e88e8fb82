package io.tlsfleet.tls.x509;

import static io.tlsfleet.tls.x509.TestAuthority.NOW;
import static io.tlsfleet.tls.x509.der.DerWriter.element;
import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.ChainVerdict.Transparency;
import io.tlsfleet.tls.x509.CtLogs.State;
import io.tlsfleet.tls.x509.der.Der;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Enough timestamps, of enough operators, by a log that is still one: the CT policies of the browsers. */
class TransparencyTest {
    private static final Instant LOGGED = NOW.minus(Duration.ofDays(100));
    private static final Instant RETIRED = NOW.minus(Duration.ofDays(10));
    private final TestAuthority issuer = TestAuthority.root("Issuer");
    private final KeyPair key = TestAuthority.root("Key").keyPair();
    private final Map<String, CtLogs.Log> logs = new HashMap<>();

    private record TestLog(byte[] id, KeyPair keys) {}

    private TestLog log(String operator, State state, Instant since) {
        KeyPair keys = TestAuthority.root(operator).keyPair();
        byte[] spki = keys.getPublic().getEncoded();
        byte[] id = CertificateFacts.digest("SHA-256", spki);
        try {
            logs.put(
                    HexFormat.of().formatHex(id),
                    new CtLogs.Log(
                            PublicKeyFacts.read(Der.of(spki), "key"), operator, operator, state, since, null, null));
        } catch (MalformedMessage e) {
            throw new IllegalStateException(e);
        }
        return new TestLog(id, keys);
    }

    private Handmade leaf() {
        return new Handmade(issuer, key)
                .notAfter(Handmade.time("260601000000Z"))
                .dns("shop.example");
    }

    private Transparency embedded(TestLog... in) throws MalformedMessage {
        CertificateFacts authority = CertificateFacts.read(issuer.der());
        byte[] entry = Sct.precertificateEntry(CertificateFacts.read(leaf().der()), authority.key());
        byte[] whole = leaf().extension(ExtensionReader.SCT_LIST, false, element(Der.OCTET_STRING, list(entry, in)))
                .der();
        return judge(NOW).judge(CertificateFacts.read(whole), authority, List.of(), List.of());
    }

    private Transparency delivered(Instant at, TestLog... in) {
        byte[] leaf = leaf().der();
        return judge(at).judge(CertificateFacts.read(leaf), null, List.of(list(Sct.entry(leaf), in)), List.of());
    }

    private SctJudge judge(Instant at) {
        return new SctJudge(CtLogs.of(logs), at);
    }

    private static byte[] list(byte[] entry, TestLog... in) {
        List<byte[]> scts = new ArrayList<>();
        for (TestLog log : in) {
            scts.add(sct(entry, log));
        }
        return ByteWriter.write(list -> list.vec16(ByteWriter.write(all -> scts.forEach(all::vec16))));
    }

    private static byte[] sct(byte[] entry, TestLog log) {
        long time = LOGGED.toEpochMilli();
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(log.keys.getPrivate());
            signature.update(ByteWriter.write(
                    writer -> writer.u8(0).u8(0).u64(time).raw(entry).vec16(new byte[0])));
            byte[] signed = signature.sign();
            return ByteWriter.write(writer -> writer.u8(0)
                    .raw(log.id)
                    .u64(time)
                    .vec16(new byte[0])
                    .u8(4)
                    .u8(3)
                    .vec16(signed));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatIsEmbeddedNeedsOneLogThatIsNotRetired() throws Exception {
        TestLog usable = log("A", State.USABLE, LOGGED);
        TestLog other = log("B", State.QUALIFIED, LOGGED);
        TestLog gone = log("C", State.RETIRED, RETIRED);
        TestLog goneToo = log("D", State.RETIRED, RETIRED);
        assertThat(embedded(usable, other).satisfied()).isTrue();
        assertThat(embedded(usable, gone).satisfied()).isTrue();
        assertThat(embedded(usable, gone).current()).isOne();
        Transparency retired = embedded(gone, goneToo);
        assertThat(retired.valid()).isEqualTo(2);
        assertThat(retired.current()).isZero();
        assertThat(retired.satisfied()).isFalse();
        assertThat(retired.lacking()).isTrue();
    }

    @Test
    void whatIsDeliveredNeedsTwoLogsThatAreNotRetired() {
        TestLog usable = log("A", State.USABLE, LOGGED);
        TestLog readOnly = log("B", State.READONLY, LOGGED);
        TestLog gone = log("C", State.RETIRED, RETIRED);
        assertThat(delivered(NOW, usable, readOnly).satisfied()).isTrue();
        assertThat(delivered(NOW, usable, gone).satisfied()).isFalse();
        assertThat(delivered(NOW, usable, gone).lacking()).isTrue();
        assertThat(delivered(RETIRED.minusSeconds(60), usable, gone).satisfied())
                .isTrue();
    }
}
