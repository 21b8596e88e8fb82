package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.BlockCipher;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.engines.ARIAEngine;
import org.bouncycastle.crypto.engines.CamelliaEngine;
import org.bouncycastle.crypto.engines.DESEngine;
import org.bouncycastle.crypto.engines.DESedeEngine;
import org.bouncycastle.crypto.engines.IDEAEngine;
import org.bouncycastle.crypto.engines.SEEDEngine;
import org.bouncycastle.crypto.modes.CBCBlockCipher;
import org.bouncycastle.crypto.modes.CBCModeCipher;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.jspecify.annotations.Nullable;

/** Record protection of TLS 1.0 to 1.2 (RFC 5246 section 6.2.3): both directions made from one key block. */
final class Tls12RecordCiphers {
    private static final int MAX_PLAINTEXT = 1 << 14;

    final RecordCipher client;
    final RecordCipher server;

    Tls12RecordCiphers(
            Tls12Suite suite,
            ProtocolVersion version,
            byte[] keyBlockSource,
            boolean encryptThenMac,
            SecureRandom random) {
        ByteSource block = new ByteSource(keyBlockSource);
        Aead.Algorithm algorithm = suite.aead();
        if (algorithm != null) {
            byte[] clientKey = block.take(algorithm.keyLength());
            byte[] serverKey = block.take(algorithm.keyLength());
            boolean explicit = algorithm != Aead.Algorithm.CHACHA20_POLY1305;
            byte[] clientIv = block.take(explicit ? 4 : 12);
            byte[] serverIv = block.take(explicit ? 4 : 12);
            client = new AeadRecords(new Aead(algorithm, clientKey), algorithm, clientIv, version);
            server = new AeadRecords(new Aead(algorithm, serverKey), algorithm, serverIv, version);
            return;
        }
        byte[] clientMac = block.take(suite.mac().length());
        byte[] serverMac = block.take(suite.mac().length());
        byte[] clientKey = block.take(suite.keyLength());
        byte[] serverKey = block.take(suite.keyLength());
        if (suite.blockLength() == 0) {
            client = new StreamRecords(new Macs(suite.mac(), clientMac, version), clientKey, version, true);
            server = new StreamRecords(new Macs(suite.mac(), serverMac, version), serverKey, version, false);
            return;
        }
        boolean chained = version.compareTo(ProtocolVersion.TLS_1_1) < 0;
        byte[] clientIv = block.take(chained ? suite.blockLength() : 0);
        byte[] serverIv = block.take(chained ? suite.blockLength() : 0);
        client = new BlockRecords(
                suite, clientKey, clientIv, new Macs(suite.mac(), clientMac, version), encryptThenMac, version, random);
        server = new BlockRecords(
                suite, serverKey, serverIv, new Macs(suite.mac(), serverMac, version), encryptThenMac, version, random);
    }

    static int keyBlockLength(Tls12Suite suite) {
        return 2 * (suite.keyLength() + 64 + 16);
    }

    private static byte[] record(int type, ProtocolVersion version, byte[] fragment) {
        return new TlsRecord(type, version.code(), fragment).encode();
    }

    private static final class ByteSource {
        private final byte[] bytes;
        private int at;

        private ByteSource(byte[] bytes) {
            this.bytes = bytes;
        }

        private byte[] take(int length) {
            at += length;
            return Arrays.copyOfRange(bytes, at - length, at);
        }
    }

    /** The MAC of a record, with its sequence number. */
    private static final class Macs {
        private final Hash hash;
        private final byte[] key;
        private final ProtocolVersion version;
        private long sequence;

        private Macs(Hash hash, byte[] key, ProtocolVersion version) {
            this.hash = hash;
            this.key = key;
            this.version = version;
        }

        private byte[] next(int type, byte[] content) {
            byte[] header = new ByteWriter()
                    .u64(sequence++)
                    .u8(type)
                    .u16(version.code())
                    .u16(content.length)
                    .toBytes();
            return hash.hmac(key, header, content);
        }
    }

    /** RFC 5288, RFC 6655 with an explicit half of the nonce, RFC 7905 without. */
    private static final class AeadRecords implements RecordCipher {
        private final Aead aead;
        private final Aead.Algorithm algorithm;
        private final byte[] iv;
        private final ProtocolVersion version;
        private final boolean explicit;
        private long sequence;

