package io.tlsfleet.tls.keys;

import java.util.Optional;

/** Our side of a protected connection below TLS 1.3, for what follows a handshake. */
public final class Tls12Channel {
    private final RecordCipher cipher;
    private final byte[] clientVerifyData;

    Tls12Channel(RecordCipher cipher, byte[] clientVerifyData) {
        this.cipher = cipher;
        this.clientVerifyData = clientVerifyData;
    }

    public byte[] seal(int type, byte[] content) {
        return cipher.seal(type, content);
    }

    /** For renegotiation_info (RFC 5746 section 3.5). */
    public byte[] clientVerifyData() {
        return clientVerifyData.clone();
    }

    /** CBC records that may be wrong on purpose; empty with any other cipher. */
    public Optional<Blocks> blocks() {
        return cipher instanceof Tls12RecordCiphers.BlockRecords b ? Optional.of(new Blocks(b)) : Optional.empty();
    }

    /** Content, MAC and padding of a CBC record, laid together by the caller. */
    public static final class Blocks {
        private final Tls12RecordCiphers.BlockRecords records;

        private Blocks(Tls12RecordCiphers.BlockRecords records) {
            this.records = records;
        }

        public int blockLength() {
            return records.blockLength();
        }

        /** The right MAC for the next record. */
        public byte[] mac(int type, byte[] content) {
            return records.mac(type, content);
        }

        public byte[] seal(int type, byte[] wholeBlocks) {
            return records.sealBlocks(type, wholeBlocks);
        }
    }
}
