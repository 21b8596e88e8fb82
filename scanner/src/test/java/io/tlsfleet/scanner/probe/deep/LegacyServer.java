package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.keys.Hash;
import io.tlsfleet.tls.keys.Tls12Prf;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPrivateKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A TLS 1.2 server of TLS_RSA_WITH_AES_128_CBC_SHA256 and, for those who do not offer that, _SHA, that really has one flaw, or none;
 * the positive control of the attack probes.
 */
final class LegacyServer implements AutoCloseable {
    enum Flaw {
        NONE,
        HEARTBLEED,
        EARLY_CCS,
        /** Tells wrong padding of the key exchange by its alert. */
        ROBOT,
        /** The same, on its first five connections. */
        ROBOT_ONCE,
        TICKETBLEED,
        /** Reads the padding's length and not the padding. */
        POODLE,
        /** With SHA-1 alone: where nothing is left for content and MAC, it finds the record too long (CVE-2016-2107). */
        OVERFLOW
    }

    private static final int VERSION = ProtocolVersion.TLS_1_2.code();
    private static final int UNEXPECTED_MESSAGE = 10;
    private static final int BAD_RECORD_MAC = 20;
    private static final int RECORD_OVERFLOW = 22;
    private static final int WITH_SHA = 0x002F;
    private static final int WITH_SHA256 = 0x003C;
    private static final int HANDSHAKE_FAILURE = 40;
    private static final KeyPair KEY = key();
    private static final byte[] CERTIFICATE = certificate();

    private final Flaw flaw;
    private final ServerSocket socket;
    private int connections;

    LegacyServer(Flaw flaw) {
        this.flaw = flaw;
        try {
            socket = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::serve);
    }

