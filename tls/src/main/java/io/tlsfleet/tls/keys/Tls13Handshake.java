package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.KeyShareEntry;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.record.HandshakeReader;
import io.tlsfleet.tls.record.RecordReader;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.AlertDescription;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A whole TLS 1.3 handshake (RFC 8446): one HelloRetryRequest followed, the server's flight read, its Finished checked,
 * ours sent, and what comes after kept. Certificates are read, not judged. The server may choose an older version: then its
 * flight is read as far as it goes without keys.
 */
public final class Tls13Handshake implements Conversation<Tls13Result> {
    private static final int MAX_IDLE_RECORDS = 16;
    private static final int MAX_RECORDS = 4096;
    private static final int MAX_APPLICATION_DATA = 256 * 1024;
    private static final int MAX_KEY_UPDATES = 4;
    private static final int MAX_WARNINGS = 4;
    /** Those beyond are not kept: a few are usual, and each costs a derivation. */
    private static final int MAX_TICKETS = 32;

    private final KeyShares shares;
    private final Tls13Options options;
    private final Tls13Hello hello;
    private final RecordReader records = new RecordReader();
    private final HandshakeReader handshake = new HandshakeReader();
    private final Transcript transcript = new Transcript();
    private final List<ServerMessage> messages = new ArrayList<>();
    private final List<SessionTicket> tickets = new ArrayList<>();
    private final ByteArrayOutputStream applicationData = new ByteArrayOutputStream();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private Tls13Result.Step reached = Tls13Result.Step.NOTHING;
    private @Nullable ProtocolVersion version;
    private @Nullable Tls13Keys keys;
    private byte @Nullable [] certificateRequestContext;
    private boolean resumed;
    private boolean over;
    private int idleRecords;
    private int seenRecords;
    private int keyUpdates;
    private int warnings;

    /** Our Finished was on its way before this came: what came with the server's own (RFC 8446 section 4.4.4) is no answer to it. */
    private boolean answered;

    private long begun;
    private @Nullable Long handshakeNanos;
    private @Nullable String unintelligible;
    private @Nullable String unsupported;

    public Tls13Handshake(ClientHello hello, KeyShares shares) {
        this(hello, shares, Tls13Options.PLAIN);
    }

    public Tls13Handshake(ClientHello hello, KeyShares shares, Tls13Options options) {
        this.shares = shares;
        this.options = options;
        this.hello = new Tls13Hello(hello, options);
    }

    @Override
    public byte[] opening() {
        begun = options.nanoTime().getAsLong();
        byte[] message = hello.first();
        transcript.add(message);
        int version = Math.min(hello.legacyVersion().code(), ProtocolVersion.TLS_1_0.code());
        return new TlsRecord(TlsRecord.HANDSHAKE, version, message).encode();
    }

    @Override
    public Turn receive(byte[] chunk) {
        out.reset();
        answered = reached.compareTo(Tls13Result.Step.FINISHED) >= 0;
        try {
            records.add(chunk);
            for (Optional<TlsRecord> record = records.next(); record.isPresent(); record = records.next()) {
                if (++seenRecords > MAX_RECORDS) {
                    throw new MalformedMessage("record: more than " + MAX_RECORDS);
                }
                take(record.get());
                if (over) {
                    break;
                }
            }
        } catch (MalformedMessage e) {
            unintelligible = e.getMessage();
            over = true;
        }
        return new Turn(out.toByteArray(), over);
    }

    @Override
    public Optional<Duration> patience() {
        return reached.compareTo(Tls13Result.Step.FINISHED) >= 0 ? Optional.of(options.patience()) : Optional.empty();
    }

    @Override
    public Tls13Result end(Ending how) {
        return new Tls13Result(
                reached,
                List.copyOf(messages),
                List.copyOf(tickets),
                resumed,
                applicationData.toByteArray(),
                handshakeNanos,
                how,
                unintelligible,
                unsupported);
    }

    /** Beyond a ServerHello of TLS 1.3 every alert ends the connection, whatever its level (RFC 8446 section 6). */
    static boolean isFatal(ServerMessage.Alert alert, Tls13Result.Step reached) {
        int code = alert.description().code();
        boolean closing = code == 0 || code == 90;
        return !closing && (!alert.isWarning() || reached.compareTo(Tls13Result.Step.SERVER_HELLO) >= 0);
    }

