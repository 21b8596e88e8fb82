package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.record.HandshakeReader;
import io.tlsfleet.tls.record.RecordReader;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.AlertDescription;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A whole handshake of TLS 1.0 to 1.2 (RFC 5246, RFC 4346, RFC 2246), full or resumed: RSA, DHE and ECDHE, signed or
 * anonymous. Signatures are not verified. A request for a certificate is answered with ours, or with an empty one.
 */
public final class Tls12Handshake implements Conversation<Tls12Result> {
    private static final int MAX_IDLE_RECORDS = 16;
    private static final int MAX_RECORDS = 4096;
    private static final int MAX_AFTER = 256;
    private static final int MAX_WARNINGS = 4;
    private static final int VERIFY_DATA = 12;
    private static final int CLOSE_NOTIFY = 0;
    private static final int NO_RENEGOTIATION = 100;
    private static final int SERVER_HELLO = 2;

    private final ClientHello hello;
    private final KeyShares shares;
    private final Tls12Options options;
    private final RecordReader records = new RecordReader();
    private final HandshakeReader handshake = new HandshakeReader();
    private final ByteArrayOutputStream transcript = new ByteArrayOutputStream();
    private final List<ServerMessage> messages = new ArrayList<>();
    private final List<TlsRecord> after = new ArrayList<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private Tls12Result.Step reached = Tls12Result.Step.NOTHING;
    private ServerMessage.@Nullable ServerHello serverHello;
    private ServerMessage.@Nullable NewSessionTicket ticket;
    private @Nullable Tls12Suite suite;
    private @Nullable Tls12Prf prf;
    private @Nullable Tls12RecordCiphers ciphers;
    private byte[] masterSecret = new byte[0];
    private byte[] clientVerifyData = new byte[0];
    private boolean serverProtected;
    private boolean resumed;
    private boolean over;
    private int idleRecords;
    private int seenRecords;
    private int warnings;
    private long begun;
    private @Nullable Long handshakeNanos;
    private @Nullable String unintelligible;
    private @Nullable String unsupported;

    public Tls12Handshake(ClientHello hello, KeyShares shares) {
        this(hello, shares, Tls12Options.PLAIN);
    }

    public Tls12Handshake(ClientHello hello, KeyShares shares, Tls12Options options) {
        this.hello = offering(hello, options.resume());
        this.shares = shares;
        this.options = options;
    }

    /** Whether a handshake with that suite can be finished. */
    public static boolean knows(CipherSuite suite) {
        return Tls12Suite.of(suite).isPresent();
    }

    @Override
    public byte[] opening() {
        begun = options.nanoTime().getAsLong();
        byte[] message = hello.encode().encode();
        transcript.writeBytes(message);
        int version = Math.min(hello.legacyVersion().code(), ProtocolVersion.TLS_1_0.code());
        return new TlsRecord(TlsRecord.HANDSHAKE, version, message).encode();
    }

    @Override
    public Turn receive(byte[] chunk) {
        out.reset();
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
        return reached == Tls12Result.Step.FINISHED ? Optional.of(options.patience()) : Optional.empty();
    }

    @Override
    public Tls12Result end(Ending how) {
        return new Tls12Result(
                reached,
                List.copyOf(messages),
                List.copyOf(after),
                session(),
                resumed,
                handshakeNanos,
                how,
                unintelligible,
                unsupported);
    }

    /** What follows on a fatal alert, close_notify, or the answer to a renegotiation of ours, tells nothing more. */
    private static boolean isLastWord(TlsRecord record) {
        byte[] fragment = record.fragment();
        return switch (record.type()) {
            case TlsRecord.ALERT ->
                fragment.length == 2
                        && (fragment[0] == 2 || fragment[1] == CLOSE_NOTIFY || fragment[1] == NO_RENEGOTIATION);
            case TlsRecord.HANDSHAKE -> fragment.length > 0 && fragment[0] == SERVER_HELLO;
            default -> false;
        };
    }

    /** RFC 5246 section 7.2.2: the server may go on without, or end it. */
    private boolean isFirstHelloRequest(TlsRecord record) {
        return Tls12Result.isHelloRequest(record)
                && after.stream().filter(Tls12Result::isHelloRequest).count() == 1;
    }

