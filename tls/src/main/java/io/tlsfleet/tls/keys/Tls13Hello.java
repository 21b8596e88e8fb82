package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.KeyShareEntry;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.ByteWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The one or two hellos of a handshake, with the PSK's binder where one is offered (RFC 8446 sections 4.1.2 and 4.2.11). */
final class Tls13Hello {
    private final ClientHello plain;
    private final @Nullable SessionTicket ticket;
    private final long ticketAgeMillis;
    private final boolean earlyData;
    private byte[] first = new byte[0];
    private boolean retried;

    Tls13Hello(ClientHello plain, Tls13Options options) {
        this.plain = plain;
        this.ticket = options.resume();
        this.ticketAgeMillis = options.ticketAge().toMillis();
        this.earlyData = options.earlyData() && ticket != null;
    }

    ProtocolVersion legacyVersion() {
        return plain.legacyVersion();
    }

    byte[] sessionId() {
        return plain.sessionId();
    }

    boolean announcesEarlyData() {
        return earlyData && !retried;
    }

    boolean wasRetried() {
        return retried;
    }

    byte[] first() {
        SessionTicket offered = ticket;
        if (offered == null) {
            first = plain.encode().encode();
            return first;
        }
        List<Extension> extensions = new ArrayList<>(extensions());
        if (earlyData) {
            extensions.add(Extensions.empty(Extensions.EARLY_DATA));
        }
        Hash hash = hashOf(offered);
        first = bound(extensions, offered, hash::of);
        return first;
    }

    /** The hello that a HelloRetryRequest asks for; {@code hash} is the transcript's with more bytes behind it. */
    byte[] second(
            Optional<KeyShareEntry> share, Optional<byte[]> cookie, Tls13Suite suite, UnaryOperator<byte[]> hash) {
        retried = true;
        List<Extension> extensions = new ArrayList<>();
        for (Extension extension : extensions()) {
            if (extension.type().code() == Extensions.KEY_SHARE && share.isPresent()) {
                extensions.add(Extensions.keyShares(List.of(share.get())));
            } else if (extension.type().code() != Extensions.EARLY_DATA) {
                extensions.add(extension);
            }
        }
        cookie.ifPresent(data -> extensions.add(new Extension(Extensions.COOKIE, data)));
        SessionTicket offered = ticket;
        // A PSK of another hash cannot be used any more once the server has named its suite.
        return offered == null || hashOf(offered) != suite.hash()
                ? with(extensions).encode().encode()
                : bound(extensions, offered, hash);
    }

    byte[] earlyTrafficSecret(Tls13KeySchedule schedule) {
        SessionTicket offered = ticket;
        if (offered == null) {
            throw new IllegalStateException("early data without a PSK");
        }
        return schedule.clientEarlyTraffic(hashOf(offered).of(first));
    }

    private byte[] bound(List<Extension> extensions, SessionTicket offered, UnaryOperator<byte[]> transcriptHash) {
        Hash hash = hashOf(offered);
        long age = ticketAgeMillis + offered.ageAdd() & 0xFFFFFFFFL;
        List<Extension> all = new ArrayList<>(extensions);
        all.add(new Extension(
                Extensions.PRE_SHARED_KEY,
                ByteWriter.write(w -> w.vec16(
                                identities -> identities.vec16(offered.ticket()).u32(age))
                        .vec16(binders -> binders.vec8(new byte[hash.length()])))));
        byte[] message = with(all).encode().encode();
        int binders = 2 + 1 + hash.length();
        Tls13KeySchedule schedule = new Tls13KeySchedule(hash, Optional.of(offered.psk()));
        byte[] truncated = Arrays.copyOf(message, message.length - binders);
        byte[] binder = schedule.finished(schedule.resumptionBinderKey(), transcriptHash.apply(truncated));
        System.arraycopy(binder, 0, message, message.length - binder.length, binder.length);
        return message;
    }

    private ClientHello with(List<Extension> extensions) {
        return new ClientHello(
                plain.legacyVersion(),
                plain.random(),
                plain.sessionId(),
                plain.cipherSuites(),
                plain.compressionMethods(),
                extensions);
    }

    private List<Extension> extensions() {
        List<Extension> extensions = plain.extensions();
        return extensions == null ? List.of() : extensions;
    }

    private static Hash hashOf(SessionTicket ticket) {
        return Tls13Suite.of(ticket.suite())
                .orElseThrow(() -> new IllegalArgumentException("no ticket of ours: " + ticket.suite()))
                .hash();
    }
}
