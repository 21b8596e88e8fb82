package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.wire.MalformedMessage;

/** One direction of a protected connection; counts its records. Single-threaded. */
public interface RecordCipher {
    /** The record as it goes onto the wire, its header included. */
    byte[] seal(int type, byte[] content);

    /** The record as it was meant: content type and content in the clear. */
    TlsRecord open(TlsRecord sealed) throws MalformedMessage;
}
