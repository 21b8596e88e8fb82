package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** A hello in another shape than the usual one; what is not named stays as it was. */
record HelloShape(ClientHello hello) {
    /** An extension of the same type is replaced in its place, a new one goes to the end. */
    HelloShape with(Extension... more) {
        List<Extension> extensions = new ArrayList<>(Objects.requireNonNullElse(hello.extensions(), List.of()));
        for (Extension extension : more) {
            int at = 0;
            while (at < extensions.size() && !extensions.get(at).type().equals(extension.type())) {
                at++;
            }
            if (at < extensions.size()) {
                extensions.set(at, extension);
            } else {
                extensions.add(extension);
            }
        }
        return of(
                hello.legacyVersion(), hello.sessionId(), hello.cipherSuites(), hello.compressionMethods(), extensions);
    }

    HelloShape without(int type) {
        List<Extension> extensions = new ArrayList<>(Objects.requireNonNullElse(hello.extensions(), List.of()));
        extensions.removeIf(e -> e.type().code() == type);
        return of(
                hello.legacyVersion(), hello.sessionId(), hello.cipherSuites(), hello.compressionMethods(), extensions);
    }

    HelloShape withSuites(List<CipherSuite> suites) {
        return of(hello.legacyVersion(), hello.sessionId(), suites, hello.compressionMethods(), extensions());
    }

    HelloShape withSuiteBehind(int code) {
        List<CipherSuite> suites = new ArrayList<>(hello.cipherSuites());
        suites.add(new CipherSuite(code));
        return withSuites(suites);
    }

    HelloShape withCompression(byte... methods) {
        return of(hello.legacyVersion(), hello.sessionId(), hello.cipherSuites(), methods, extensions());
    }

    HelloShape withSessionId(byte[] id) {
        return of(hello.legacyVersion(), id, hello.cipherSuites(), hello.compressionMethods(), extensions());
    }

    HelloShape withVersion(ProtocolVersion version) {
        return of(version, hello.sessionId(), hello.cipherSuites(), hello.compressionMethods(), extensions());
    }

    /** Padded (RFC 7685) to a message of at least that many bytes. */
    HelloShape paddedTo(int length) {
        HelloShape bare = without(Extensions.PADDING);
        int missing = length - bare.hello.encode().encode().length - 4;
        return missing <= 0 ? bare : bare.with(new Extension(Extensions.PADDING, new byte[missing]));
    }

    /** Of the handshake message. */
    int length() {
        return hello.encode().encode().length;
    }

    byte[] record() {
        return records(1 << 14);
    }

    /** In handshake records of at most that many bytes each. */
    byte[] records(int size) {
        byte[] message = hello.encode().encode();
        int version = Math.min(hello.legacyVersion().code(), ProtocolVersion.TLS_1_0.code());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at < message.length; at += size) {
            byte[] part = Arrays.copyOfRange(message, at, Math.min(message.length, at + size));
            out.writeBytes(new TlsRecord(TlsRecord.HANDSHAKE, version, part).encode());
        }
        return out.toByteArray();
    }

    private List<Extension> extensions() {
        return Objects.requireNonNullElse(hello.extensions(), List.of());
    }

    private HelloShape of(
            ProtocolVersion version,
            byte[] sessionId,
            List<CipherSuite> suites,
            byte[] compression,
            List<Extension> extensions) {
        return new HelloShape(
                new ClientHello(version, hello.random(), sessionId, suites, compression, List.copyOf(extensions)));
    }
}