    private void take(TlsRecord sealed) throws MalformedMessage {
        if (sealed.type() == TlsRecord.CHANGE_CIPHER_SPEC && !serverProtected) {
            changeCipherSpec();
            return;
        }
        Tls12RecordCiphers now = ciphers;
        TlsRecord record = serverProtected && now != null ? now.server.open(sealed) : sealed;
        if (record.fragment().length == 0 && ++idleRecords > MAX_IDLE_RECORDS) {
            throw new MalformedMessage("record: more than " + MAX_IDLE_RECORDS + " empty ones");
        }
        if (reached == Tls12Result.Step.FINISHED) {
            if (record.fragment().length > 0) {
                after.add(record);
            }
            over |= isLastWord(record) || after.size() >= MAX_AFTER;
            if (isFirstHelloRequest(record) && now != null) {
                out.writeBytes(now.client.seal(TlsRecord.ALERT, new byte[] {1, NO_RENEGOTIATION}));
            }
            return;
        }
        switch (record.type()) {
            case TlsRecord.HANDSHAKE -> {
                for (HandshakeMessage message : handshake.feed(record.fragment())) {
                    if (!over) {
                        message(message);
                    }
                }
            }
            case TlsRecord.ALERT -> {
                ByteReader reader = ByteReader.of(record.fragment());
                ServerMessage.Alert alert = new ServerMessage.Alert(
                        reader.u8("alert level"), new AlertDescription(reader.u8("alert description")));
                messages.add(alert);
                over |= !alert.isWarning() || alert.description().code() == 0 || ++warnings >= MAX_WARNINGS;
            }
            default -> throw new MalformedMessage("record: content type " + record.type() + " before Finished");
        }
    }

    private void message(HandshakeMessage message) throws MalformedMessage {
        byte[] body = message.body();
        if (message.type() == HandshakeMessage.FINISHED) {
            finished(message);
            return;
        }
        if (message.type() != HandshakeMessage.HELLO_REQUEST) {
            transcript.writeBytes(message.encode());
        }
        switch (message.type()) {
            case HandshakeMessage.SERVER_HELLO -> serverHello(body);
            case HandshakeMessage.CERTIFICATE -> messages.add(ServerMessage.Certificate.decodeTls12(body));
            case HandshakeMessage.CERTIFICATE_STATUS -> messages.add(ServerMessage.CertificateStatus.decode(body));
            case HandshakeMessage.SERVER_KEY_EXCHANGE -> messages.add(new ServerMessage.ServerKeyExchange(body));
            case HandshakeMessage.CERTIFICATE_REQUEST ->
                messages.add(ServerMessage.CertificateRequest.decodeTls12(
                        body, chosen().version().compareTo(ProtocolVersion.TLS_1_2) >= 0));
            case HandshakeMessage.SERVER_HELLO_DONE -> {
                messages.add(new ServerMessage.ServerHelloDone());
                answer();
            }
            case HandshakeMessage.NEW_SESSION_TICKET -> {
                ticket = ServerMessage.NewSessionTicket.decodeTls12(body);
                messages.add(ticket);
            }
            case HandshakeMessage.HELLO_REQUEST -> messages.add(new ServerMessage.HelloRequest());
            default -> messages.add(new ServerMessage.Other(message.type(), body));
        }
    }

    private void serverHello(byte[] body) throws MalformedMessage {
        if (reached != Tls12Result.Step.NOTHING) {
            throw new MalformedMessage("server_hello: a second one");
        }
        ServerMessage.ServerHello answer = ServerMessage.ServerHello.decode(body);
        messages.add(answer);
        serverHello = answer;
        reached = Tls12Result.Step.SERVER_HELLO;
        ProtocolVersion version = answer.version();
        Optional<Tls12Suite> known = Tls12Suite.of(answer.cipherSuite());
        if (version.compareTo(ProtocolVersion.TLS_1_0) < 0 || version.compareTo(ProtocolVersion.TLS_1_2) > 0) {
            stop(version.label());
        } else if (known.isEmpty()) {
            stop("cipher suite " + answer.cipherSuite().name());
        } else {
            suite = known.get();
            prf = new Tls12Prf(version, known.get().prf());
        }
    }