        private AeadRecords(Aead aead, Aead.Algorithm algorithm, byte[] iv, ProtocolVersion version) {
            this.aead = aead;
            this.algorithm = algorithm;
            this.iv = iv;
            this.version = version;
            this.explicit = iv.length == 4;
        }

        @Override
        public byte[] seal(int type, byte[] content) {
            byte[] number = new ByteWriter().u64(sequence).toBytes();
            byte[] nonce = explicit ? new ByteWriter().raw(iv).raw(number).toBytes() : mixed(number);
            byte[] sealed = aead.seal(nonce, associated(type, content.length), content);
            sequence++;
            return record(
                    type,
                    version,
                    explicit ? new ByteWriter().raw(number).raw(sealed).toBytes() : sealed);
        }

        @Override
        public TlsRecord open(TlsRecord sealed) throws MalformedMessage {
            byte[] fragment = sealed.fragment();
            int prefix = explicit ? 8 : 0;
            int length = fragment.length - prefix - algorithm.tagLength();
            if (length < 0) {
                throw new MalformedMessage("record: shorter than its nonce and tag");
            }
            byte[] nonce = explicit
                    ? new ByteWriter().raw(iv).raw(Arrays.copyOf(fragment, 8)).toBytes()
                    : mixed(new ByteWriter().u64(sequence).toBytes());
            byte[] content = aead.open(
                    nonce, associated(sealed.type(), length), Arrays.copyOfRange(fragment, prefix, fragment.length));
            sequence++;
            return new TlsRecord(sealed.type(), sealed.version(), content);
        }

        private byte[] mixed(byte[] number) {
            byte[] nonce = iv.clone();
            for (int i = 0; i < 8; i++) {
                nonce[4 + i] ^= number[i];
            }
            return nonce;
        }

        private byte[] associated(int type, int length) {
            return new ByteWriter()
                    .u64(sequence)
                    .u8(type)
                    .u16(version.code())
                    .u16(length)
                    .toBytes();
        }
    }

    /** RC4, or no cipher at all. */
    private static final class StreamRecords implements RecordCipher {
        private final Macs macs;
        private final ProtocolVersion version;
        private final @Nullable Cipher rc4;

        private StreamRecords(Macs macs, byte[] key, ProtocolVersion version, boolean sealing) {
            this.macs = macs;
            this.version = version;
            try {
                if (key.length == 0) {
                    rc4 = null;
                } else {
                    rc4 = Cipher.getInstance("ARCFOUR");
                    rc4.init(sealing ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE, new SecretKeySpec(key, "ARCFOUR"));
                }
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("the JDK has RC4", e);
            }
        }

        @Override
        public byte[] seal(int type, byte[] content) {
            byte[] whole =
                    new ByteWriter().raw(content).raw(macs.next(type, content)).toBytes();
            return record(type, version, run(whole));
        }

        @Override
        public TlsRecord open(TlsRecord sealed) throws MalformedMessage {
            byte[] whole = run(sealed.fragment());
            int length = whole.length - macs.hash.length();
            if (length < 0) {
                throw new MalformedMessage("record: shorter than its MAC");
            }
            byte[] content = Arrays.copyOf(whole, length);
            check(macs.next(sealed.type(), content), Arrays.copyOfRange(whole, length, whole.length));
            return new TlsRecord(sealed.type(), sealed.version(), content);
        }

        private byte[] run(byte[] bytes) {
            byte[] out = rc4 == null ? bytes : rc4.update(bytes);
            return out == null ? new byte[0] : out;
        }
    }

    private static void check(byte[] expected, byte[] actual) throws MalformedMessage {
        if (!MessageDigest.isEqual(expected, actual)) {
            throw new MalformedMessage("record: its MAC is wrong");
        }
    }

    /** CBC with the IV in front (TLS 1.1 and later) or chained (TLS 1.0); MAC inside, or outside by RFC 7366. */
    static final class BlockRecords implements RecordCipher {
        private final Tls12Suite suite;
        private final byte[] key;
        private byte[] chainedIv;
        private final Macs macs;
        private final boolean encryptThenMac;
        private final ProtocolVersion version;
        private final SecureRandom random;

        private BlockRecords(
                Tls12Suite suite,
                byte[] key,
                byte[] iv,
                Macs macs,
                boolean encryptThenMac,
                ProtocolVersion version,
                SecureRandom random) {
            this.suite = suite;
            this.key = key;
            this.chainedIv = iv;
            this.macs = macs;
            this.encryptThenMac = encryptThenMac;
            this.version = version;
            this.random = random;
        }

