package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.scanner.probe.deep.Attacks.Verdict;
import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.time.Duration;

/**
 * CVE-2014-0224: a change_cipher_spec before any key exchange. A healthy server objects at once. One that bears it takes the next
 * record for an encrypted one and says bad_record_mac or decryption_failed.
 */
final class CcsInjection {
    private static final int BAD_RECORD_MAC = 20;
    private static final int DECRYPTION_FAILED = 21;
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private CcsInjection() {}

    static Verdict once(Ground ground, Wire wire) {
        ProtocolVersion version = ground.newestBelowTls13().orElse(null);
        if (version == null) {
            return Verdict.notVulnerable("TLS 1.2 and below are not spoken");
        }
        byte[] early = new TlsRecord(TlsRecord.CHANGE_CIPHER_SPEC, version.code(), new byte[] {1}).encode();
        byte[] garbage = new TlsRecord(TlsRecord.HANDSHAKE, version.code(), new byte[64]).encode();
        return switch (wire.say(new AfterFlight(ground.older(version), early, garbage, PATIENCE))) {
            case Heard.Nothing<AfterFlight.Reaction>(var reason) -> Verdict.unknown(reason.word());
            case Heard.Told<AfterFlight.Reaction>(AfterFlight.Reaction reaction, Duration connect) -> read(reaction);
        };
    }

    static Verdict read(AfterFlight.Reaction reaction) {
        if (!reaction.flightWhole()) {
            return Verdict.unknown("no whole flight");
        }
        AfterFlight.Seen alert = reaction.first(TlsRecord.ALERT).orElse(null);
        if (reaction.stage() == 1) {
            return alert != null || reaction.hungUp()
                    ? Verdict.notVulnerable("objected to the early change_cipher_spec")
                    : Verdict.unknown("no reaction");
        }
        if (alert != null && (alert.alert() == BAD_RECORD_MAC || alert.alert() == DECRYPTION_FAILED)) {
            return Verdict.vulnerable(
                    "bore an early change_cipher_spec, then tried to decrypt (alert " + alert.alert() + ")");
        }
        return Verdict.unknown(alert == null ? "no alert" : "alert " + alert.alert() + " to the record behind it");
    }
}
