package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Reads a CompressedCertificate (RFC 8879) of at most 256 KiB. zlib only: brotli and zstd are noticed and passed over. */
public final class CertificateDecompression {
    private static final int ZLIB = 1;
    private static final int MAX_LENGTH = 256 * 1024;

    private CertificateDecompression() {}

    public static Optional<ServerMessage.Certificate> read(ServerMessage.CompressedCertificate message)
            throws MalformedMessage {
        int declared = message.uncompressedLength();
        if (declared > MAX_LENGTH) {
            throw new MalformedMessage("compressed_certificate: declares " + declared + " bytes, more than we read");
        }
        if (message.algorithm() != ZLIB) {
            return Optional.empty();
        }
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(message.compressed());
            // One byte more than declared, so that a longer stream is seen and never unfolded.
            byte[] out = new byte[declared + 1];
            int length = 0;
            while (!inflater.finished() && length < out.length) {
                int n = inflater.inflate(out, length, out.length - length);
                if (n == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
                    break;
                }
                length += n;
            }
            if (!inflater.finished() || length != declared) {
                throw new MalformedMessage("compressed_certificate: not the " + declared + " bytes it declares");
            }
            return Optional.of(ServerMessage.Certificate.decodeTls13(java.util.Arrays.copyOf(out, length)));
        } catch (DataFormatException e) {
            throw new MalformedMessage("compressed_certificate: no zlib stream");
        } finally {
            inflater.end();
        }
    }
}