    int port() {
        return socket.getLocalPort();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept()) {
                connections++;
                client.setSoTimeout(10_000);
                new Session(client).run();
            } catch (IOException | MalformedMessage | GeneralSecurityException e) {
                // This client is done with; the next one is served.
            }
        }
    }

    private final class Session {
        private final DataInputStream in;
        private final OutputStream out;
        private final ByteArrayOutputStream transcript = new ByteArrayOutputStream();
        private final byte[] random = new byte[32];
        private byte[] clientRandom = new byte[0];
        private byte[] master = new byte[0];
        private byte[] keys = new byte[0];
        private Hash hash = Hash.SHA_1;
        private boolean overflown;
        private boolean earlyCcs;
        private boolean exchanged;
        private boolean clientProtected;
        private boolean ticketWanted;
        private long clientSequence;
        private long serverSequence;

        Session(Socket client) throws IOException {
            in = new DataInputStream(client.getInputStream());
            out = client.getOutputStream();
        }

        void run() throws IOException, MalformedMessage, GeneralSecurityException {
            if (!hello(read())) {
                return;
            }
            while (true) {
                TlsRecord record = read();
                boolean more = switch (record.type()) {
                    case TlsRecord.HEARTBEAT -> heartbeat(record.fragment());
                    case TlsRecord.CHANGE_CIPHER_SPEC -> changeCipherSpec();
                    case TlsRecord.HANDSHAKE -> handshake(record);
                    case TlsRecord.APPLICATION_DATA -> application(record);
                    default -> false;
                };
                if (!more) {
                    return;
                }
            }
        }

        private boolean hello(TlsRecord record) throws IOException, MalformedMessage {
            byte[] message = record.fragment();
            transcript.writeBytes(message);
            ClientHello hello = ClientHello.decode(Arrays.copyOfRange(message, 4, message.length));
            clientRandom = hello.random();
            int suite = hello.cipherSuites().stream().anyMatch(s -> s.code() == WITH_SHA256) ? WITH_SHA256 : WITH_SHA;
            hash = suite == WITH_SHA ? Hash.SHA_1 : Hash.SHA_256;
            byte[] ticket = hello.extension(Extensions.SESSION_TICKET).orElse(null);
            ticketWanted = ticket != null;
            boolean resumes = ticket != null && ticket.length > 0;
            byte[] id = hello.sessionId();
            if (resumes && flaw == Flaw.TICKETBLEED) {
                id = Arrays.copyOf(id, 32);
            }
            byte[] sessionId = resumes ? id : new byte[0];
            say(HandshakeMessage.SERVER_HELLO, ByteWriter.write(w -> {
                w.u16(VERSION).raw(random).vec8(sessionId).u16(suite).u8(0);
                w.vec16(extensions -> {
                    if (hello.extension(Extensions.HEARTBEAT).isPresent()) {
                        extensions.u16(Extensions.HEARTBEAT).vec16(new byte[] {1});
                    }
                    if (ticketWanted) {
                        extensions.u16(Extensions.SESSION_TICKET).vec16(new byte[0]);
                    }
                });
            }));
            if (resumes) {
                return false;
            }
            say(HandshakeMessage.CERTIFICATE, ByteWriter.write(w -> w.vec24(list -> list.vec24(CERTIFICATE))));
            say(HandshakeMessage.SERVER_HELLO_DONE, new byte[0]);
            return true;
        }

        private boolean heartbeat(byte[] request) throws IOException {
            int claimed = (request[1] & 0xFF) << 8 | request[2] & 0xFF;
            if (flaw == Flaw.HEARTBLEED) {
                send(TlsRecord.HEARTBEAT, new byte[3 + claimed + 16]);
            }
            return true;
        }

        private boolean changeCipherSpec() throws IOException {
            if (!exchanged) {
                if (flaw == Flaw.EARLY_CCS) {
                    earlyCcs = true;
                    return true;
                }
                return alert(UNEXPECTED_MESSAGE);
            }
            clientProtected = true;
            return true;
        }

        private boolean handshake(TlsRecord record) throws IOException, GeneralSecurityException {
            if (earlyCcs) {
                return alert(BAD_RECORD_MAC);
            }
            if (clientProtected) {
                return finished(record);
            }
            byte[] message = record.fragment();
            if (message[0] != HandshakeMessage.CLIENT_KEY_EXCHANGE) {
                return alert(UNEXPECTED_MESSAGE);
            }
            transcript.writeBytes(message);
            byte[] secret = unpadded(Arrays.copyOfRange(message, 6, message.length));
            if (secret.length == 0) {
                if (flaw == Flaw.ROBOT || flaw == Flaw.ROBOT_ONCE && connections <= 5) {
                    return alert(HANDSHAKE_FAILURE);
                }
                secret = new byte[48];
            }
            exchanged = true;
            master = prf(secret, "master secret", join(clientRandom, random), 48);
            keys = prf(master, "key expansion", join(random, clientRandom), 2 * hash.length() + 32);
            return true;
        }

        private boolean finished(TlsRecord record) throws IOException, GeneralSecurityException {
            byte[] message = open(record);
            byte[] expected = prf(master, "client finished", Hash.SHA_256.of(transcript.toByteArray()), 12);
            if (message.length != 16 || !Arrays.equals(expected, Arrays.copyOfRange(message, 4, 16))) {
                return alert(BAD_RECORD_MAC);
            }
            transcript.writeBytes(message);
            if (ticketWanted) {
                say(
                        HandshakeMessage.NEW_SESSION_TICKET,
                        ByteWriter.write(w -> w.u32(300).vec16(new byte[64])));
            }
            send(TlsRecord.CHANGE_CIPHER_SPEC, new byte[] {1});
            byte[] verify = prf(master, "server finished", Hash.SHA_256.of(transcript.toByteArray()), 12);
            send(
                    TlsRecord.HANDSHAKE,
                    seal(TlsRecord.HANDSHAKE, new HandshakeMessage(HandshakeMessage.FINISHED, verify).encode()));
            return true;
        }

        private boolean application(TlsRecord record) throws IOException, GeneralSecurityException {
            byte[] content = open(record);
            if (content.length == 0) {
                send(TlsRecord.ALERT, seal(TlsRecord.ALERT, new byte[] {
                    2, (byte) (overflown ? RECORD_OVERFLOW : BAD_RECORD_MAC)
                }));
                return false;
            }
            byte[] answer = "HTTP/1.0 200 ok\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            send(TlsRecord.APPLICATION_DATA, seal(TlsRecord.APPLICATION_DATA, answer));
            return false;
        }

        /** PKCS #1 v1.5 with a secret of 48 bytes of TLS 1.2, else nothing. */
        private byte[] unpadded(byte[] encrypted) {
            RSAPrivateKey key = (RSAPrivateKey) KEY.getPrivate();
            BigInteger m = new BigInteger(1, encrypted).modPow(key.getPrivateExponent(), key.getModulus());
            byte[] block = org.bouncycastle.util.BigIntegers.asUnsignedByteArray(256, m);
            int zero = 2;
            while (zero < block.length && block[zero] != 0) {
                zero++;
            }
            boolean right = block[0] == 0
                    && block[1] == 2
                    && zero == block.length - 49
                    && block[zero + 1] == 3
                    && block[zero + 2] == 3;
            return right ? Arrays.copyOfRange(block, zero + 1, block.length) : new byte[0];
        }

        /** Empty where padding or MAC is wrong. */
        private byte[] open(TlsRecord record) throws GeneralSecurityException {
            byte[] fragment = record.fragment();
            int macs = 2 * hash.length();
            byte[] plain = cbc(
                            Cipher.DECRYPT_MODE, Arrays.copyOfRange(keys, macs, macs + 16), Arrays.copyOf(fragment, 16))
                    .doFinal(fragment, 16, fragment.length - 16);
            int padding = plain[plain.length - 1] & 0xFF;
            int length = plain.length - 1 - padding - hash.length();
            if (length < 0) {
                overflown = flaw == Flaw.OVERFLOW && hash == Hash.SHA_1;
                return new byte[0];
            }
            for (int i = length + hash.length(); i < plain.length && flaw != Flaw.POODLE; i++) {
                if ((plain[i] & 0xFF) != padding) {
                    return new byte[0];
                }
            }
            byte[] content = Arrays.copyOf(plain, length);
            byte[] mac = mac(hash, Arrays.copyOf(keys, hash.length()), clientSequence++, record.type(), content);
            return Arrays.equals(mac, Arrays.copyOfRange(plain, length, length + hash.length()))
                    ? content
                    : new byte[0];
        }

        private byte[] seal(int type, byte[] content) throws GeneralSecurityException {
            int macs = 2 * hash.length();
            byte[] mac = mac(hash, Arrays.copyOfRange(keys, hash.length(), macs), serverSequence++, type, content);
            int padding = 16 - (content.length + hash.length()) % 16;
            byte[] tail = new byte[padding];
            Arrays.fill(tail, (byte) (padding - 1));
            byte[] iv = new byte[16];
            byte[] blocks = new ByteWriter().raw(content).raw(mac).raw(tail).toBytes();
            byte[] sealed = cbc(Cipher.ENCRYPT_MODE, Arrays.copyOfRange(keys, macs + 16, macs + 32), iv)
                    .doFinal(blocks);
            return join(iv, sealed);
        }

        private void say(int type, byte[] body) throws IOException {
            byte[] message = new HandshakeMessage(type, body).encode();
            transcript.writeBytes(message);
            send(TlsRecord.HANDSHAKE, message);
        }

        private boolean alert(int description) throws IOException {
            send(TlsRecord.ALERT, new byte[] {2, (byte) description});
            return false;
        }

        private void send(int type, byte[] fragment) throws IOException {
            out.write(new TlsRecord(type, VERSION, fragment).encode());
            out.flush();
        }

        private TlsRecord read() throws IOException {
            int type = in.readUnsignedByte();
            int version = in.readUnsignedShort();
            byte[] fragment = new byte[in.readUnsignedShort()];
            in.readFully(fragment);
            return new TlsRecord(type, version, fragment);
        }
    }

    private static byte[] mac(Hash hash, byte[] key, long sequence, int type, byte[] content) {
        byte[] header = new ByteWriter()
                .u64(sequence)
                .u8(type)
                .u16(VERSION)
                .u16(content.length)
                .toBytes();
        return hash.hmac(key, header, content);
    }

    private static byte[] prf(byte[] secret, String label, byte[] seed, int length) {
        return new Tls12Prf(ProtocolVersion.TLS_1_2, Hash.SHA_256).expand(secret, label, seed, length);
    }

    private static byte[] join(byte[] a, byte[] b) {
        return new ByteWriter().raw(a).raw(b).toBytes();
    }

    private static Cipher cbc(int mode, byte[] key, byte[] iv) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
        return cipher;
    }

    private static KeyPair key() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] certificate() {
        try {
            X500Name name = new X500Name("CN=legacy.invalid");
            Instant now = Instant.now();
            return new JcaX509v3CertificateBuilder(
                            name,
                            BigInteger.ONE,
                            Date.from(now.minusSeconds(60)),
                            Date.from(now.plusSeconds(3600)),
                            name,
                            KEY.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withRSA").build(KEY.getPrivate()))
                    .getEncoded();
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