    /** Our flight after ServerHelloDone. */
    private void answer() throws MalformedMessage {
        if (reached != Tls12Result.Step.SERVER_HELLO) {
            throw new MalformedMessage("server_hello_done: before a server_hello, or again");
        }
        ProtocolVersion version = chosen().version();
        Optional<Tls12Answer> certificate = messages.stream()
                .filter(ServerMessage.CertificateRequest.class::isInstance)
                .map(request -> new Tls12Answer((ServerMessage.CertificateRequest) request, shares.identity(), version))
                .findFirst();
        certificate.ifPresent(ours -> say(version, ours.certificate()));
        byte[] premaster;
        byte[] exchange;
        switch (usable().facts().keyExchange()) {
            case RSA -> {
                premaster = new byte[48];
                options.random().nextBytes(premaster);
                premaster[0] = (byte) (hello.legacyVersion().code() >>> 8);
                premaster[1] = (byte) hello.legacyVersion().code();
                RsaKeyExchange key = RsaKeyExchange.of(leaf());
                Tls12Options.RsaMessage special = options.keyExchange();
                byte[] block = special != null
                        ? special.block(key.modulusLength(), premaster)
                        : RsaKeyExchange.pad(key.modulusLength(), premaster, options.random());
                byte[] encrypted = key.encrypt(block);
                exchange = ByteWriter.write(w -> w.vec16(encrypted));
            }
            default -> {
                ServerParameters parameters =
                        ServerParameters.decode(serverKeyExchange(), chosen().cipherSuite(), version);
                switch (parameters) {
                    case ServerParameters.Curve curve -> {
                        if (!shares.knows(curve.group())) {
                            stop("group " + curve.group().name());
                            return;
                        }
                        premaster = shares.agree(curve.group(), curve.point());
                        byte[] ours = shares.offer(curve.group()).keyExchange();
                        exchange = ByteWriter.write(w -> w.vec8(ours));
                    }
                    case ServerParameters.FiniteField field -> {
                        KeyExchange ours = finiteField(field);
                        premaster = agree(ours, field.publicValue());
                        exchange = ByteWriter.write(w -> w.vec16(ours.publicValue()));
                    }
                    case ServerParameters.ExplicitCurve explicit -> {
                        stop("explicit curve of type " + explicit.curveType());
                        return;
                    }
                }
            }
        }
        say(version, new HandshakeMessage(HandshakeMessage.CLIENT_KEY_EXCHANGE, exchange));
        masterSecret = extended()
                ? prf().expand(premaster, "extended master secret", prf().transcriptHash(transcript.toByteArray()), 48)
                : prf().expand(premaster, "master secret", randoms(hello.random(), chosen().random()), 48);
        certificate.flatMap(ours -> ours.verify(transcript.toByteArray())).ifPresent(proof -> say(version, proof));
        makeKeys();
        sayFinished(version);
        reached = Tls12Result.Step.ANSWERED;
    }

    private void changeCipherSpec() throws MalformedMessage {
        if (!handshake.isAtBoundary()) {
            throw new MalformedMessage("change_cipher_spec: inside a handshake message");
        }
        Tls12Session offered = options.resume();
        if (reached == Tls12Result.Step.SERVER_HELLO && offered != null) {
            // No certificate and no key exchange: the server took the session that we offered.
            resumed = true;
            masterSecret = offered.masterSecret();
            makeKeys();
        } else if (reached != Tls12Result.Step.ANSWERED) {
            throw new MalformedMessage("change_cipher_spec: before a key exchange");
        }
        serverProtected = true;
    }

    private void finished(HandshakeMessage message) throws MalformedMessage {
        if (!serverProtected) {
            throw new MalformedMessage("finished: before change_cipher_spec");
        }
        byte[] expected = verifyData("server finished");
        if (!MessageDigest.isEqual(expected, message.body())) {
            throw new MalformedMessage("finished: verify_data is not what the transcript gives");
        }
        messages.add(new ServerMessage.Finished(message.body()));
        transcript.writeBytes(message.encode());
        if (resumed) {
            sayFinished(chosen().version());
        }
        reached = Tls12Result.Step.FINISHED;
        handshakeNanos = options.nanoTime().getAsLong() - begun;
        Tls12RecordCiphers now = ciphers;
        if (now != null) {
            out.writeBytes(options.after().send(new Tls12Channel(now.client, clientVerifyData)));
        }
    }

    private void sayFinished(ProtocolVersion version) {
        out.writeBytes(new TlsRecord(TlsRecord.CHANGE_CIPHER_SPEC, version.code(), new byte[] {1}).encode());
        clientVerifyData = verifyData("client finished");
        byte[] ours = new HandshakeMessage(HandshakeMessage.FINISHED, clientVerifyData).encode();
        transcript.writeBytes(ours);
        Tls12RecordCiphers now = ciphers;
        if (now != null) {
            out.writeBytes(now.client.seal(TlsRecord.HANDSHAKE, ours));
        }
    }

    private void say(ProtocolVersion version, HandshakeMessage message) {
        transcript.writeBytes(message.encode());
        out.writeBytes(new TlsRecord(TlsRecord.HANDSHAKE, version.code(), message.encode()).encode());
    }

