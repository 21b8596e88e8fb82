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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * CBC records that are wrong in one way each, sent when the handshake is over (USENIX Security 2019, "Scalable Scanning and
 * Automatic Classification of TLS Padding Oracle Vulnerabilities"). A server that takes a record with wrong padding has
 * POODLE over again (CVE-2014-8730); one that answers the kinds of wrong differently is an oracle.
 */
final class PaddingOracle {
    private static final byte[] REQUEST = "GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int PADDING = 64;
    private static final List<ProtocolVersion> VERSIONS =
            List.of(ProtocolVersion.TLS_1_2, ProtocolVersion.TLS_1_1, ProtocolVersion.TLS_1_0);
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
        List<Choice> choices = choices(ground);
        return choices.isEmpty()
                ? without(ground)
                : switch (say(choices.getFirst().hello(ground), WRONG_PADDING, ground, wire)) {
                    case Heard.Nothing<Tls12Result>(var reason) -> Verdict.unknown(reason.word());
                    case Heard.Told<Tls12Result>(Tls12Result result, Duration connect) -> taken(result);
                };
    }

    /** AES with each hash and all else apart: OpenSSL has code of its own for some, and CVE-2016-2107 is in that alone. */
    static List<Attacks.Attack> kinds(Ground ground) {
        Map<String, Choice> kinds = new LinkedHashMap<>();
        for (Choice choice : choices(ground)) {
            choice.suites.stream()
                    .collect(Collectors.groupingBy(
                            s -> s.facts().cipher().startsWith("AES")
                                    ? s.facts().hash()
                                    : "",
                            LinkedHashMap::new,
                            Collectors.toList()))
                    .forEach((kind, suites) -> kinds.putIfAbsent(kind, new Choice(choice.version, suites)));
        }
        return kinds.isEmpty()
                ? List.of((g, wire) -> without(g))
                : kinds.values().stream()
                        .<Attacks.Attack>map(choice -> (g, wire) -> compare(choice.hello(g), g, wire))
                        .toList();
    }

    private static Verdict compare(HelloShape hello, Ground ground, Wire wire) {
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
    }

    /** The CBC suites of a version that we finish handshakes with. */
    private record Choice(ProtocolVersion version, List<CipherSuite> suites) {
        HelloShape hello(Ground ground) {
            return ground.olderToFinish(version)
                    .orElseThrow()
                    .withSuites(suites)
                    .without(Extensions.ENCRYPT_THEN_MAC);
        }
    }

    /** Newest version first. */
    private static List<Choice> choices(Ground ground) {
        return VERSIONS.stream()
                .map(version -> new Choice(
                        version,
                        cbc(ground, version).filter(Tls12Handshake::knows).toList()))
                .filter(choice -> !choice.suites.isEmpty())
                .toList();
    }

    private static Stream<CipherSuite> cbc(Ground ground, ProtocolVersion version) {
        return ground.suites().getOrDefault(version, List.of()).stream()
                .filter(s -> s.facts().mode() == SuiteFacts.Mode.CBC);
    }

    private static Verdict without(Ground ground) {
        return VERSIONS.stream()
                        .anyMatch(version -> cbc(ground, version).findAny().isPresent())
                ? Verdict.unknown("no CBC suite that a handshake can be finished with")
                : Verdict.notVulnerable("no CBC suite in TLS");
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