    private void take(TlsRecord record) throws MalformedMessage {
        if (record.type() == TlsRecord.CHANGE_CIPHER_SPEC) {
            idle("change_cipher_spec");
            return;
        }
        Tls13Keys now = keys;
        if (now == null) {
            takeClear(record);
            return;
        }
        if (record.type() == TlsRecord.ALERT && record.fragment().length == 2) {
            // A server that could not make sense of us may not have the keys to say so.
            alert(record.fragment());
            return;
        }
        TlsRecord inner = now.open(record);
        switch (inner.type()) {
            case TlsRecord.HANDSHAKE -> {
                if (inner.fragment().length == 0) {
                    throw new MalformedMessage("record: an empty fragment of a handshake message");
                }
                messages(inner.fragment());
            }
            case TlsRecord.ALERT -> alert(inner.fragment());
            case TlsRecord.APPLICATION_DATA -> {
                if (reached.compareTo(Tls13Result.Step.FINISHED) < 0) {
                    throw new MalformedMessage("record: application data before Finished");
                }
                confirmed();
                if (inner.fragment().length == 0) {
                    idle("empty application data");
                }
                applicationData.writeBytes(inner.fragment());
                over |= applicationData.size() > MAX_APPLICATION_DATA;
            }
            default -> throw new MalformedMessage("record: content type " + inner.type() + " inside a protected one");
        }
    }

    private void takeClear(TlsRecord record) throws MalformedMessage {
        switch (record.type()) {
            case TlsRecord.HANDSHAKE -> {
                if (record.fragment().length == 0) {
                    idle("empty ones");
                }
                messages(record.fragment());
            }
            case TlsRecord.ALERT -> alert(record.fragment());
            default -> throw new MalformedMessage("record: content type " + record.type() + " before any key");
        }
    }

    private void idle(String what) throws MalformedMessage {
        if (++idleRecords > MAX_IDLE_RECORDS) {
            throw new MalformedMessage("record: more than " + MAX_IDLE_RECORDS + " " + what);
        }
    }

    private void alert(byte[] fragment) throws MalformedMessage {
        ByteReader reader = ByteReader.of(fragment);
        ServerMessage.Alert alert =
                new ServerMessage.Alert(reader.u8("alert level"), new AlertDescription(reader.u8("alert description")));
        messages.add(alert);
        if (isFatal(alert, reached) || alert.description().code() == 0 || ++warnings >= MAX_WARNINGS) {
            over = true;
        }
        // s2n says close_notify, too, where it misses a certificate
        if (reached == Tls13Result.Step.FINISHED && !isFatal(alert, reached) && certificateRequestContext == null) {
            confirmed();
        }
    }

    private void confirmed() {
        if (answered || certificateRequestContext == null) {
            reached = Tls13Result.Step.CONFIRMED;
        }
    }

    private void messages(byte[] fragment) throws MalformedMessage {
        List<HandshakeMessage> whole = handshake.feed(fragment);
        for (int i = 0; i < whole.size() && !over; i++) {
            int before = readingKeys();
            message(whole.get(i));
            boolean changed = readingKeys() != before;
            if (changed && (i + 1 < whole.size() || !handshake.isAtBoundary())) {
                throw new MalformedMessage("handshake: a message across a change of keys");
            }
        }
    }

    /** How many keys the server has written with so far. */
    private int readingKeys() {
        Tls13Keys now = keys;
        return now == null ? 0 : now.readers();
    }

    private void message(HandshakeMessage message) throws MalformedMessage {
        byte[] body = message.body();
        Tls13Keys now = keys;
        if (now == null) {
            if (version == null) {
                serverHello(message);
            } else {
                olderVersion(message);
            }
            return;
        }
        switch (message.type()) {
            case HandshakeMessage.ENCRYPTED_EXTENSIONS -> {
                due(message, Tls13Result.Step.SERVER_HELLO);
                messages.add(ServerMessage.EncryptedExtensions.decode(body));
                transcript.add(message.encode());
                reached = Tls13Result.Step.ENCRYPTED_EXTENSIONS;
            }
            case HandshakeMessage.CERTIFICATE_REQUEST -> {
                due(message, Tls13Result.Step.ENCRYPTED_EXTENSIONS);
                messages.add(ServerMessage.CertificateRequest.decodeTls13(body));
                certificateRequestContext = ByteReader.of(body).vec8("certificate_request_context");
                transcript.add(message.encode());
            }
            case HandshakeMessage.CERTIFICATE -> {
                due(message, Tls13Result.Step.ENCRYPTED_EXTENSIONS);
                messages.add(ServerMessage.Certificate.decodeTls13(body));
                transcript.add(message.encode());
                reached = Tls13Result.Step.CERTIFICATE;
            }
            case HandshakeMessage.COMPRESSED_CERTIFICATE -> {
                due(message, Tls13Result.Step.ENCRYPTED_EXTENSIONS);
                ServerMessage.CompressedCertificate compressed = ServerMessage.CompressedCertificate.decode(body);
                messages.add(compressed);
                CertificateDecompression.read(compressed).ifPresent(messages::add);
                transcript.add(message.encode());
                reached = Tls13Result.Step.CERTIFICATE;
            }
            case HandshakeMessage.CERTIFICATE_VERIFY -> {
                due(message, Tls13Result.Step.CERTIFICATE);
                messages.add(ServerMessage.CertificateVerify.decode(body));
                transcript.add(message.encode());
                reached = Tls13Result.Step.CERTIFICATE_VERIFY;
            }
            case HandshakeMessage.FINISHED -> {
                due(message, resumed ? Tls13Result.Step.ENCRYPTED_EXTENSIONS : Tls13Result.Step.CERTIFICATE_VERIFY);
                finished(message, now);
            }
            case HandshakeMessage.NEW_SESSION_TICKET -> {
                afterFinished(message);
                ticket(ServerMessage.NewSessionTicket.decodeTls13(body), now);
            }
            case HandshakeMessage.KEY_UPDATE -> {
                afterFinished(message);
                keyUpdate(body, now);
            }
            default -> {
                afterFinished(message);
                messages.add(new ServerMessage.Other(message.type(), body));
            }
        }
    }