    private void makeKeys() throws MalformedMessage {
        byte[] block = prf().expand(
                        masterSecret,
                        "key expansion",
                        randoms(chosen().random(), hello.random()),
                        Tls12RecordCiphers.keyBlockLength(usable()));
        boolean encryptThenMac = chosen().extension(Extensions.ENCRYPT_THEN_MAC).isPresent();
        ciphers = new Tls12RecordCiphers(
                usable(), chosen().version(), block, encryptThenMac && usable().blockLength() > 0, options.random());
    }

    private byte[] verifyData(String label) {
        byte[] hash = prf().transcriptHash(transcript.toByteArray());
        return prf().expand(masterSecret, label, hash, VERIFY_DATA);
    }

    private KeyExchange finiteField(ServerParameters.FiniteField field) throws MalformedMessage {
        try {
            return new KeyExchange.FiniteField(
                    new BigInteger(1, field.p()), new BigInteger(1, field.g()), options.random());
        } catch (IllegalArgumentException e) {
            throw new MalformedMessage("server_key_exchange: " + e.getMessage());
        }
    }

    /** Without the zeros in front, which RFC 5246 section 8.1.2 strips. */
    private static byte[] agree(KeyExchange ours, byte[] theirs) throws MalformedMessage {
        try {
            byte[] secret = ours.agree(theirs);
            int at = 0;
            while (at < secret.length - 1 && secret[at] == 0) {
                at++;
            }
            return Arrays.copyOfRange(secret, at, secret.length);
        } catch (java.security.GeneralSecurityException | RuntimeException e) {
            throw new MalformedMessage("server_key_exchange: no public value of its group");
        }
    }

    private @Nullable Tls12Session session() {
        ServerMessage.ServerHello answer = serverHello;
        if (reached != Tls12Result.Step.FINISHED || answer == null) {
            return null;
        }
        ServerMessage.NewSessionTicket given = ticket;
        return new Tls12Session(
                answer.legacyVersion(),
                answer.cipherSuite(),
                masterSecret,
                answer.sessionId(),
                given == null ? new byte[0] : given.ticket(),
                given == null ? 0 : given.lifetimeSeconds(),
                extended());
    }

    private boolean extended() {
        ServerMessage.ServerHello answer = serverHello;
        return answer != null
                && answer.extension(Extensions.EXTENDED_MASTER_SECRET).isPresent();
    }

    private ServerMessage.ServerHello chosen() throws MalformedMessage {
        ServerMessage.ServerHello answer = serverHello;
        if (answer == null) {
            throw new MalformedMessage("handshake: no server_hello");
        }
        return answer;
    }

    private Tls12Suite usable() throws MalformedMessage {
        Tls12Suite usable = suite;
        if (usable == null) {
            throw new MalformedMessage("handshake: no server_hello");
        }
        return usable;
    }

    private Tls12Prf prf() {
        Tls12Prf chosen = prf;
        if (chosen == null) {
            throw new IllegalStateException("no suite is chosen yet");
        }
        return chosen;
    }

    private byte[] leaf() throws MalformedMessage {
        return messages.stream()
                .filter(ServerMessage.Certificate.class::isInstance)
                .flatMap(m -> ((ServerMessage.Certificate) m).entries().stream())
                .findFirst()
                .orElseThrow(() -> new MalformedMessage("server_hello_done: no certificate before it"))
                .der();
    }

    private byte[] serverKeyExchange() throws MalformedMessage {
        return messages.stream()
                .filter(ServerMessage.ServerKeyExchange.class::isInstance)
                .map(m -> ((ServerMessage.ServerKeyExchange) m).body())
                .findFirst()
                .orElseThrow(() -> new MalformedMessage("server_hello_done: no server_key_exchange before it"));
    }

    private void stop(String what) {
        unsupported = what;
        over = true;
    }

    private static byte[] randoms(byte[] first, byte[] second) {
        return new ByteWriter().raw(first).raw(second).toBytes();
    }

    /** The hello with a session to resume in it: by ticket beside any session id, which the server echoes, or by session id. */
    private static ClientHello offering(ClientHello hello, @Nullable Tls12Session session) {
        if (session == null) {
            return hello;
        }
        List<Extension> extensions = hello.extensions();
        byte[] sessionId = session.sessionId();
        if (session.ticket().length > 0) {
            List<Extension> with = new ArrayList<>(extensions == null ? List.of() : extensions);
            with.removeIf(e -> e.type().code() == Extensions.SESSION_TICKET);
            with.add(new Extension(Extensions.SESSION_TICKET, session.ticket()));
            extensions = with;
            sessionId = sessionId.length > 0 ? sessionId : hello.random();
        }
        return new ClientHello(
                hello.legacyVersion(),
                hello.random(),
                sessionId,
                hello.cipherSuites(),
                hello.compressionMethods(),
                extensions);
    }
}
