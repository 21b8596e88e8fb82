package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.scanner.probe.deep.Attacks.Verdict;
import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.keys.RsaKeyExchange;
import io.tlsfleet.tls.keys.Tls12Handshake;
import io.tlsfleet.tls.keys.Tls12Options;
import io.tlsfleet.tls.keys.Tls12Result;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SuiteFacts;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Return Of Bleichenbacher's Oracle Threat (robotattack.org): an RSA key exchange padded rightly, and wrongly in four ways,
 * each with a Finished that fits none. A server that tells them apart by what it answers is an oracle.
 */
final class Robot {
    private static final SecureRandom RANDOM = new SecureRandom();

    private static final List<ProtocolVersion> VERSIONS =
            List.of(ProtocolVersion.TLS_1_2, ProtocolVersion.TLS_1_1, ProtocolVersion.TLS_1_0, ProtocolVersion.SSL_3);
    private static final Map<String, Tls12Options.RsaMessage> FORMS = new LinkedHashMap<>();

    static {
        // Another secret than our Finished is made with, so that no form ends in a handshake.
        FORMS.put("right", (length, secret) -> padded(length, secret[0], secret[1]));
        FORMS.put("wrong type", (length, secret) -> {
            byte[] block = padded(length, secret[0], secret[1]);
            // The first byte stays zero: the number must be below the modulus.
            block[1] = 0x17;
            return block;
        });
        FORMS.put("early zero", (length, secret) -> {
            byte[] block = padded(length, secret[0], secret[1]);
            block[length - 49] = 0x11;
            block[length - 2] = 0;
            return block;
        });
        FORMS.put("no zero", (length, secret) -> {
            byte[] block = padded(length, secret[0], secret[1]);
            for (int i = 2; i < length; i++) {
                block[i] = block[i] == 0 ? 0x11 : block[i];
            }
            return block;
        });
        FORMS.put("wrong version", (length, secret) -> padded(length, (byte) 2, (byte) 2));
    }

    private Robot() {}

    static Verdict once(Ground ground, Wire wire) {
        boolean isThere = false;
        for (ProtocolVersion version : VERSIONS) {
            List<CipherSuite> rsa = ground.suites().getOrDefault(version, List.of()).stream()
                    .filter(s -> s.facts().keyExchange() == SuiteFacts.KeyExchange.RSA)
                    .toList();
            List<CipherSuite> known = rsa.stream().filter(Tls12Handshake::knows).toList();
            if (!known.isEmpty()) {
                return compare(ground.older(version).withSuites(known), ground, wire);
            }
            isThere |= !rsa.isEmpty();
        }
        return isThere
                ? Verdict.unknown("no RSA key exchange that a handshake can be finished with")
                : Verdict.notVulnerable("no RSA key exchange");
    }

    private static Verdict compare(HelloShape hello, Ground ground, Wire wire) {
        Map<String, String> answers = new LinkedHashMap<>();
        for (Map.Entry<String, Tls12Options.RsaMessage> form : FORMS.entrySet()) {
            Tls12Options options = Tls12Options.PLAIN.exchanging(form.getValue());
            switch (wire.say(new Tls12Handshake(hello.hello(), ground.shares(), options))) {
                case Heard.Nothing<Tls12Result>(var reason) -> {
                    return Verdict.unknown(reason.word());
                }
                case Heard.Told<Tls12Result>(Tls12Result result, Duration connect) -> {
                    if (result.reached() != Tls12Result.Step.ANSWERED) {
                        return Verdict.unknown("the key exchange was not reached");
                    }
                    answers.put(form.getKey(), answer(result));
                }
            }
        }
        return read(answers);
    }

    static Verdict read(Map<String, String> answers) {
        Set<String> kinds = new TreeSet<>(answers.values());
        return kinds.size() == 1
                ? Verdict.notVulnerable(
                        "every form is answered alike: " + kinds.iterator().next())
                : Verdict.vulnerable("answers tell the forms apart: " + answers);
    }

    /** A close and a reset are one: which of them comes is the kernel's doing. */
    static String answer(Tls12Result result) {
        String alerts = result.alerts().stream()
                .map(a -> a.description().name())
                .reduce((a, b) -> a + "+" + b)
                .orElse("");
        if (!alerts.isEmpty()) {
            return alerts;
        }
        return result.ending() == Ending.CLOSED || result.ending() == Ending.RESET ? "hung up" : "silence";
    }

    private static byte[] padded(int length, byte major, byte minor) {
        byte[] secret = new byte[48];
        for (int i = 2; i < secret.length; i++) {
            secret[i] = (byte) (1 + RANDOM.nextInt(255));
        }
        secret[0] = major;
        secret[1] = minor;
        return RsaKeyExchange.pad(length, secret, RANDOM);
    }
}
