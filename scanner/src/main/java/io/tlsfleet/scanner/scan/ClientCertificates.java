package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.Observation.ClientAuthentication;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.handshake.ServerMessage.CertificateRequest;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.registry.SignatureScheme;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/** What a server says about certificates of its clients. */
final class ClientCertificates {
    private ClientCertificates() {}

    /** Null when the handshake did not come far enough to tell. */
    static @Nullable ClientAuthentication of(Tls13Result result) {
        Optional<CertificateRequest> request = result.first(CertificateRequest.class);
        if (request.isEmpty()) {
            return result.finished() ? new ClientAuthentication("none", "none", List.of(), List.of()) : null;
        }
        if (result.refusedAfterFinished()) {
            return of(request.get(), "required", "handshake");
        }
        boolean taken =
                result.reached() == Tls13Result.Step.CONFIRMED || result.finished() && result.ending() == Ending.CLOSED;
        return of(request.get(), taken ? "requested" : "unknown", "unknown");
    }

    static ClientAuthentication of(CertificateRequest request, String mode, String enforcement) {
        return new ClientAuthentication(
                mode,
                enforcement,
                request.authorities().stream().map(ClientCertificates::name).toList(),
                request.signatureSchemes().stream().map(SignatureScheme::name).toList());
    }

    private static String name(byte[] der) {
        try {
            return new X500Principal(der).getName(X500Principal.RFC2253);
        } catch (IllegalArgumentException e) {
            return "malformed (" + der.length + " bytes)";
        }
    }
}
