package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.scanner.probe.deep.Attacks.Verdict;
import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.keys.Tls12Channel;
import io.tlsfleet.tls.keys.Tls12Handshake;
import io.tlsfleet.tls.keys.Tls12Options;
import io.tlsfleet.tls.keys.Tls12Result;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SuiteFacts;
import io.tlsfleet.tls.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * CBC records that are wrong in one way each, sent when the handshake is over (USENIX Security 2019, "Scalable Scanning and
 * Automatic Classification of TLS Padding Oracle Vulnerabilities"). A server that takes a record with wrong padding has
 * POODLE over again (CVE-2014-8730); one that answers the kinds of wrong differently is an oracle.
 */
final class PaddingOracle {
    private static final byte[] REQUEST = "GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int PADDING = 64;
    private static final Duration PATIENCE = Duration.ofMillis(1500);

    /** Content, MAC, padding; made wrong by the form. */
    private interface Form {
        byte[] blocks(Tls12Channel.Blocks cbc);
    }

    private static final Form WRONG_PADDING = cbc -> blocks(cbc, false, true);

    private static final Map<String, Form> FORMS = new LinkedHashMap<>();

    static {
        FORMS.put("wrong MAC, right padding", cbc -> blocks(cbc, true, false));
        FORMS.put("right MAC, wrong padding", WRONG_PADDING);
        FORMS.put("wrong MAC, wrong padding", cbc -> blocks(cbc, true, true));
        FORMS.put("nothing but padding", cbc -> {
            byte[] all = new byte[4 * cbc.blockLength()];
            Arrays.fill(all, (byte) (all.length - 1));
            return all;
        });
        FORMS.put("padding longer than the record", cbc -> {
            byte[] all = new byte[4 * cbc.blockLength()];
            Arrays.fill(all, (byte) 0xFF);
            return all;
        });
    }

    private PaddingOracle() {}

    static Verdict poodle(Ground ground, Wire wire) {
        return withCbc(ground, hello -> switch (say(hello, WRONG_PADDING, ground, wire)) {
            case Heard.Nothing<Tls12Result>(var reason) -> Verdict.unknown(reason.word());
            case Heard.Told<Tls12Result>(Tls12Result result, Duration connect) -> taken(result);
        });
    }

    static Verdict once(Ground ground, Wire wire) {
        return withCbc(ground, hello -> {
            Map<String, String> answers = new LinkedHashMap<>();
            for (Map.Entry<String, Form> form : FORMS.entrySet()) {
                if (!(say(hello, form.getValue(), ground, wire)
                        instanceof Heard.Told<Tls12Result>(Tls12Result result, Duration connect))) {
                    return Verdict.unknown("no connection");
                }
                if (!result.finished()) {
                    return Verdict.unknown("the handshake did not finish");
                }
                answers.put(form.getKey(), Robot.answer(result));
            }
            return Robot.read(answers);
        });
    }

    private interface Try {
        Verdict with(HelloShape hello);
    }

    private static Verdict withCbc(Ground ground, Try attempt) {
        for (ProtocolVersion version :
                List.of(ProtocolVersion.TLS_1_2, ProtocolVersion.TLS_1_1, ProtocolVersion.TLS_1_0)) {
            List<CipherSuite> cbc = ground.suites().getOrDefault(version, List.of()).stream()
                    .filter(s -> s.facts().mode() == SuiteFacts.Mode.CBC && Tls12Handshake.knows(s))
                    .toList();
            if (!cbc.isEmpty()) {
                Optional<HelloShape> hello = ground.olderToFinish(version);
                return attempt.with(hello.orElseThrow().withSuites(cbc).without(Extensions.ENCRYPT_THEN_MAC));
            }
        }
        return Verdict.notVulnerable("no CBC suite");
    }

    static Verdict taken(Tls12Result result) {
        if (!result.finished()) {
            return Verdict.unknown("the handshake did not finish");
        }
        if (result.after().stream().anyMatch(r -> r.type() == TlsRecord.APPLICATION_DATA)) {
            return Verdict.vulnerable("a record with wrong padding was taken and answered");
        }
        boolean fatal = result.alert().isPresent();
        String answer = Robot.answer(result);
        return fatal || answer.equals("hung up") && result.alerts().isEmpty()
                ? Verdict.notVulnerable("a record with wrong padding: " + answer)
                : Verdict.unknown("a record with wrong padding: " + answer);
    }

    private static Heard<Tls12Result> say(HelloShape hello, Form form, Ground ground, Wire wire) {
        Tls12Options.After wrong = channel -> channel.blocks()
                .map(cbc -> cbc.seal(TlsRecord.APPLICATION_DATA, form.blocks(cbc)))
                .orElse(new byte[0]);
        Tls12Options options = Tls12Options.PLAIN.then(wrong).waiting(PATIENCE);
        return wire.say(new Tls12Handshake(hello.hello(), ground.shares(), options));
    }

    private static byte[] blocks(Tls12Channel.Blocks cbc, boolean wrongMac, boolean wrongPadding) {
        byte[] mac = cbc.mac(TlsRecord.APPLICATION_DATA, REQUEST);
        if (wrongMac) {
            mac[0] ^= 1;
        }
        int bare = REQUEST.length + mac.length;
        int padding = PADDING - bare % cbc.blockLength();
        byte[] tail = new byte[padding];
        Arrays.fill(tail, (byte) (padding - 1));
        if (wrongPadding) {
            tail[0] ^= 1;
        }
        return new ByteWriter().raw(REQUEST).raw(mac).raw(tail).toBytes();
    }
}