    private void due(HandshakeMessage message, Tls13Result.Step after) throws MalformedMessage {
        if (reached != after) {
            throw new MalformedMessage("handshake message " + message.type() + " after " + reached);
        }
    }

    private void afterFinished(HandshakeMessage message) throws MalformedMessage {
        if (!(reached.compareTo(Tls13Result.Step.FINISHED) >= 0)) {
            throw new MalformedMessage("handshake message " + message.type() + " after " + reached);
        }
        confirmed();
    }

    private void serverHello(HandshakeMessage message) throws MalformedMessage {
        if (message.type() != HandshakeMessage.SERVER_HELLO) {
            messages.add(new ServerMessage.Other(message.type(), message.body()));
            if (message.type() != HandshakeMessage.HELLO_REQUEST) {
                throw new MalformedMessage("handshake message " + message.type() + " before a server_hello");
            }
            return;
        }
        ServerMessage.ServerHello answer = ServerMessage.ServerHello.decode(message.body());
        messages.add(answer);
        ProtocolVersion chosen = answer.version();
        if (chosen.compareTo(ProtocolVersion.TLS_1_3) < 0) {
            version = chosen;
            reached = Tls13Result.Step.OLDER_VERSION;
            return;
        }
        Optional<Tls13Suite> suite = Tls13Suite.of(answer.cipherSuite());
        if (suite.isEmpty()) {
            stop("cipher suite " + answer.cipherSuite().name());
            return;
        }
        if (answer.isHelloRetryRequest()) {
            retry(message, answer, suite.get());
            return;
        }
        version = chosen;
        reached = Tls13Result.Step.SERVER_HELLO;
        transcript.hashWith(suite.get().hash());
        transcript.add(message.encode());
        Optional<KeyShareEntry> share = answer.keyShare();
        if (share.isEmpty()) {
            throw new MalformedMessage("server_hello: without key_share");
        }
        NamedGroup group = share.get().group();
        if (!shares.knows(group)) {
            stop("group " + group.name());
            return;
        }
        resumed = answer.extension(Extensions.PRE_SHARED_KEY).isPresent();
        if (resumed && options.resume() == null) {
            throw new MalformedMessage("server_hello: chose a PSK that was not offered");
        }
        keys = new Tls13Keys(
                suite.get(),
                resumed ? options.resume() : null,
                shares.agree(group, share.get().keyExchange()),
                transcript.hash());
    }

    private void retry(HandshakeMessage message, ServerMessage.ServerHello request, Tls13Suite suite)
            throws MalformedMessage {
        if (reached == Tls13Result.Step.RETRIED) {
            throw new MalformedMessage("server_hello: a second HelloRetryRequest");
        }
        Optional<NamedGroup> group = request.keyShareGroup();
        if (group.isPresent() && !shares.knows(group.get())) {
            stop("group " + group.get().name());
            return;
        }
        compatibility();
        transcript.replaceByMessageHash(suite.hash());
        transcript.add(message.encode());
        byte[] second = hello.second(
                group.map(shares::offer),
                request.extension(Extensions.COOKIE),
                suite,
                part -> transcript.hashWith(suite.hash(), part));
        transcript.add(second);
        out.writeBytes(new TlsRecord(TlsRecord.HANDSHAKE, ProtocolVersion.TLS_1_2.code(), second).encode());
        reached = Tls13Result.Step.RETRIED;
    }

    private void stop(String what) {
        unsupported = what;
        over = true;
    }

