package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.scanner.probe.deep.Attacks.Verdict;
import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage.ServerHello;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.time.Duration;

/**
 * CVE-2014-0160: a heartbeat request that claims 16 bytes and has none. A healthy server discards it in silence (RFC 6520
 * section 4), so a message out of turn follows, which makes it speak. Only the length of an answer is read.
 */
final class Heartbleed {
    private static final int CLAIMED = 16;
    private static final int REQUEST = 3;
    private static final Duration PATIENCE = Duration.ofMillis(1500);

    private Heartbleed() {}

    static Verdict once(Ground ground, Wire wire) {
        ProtocolVersion version = ground.newestBelowTls13().orElse(null);
        if (version == null) {
            return Verdict.notVulnerable("TLS 1.2 and below are not spoken");
        }
        HelloShape hello = ground.older(version).with(new Extension(Extensions.HEARTBEAT, new byte[] {1}));
        byte[] request = new TlsRecord(TlsRecord.HEARTBEAT, version.code(), new byte[] {1, 0, CLAIMED}).encode();
        byte[] outOfTurn = new TlsRecord(TlsRecord.HANDSHAKE, version.code(), new byte[] {14, 0, 0, 0}).encode();
        return switch (wire.say(new AfterFlight(hello, request, outOfTurn, PATIENCE))) {
            case Heard.Nothing<AfterFlight.Reaction>(var reason) -> Verdict.unknown(reason.word());
            case Heard.Told<AfterFlight.Reaction>(AfterFlight.Reaction reaction, Duration connect) -> read(reaction);
        };
    }

    static Verdict read(AfterFlight.Reaction reaction) {
        ServerHello hello = reaction.hello();
        if (hello == null || !reaction.flightWhole()) {
            return Verdict.unknown("no whole flight");
        }
        AfterFlight.Seen answer = reaction.first(TlsRecord.HEARTBEAT).orElse(null);
        if (answer != null && answer.length() > REQUEST) {
            // with or without the extension, which SSL 3.0 has none of: OpenSSL did not mind
            return Verdict.vulnerable("answered " + answer.length() + " bytes to a request of " + REQUEST);
        }
        if (hello.extension(Extensions.HEARTBEAT).isEmpty()) {
            return Verdict.notVulnerable("no heartbeat extension");
        }
        boolean spoke = reaction.first(TlsRecord.ALERT).isPresent() || reaction.hungUp();
        return spoke ? Verdict.notVulnerable("the request was not answered") : Verdict.unknown("silence");
    }
}