        @Override
        public byte[] seal(int type, byte[] content) {
            byte[] mac = encryptThenMac ? new byte[0] : macs.next(type, content);
            return sealBlocks(
                    type, padded(new ByteWriter().raw(content).raw(mac).toBytes()));
        }

        /** For records that are wrong on purpose: content, MAC, padding, as many whole blocks as the caller likes. */
        byte[] sealBlocks(int type, byte[] blocks) {
            byte[] iv = chainedIv;
            if (iv.length == 0) {
                iv = new byte[suite.blockLength()];
                random.nextBytes(iv);
            }
            byte[] sealed = run(true, iv, blocks);
            byte[] fragment;
            if (chainedIv.length > 0) {
                chainedIv = Arrays.copyOfRange(sealed, sealed.length - suite.blockLength(), sealed.length);
                fragment = sealed;
            } else {
                fragment = new ByteWriter().raw(iv).raw(sealed).toBytes();
            }
            if (encryptThenMac) {
                fragment = new ByteWriter()
                        .raw(fragment)
                        .raw(macs.next(type, fragment))
                        .toBytes();
            }
            return record(type, version, fragment);
        }

        byte[] mac(int type, byte[] content) {
            return macs.next(type, content);
        }

        int blockLength() {
            return suite.blockLength();
        }

        byte[] padded(byte[] bytes) {
            int padding = suite.blockLength() - bytes.length % suite.blockLength();
            byte[] out = Arrays.copyOf(bytes, bytes.length + padding);
            Arrays.fill(out, bytes.length, out.length, (byte) (padding - 1));
            return out;
        }

        @Override
        public TlsRecord open(TlsRecord sealed) throws MalformedMessage {
            byte[] fragment = sealed.fragment();
            int block = suite.blockLength();
            if (encryptThenMac) {
                int length = fragment.length - macs.hash.length();
                if (length < 0) {
                    throw new MalformedMessage("record: shorter than its MAC");
                }
                byte[] body = Arrays.copyOf(fragment, length);
                check(macs.next(sealed.type(), body), Arrays.copyOfRange(fragment, length, fragment.length));
                fragment = body;
            }
            byte[] iv = chainedIv;
            if (iv.length == 0 && fragment.length >= block) {
                iv = Arrays.copyOf(fragment, block);
                fragment = Arrays.copyOfRange(fragment, block, fragment.length);
            }
            if (iv.length == 0 || fragment.length == 0 || fragment.length % block != 0) {
                throw new MalformedMessage("record: not whole blocks");
            }
            if (chainedIv.length > 0) {
                chainedIv = Arrays.copyOfRange(fragment, fragment.length - block, fragment.length);
            }
            byte[] plain = run(false, iv, fragment);
            int length =
                    plain.length - 1 - (plain[plain.length - 1] & 0xFF) - (encryptThenMac ? 0 : macs.hash.length());
            if (length < 0 || length > MAX_PLAINTEXT) {
                throw new MalformedMessage("record: its padding is wrong");
            }
            byte[] content = Arrays.copyOf(plain, length);
            if (!encryptThenMac) {
                check(
                        macs.next(sealed.type(), content),
                        Arrays.copyOfRange(plain, length, length + macs.hash.length()));
            }
            return new TlsRecord(sealed.type(), sealed.version(), content);
        }

        private byte[] run(boolean sealing, byte[] iv, byte[] blocks) {
            BlockCipher engine = switch (suite.cipher().substring(0, 3)) {
                case "AES" -> AESEngine.newInstance();
                case "CAM" -> new CamelliaEngine();
                case "ARI" -> new ARIAEngine();
                case "SEE" -> new SEEDEngine();
                case "3DE" -> new DESedeEngine();
                case "DES" -> new DESEngine();
                case "IDE" -> new IDEAEngine();
                default -> throw new IllegalStateException(suite.cipher());
            };
            CBCModeCipher cbc = CBCBlockCipher.newInstance(engine);
            cbc.init(sealing, new ParametersWithIV(new KeyParameter(key), iv));
            byte[] out = new byte[blocks.length];
            for (int at = 0; at < blocks.length; at += suite.blockLength()) {
                cbc.processBlock(blocks, at, out, at);
            }
            return out;
        }
    }
}