    private void olderVersion(HandshakeMessage message) throws MalformedMessage {
        byte[] body = message.body();
        switch (message.type()) {
            case HandshakeMessage.CERTIFICATE -> messages.add(ServerMessage.Certificate.decodeTls12(body));
            case HandshakeMessage.CERTIFICATE_STATUS -> messages.add(ServerMessage.CertificateStatus.decode(body));
            case HandshakeMessage.SERVER_KEY_EXCHANGE -> messages.add(new ServerMessage.ServerKeyExchange(body));
            case HandshakeMessage.CERTIFICATE_REQUEST -> {
                boolean schemes = version != null && version.compareTo(ProtocolVersion.TLS_1_2) >= 0;
                messages.add(ServerMessage.CertificateRequest.decodeTls12(body, schemes));
            }
            case HandshakeMessage.SERVER_HELLO_DONE -> {
                messages.add(new ServerMessage.ServerHelloDone());
                over = true;
            }
            default -> messages.add(new ServerMessage.Other(message.type(), body));
        }
    }

    private void finished(HandshakeMessage message, Tls13Keys now) throws MalformedMessage {
        if (!MessageDigest.isEqual(now.serverFinished(transcript.hash()), message.body())) {
            throw new MalformedMessage("finished: verify_data is not what the transcript gives");
        }
        messages.add(new ServerMessage.Finished(message.body()));
        transcript.add(message.encode());
        byte[] upToServerFinished = transcript.hash();
        now.finished(upToServerFinished, !options.leaves());
        compatibility();
        if (resumed && hello.announcesEarlyData() && earlyDataAccepted()) {
            byte[] end = new HandshakeMessage(HandshakeMessage.END_OF_EARLY_DATA, new byte[0]).encode();
            transcript.add(end);
            out.writeBytes(now.earlyWriter(hello).seal(TlsRecord.HANDSHAKE, end));
        }
        byte[] context = certificateRequestContext;
        if (context != null) {
            ServerMessage.CertificateRequest request = messages.stream()
                    .filter(ServerMessage.CertificateRequest.class::isInstance)
                    .map(ServerMessage.CertificateRequest.class::cast)
                    .findFirst()
                    .orElseThrow();
            for (byte[] part : Tls13Answer.messages(request, context, shares.identity(), transcript)) {
                out.writeBytes(now.seal(TlsRecord.HANDSHAKE, part));
            }
        }
        byte[] ours = new HandshakeMessage(HandshakeMessage.FINISHED, now.clientFinished(transcript.hash())).encode();
        transcript.add(ours);
        out.writeBytes(now.seal(TlsRecord.HANDSHAKE, ours));
        now.answered(upToServerFinished, options.leaves() ? null : transcript.hash());
        reached = Tls13Result.Step.FINISHED;
        handshakeNanos = options.nanoTime().getAsLong() - begun;
        out.writeBytes(
                options.request().length == 0
                        ? now.seal(TlsRecord.ALERT, new byte[] {1, 0})
                        : now.seal(TlsRecord.APPLICATION_DATA, options.request()));
        over |= options.leaves();
    }

    private boolean earlyDataAccepted() {
        return messages.stream()
                .anyMatch(m -> m instanceof ServerMessage.EncryptedExtensions e
                        && e.extension(Extensions.EARLY_DATA).isPresent());
    }

    private void ticket(ServerMessage.NewSessionTicket ticket, Tls13Keys now) throws MalformedMessage {
        if (tickets.size() >= MAX_TICKETS) {
            return;
        }
        messages.add(ticket);
        tickets.add(new SessionTicket(
                now.suite(),
                now.resumptionPsk(ticket.nonce()),
                ticket.ticket(),
                ticket.lifetimeSeconds(),
                ticket.ageAdd(),
                ticket.maxEarlyDataSize()));
    }

    private void keyUpdate(byte[] body, Tls13Keys now) throws MalformedMessage {
        ByteReader reader = ByteReader.of(body);
        boolean requested = reader.u8("request_update") == 1;
        reader.end("key_update");
        if (++keyUpdates > MAX_KEY_UPDATES) {
            throw new MalformedMessage("key_update: more than " + MAX_KEY_UPDATES);
        }
        now.nextReader();
        if (requested) {
            byte[] answer = new HandshakeMessage(HandshakeMessage.KEY_UPDATE, new byte[] {0}).encode();
            out.writeBytes(now.seal(TlsRecord.HANDSHAKE, answer));
            now.nextWriter();
        }
    }

    /** One change_cipher_spec before our first protected record or second hello (RFC 8446 appendix D.4). */
    private void compatibility() {
        if (hello.sessionId().length > 0 && !hello.wasRetried()) {
            out.writeBytes(new TlsRecord(TlsRecord.CHANGE_CIPHER_SPEC, ProtocolVersion.TLS_1_2.code(), new byte[] {1})
                    .encode());
        }
    }
}
